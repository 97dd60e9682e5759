-- phase: expand
-- What a move has come to, and what is wanted of it.

ALTER TABLE move ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0{{instant}};
ALTER TABLE move ADD COLUMN wish VARCHAR(16) NOT NULL DEFAULT 'run'{{instant}};
ALTER TABLE move ADD COLUMN bytes_per_second BIGINT NOT NULL DEFAULT 0{{instant}};
ALTER TABLE move ADD COLUMN settled SMALLINT NOT NULL DEFAULT 0{{instant}};
ALTER TABLE move ADD COLUMN changed_at BIGINT NOT NULL DEFAULT 0{{instant}};
ALTER TABLE move ADD COLUMN clean_at BIGINT NOT NULL DEFAULT 0{{instant}};
ALTER TABLE move ADD COLUMN stage VARCHAR(16) NOT NULL DEFAULT ''{{instant}};
ALTER TABLE move ADD COLUMN note VARCHAR(400) NOT NULL DEFAULT ''{{instant}};
ALTER TABLE move ADD COLUMN row_count BIGINT NOT NULL DEFAULT 0{{instant}};
ALTER TABLE move ADD COLUMN paused_us BIGINT NOT NULL DEFAULT 0{{instant}};

CREATE INDEX move_slot ON move (keyspace, slot, gen){{online}};

-- Work on all shards that excludes other work: whoever holds `migrate` keeps moves from beginning.
CREATE TABLE fleet_lease (
  name   VARCHAR(32) NOT NULL PRIMARY KEY,
  holder VARCHAR(255) NOT NULL,
  until  BIGINT NOT NULL
) {{clustered}};
