package main

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/sqlite"
)

// furnished is the address of a SQLite database that a number was erased from,
// and whose oldest history is pruned, with a backup of it.
func furnished(t *testing.T) (address, backup string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ringthrough.db")
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	by := store.Author{Name: "dana", Role: store.RoleAdmin}
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for n := range 300 {
		e := ani.NewEntry()
		e.ID, e.Pattern, e.Label = fmt.Sprint("e", n), ani.PatternOf(ani.MustParse(fmt.Sprintf("+1650555%04d", n))), "<é> & \"x\"\u2028"
		l := flow.NewLine()
		l.Name = fmt.Sprint("l", n%7)
		_, err := s.Edit(t.Context(), store.Edit{Author: by, At: noon.Add(time.Duration(n) * time.Second), Changes: slices.Values([]store.Change{
			{Op: store.OpCreate, Kind: store.KindEntry, Key: e.ID, Entry: &e}, {Op: store.OpPut, Kind: store.KindLine, Key: l.Name, Line: &l},
		})})
		do(err)
		c := store.Call{ID: fmt.Sprint("c", n), At: noon, Kind: store.CallDirect, ANI: ani.MustParse(fmt.Sprintf("+1650555%04d", n)), Entry: e.ID, Attestation: flow.AttestationFailed}
		do(s.Record(t.Context(), []store.Mark{{Call: &c}}))
	}
	_, err = s.Key(t.Context(), "signing")
	do(err)
	do(s.Refuse(t.Context(), store.AuditRecord{At: noon, Action: "create", Note: "no"}))
	do(s.Enqueue(t.Context(), []store.Delivery{{Notice: "n", Destination: "mail", Body: []byte("{ \"a\": 1.50 }"), At: noon}}))
	_, err = s.Edit(t.Context(), store.Edit{Author: by, At: noon.Add(time.Hour), Changes: slices.Values([]store.Change{{Op: store.OpDelete, Kind: store.KindEntry, Key: "e250"}})})
	do(err)
	_, err = s.Erase(t.Context(), ani.MustParse("+16505550250"), by, noon.Add(time.Hour), "asked to")
	do(err)
	_, err = s.Prune(t.Context(), store.Pruning{Audit: noon.Add(100 * time.Second), Revisions: noon.Add(100 * time.Second)})
	do(err)
	do(s.Close())
	backup = filepath.Join(t.TempDir(), "backup")
	address = "sqlite:" + path
	summed(t, "store", "backup", backup, "--database", address)
	return address, backup
}

var sumOf = regexp.MustCompile(`\d+ rows, .*SHA-256 of the rows ([0-9a-f]{64})`)

// summed runs a command that must succeed, and gives the sum that it prints.
func summed(t *testing.T, args ...string) string {
	t.Helper()
	o := command(t, nil, args...)
	found := sumOf.FindStringSubmatch(o.stdout)
	if o.code != 0 || o.stderr != "" || found == nil {
		t.Fatalf("%s: %d, %s%s", strings.Join(args, " "), o.code, o.stdout, o.stderr)
	}
	return found[1]
}

// TestMovingHouse goes to PostgreSQL and back, with a backup on the way.
func TestMovingHouse(t *testing.T) {
	server := pgserver.Start(t)
	address, backup := furnished(t)
	want := summed(t, "store", "backup", filepath.Join(t.TempDir(), "backup"), "--database", address)
	there, restored, again := server.Database(t), server.Database(t), filepath.Join(t.TempDir(), "backup")
	back := "sqlite:" + filepath.Join(t.TempDir(), "ringthrough.db")
	for _, step := range [][]string{
		{"copy", "--from", address, "--to", there},
		{"backup", again, "--database", there},
		{"restore", backup, "--database", restored},
		{"copy", "--from", restored, "--to", back},
		{"restore", again, "--database", "sqlite:" + filepath.Join(t.TempDir(), "ringthrough.db")},
	} {
		if got := summed(t, append([]string{"store"}, step...)...); got != want {
			t.Errorf("%v: the sum is %s, want %s", step[0], got, want)
		}
	}
	o := command(t, nil, "store", "copy", "--from", address, "--to", there)
	if o.code != 1 || !strings.Contains(o.stderr, "is not empty, and was left as it is") {
		t.Errorf("copied twice: %d, %s", o.code, o.stderr)
	}
	if got := summed(t, "store", "backup", again, "--database", there); got != want {
		t.Errorf("what was left as it is has the sum %s, want %s", got, want)
	}
}

// TestDatabaseAway has nothing answer where the database should be.
func TestDatabaseAway(t *testing.T) {
	_, backup := furnished(t)
	const nowhere = "postgres://dana:geheim@127.0.0.1:1/rings?connect_timeout=2"
	for _, args := range [][]string{
		{"backup", filepath.Join(t.TempDir(), "backup"), "--database", nowhere},
		{"restore", backup, "--database", nowhere},
		{"copy", "--from", nowhere, "--to", "sqlite:" + filepath.Join(t.TempDir(), "ringthrough.db")},
	} {
		o := command(t, nil, append([]string{"store"}, args...)...)
		if o.code != 1 || !strings.Contains(o.stderr, "hint: see that the database runs") || strings.Contains(o.stderr, "geheim") {
			t.Errorf("%s: %d, %s", args[0], o.code, o.stderr)
		}
	}
}
