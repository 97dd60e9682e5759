-- phase: expand
-- The shard map: the one truth about which shard a slot belongs to, and the moves under way.

CREATE TABLE map_version (
  keyspace VARCHAR(32) NOT NULL PRIMARY KEY,
  version  BIGINT NOT NULL
) {{clustered}};

CREATE TABLE slot_map (
  keyspace VARCHAR(32) NOT NULL,
  slot     INTEGER NOT NULL,
  owner    VARCHAR(64) NOT NULL,
  epoch    BIGINT NOT NULL,
  PRIMARY KEY (keyspace, slot)
) {{clustered}};

CREATE TABLE shard (
  name    VARCHAR(64) NOT NULL PRIMARY KEY,
  dsn_ref VARCHAR(255) NOT NULL,
  weight  BIGINT NOT NULL,
  state   VARCHAR(16) NOT NULL
) {{clustered}};

CREATE TABLE move (
  move_id     VARCHAR(64) NOT NULL PRIMARY KEY,
  keyspace    VARCHAR(32) NOT NULL,
  slot        INTEGER NOT NULL,
  src         VARCHAR(64) NOT NULL,
  dst         VARCHAR(64) NOT NULL,
  state       VARCHAR(16) NOT NULL,
  gen         BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  created_at  BIGINT NOT NULL
) {{clustered}};
