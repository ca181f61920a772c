package sqlite

import (
	"crypto/sha256"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/flow/store"
)

// chained is a store with ten audit records: nine edits and then a refused
// try.
func chained(t *testing.T) *Store {
	t.Helper()
	s := openAt(t, filepath.Join(t.TempDir(), "ringthrough.db"))
	fill(t, s, 9)
	if err := s.Refuse(t.Context(), store.AuditRecord{At: noon, Actor: "kim", Action: "create", Note: "refused"}); err != nil {
		t.Fatal(err)
	}
	return s
}

// tamper does to a store's file what no program of ours does.
func tamper(t *testing.T, s *Store, stmts ...string) {
	t.Helper()
	for _, stmt := range append([]string{`DROP TRIGGER audit_stays`, `DROP TRIGGER audit_is_kept`}, stmts...) {
		if _, err := s.writer.ExecContext(t.Context(), stmt); err != nil {
			t.Fatalf("%s: %v", stmt, err)
		}
	}
}

// TestTampering holds that whatever was done to the audit is found, and where.
func TestTampering(t *testing.T) {
	const swap = `UPDATE audit SET (at, actor, key, before, after, note, digest, hash) = (
		SELECT at, actor, key, before, after, note, digest, hash FROM (SELECT * FROM audit) AS other WHERE other.id = 11 - audit.id) WHERE id IN (5, 6)`
	for name, c := range map[string]struct {
		stmts   []string
		broken  int64
		problem string
	}{
		"nothing":                        {nil, 0, ""},
		"a note was changed":             {[]string{`UPDATE audit SET note = 'x' WHERE id = 4`}, 4, "record 4 is not what was written"},
		"an actor was changed":           {[]string{`UPDATE audit SET actor = '' WHERE id = 10`}, 10, "record 10 is not what was written"},
		"a time was changed":             {[]string{`UPDATE audit SET at = at + 1 WHERE id = 1`}, 1, "record 1 is not what was written"},
		"what was there was changed":     {[]string{`UPDATE audit SET before = '{}' WHERE id = 2`}, 2, "record 2 is not what was written"},
		"it went to another revision":    {[]string{`UPDATE audit SET revision = 3 WHERE id = 2`}, 2, "record 2 is not what was written"},
		"a refusal was taken back":       {[]string{`UPDATE audit SET refused = 0 WHERE id = 10`}, 10, "record 10 is not what was written"},
		"a digest is none":               {[]string{`UPDATE audit SET digest = x'' WHERE id = 3`}, 3, "record 3 is not what was written"},
		"a hash was changed":             {[]string{`UPDATE audit SET hash = zeroblob(32) WHERE id = 3`}, 3, "record 3 does not follow"},
		"one was cut out":                {[]string{`DELETE FROM audit WHERE id = 4`}, 3, "record 4 is missing"},
		"several were cut out":           {[]string{`DELETE FROM audit WHERE id IN (4, 5, 8)`}, 3, "records 4 to 5 are missing"},
		"the first was cut off":          {[]string{`DELETE FROM audit WHERE id = 1`}, 1, "record 1 is missing"},
		"one was cut out, rest moved":    {[]string{`DELETE FROM audit WHERE id = 4`, `UPDATE audit SET id = -id WHERE id > 4`, `UPDATE audit SET id = -id - 1 WHERE id < 0`}, 4, "record 4 is not what was written"},
		"the last was cut off":           {[]string{`DELETE FROM audit WHERE id = 10`}, 9, "record 10 is missing"},
		"all were cut off":               {[]string{`DELETE FROM audit`}, 1, "records 1 to 10 are missing"},
		"two were swapped":               {[]string{swap}, 5, "record 5 is not what was written"},
		"the end was marked elsewhere":   {[]string{`UPDATE audit_head SET hash = zeroblob(32)`}, 10, "record 10 is not the one that was written last"},
		"one was added at the end":       {[]string{`INSERT INTO audit SELECT 11, at, actor, role, from_address, action, kind, key, before, after, note, refused, revision, digest, hash, erased FROM audit WHERE id = 10`}, 11, "record 11 is not what was written"},
		"one was added before the first": {[]string{`INSERT INTO audit SELECT -1, at, actor, role, from_address, action, kind, key, before, after, note, refused, revision, digest, hash, erased FROM audit WHERE id = 1`}, 1, "record -1 was added by something else"},
		"the end was marked further up":  {[]string{`UPDATE audit_head SET (records, hash) = (SELECT id, hash FROM audit WHERE id = 8)`}, 9, "record 9 was added by something else"},
	} {
		t.Run(name, func(t *testing.T) {
			s := chained(t)
			tamper(t, s, c.stmts...)
			state, err := s.VerifyAudit(t.Context())
			if err != nil || state.Broken != c.broken || !strings.HasPrefix(state.Problem, c.problem) || (c.problem == "") != (state.Problem == "") {
				t.Errorf("found %d, %q, %v; want %d, %q", state.Broken, state.Problem, err, c.broken, c.problem)
			}
		})
	}
}

// TestForged has somebody change a record and make its digest and its hash
// fit: the record after it doesn't follow any more.
func TestForged(t *testing.T) {
	s := chained(t)
	page, err := s.Audit(t.Context(), store.AuditQuery{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(page.Items)
	var before [sha256.Size]byte
	for _, r := range page.Items[:3] {
		before = store.Chain(before, r.Digest())
	}
	forged := page.Items[3]
	forged.Actor = "somebody else"
	digest := forged.Digest()
	hash := store.Chain(before, digest)
	tamper(t, s)
	if _, err := s.writer.Exec(`UPDATE audit SET actor = ?, digest = ?, hash = ? WHERE id = 4`, forged.Actor, digest[:], hash[:]); err != nil {
		t.Fatal(err)
	}
	state, err := s.VerifyAudit(t.Context())
	if err != nil || state.Broken != 5 || state.Records != 10 || !strings.HasPrefix(state.Problem, "record 5 does not follow") {
		t.Errorf("found %+v, %v; want 10 records and 5 broken", state, err)
	}
}

// TestAuditIsAppendOnly tries to change the audit by the means of SQL.
func TestAuditIsAppendOnly(t *testing.T) {
	s := chained(t)
	for _, stmt := range []string{
		`UPDATE audit SET note = 'x' WHERE id = 4`, `UPDATE audit SET id = 99 WHERE id = 4`, `DELETE FROM audit WHERE id = 4`, `DELETE FROM audit`,
	} {
		if _, err := s.writer.Exec(stmt); err == nil {
			t.Errorf("%s was done", stmt)
		}
	}
	if state, err := s.VerifyAudit(t.Context()); err != nil || state.Broken != 0 || state.Records != 10 {
		t.Errorf("found %+v, %v; want 10 records and none broken", state, err)
	}
}

// TestNoEnd takes away the mark of the chain's end: nothing more can be
// written that nobody could check.
func TestNoEnd(t *testing.T) {
	s := chained(t)
	tamper(t, s, `DELETE FROM audit_head`)
	_, verified := s.VerifyAudit(t.Context())
	for what, err := range map[string]error{
		"Refuse": s.Refuse(t.Context(), store.AuditRecord{At: noon}), "VerifyAudit": verified,
	} {
		if !errors.Is(err, store.ErrDamaged) {
			t.Errorf("%s gave %v, want %v", what, err, store.ErrDamaged)
		}
	}
}
