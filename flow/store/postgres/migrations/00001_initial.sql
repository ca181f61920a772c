-- Times are unix milliseconds, UTC, as in every store: a row is worth the same
-- there and here. Where a time may be unset, NULL says so. Texts that are
-- listed or looked up have the order of their bytes. A migration only adds:
-- older programs go on beside it unless schema_needs says otherwise.

-- +goose Up

-- What a program has to know at least of the migrations here, to use them.
CREATE TABLE schema_needs (
  one   boolean PRIMARY KEY DEFAULT true CHECK (one),
  needs bigint  NOT NULL
);

INSERT INTO schema_needs (needs) VALUES (1);

CREATE TABLE entries (
  id              text COLLATE "C" PRIMARY KEY,
  pattern         text COLLATE "C", -- NULL only inside an edit, while another entry still has the pattern
  label           text    NOT NULL,
  source          text    NOT NULL,
  lines           jsonb   NOT NULL, -- array of names; []: every line
  not_before      bigint,
  expires_at      bigint,
  enabled         boolean NOT NULL,
  min_attestation integer NOT NULL,
  note            text    NOT NULL,
  folded          text COLLATE "C" NOT NULL, -- label, source and note in folded case, to be searched
  created_at      bigint  NOT NULL,
  created_by      text    NOT NULL,
  updated_at      bigint  NOT NULL,
  version         bigint  NOT NULL,
  -- Patterns change hands within a statement. Listings by state read this and
  -- look at the rows of their page only.
  CONSTRAINT entries_by_pattern UNIQUE (pattern) INCLUDE (enabled, not_before, expires_at) DEFERRABLE INITIALLY IMMEDIATE
);

CREATE INDEX entries_by_line ON entries USING gin (lines jsonb_path_ops);

-- Apart, so that a call never waits for an edit. No row: no hits.
CREATE TABLE entry_hits (
  entry       text COLLATE "C" PRIMARY KEY,
  hits        bigint NOT NULL,
  last_hit_at bigint
);

CREATE TABLE lines (
  name       text COLLATE "C" PRIMARY KEY,
  doc        text   NOT NULL, -- flow.Line as JSON
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  version    bigint NOT NULL
);

CREATE TABLE windows (
  id         text COLLATE "C" PRIMARY KEY,
  line       text COLLATE "C" NOT NULL,
  mode       text   NOT NULL,
  callers    text   NOT NULL, -- JSON array of numbers
  opens_at   bigint NOT NULL,
  closes_at  bigint NOT NULL,
  max_calls  bigint NOT NULL,
  note       text   NOT NULL,
  created_at bigint NOT NULL,
  created_by text   NOT NULL
);

CREATE INDEX windows_by_creation ON windows (created_at, id);
CREATE INDEX windows_by_line ON windows (line, created_at, id);
CREATE INDEX windows_by_close ON windows (closes_at);

CREATE TABLE window_calls (
  "window" text COLLATE "C" PRIMARY KEY,
  calls    bigint NOT NULL
);

CREATE TABLE tokens (
  id         text COLLATE "C" PRIMARY KEY,
  name       text   NOT NULL,
  role       text   NOT NULL,
  hash       bytea  NOT NULL, -- SHA-256 of the secret
  created_at bigint NOT NULL,
  created_by text   NOT NULL,
  expires_at bigint
);

-- The journal.
CREATE TABLE calls (
  id          text COLLATE "C" PRIMARY KEY,
  at          bigint  NOT NULL,
  hook        text    NOT NULL,
  call_id     text    NOT NULL,
  line        text COLLATE "C" NOT NULL,
  ani         text    NOT NULL,
  dnis        text    NOT NULL,
  kind        text COLLATE "C" NOT NULL,
  route       text    NOT NULL,
  reason      text    NOT NULL,
  expected    boolean NOT NULL,
  entry       text    NOT NULL,
  label       text    NOT NULL,
  "window"    text    NOT NULL,
  target_kind text    NOT NULL,
  target      text    NOT NULL,
  attempt     bigint  NOT NULL,
  attestation integer NOT NULL,
  result      text    NOT NULL,
  duration    bigint  NOT NULL, -- seconds
  outcome     text    NOT NULL,
  outcome_by  text    NOT NULL,
  note        text    NOT NULL,
  changed     bigint  NOT NULL -- number of its last change
);

CREATE INDEX calls_by_time ON calls (at, id);
CREATE INDEX calls_by_line ON calls (line, at, id);
CREATE INDEX calls_by_kind ON calls (kind, at, id);
CREATE INDEX calls_by_change ON calls (changed);

-- How many changes were made to the journal. Whoever makes one locks the row
-- first, so they are seen in the order of their numbers.
CREATE TABLE journal_head (
  one   boolean PRIMARY KEY DEFAULT true CHECK (one),
  calls bigint  NOT NULL
);

INSERT INTO journal_head (calls) VALUES (0);

CREATE TABLE revisions (
  n            bigint PRIMARY KEY,
  at           bigint NOT NULL,
  author       text   NOT NULL,
  role         text   NOT NULL,
  from_address text   NOT NULL,
  note         text   NOT NULL,
  changes      bigint NOT NULL, -- how many it made
  first_record bigint NOT NULL  -- id of the first one's, or of the next there was
);

-- What was done or refused, each record chained to the one before it; the
-- history of the list is read from it.
CREATE TABLE audit (
  id           bigint PRIMARY KEY, -- from 1 without gaps
  at           bigint  NOT NULL,
  actor        text COLLATE "C" NOT NULL,
  role         text    NOT NULL,
  from_address text    NOT NULL,
  action       text    NOT NULL,
  kind         text COLLATE "C" NOT NULL,
  key          text COLLATE "C" NOT NULL,
  before       text, -- JSON; NULL for what wasn't there
  after        text, -- JSON; NULL for what no longer is. Tokens stand here without their hash
  note         text    NOT NULL,
  refused      boolean NOT NULL,
  revision     bigint, -- whose change it is; NULL for all but edits
  digest       bytea   NOT NULL, -- SHA-256 of the columns before it, as store.AuditRecord.Digest has it
  hash         bytea   NOT NULL, -- SHA-256 of the hash of the record before and this digest
  erased       boolean NOT NULL DEFAULT false -- before, after, note and what had the number of the key are gone; the digest is that of the record as it was
);

-- A try may say anything of itself, at any length: an index of order takes no
-- more than 2700 bytes.
CREATE INDEX audit_by_time ON audit (at, id);
CREATE INDEX audit_by_actor ON audit (left(actor, 200), at, id);
CREATE INDEX audit_by_kind ON audit (kind, at, id) WHERE kind <> 'entry'; -- nearly all are: an index would tell nothing
CREATE INDEX audit_by_key ON audit USING hash (key);
CREATE INDEX audit_refused ON audit (at, id) WHERE refused;
CREATE INDEX audit_erased ON audit (id) WHERE erased;

-- The end of the chain. It is kept apart so that records cut off there are
-- missed. Whoever adds a record, and so makes an edit, locks the row first.
CREATE TABLE audit_head (
  one     boolean PRIMARY KEY DEFAULT true CHECK (one),
  records bigint  NOT NULL,
  hash    bytea   NOT NULL
);

INSERT INTO audit_head (records, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

-- The last record that was pruned, if any: the chain of those that are left
-- begins with its hash.
CREATE TABLE audit_base (
  one     boolean PRIMARY KEY DEFAULT true CHECK (one),
  records bigint  NOT NULL,
  hash    bytea   NOT NULL
);

INSERT INTO audit_base (records, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

-- Pruning moves the base first, and then deletes what is before it.
-- +goose StatementBegin
CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND OLD.id <= (SELECT records FROM audit_base) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'audit records are not deleted';
END
$$;
-- +goose StatementEnd

CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_is_kept();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept();

-- The only change to a record is that it is erased.
-- +goose StatementBegin
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.erased AND NEW.before IS NULL AND NEW.after IS NULL AND NEW.note = '' AND NEW.key IN (OLD.key, '')
    AND (NEW.id, NEW.at, NEW.actor, NEW.role, NEW.from_address, NEW.action, NEW.kind, NEW.refused, NEW.digest, NEW.hash)
      = (OLD.id, OLD.at, OLD.actor, OLD.role, OLD.from_address, OLD.action, OLD.kind, OLD.refused, OLD.digest, OLD.hash)
    AND NEW.revision IS NOT DISTINCT FROM OLD.revision THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'audit records are not changed';
END
$$;
-- +goose StatementEnd

CREATE TRIGGER audit_stays BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays();

-- Notices on their way.
CREATE TABLE deliveries (
  notice      text COLLATE "C" NOT NULL,
  destination text COLLATE "C" NOT NULL,
  body        text   NOT NULL, -- JSON
  at          bigint NOT NULL, -- of the event
  tries       bigint NOT NULL,
  next_at     bigint, -- when it is due; NULL: never again
  wrong       text   NOT NULL, -- with the last try
  PRIMARY KEY (notice, destination)
);

CREATE INDEX deliveries_due ON deliveries (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX deliveries_settled ON deliveries (at) WHERE next_at IS NULL;

CREATE TABLE keys (
  name   text COLLATE "C" PRIMARY KEY,
  secret bytea NOT NULL
);

-- Of the moment: who does which chore, and what the hooks asked last.
CREATE TABLE leases (
  name   text COLLATE "C" PRIMARY KEY,
  holder text NOT NULL,
  until  timestamptz NOT NULL -- by the clock of the database
);

CREATE TABLE sights (
  hook  text COLLATE "C" NOT NULL,
  line  text COLLATE "C" NOT NULL,
  at    bigint NOT NULL,
  route text   NOT NULL,
  PRIMARY KEY (hook, line)
);
