package flow_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow"
)

func TestReach(t *testing.T) {
	at := func(name string, hours flow.Hours) flow.Target {
		return flow.Target{Kind: flow.KindUser, Address: name, Hours: hours}
	}
	mailbox := flow.Target{Kind: flow.KindMailbox, Address: "100"}
	never := flow.Hours("Mo-Su off")
	for _, tt := range []struct {
		name    string
		targets []flow.Target
		armed   bool
		want    string // first, backup, or who opens and when
	}{
		{"nobody is there", nil, false, "nobody"},
		{"one", []flow.Target{user("a")}, false, "a"},
		{"two", []flow.Target{user("a"), user("b"), user("c")}, false, "a, then b"},
		{"the first has gone home", []flow.Target{at("a", "Mo-Su 08:00-11:00"), user("b")}, false, "b"},
		{"all have gone home", []flow.Target{at("a", "Mo-Su 08:00-11:00"), at("b", "Mo-Su 07:00-11:00")}, false, "nobody; b on Thu 07:00"},
		{"two come at once", []flow.Target{at("a", "Mo-Su 13:00-14:00"), at("b", "Mo-Su 13:00-15:00")}, false, "nobody; a on Wed 13:00"},
		{"nobody ever comes", []flow.Target{at("a", never)}, false, "nobody"},
		{"a mailbox", []flow.Target{mailbox, at("a", "Mo-Su 08:00-11:00")}, false, "nobody; a on Thu 08:00"},
		{"a mailbox alone", []flow.Target{mailbox}, false, "nobody"},
		{"a mailbox while a window is open", []flow.Target{at("a", never), mailbox}, true, "100"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := listedScene()
			s.line.Targets = tt.targets
			if tt.armed {
				s.open("w", flow.ModeListed)
			}
			r := s.compile(t).Reach(s.line.Name, noon)
			got := "nobody"
			if !r.First.IsZero() {
				got = r.First.Address
			}
			if !r.Backup.IsZero() {
				got += ", then " + r.Backup.Address
			}
			if !r.At.IsZero() {
				got += "; " + r.Opens.Address + " on " + r.At.Format("Mon 15:04")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	if r := listedScene().compile(t).Reach("another", noon); !r.First.IsZero() || !r.At.Equal(time.Time{}) {
		t.Errorf("a line that isn't there: %+v", r)
	}
}
