package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

const erasing4 = `UPDATE audit SET erased = 1, before = NULL, after = NULL, note = ''`

// TestErasingIsTheOnlyChange tries by the means of SQL what Prune and Erase
// don't do.
func TestErasingIsTheOnlyChange(t *testing.T) {
	s := chained(t)
	for _, stmt := range []string{
		`UPDATE audit SET erased = 1 WHERE id = 4`,
		erasing4 + `, actor = 'x' WHERE id = 4`, erasing4 + `, at = at + 1 WHERE id = 4`, erasing4 + `, key = 'x' WHERE id = 4`,
		erasing4 + `, digest = x'' WHERE id = 4`, erasing4 + `, revision = 9 WHERE id = 4`, erasing4 + `, id = 99 WHERE id = 4`,
		`DELETE FROM audit WHERE id = 1`,
	} {
		if _, err := s.writer.Exec(stmt); err == nil {
			t.Errorf("%s was done", stmt)
		}
	}
	holds(t, s, 10)
	if _, err := s.writer.Exec(erasing4 + ` WHERE id = 4`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.writer.Exec(`UPDATE audit SET erased = 0 WHERE id = 4`); err == nil {
		t.Error("what is erased came back")
	}
	state, err := s.VerifyAudit(t.Context())
	if err != nil || state.Broken != 0 || state.Erased != 1 {
		t.Errorf("the chain is %+v, %v", state, err)
	}
}

// TestTamperingWithWhatIsLeft holds that the digest of an erased record, and
// where a pruned chain begins, are checked.
func TestTamperingWithWhatIsLeft(t *testing.T) {
	for name, c := range map[string]struct {
		stmts   []string
		broken  int64
		problem string
	}{
		"nothing":                        {nil, 0, ""},
		"a digest of an erased one":      {[]string{erasing4 + `, digest = zeroblob(32) WHERE id = 6`}, 6, "record 6 does not follow"},
		"a digest that is none":          {[]string{erasing4 + `, digest = x'' WHERE id = 6`}, 6, "record 6 is not what was written"},
		"what was pruned":                {[]string{`UPDATE audit_base SET hash = zeroblob(32)`}, 4, "record 4 does not follow"},
		"how much was pruned":            {[]string{`UPDATE audit_base SET records = 2`}, 2, "record 3 is missing"},
		"the first one that was left":    {[]string{`DELETE FROM audit WHERE id = 4`}, 3, "record 4 is missing"},
		"more than was pruned, in order": {[]string{`UPDATE audit_base SET (records, hash) = (SELECT id, hash FROM audit WHERE id = 5)`, `DELETE FROM audit WHERE id < 6`}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := chained(t)
			prunedUpTo3(t, s)
			tamper(t, s, c.stmts...)
			state, err := s.VerifyAudit(t.Context())
			if err != nil || state.Broken != c.broken || !strings.HasPrefix(state.Problem, c.problem) || (c.problem == "") != (state.Problem == "") {
				t.Errorf("found %d, %q, %v; want %d, %q", state.Broken, state.Problem, err, c.broken, c.problem)
			}
		})
	}
}

// prunedUpTo3 prunes the first three records of a chained store.
func prunedUpTo3(t *testing.T, s *Store) {
	t.Helper()
	err := s.write(t.Context(), "prune", func(w *writing) error {
		_, err := w.pruneAudit(4)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPruneOfWhatIsBroken finds no record where the chain would begin: what is
// left shows that it is broken.
func TestPruneOfWhatIsBroken(t *testing.T) {
	s := chained(t)
	tamper(t, s, `DELETE FROM audit WHERE id = 8`)
	late := noon.AddDate(1, 0, 0)
	pruned, err := s.Prune(t.Context(), store.Pruning{Audit: late, Revisions: late})
	if !errors.Is(err, store.ErrDamaged) || pruned.Audit != 0 {
		t.Errorf("pruned %+v, %v", pruned, err)
	}
	state, err := s.VerifyAudit(t.Context())
	if err != nil || state.Broken != 7 {
		t.Errorf("the chain is %+v, %v", state, err)
	}
}

// TestPruneGoesOn stops a Prune in its middle.
func TestPruneGoesOn(t *testing.T) {
	s := openAt(t, t.TempDir()+"/ringthrough.db")
	fill(t, s, 2*prunedAtOnce+10)
	ctx, cancel := context.WithCancel(t.Context())
	late := noon.AddDate(1, 0, 0)
	kept, err := s.firstKept(ctx, late.UnixMilli())
	if err != nil {
		t.Fatal(err)
	}
	var pruned store.Pruned
	if pruned.Revisions, err = s.pruneRows(ctx, "prune revisions", `DELETE FROM revisions WHERE n IN (SELECT n FROM revisions WHERE n < ? ORDER BY n LIMIT ?)`, kept.revision); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := s.pruneHistory(ctx, late.UnixMilli(), &pruned); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("with a context that has ended: %v", err)
	}
	holds(t, s, 2*prunedAtOnce+10)
	if err := s.ChangedSince(t.Context(), 1, func(store.Recorded) bool { return true }); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("changes since a revision that is gone: %v", err)
	}
	again, err := s.Prune(t.Context(), store.Pruning{Audit: late, Revisions: late})
	if err != nil || again.Audit != 2*prunedAtOnce+9 {
		t.Errorf("pruned %+v, %v", again, err)
	}
}

func TestPrunePlans(t *testing.T) {
	s := openAt(t, t.TempDir()+"/ringthrough.db")
	for name, c := range map[string]struct{ stmt, step string }{
		"calls":            {pruneCalls, "SEARCH c USING INDEX calls_by_kind (kind=? AND at<?)"},
		"their windows":    {pruneCalls, "SEARCH w USING INDEX sqlite_autoindex_windows_1 (id=?)"},
		"deliveries":       {pruneDeliveries, "deliveries_settled (at<?)"},
		"the first record": {firstKeptRecord, "SCAN audit"},
	} {
		args := slices.Repeat([]any{1}, strings.Count(c.stmt, "?"))
		planned(t, s, name, query{sql: c.stmt, args: args}, nil, "", c.step)
	}
}

// BenchmarkErase erases a number that is in none of a million audit records
// and calls.
func BenchmarkErase(b *testing.B) {
	s := openAt(b, b.TempDir()+"/ringthrough.db")
	fillMany(b, s, million)
	for b.Loop() {
		if _, err := s.Erase(b.Context(), ani.MustParse("+442079460000"), store.Author{}, noon, ""); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRecordWhilePruned measures how long a call waits at most to be
// written while a hundred thousand others, and as many audit records, are
// deleted.
func BenchmarkRecordWhilePruned(b *testing.B) {
	s := openAt(b, b.TempDir()+"/ringthrough.db")
	fillMany(b, s, 100_000)
	if _, err := s.Edit(b.Context(), store.Edit{At: noon.AddDate(1, 0, 0), Changes: slices.Values([]store.Change(nil))}); err != nil {
		b.Fatal(err)
	}
	late := noon.AddDate(0, 6, 0)
	done := make(chan error, 1)
	began := time.Now()
	go func() {
		_, err := s.Prune(b.Context(), store.Pruning{Calls: late, Audit: late, Revisions: late})
		done <- err
	}()
	var worst time.Duration
	waits := 0
	for running := true; running; waits++ {
		c := store.Call{ID: fmt.Sprint("late", waits), At: late, Kind: store.CallDirect}
		at := time.Now()
		if err := s.Record(b.Context(), []store.Mark{{Call: &c}}); err != nil {
			b.Fatal(err)
		}
		worst = max(worst, time.Since(at))
		select {
		case err := <-done:
			if err != nil {
				b.Fatal(err)
			}
			running = false
		case <-time.After(10 * time.Millisecond):
		}
	}
	b.ReportMetric(float64(worst.Milliseconds()), "ms-worst-wait")
	b.ReportMetric(float64(waits), "calls")
	b.ReportMetric(time.Since(began).Seconds(), "s-prune")
}

// fillMany makes n entries with one edit, and as many calls.
func fillMany(b *testing.B, s *Store, n int) {
	b.Helper()
	if _, err := s.Edit(b.Context(), store.Edit{At: noon, Changes: imported(n)}); err != nil {
		b.Fatal(err)
	}
	for i := range n / 1000 {
		marks := make([]store.Mark, 1000)
		for j := range marks {
			marks[j].Call = &store.Call{ID: fmt.Sprintf("c%07d", i*1000+j), At: noon, Kind: store.CallDirect, Note: "a machine"}
		}
		if err := s.Record(b.Context(), marks); err != nil {
			b.Fatal(err)
		}
	}
}
