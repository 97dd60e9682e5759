-- phase: expand
-- Ranges of rooms' logs that lie in the blob store. A program that does not know them shows rooms
-- without their oldest events, so none may run once `respring archive run` has been here.

-- The highest seq that was ever archived: rooms that have none are not asked further.
ALTER TABLE room ADD COLUMN archived_seq BIGINT NOT NULL DEFAULT 0{{instant}};

-- Every event from first_seq to last_seq is in that object and not in message or change_event.
CREATE TABLE archive_segment (
  slot       INTEGER NOT NULL,
  room_id    BIGINT NOT NULL,
  first_seq  BIGINT NOT NULL,
  last_seq   BIGINT NOT NULL,
  messages   BIGINT NOT NULL,
  object_key VARCHAR(200) NOT NULL,
  sha256     BINARY(32) NOT NULL,
  bytes      BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (slot, room_id, first_seq)
) {{clustered}};

-- What writes and counts still ask of archived events: of a message all but its text and target_seq,
-- of an edit that has a text and of a deletion target_seq alone.
CREATE TABLE archived_event (
  slot         INTEGER NOT NULL,
  room_id      BIGINT NOT NULL,
  seq          BIGINT NOT NULL,
  ordinal      BIGINT,
  sender_id    BIGINT,
  cid          BINARY(16),
  content_hash BINARY(16),
  live         SMALLINT NOT NULL,
  target_seq   BIGINT,
  PRIMARY KEY (slot, room_id, seq)
) {{clustered}};

CREATE UNIQUE INDEX archived_event_cid ON archived_event (slot, room_id, sender_id, cid){{online}};

CREATE INDEX archived_event_target ON archived_event (slot, room_id, target_seq){{online}};

-- Objects that no segment names (any more): to be removed once due. One that is about to be written
-- stands here until its segment is committed, so that nobody has to look for it after a crash.
CREATE TABLE archive_garbage (
  object_key VARCHAR(200) NOT NULL PRIMARY KEY,
  due_at     BIGINT NOT NULL
) {{clustered}};
