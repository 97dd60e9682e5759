-- phase: expand
-- People, how they prove who they are, and whom they do not want to hear from.

CREATE TABLE account (
  user_id       BIGINT NOT NULL PRIMARY KEY,
  handle        VARCHAR(64) NOT NULL,
  display_name  VARCHAR(255) NOT NULL,
  name_folded   VARCHAR(512) NOT NULL,
  name_initials VARCHAR(512) NOT NULL,
  password_hash VARCHAR(255) NOT NULL,
  locale        VARCHAR(16) NOT NULL,
  disabled      SMALLINT NOT NULL,
  created_at    BIGINT NOT NULL,
  deleted_at    BIGINT
);

CREATE INDEX account_handle ON account (handle);

CREATE INDEX account_name ON account (name_folded);

CREATE INDEX account_initials ON account (name_initials);

-- Every handle that was ever given out; user_id 0 once its owner is erased.
CREATE TABLE handle (
  handle  VARCHAR(64) NOT NULL PRIMARY KEY,
  user_id BIGINT NOT NULL
) {{clustered}};

CREATE TABLE session (
  session_id   BIGINT NOT NULL PRIMARY KEY,
  user_id      BIGINT NOT NULL,
  device       VARCHAR(400) NOT NULL,
  token_hash   BINARY(32) NOT NULL,
  created_at   BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL
);

CREATE UNIQUE INDEX session_token ON session (token_hash);

CREATE INDEX session_user ON session (user_id, session_id);

CREATE TABLE block (
  blocker_id BIGINT NOT NULL,
  blocked_id BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (blocker_id, blocked_id)
) {{clustered}};

CREATE INDEX block_blocked ON block (blocked_id);
