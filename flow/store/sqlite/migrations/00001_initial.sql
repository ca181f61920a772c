-- Times are unix milliseconds, UTC. Where a time may be unset, NULL says so.

-- +goose Up

CREATE TABLE entries (
  id              TEXT    NOT NULL PRIMARY KEY,
  pattern         TEXT    UNIQUE, -- NULL only inside an edit, while another entry still has the pattern
  label           TEXT    NOT NULL,
  source          TEXT    NOT NULL,
  lines           TEXT    NOT NULL, -- JSON array of names; []: every line
  not_before      INTEGER,
  expires_at      INTEGER,
  enabled         INTEGER NOT NULL,
  min_attestation INTEGER NOT NULL,
  note            TEXT    NOT NULL,
  folded          TEXT    NOT NULL, -- label, source and note in folded case, to be searched
  created_at      INTEGER NOT NULL,
  created_by      TEXT    NOT NULL,
  updated_at      INTEGER NOT NULL,
  hits            INTEGER NOT NULL,
  last_hit_at     INTEGER,
  version         INTEGER NOT NULL
) STRICT;

-- Listings by line and state read this and look at the rows of their page only.
CREATE INDEX entries_by_filter ON entries (pattern, enabled, not_before, expires_at, lines);

CREATE TABLE lines (
  name       TEXT    NOT NULL PRIMARY KEY,
  doc        TEXT    NOT NULL, -- flow.Line as JSON
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version    INTEGER NOT NULL
) STRICT;

CREATE TABLE windows (
  id         TEXT    NOT NULL PRIMARY KEY,
  line       TEXT    NOT NULL,
  mode       TEXT    NOT NULL,
  callers    TEXT    NOT NULL, -- JSON array of numbers
  opens_at   INTEGER NOT NULL,
  closes_at  INTEGER NOT NULL,
  max_calls  INTEGER NOT NULL,
  calls      INTEGER NOT NULL,
  note       TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT    NOT NULL
) STRICT;

CREATE INDEX windows_by_creation ON windows (created_at, id);
CREATE INDEX windows_by_line ON windows (line, created_at, id);
CREATE INDEX windows_by_close ON windows (closes_at);

CREATE TABLE tokens (
  id         TEXT    NOT NULL PRIMARY KEY,
  name       TEXT    NOT NULL,
  role       TEXT    NOT NULL,
  hash       BLOB    NOT NULL, -- SHA-256 of the secret
  created_at INTEGER NOT NULL,
  created_by TEXT    NOT NULL,
  expires_at INTEGER
) STRICT;

-- The journal.
CREATE TABLE calls (
  id          TEXT    NOT NULL PRIMARY KEY,
  at          INTEGER NOT NULL,
  hook        TEXT    NOT NULL,
  call_id     TEXT    NOT NULL,
  line        TEXT    NOT NULL,
  ani         TEXT    NOT NULL,
  dnis        TEXT    NOT NULL,
  kind        TEXT    NOT NULL,
  route       TEXT    NOT NULL,
  reason      TEXT    NOT NULL,
  expected    INTEGER NOT NULL,
  entry       TEXT    NOT NULL,
  label       TEXT    NOT NULL,
  "window"    TEXT    NOT NULL,
  target_kind TEXT    NOT NULL,
  target      TEXT    NOT NULL,
  attempt     INTEGER NOT NULL,
  attestation INTEGER NOT NULL,
  result      TEXT    NOT NULL,
  duration    INTEGER NOT NULL, -- seconds
  outcome     TEXT    NOT NULL,
  outcome_by  TEXT    NOT NULL,
  note        TEXT    NOT NULL
) STRICT;

CREATE INDEX calls_by_time ON calls (at, id);
CREATE INDEX calls_by_line ON calls (line, at, id);
CREATE INDEX calls_by_kind ON calls (kind, at, id);

-- What was edited, whole: before is NULL for what wasn't there, after for
-- what no longer is. Tokens stand here without their hash.
CREATE TABLE revisions (
  n            INTEGER NOT NULL PRIMARY KEY,
  at           INTEGER NOT NULL,
  author       TEXT    NOT NULL,
  role         TEXT    NOT NULL,
  from_address TEXT    NOT NULL,
  note         TEXT    NOT NULL
) STRICT;

CREATE TABLE changes (
  revision INTEGER NOT NULL REFERENCES revisions (n),
  seq      INTEGER NOT NULL, -- from 1 in each revision
  kind     TEXT    NOT NULL,
  key      TEXT    NOT NULL,
  op       TEXT    NOT NULL,
  before   TEXT,
  after    TEXT,
  UNIQUE (revision, seq)
) STRICT;

CREATE TABLE keys (
  name   TEXT NOT NULL PRIMARY KEY,
  secret BLOB NOT NULL
) STRICT;
