package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/sqlite"
)

// backedUp is a backup of a database with an entry in it.
func backedUp(t *testing.T) (backup string) {
	t.Helper()
	dir := t.TempDir()
	s, err := sqlite.Open(t.Context(), filepath.Join(dir, "ringthrough.db"))
	if err != nil {
		t.Fatal(err)
	}
	e := ani.NewEntry()
	e.Pattern = ani.PatternOf(ani.MustParse("+16505550123"))
	_, err = s.Edit(t.Context(), store.Edit{Changes: func(yield func(store.Change) bool) {
		yield(store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: "e", Entry: &e})
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	backup = filepath.Join(dir, "backup")
	if o := command(t, nil, "store", "backup", backup, "--data", dir); o.code != 0 {
		t.Fatal(o.stderr)
	}
	return backup
}

func TestBackupIsPrivate(t *testing.T) {
	info, err := os.Stat(backedUp(t))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// TestWrongBackups holds that what is cut off or changed is refused before
// there is a database.
func TestWrongBackups(t *testing.T) {
	backup := backedUp(t)
	whole, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	flipped := []byte(string(whole))
	flipped[len(flipped)/2] ^= 1
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"cut off":          {whole[:len(whole)/2], "it is cut off or damaged\nhint: nothing was written: use another backup"},
		"the end is gone":  {whole[:len(whole)-1], "it is cut off or damaged"},
		"a bit is flipped": {flipped, "it is cut off or damaged"},
		"empty":            {nil, "it is no backup of ringthrough"},
	} {
		if err := os.WriteFile(backup, c.file, 0o600); err != nil {
			t.Fatal(err)
		}
		target := filepath.Join(t.TempDir(), "new", "ringthrough.db")
		o := command(t, nil, "store", "restore", backup, "--database", "sqlite:"+target)
		if o.code != 1 || !strings.Contains(o.stderr, c.want) {
			t.Errorf("%s: %d, %s", name, o.code, o.stderr)
		}
		if _, err := os.Stat(filepath.Dir(target)); err == nil {
			t.Errorf("%s: a database was made", name)
		}
	}
}

func TestShownAddress(t *testing.T) {
	for address, want := range map[string]string{
		"sqlite:data/ringthrough.db":                        "sqlite:data/ringthrough.db",
		"postgres://dana:geheim@db.example.com:5432/rings":  "postgres://dana@db.example.com:5432/rings",
		"postgres://db/rings?user=dana&password=geheim":     "postgres://db/rings",
		"postgresql://db/rings":                             "postgresql://db/rings",
		"postgres://dana:ge%heim@db/rings":                  "postgres://…",
		"postgres://dana:geheim@db/rings?sslkey=geheim#xyz": "postgres://dana@db/rings",
	} {
		if got := shown(address); got != want {
			t.Errorf("%s is shown as %s, want %s", address, got, want)
		}
	}
}
