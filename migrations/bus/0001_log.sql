-- phase: expand
-- The embedded event bus (SQLite only): topics in partitions, and how far each group has come.
-- IF NOT EXISTS: the first databases were made before this one had migrations.

CREATE TABLE IF NOT EXISTS bus_topic (
  topic INTEGER PRIMARY KEY,
  name  VARCHAR(128) NOT NULL UNIQUE
);

CREATE TABLE IF NOT EXISTS bus_head (
  topic INTEGER NOT NULL,
  part  INTEGER NOT NULL,
  next  BIGINT NOT NULL,
  PRIMARY KEY (topic, part)
) {{clustered}};

CREATE TABLE IF NOT EXISTS bus_record (
  topic   INTEGER NOT NULL,
  part    INTEGER NOT NULL,
  pos     BIGINT NOT NULL,
  rkey    VARCHAR(255) NOT NULL,
  value   MEDIUMTEXT NOT NULL,
  headers TEXT,
  PRIMARY KEY (topic, part, pos)
) {{clustered}};

CREATE TABLE IF NOT EXISTS bus_commit (
  topic INTEGER NOT NULL,
  grp   VARCHAR(128) NOT NULL,
  part  INTEGER NOT NULL,
  pos   BIGINT NOT NULL,
  PRIMARY KEY (topic, grp, part)
) {{clustered}};
