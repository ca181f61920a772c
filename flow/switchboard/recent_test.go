package switchboard_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// recent are the callers of support-us that were not let through, in one
// line: who, and why where it isn't not_listed.
func (r *rig) recent() string {
	r.t.Helper()
	var all []string
	for _, c := range r.Recent("support-us") {
		who := strings.TrimPrefix(c.ANI.String(), "+44207946")
		if c.Reason != flow.ReasonNotListed {
			who += "(" + string(c.Reason) + ")"
		}
		all = append(all, who)
	}
	return strings.Join(all, " ")
}

// stray rings support-us from the nth of ten thousand numbers.
func (r *rig) stray(n int) flow.Call {
	call := flow.Call{ANI: ani.MustParse(fmt.Sprintf("+44207946%04d", n)), DNIS: dialled}
	r.Lookup("hook", call)
	return call
}

func TestRecent(t *testing.T) {
	for _, tt := range []struct {
		name  string
		calls func(*rig)
		want  string
	}{
		{"nobody", func(*rig) {}, ""},
		{"the newest first", func(r *rig) { r.stray(1); r.clock.forward(time.Second); r.stray(2) }, "0002 0001"},
		{"in one moment, as they came", func(r *rig) { r.stray(1); r.stray(2); r.stray(1) }, "0001 0002 0001"},
		{"who is let through isn't there", func(r *rig) { r.ring(); r.stray(1) }, "0001"},
		{"who hides the number is there without", func(r *rig) {
			r.Lookup("hook", flow.Call{ANIFault: ani.ErrWithheld, DNIS: dialled})
			r.Lookup("hook", flow.Call{ANIFault: ani.ErrUnparseable, DNIS: dialled})
		}, "(ani_unparseable) (ani_withheld)"},
		{"a retry counts once", func(r *rig) {
			call := r.stray(1)
			call.ID = "CA1"
			r.Lookup("hook", call)
			r.Lookup("hook", call)
		}, "0001 0001"},
		{"another line's", func(r *rig) { r.Lookup("hook", flow.Call{ANI: stranger, DNIS: tester}) }, ""},
		{"a line that is switched off", func(r *rig) {
			l := usLine()
			l.Enabled = false
			r.edit(putLine(l))
			r.stray(1)
		}, "0001(line_disabled)"},
		{"explained", func(r *rig) { r.Explain(flow.Call{ANI: stranger, DNIS: dialled}, noon) }, ""},
		{"just a quarter of an hour ago", func(r *rig) {
			r.stray(1)
			r.clock.forward(time.Millisecond)
			r.stray(2)
			r.clock.forward(15*time.Minute - time.Millisecond)
		}, "0002"},
		{"more than fifty", func(r *rig) {
			for n := range 120 {
				r.stray(n)
			}
		}, "0119 0118 0117 0116 0115 0114 0113 0112 0111 0110 0109 0108 0107 0106 0105 0104 0103 0102 0101 0100 0099 0098 0097 0096 0095 0094 0093 0092 0091 0090 0089 0088 0087 0086 0085 0084 0083 0082 0081 0080 0079 0078 0077 0076 0075 0074 0073 0072 0071 0070"},
		{"after a restart", func(r *rig) { r.stray(1); r.reopen() }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			tt.calls(r)
			if diff := cmp.Diff(tt.want, r.recent()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	r := newRig(t)
	r.stray(1)
	got := r.Recent("support-us")[0]
	if !got.At.Equal(noon) || got.Hook != "hook" || got.Line != "support-us" || got.DNIS != dialled {
		t.Errorf("got %+v", got)
	}
	if all := r.Recent("nobody"); len(all) != 0 {
		t.Errorf("a line that isn't there has %v", all)
	}
}

// Callers are forgotten though nobody asks for them: not only left out of
// what is shown. Here time passes for the timer, and the clock follows.
func TestCallersAreForgotten(t *testing.T) {
	bubble(t, func(t *testing.T, r *rig) {
		r.stray(1)
		pass := func(d time.Duration) {
			<-time.After(d)
			r.clock.forward(d)
			synctest.Wait()
		}
		pass(10 * time.Minute)
		r.stray(2)
		pass(5 * time.Minute)
		pass(10 * time.Minute)
		if s := r.Seen("support-us"); s.ANI.IsZero() {
			t.Error("the second caller is forgotten early")
		}
		pass(5*time.Minute + time.Second)
		for _, s := range []any{r.Seen("support-us").ANI, r.SeenBy("hook").ANI} {
			if s != (ani.Number{}) {
				t.Errorf("still known: %s", s)
			}
		}
		if s := r.Seen("support-us"); !s.At.Equal(noon.Add(10 * time.Minute)) {
			t.Errorf("seen at %s", s.At)
		}
		r.clock.forward(-25 * time.Minute) // what is left would show
		if left := r.recent(); left != "" {
			t.Errorf("in memory: %s", left)
		}
	})
}
