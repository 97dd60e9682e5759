-- phase: expand
-- A message shard: which slots it may write, the rooms' logs, and what is still to be published.

CREATE TABLE slot_owner (
  keyspace  VARCHAR(32) NOT NULL,
  slot      INTEGER NOT NULL,
  state     VARCHAR(16) NOT NULL,
  epoch     BIGINT NOT NULL,
  move_id   VARCHAR(64),
  gen       BIGINT NOT NULL,
  moved_to  VARCHAR(64),
  frozen_at BIGINT,
  PRIMARY KEY (keyspace, slot)
) {{clustered}};

CREATE TABLE slot_journal (
  id       {{auto_id}},
  keyspace VARCHAR(32) NOT NULL,
  slot     INTEGER NOT NULL,
  table_no INTEGER NOT NULL,
  pk       VARCHAR(255) NOT NULL
);

-- One row per room: the end of its log and what lists of rooms show.
CREATE TABLE room (
  slot         INTEGER NOT NULL,
  room_id      BIGINT NOT NULL,
  epoch        BIGINT NOT NULL,
  last_seq     BIGINT NOT NULL,
  last_ordinal BIGINT NOT NULL,
  kind         SMALLINT NOT NULL,
  title        VARCHAR(400),
  member_count BIGINT NOT NULL,
  block_count  INTEGER NOT NULL,
  last_at      BIGINT NOT NULL,
  created_at   BIGINT NOT NULL,
  deleted_at   BIGINT,
  PRIMARY KEY (slot, room_id)
) {{clustered}};

-- content_hash is of the content as first sent.
CREATE TABLE message (
  slot         INTEGER NOT NULL,
  room_id      BIGINT NOT NULL,
  seq          BIGINT NOT NULL,
  ordinal      BIGINT NOT NULL,
  sender_id    BIGINT NOT NULL,
  cid          BINARY(16) NOT NULL,
  content_hash BINARY(16) NOT NULL,
  text         MEDIUMTEXT,
  reply_to     BIGINT,
  attachments  MEDIUMTEXT,
  meta         MEDIUMTEXT,
  created_at   BIGINT NOT NULL,
  edited_at    BIGINT,
  deleted_at   BIGINT,
  version      BIGINT NOT NULL,
  PRIMARY KEY (slot, room_id, seq)
) {{clustered}};

CREATE UNIQUE INDEX message_cid ON message (slot, room_id, sender_id, cid);

-- Every event that is not a message; merged with message by seq it is the room's log.
CREATE TABLE change_event (
  slot       INTEGER NOT NULL,
  room_id    BIGINT NOT NULL,
  seq        BIGINT NOT NULL,
  kind       VARCHAR(16) NOT NULL,
  actor_id   BIGINT NOT NULL,
  target_seq BIGINT,
  version    BIGINT,
  text       MEDIUMTEXT,
  body       MEDIUMTEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (slot, room_id, seq)
) {{clustered}};

CREATE INDEX change_event_target ON change_event (slot, room_id, target_seq);

-- at_seq is the event that set it: the order in which the first ones came.
CREATE TABLE reaction (
  slot       INTEGER NOT NULL,
  room_id    BIGINT NOT NULL,
  target_seq BIGINT NOT NULL,
  user_id    BIGINT NOT NULL,
  emoji      VARCHAR(64) NOT NULL,
  at_seq     BIGINT NOT NULL,
  PRIMARY KEY (slot, room_id, target_seq, user_id, emoji)
) {{clustered}};

CREATE TABLE member (
  slot       INTEGER NOT NULL,
  room_id    BIGINT NOT NULL,
  user_id    BIGINT NOT NULL,
  role       SMALLINT NOT NULL,
  joined_seq BIGINT NOT NULL,
  left_seq   BIGINT,
  blocking   SMALLINT NOT NULL,
  PRIMARY KEY (slot, room_id, user_id)
) {{clustered}};

CREATE INDEX member_user ON member (user_id);

CREATE INDEX member_joined ON member (slot, room_id, joined_seq, user_id);

-- Absent: at seq 1, ordinal 0.
CREATE TABLE read_cursor (
  slot    INTEGER NOT NULL,
  room_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  seq     BIGINT NOT NULL,
  ordinal BIGINT NOT NULL,
  PRIMARY KEY (slot, room_id, user_id)
) {{clustered}};

-- One row per committed batch: a line per event, the room's id and the event's JSON.
CREATE TABLE outbox (
  id         {{auto_id}},
  events     LONGBLOB NOT NULL,
  created_at BIGINT NOT NULL
);
