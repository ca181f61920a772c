package switchboard_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/ringthrough/ringthrough/flow"
)

// An answer that is remembered doesn't keep the list in memory that it was
// given from: under many edits there would be a list for every answer.
func TestAnswersLetTheirListGo(t *testing.T) {
	r := newRig(t)
	for n := range 3 {
		if d := r.Lookup("hook", flow.Call{ID: fmt.Sprint(n), ANI: caller, DNIS: dialled}).Decision; d.Reason != flow.ReasonListed {
			t.Fatal(d.Reason)
		}
		list := weak.Make(r.Snapshot().List)
		r.edit(createEntry(fmt.Sprint("more", n), fmt.Sprint("+44207946000", n)))
		for end := time.Now().Add(time.Minute); list.Value() != nil; runtime.GC() {
			if time.Now().After(end) {
				t.Fatal("the list of before is still there")
			}
		}
	}
}
