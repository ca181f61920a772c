-- What was done or refused, each record chained to the one before it; the
-- history of the list is read from it. What changes held is moved here by the
-- next migration, which can hash.

-- +goose Up

CREATE TABLE audit (
  id           INTEGER NOT NULL PRIMARY KEY, -- from 1 without gaps
  at           INTEGER NOT NULL,
  actor        TEXT    NOT NULL,
  role         TEXT    NOT NULL,
  from_address TEXT    NOT NULL,
  action       TEXT    NOT NULL,
  kind         TEXT    NOT NULL,
  key          TEXT    NOT NULL,
  before       TEXT, -- JSON; NULL for what wasn't there
  after        TEXT, -- JSON; NULL for what no longer is. Tokens stand here without their hash
  note         TEXT    NOT NULL,
  refused      INTEGER NOT NULL CHECK (refused IN (0, 1)),
  revision     INTEGER, -- whose change it is; NULL for all but edits
  digest       BLOB    NOT NULL, -- SHA-256 of the columns before it, as store.AuditRecord.Digest has it
  hash         BLOB    NOT NULL  -- SHA-256 of the hash of the record before and this digest
) STRICT;

CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_actor ON audit (actor, at);
CREATE INDEX audit_by_kind ON audit (kind, at) WHERE kind <> 'entry'; -- nearly all are: an index would tell nothing
CREATE INDEX audit_by_key ON audit (key);
CREATE INDEX audit_refused ON audit (at) WHERE refused;

-- The end of the chain. It is kept apart so that records cut off there are
-- missed.
CREATE TABLE audit_head (
  one     INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  records INTEGER NOT NULL,
  hash    BLOB    NOT NULL
) STRICT;

INSERT INTO audit_head (one, records, hash) VALUES (1, 0, zeroblob(32));

-- +goose StatementBegin
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN
  SELECT raise(ABORT, 'audit records are not changed');
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN
  SELECT raise(ABORT, 'audit records are not deleted');
END;
-- +goose StatementEnd

-- The records of one edit follow on each other.
ALTER TABLE revisions ADD COLUMN changes INTEGER NOT NULL DEFAULT 0; -- how many it made
ALTER TABLE revisions ADD COLUMN first_record INTEGER NOT NULL DEFAULT 1; -- id of the first one's, or of the next there was

-- Notices on their way.
CREATE TABLE deliveries (
  notice      TEXT    NOT NULL,
  destination TEXT    NOT NULL,
  body        TEXT    NOT NULL, -- JSON
  at          INTEGER NOT NULL, -- of the event
  tries       INTEGER NOT NULL,
  next_at     INTEGER, -- when it is due; NULL: never again
  wrong       TEXT    NOT NULL, -- with the last try
  PRIMARY KEY (notice, destination)
) STRICT;

CREATE INDEX deliveries_due ON deliveries (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX deliveries_settled ON deliveries (at) WHERE next_at IS NULL;
