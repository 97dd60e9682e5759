-- phase: expand
-- The embedded search index (SQLite only). It is made from the room logs: a migration that changes the
-- tables, or one for other search terms, drops them and makes them empty; `respring search reindex`
-- fills them.

CREATE TABLE IF NOT EXISTS search_document (
  id         INTEGER PRIMARY KEY,
  room       INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  version    INTEGER NOT NULL,
  sender     INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  text       TEXT
);

CREATE UNIQUE INDEX IF NOT EXISTS search_document_place ON search_document (room, seq);

CREATE VIRTUAL TABLE IF NOT EXISTS search_terms USING fts5 (
  grams, words, scope, content='', columnsize=0, tokenize='ascii', prefix='1'
);

-- Told of the same before this database had migrations.
DROP TABLE IF EXISTS search_version;
