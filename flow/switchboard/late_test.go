package switchboard

import (
	"os"
	"testing"

	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/flow/store"
)

// Whichever of store and spool is done with a row first, the spool doesn't
// have it in the end.
func TestStoreAndSpoolMeet(t *testing.T) {
	for name, meet := range map[string]func(*journal, *pending){
		"the store first": func(j *journal, p *pending) { j.unspool(p); j.spoolNow(p) },
		"the spool first": func(j *journal, p *pending) { j.spoolNow(p); j.unspool(p) },
		"the spool twice": func(j *journal, p *pending) { j.spoolNow(p); j.spoolNow(p); j.unspool(p); j.spoolNow(p) },
	} {
		dir := t.TempDir()
		j := &journal{spool: &spool{dir}, log: zerolog.Nop()}
		meet(j, newPending(store.Mark{Call: &store.Call{ID: "a"}}, "1"))
		files, err := os.ReadDir(dir)
		if err != nil || len(files) != 0 {
			t.Errorf("%s: in the spool are %v, %v", name, files, err)
		}
	}
}
