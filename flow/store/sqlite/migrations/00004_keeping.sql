-- What the audit lets go of: its oldest records, and what records say of a
-- number that is to be forgotten.

-- +goose Up

-- 1: before, after, note and what had the number of the key are gone. The
-- digest is that of the record as it was.
ALTER TABLE audit ADD COLUMN erased INTEGER NOT NULL DEFAULT 0 CHECK (erased IN (0, 1));

CREATE INDEX audit_erased ON audit (id) WHERE erased;

-- The last record that was pruned, if any: the chain of those that are left
-- begins with its hash.
CREATE TABLE audit_base (
  one     INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  records INTEGER NOT NULL,
  hash    BLOB    NOT NULL
) STRICT;

INSERT INTO audit_base (one, records, hash) VALUES (1, 0, zeroblob(32));

-- Pruning moves the base first, and then deletes what is before it.
DROP TRIGGER audit_is_kept;

-- +goose StatementBegin
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
WHEN OLD.id > (SELECT records FROM audit_base) BEGIN
  SELECT raise(ABORT, 'audit records are not deleted');
END;
-- +goose StatementEnd

-- The only change to a record is that it is erased.
DROP TRIGGER audit_stays;

-- +goose StatementBegin
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
WHEN NOT (NEW.erased AND NEW.before IS NULL AND NEW.after IS NULL AND NEW.note = '' AND NEW.key IN (OLD.key, '')
  AND (NEW.id, NEW.at, NEW.actor, NEW.role, NEW.from_address, NEW.action, NEW.kind, NEW.refused, NEW.digest, NEW.hash)
    = (OLD.id, OLD.at, OLD.actor, OLD.role, OLD.from_address, OLD.action, OLD.kind, OLD.refused, OLD.digest, OLD.hash)
  AND NEW.revision IS OLD.revision) BEGIN
  SELECT raise(ABORT, 'audit records are not changed');
END;
-- +goose StatementEnd
