-- phase: expand
-- Rooms with a slot of their own, and the moves that give it to them. A program that does not know
-- them would look for such a room in the slot that its id hashes to.

CREATE TABLE isolated_room (
  keyspace VARCHAR(32) NOT NULL,
  room_id  BIGINT NOT NULL,
  slot     INTEGER NOT NULL,
  PRIMARY KEY (keyspace, room_id)
) {{clustered}};

ALTER TABLE move ADD COLUMN room_id BIGINT NOT NULL DEFAULT 0{{instant}};
ALTER TABLE move ADD COLUMN own_slot INTEGER NOT NULL DEFAULT 0{{instant}};
