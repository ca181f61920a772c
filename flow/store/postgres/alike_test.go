package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/sqlite"
)

// TestAlike makes the same edits and records in this store and in the other
// one: both must take or refuse the same, for the same change, and have the
// same in the end, down to the hash of the audit's last record. Chunks are
// small here, so that edits are of several.
func TestAlike(t *testing.T) {
	t.Parallel()
	ours := openAt(t, database(t))
	ours.chunk = 3
	other, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "other.db"))
	must(t, err)
	t.Cleanup(func() { must(t, other.Close()) })
	rapid.Check(t, func(t *rapid.T) {
		for range rapid.IntRange(1, 4).Draw(t, "edits") {
			changes := rapid.SliceOfN(rapid.Custom(drawChange), 0, 10).Draw(t, "changes")
			marks := rapid.SliceOfN(rapid.Custom(drawMark), 0, 6).Draw(t, "marks")
			if a, b := outcome(t.Context(), ours, changes, marks), outcome(t.Context(), other, changes, marks); a != b {
				t.Fatalf("ours gave %s, the other %s", a, b)
			}
		}
		if d := cmp.Diff(dumped(t, other), dumped(t, ours)); d != "" {
			t.Fatalf("the stores differ (-other +ours):\n%s", d)
		}
	})
}

func drawChange(t *rapid.T) store.Change {
	c := store.Change{
		Op:        rapid.SampledFrom([]store.Op{store.OpPut, store.OpPut, store.OpPut, store.OpCreate, store.OpUpdate, store.OpDelete}).Draw(t, "op"),
		Kind:      rapid.SampledFrom([]store.Kind{store.KindEntry, store.KindEntry, store.KindEntry, store.KindLine, store.KindWindow, store.KindToken}).Draw(t, "kind"),
		Key:       fmt.Sprint("x", rapid.IntRange(1, 5).Draw(t, "key")),
		IfVersion: rapid.SampledFrom([]int64{0, 0, 0, 0, 1, 2}).Draw(t, "version"),
		Since:     rapid.SampledFrom([]int64{0, 0, 7}).Draw(t, "since"),
	}
	if c.Op == store.OpDelete {
		return c
	}
	note := fmt.Sprint("note ", rapid.IntRange(1, 3).Draw(t, "note"))
	switch c.Kind {
	case store.KindEntry:
		e := ani.NewEntry()
		e.Pattern = must1(ani.ParsePattern(fmt.Sprint("+1650555010", rapid.IntRange(1, 6).Draw(t, "pattern"))))
		e.Note, e.Hits, e.CreatedAt, e.CreatedBy = note, 5, noon.Add(-1e9), "before"
		c.Entry = &e
	case store.KindLine:
		l := flow.NewLine()
		l.Announce = note
		c.Line = &l
	case store.KindWindow:
		c.Window = &flow.Window{Line: "x1", Note: note, OpensAt: noon, ClosesAt: noon}
	default:
		c.Token = &store.Token{Name: note}
	}
	return c
}

func drawMark(t *rapid.T) store.Mark {
	id := fmt.Sprint("c", rapid.IntRange(1, 30).Draw(t, "call"))
	if rapid.Bool().Draw(t, "a result") {
		return store.Mark{Result: &store.CallResult{
			ID: id, Result: rapid.SampledFrom([]flow.Result{flow.ResultBusy, flow.ResultAnswered, flow.ResultNoAnswer}).Draw(t, "result"), Duration: len(id),
		}}
	}
	return store.Mark{Call: &store.Call{
		ID: id, At: noon.Add(1e6 * 1), Kind: rapid.SampledFrom([]store.CallKind{store.CallDirect, store.CallCandidate, store.CallRehearsal}).Draw(t, "kind of call"),
		Entry: fmt.Sprint("x", rapid.IntRange(1, 5).Draw(t, "entry")), Window: fmt.Sprint("x", rapid.IntRange(1, 5).Draw(t, "window")),
	}}
}

// outcome is what became of an edit and a record.
func outcome(ctx context.Context, s store.Store, changes []store.Change, marks []store.Mark) string {
	r, err := s.Edit(ctx, store.Edit{Author: store.Author{Name: "dana", From: "192.0.2.7"}, At: noon, Note: "test", Changes: slices.Values(changes)})
	if refused, ok := errors.AsType[*store.ChangeError](err); ok {
		at := slices.IndexFunc(changes, func(c store.Change) bool { return reflect.DeepEqual(c, refused.Change) })
		return fmt.Sprint("edit refused: change ", at, ": ", refused)
	}
	if err == nil {
		err = s.Record(ctx, marks)
	}
	return fmt.Sprint(r, err)
}

func dumped(t *rapid.T, s store.Archive) []string {
	t.Helper()
	var rows []string
	if err := s.Dump(t.Context(), func(r store.Row) bool {
		b, err := json.Marshal(r)
		rows = append(rows, string(b))
		return err == nil
	}); err != nil {
		t.Fatal(err)
	}
	return rows
}
