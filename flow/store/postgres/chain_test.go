package postgres

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/flow/store"
)

// chained is a store with ten audit records.
func chained(t *testing.T) (s *Store, at string) {
	t.Helper()
	at = database(t)
	s = openAt(t, at)
	for c := range imported(9) {
		_, err := s.Edit(t.Context(), store.Edit{At: noon, Changes: slices.Values([]store.Change{c})})
		must(t, err)
	}
	must(t, s.Refuse(t.Context(), store.AuditRecord{At: noon, Actor: "kim"}))
	return s, at
}

// TestAuditIsAppendOnly tries to change the audit by the means of SQL.
func TestAuditIsAppendOnly(t *testing.T) {
	t.Parallel()
	s, _ := chained(t)
	for _, stmt := range []string{
		`UPDATE audit SET note = 'x' WHERE id = 4`, `UPDATE audit SET id = 99 WHERE id = 4`, `DELETE FROM audit WHERE id = 4`, `DELETE FROM audit`,
		`TRUNCATE audit`, `UPDATE audit SET erased = true WHERE id = 4`, `UPDATE audit SET erased = true, before = NULL, after = NULL, note = '', actor = 'x' WHERE id = 4`,
	} {
		if _, err := s.pool.Exec(t.Context(), stmt); err == nil {
			t.Errorf("%s was done", stmt)
		}
	}
	if state, err := s.VerifyAudit(t.Context()); err != nil || state.Broken != 0 || state.Records != 10 {
		t.Errorf("found %+v, %v; want 10 records and none broken", state, err)
	}
}

// TestTampering holds that what was done to the audit all the same is found.
func TestTampering(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		stmt    string
		broken  int64
		problem string
	}{
		"a note was changed":           {`UPDATE audit SET note = 'x' WHERE id = 4`, 4, "record 4 is not what was written"},
		"a digest is none":             {`UPDATE audit SET digest = '' WHERE id = 3`, 3, "record 3 is not what was written"},
		"one was cut out":              {`DELETE FROM audit WHERE id = 4`, 3, "record 4 is missing"},
		"the last was cut off":         {`DELETE FROM audit WHERE id = 10`, 9, "record 10 is missing"},
		"the end was marked elsewhere": {`UPDATE audit_head SET hash = decode(repeat('00', 32), 'hex')`, 10, "record 10 is not the one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, at := chained(t)
			admin := superuser(t, at)
			defer admin.Close(t.Context())
			_, err := admin.Exec(t.Context(), `SET session_replication_role = replica; `+c.stmt)
			must(t, err)
			state, err := s.VerifyAudit(t.Context())
			if err != nil || state.Broken != c.broken || !strings.HasPrefix(state.Problem, c.problem) {
				t.Errorf("found %d, %q, %v; want %d, %q", state.Broken, state.Problem, err, c.broken, c.problem)
			}
		})
	}
}

// TestNoEnd takes away the mark of the chain's end: nothing more can be
// written that nobody could check.
func TestNoEnd(t *testing.T) {
	t.Parallel()
	s, at := chained(t)
	admin := superuser(t, at)
	defer admin.Close(t.Context())
	_, err := admin.Exec(t.Context(), `DELETE FROM audit_head`)
	must(t, err)
	_, verified := s.VerifyAudit(t.Context())
	for what, err := range map[string]error{"Refuse": s.Refuse(t.Context(), store.AuditRecord{At: noon}), "VerifyAudit": verified} {
		if !errors.Is(err, store.ErrDamaged) {
			t.Errorf("%s gave %v, want %v", what, err, store.ErrDamaged)
		}
	}
}
