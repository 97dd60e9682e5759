-- phase: expand
-- The room directory: reserved ids, each user's list, invitations. The logs are in the shards.

CREATE TABLE reservation (
  room_id    BIGINT NOT NULL PRIMARY KEY,
  active     SMALLINT NOT NULL,
  creator_id BIGINT NOT NULL,
  kind       SMALLINT NOT NULL,
  title      VARCHAR(400),
  founders   MEDIUMTEXT NOT NULL,
  pair_low   BIGINT,
  pair_high  BIGINT,
  created_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX reservation_pair ON reservation (pair_low, pair_high);

CREATE INDEX reservation_unfinished ON reservation (active, created_at);

-- seq is the event's that put or took the room; present 0 keeps it against late repeats.
CREATE TABLE listed_room (
  user_id BIGINT NOT NULL,
  room_id BIGINT NOT NULL,
  seq     BIGINT NOT NULL,
  present SMALLINT NOT NULL,
  muted   SMALLINT NOT NULL,
  pinned  SMALLINT NOT NULL,
  PRIMARY KEY (user_id, room_id)
) {{clustered}};

CREATE INDEX listed_room_room ON listed_room (room_id);

CREATE TABLE invite (
  code       VARCHAR(64) NOT NULL PRIMARY KEY,
  room_id    BIGINT NOT NULL,
  creator_id BIGINT NOT NULL,
  expires_at BIGINT,
  uses_left  BIGINT,
  created_at BIGINT NOT NULL
) {{clustered}};

CREATE INDEX invite_room ON invite (room_id);
