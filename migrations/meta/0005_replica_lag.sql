-- phase: expand
-- How far behind the target's replica may be while a move copies.

ALTER TABLE move ADD COLUMN most_lag_ms BIGINT NOT NULL DEFAULT 0{{instant}};
