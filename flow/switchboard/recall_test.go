package switchboard_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// A platform that repeats its question across a restart gets the answer of
// before, and its call counts once.
func TestRetryAcrossARestart(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		call := r.call()
		call.ID = "again"
		before := r.Lookup("hook", call)
		r.reopen()
		after := r.Lookup("hook", call)
		if !after.Repeated || after.ID != before.ID {
			t.Errorf("it is another call: %+v", after)
		}
		told := func(a switchboard.Answer) []any {
			d := a.Decision
			return []any{d.Route, d.Reason, d.Target, d.Backup, d.Line, d.Entry.Label(), d.Detail()}
		}
		if diff := cmp.Diff(told(before), told(after)); diff != "" {
			t.Errorf("it is told otherwise: %s", diff)
		}
		if rows := r.stored(); len(rows) != 1 {
			t.Errorf("%d rows for one call", len(rows))
		}
		r.clock.forward(time.Minute)
		r.reopen()
		if later := r.Lookup("hook", call); later.Repeated || later.Decision.Route != flow.Direct {
			t.Errorf("a minute later it is still the same call: %+v", later)
		}
	})
}
