-- phase: expand
-- How far each consumer has followed a room, so that a repeated event has no second effect.

CREATE TABLE seen (
  consumer VARCHAR(64) NOT NULL,
  room_id  BIGINT NOT NULL,
  epoch    BIGINT NOT NULL,
  seq      BIGINT NOT NULL,
  PRIMARY KEY (consumer, room_id)
) {{clustered}};
