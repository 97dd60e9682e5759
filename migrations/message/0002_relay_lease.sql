-- phase: expand
-- Who relays this shard's outbox. A holder raises beat; whoever takes over raises fence.

CREATE TABLE relay_lease (
  name   VARCHAR(32) NOT NULL PRIMARY KEY,
  holder VARCHAR(255) NOT NULL,
  fence  BIGINT NOT NULL,
  beat   BIGINT NOT NULL
);
