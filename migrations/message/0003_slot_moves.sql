-- phase: expand
-- How far the copy of a slot has come, kept where the copy is: the range up to (last_room, last_key)
-- of table_no is here. It belongs to one move.

CREATE TABLE slot_import (
  keyspace  VARCHAR(32) NOT NULL,
  slot      INTEGER NOT NULL,
  move_id   VARCHAR(64) NOT NULL,
  table_no  INTEGER NOT NULL,
  last_room BIGINT NOT NULL,
  last_key  BIGINT NOT NULL,
  row_count BIGINT NOT NULL,
  PRIMARY KEY (keyspace, slot)
) {{clustered}};

CREATE INDEX slot_journal_slot ON slot_journal (keyspace, slot, id){{online}};
