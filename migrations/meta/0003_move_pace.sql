-- phase: expand
-- Why a move was taken back, for programs; what slows its copy down, besides bytes per second.

ALTER TABLE move ADD COLUMN cause VARCHAR(16) NOT NULL DEFAULT ''{{instant}};
ALTER TABLE move ADD COLUMN most_threads BIGINT NOT NULL DEFAULT 0{{instant}};

-- What a shard may hold, in bytes; 0 is not known.
ALTER TABLE shard ADD COLUMN capacity BIGINT NOT NULL DEFAULT 0{{instant}};
