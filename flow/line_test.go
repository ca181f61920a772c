package flow_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// problemsOf are the fields that err complains of, in its order.
func problemsOf(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var problems ani.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("%v is a %T, want ani.Problems", err, err)
	}
	var fields []string
	for _, p := range problems {
		fields = append(fields, p.Field)
		if p.Text == "" || strings.HasPrefix(p.Text, p.Field) || strings.HasSuffix(p.Text, ".") {
			t.Errorf("%s %q is not the rest of a sentence", p.Field, p.Text)
		}
	}
	return fields
}

func TestLineNormalize(t *testing.T) {
	targets := func(n int) (all []flow.Target) {
		for i := range n {
			all = append(all, user(fmt.Sprint("u", i)))
		}
		return all
	}
	for _, tt := range []struct {
		name   string
		change func(*flow.Line)
		want   []string // the fields that are complained of
	}{
		{"everything is right", func(*flow.Line) {}, nil},
		{"nothing but a name", func(l *flow.Line) { *l = flow.NewLine(); l.Name = "a" }, nil},

		{"no name", func(l *flow.Line) { l.Name = "" }, []string{"name"}},
		{"a capital", func(l *flow.Line) { l.Name = "Support" }, []string{"name"}},
		{"a blank", func(l *flow.Line) { l.Name = "support us" }, []string{"name"}},
		{"a line feed behind the name", func(l *flow.Line) { l.Name = "support\n" }, []string{"name"}},
		{"a dash in front", func(l *flow.Line) { l.Name = "-support" }, []string{"name"}},
		{"a dash behind", func(l *flow.Line) { l.Name = "support-" }, []string{"name"}},
		{"a name of 63", func(l *flow.Line) { l.Name = strings.Repeat("a", 63) }, nil},
		{"a name of 64", func(l *flow.Line) { l.Name = strings.Repeat("a", 64) }, []string{"name"}},

		{"an empty number", func(l *flow.Line) { l.Numbers = []ani.Number{dialled, {}} }, []string{"numbers[1]"}},
		{"a number twice", func(l *flow.Line) { l.Numbers = []ani.Number{dialled, stranger, dialled} }, []string{"numbers[2]"}},

		{"no policy", func(l *flow.Line) { l.Policy = "" }, []string{"policy"}},
		{"another policy", func(l *flow.Line) { l.Policy = "never" }, []string{"policy"}},
		{"no attestation", func(l *flow.Line) { l.Attestation = "" }, []string{"attestation"}},
		{"a small attestation", func(l *flow.Line) { l.Attestation = "a" }, []string{"attestation"}},

		{"no calls", func(l *flow.Line) { l.Limit.Calls = 0 }, []string{"limit.calls"}},
		{"10,000 calls", func(l *flow.Line) { l.Limit.Calls = 10000 }, nil},
		{"too many calls", func(l *flow.Line) { l.Limit.Calls = 10001 }, []string{"limit.calls"}},
		{"no span", func(l *flow.Line) { l.Limit.Per = 0 }, []string{"limit.per"}},
		{"a second", func(l *flow.Line) { l.Limit.Per = flow.Duration(time.Second) }, nil},
		{"less than a second", func(l *flow.Line) { l.Limit.Per = flow.Duration(time.Second - 1) }, []string{"limit.per"}},
		{"seven days", func(l *flow.Line) { l.Limit.Per = flow.MaxLimitPer }, nil},
		{"more than seven days", func(l *flow.Line) { l.Limit.Per = flow.MaxLimitPer + 1 }, []string{"limit.per"}},
		{"no redials", func(l *flow.Line) { l.RedialWithin = 0 }, nil},
		{"redials before the call", func(l *flow.Line) { l.RedialWithin = -1 }, []string{"redial_within"}},
		{"redials for more than an hour", func(l *flow.Line) { l.RedialWithin = flow.Duration(time.Hour + 1) }, []string{"redial_within"}},

		{"32 targets", func(l *flow.Line) { l.Targets = targets(32) }, nil},
		{"33 targets", func(l *flow.Line) { l.Targets = targets(33) }, []string{"targets"}},
		{"a target twice", func(l *flow.Line) { l.Targets = []flow.Target{desk, queue, atNight(desk)} }, []string{"targets[2]"}},
		{"a number twice, in two spellings", func(l *flow.Line) {
			l.Targets = []flow.Target{desk, {Kind: flow.KindNumber, Address: "+1 (512) 555-0123"}}
		}, []string{"targets[1]"}},
		{"one address in two kinds", func(l *flow.Line) { l.Targets = []flow.Target{user("1001"), mailbox} }, nil},
		{"two bad targets", func(l *flow.Line) { l.Targets = []flow.Target{{}, desk, {Kind: "fax", Address: "1"}} }, []string{"targets[0].kind", "targets[2].kind"}},

		{"a long announcement", func(l *flow.Line) { l.Announce = strings.Repeat("a", 501) }, []string{"announce"}},
		{"an announcement on two lines", func(l *flow.Line) { l.Announce = "a\nb" }, []string{"announce"}},
		{"an announcement that is not UTF-8", func(l *flow.Line) { l.Announce = "\xff" }, []string{"announce"}},
		{"a URL without a host", func(l *flow.Line) { l.ContinueURL = "/start" }, []string{"continue_url"}},
		{"a URL that is none", func(l *flow.Line) { l.ContinueURL = "https://ivr example.com\x7f" }, []string{"continue_url"}},
		{"a SIP URI to continue at", func(l *flow.Line) { l.ContinueURL = "sip:ivr@example.com" }, nil},
		{"a long URL", func(l *flow.Line) { l.ContinueURL = "https://ivr.example.com/" + strings.Repeat("a", 2000) }, []string{"continue_url"}},

		{"a time zone that is none", func(l *flow.Line) { l.Timezone = "Europe/Bonn" }, []string{"timezone"}},
		{"the machine's own zone", func(l *flow.Line) { l.Timezone = "Local" }, []string{"timezone"}},
		{"a way to other files", func(l *flow.Line) { l.Timezone = "../Europe/Berlin" }, []string{"timezone"}},

		{"every field at once", func(l *flow.Line) {
			*l = flow.Line{Numbers: []ani.Number{{}}, Targets: []flow.Target{{}}, RedialWithin: -1, Announce: "\x00", ContinueURL: "x", Timezone: "x"}
		}, []string{
			"name", "numbers[0]", "policy", "attestation", "limit.calls", "limit.per", "redial_within", "targets[0].kind",
			"announce", "continue_url", "timezone",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := listedScene().line
			l.Timezone = "Europe/Berlin"
			tt.change(&l)
			if diff := cmp.Diff(tt.want, problemsOf(t, l.Normalize())); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestLineNormalizeIsCanonical(t *testing.T) {
	given := []flow.Target{{Kind: flow.KindNumber, Address: "tel:+1-512-555-0123"}}
	l := flow.Line{
		Name: "a", Policy: flow.PolicyAlways, Attestation: flow.AttestationIgnore, Targets: given,
		Limit: flow.Limit{Calls: 1, Per: flow.DefaultLimitPer},
	}
	if err := l.Normalize(); err != nil {
		t.Fatal(err)
	}
	want := flow.Line{
		Name: "a", Policy: flow.PolicyAlways, Attestation: flow.AttestationIgnore, Limit: l.Limit, Timezone: "UTC",
		Numbers: []ani.Number{}, Targets: []flow.Target{desk},
	}
	if diff := cmp.Diff(want, l, plain); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if given[0].Address != "tel:+1-512-555-0123" {
		t.Errorf("Normalize has changed what it was given: %q", given[0].Address)
	}
}

// What is stored and exported comes back as it was, and JSON that says little
// has the defaults for the rest.
func TestLineJSON(t *testing.T) {
	l := listedScene().line
	b, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	var again flow.Line
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(l, again, plain); diff != "" {
		t.Errorf("-written +read\n%s", diff)
	}
	sparse, want := flow.NewLine(), flow.NewLine()
	want.Name, want.Limit.Calls = "a", 5
	if err := json.Unmarshal([]byte(`{"name":"a","limit":{"calls":5}}`), &sparse); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, sparse, plain); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
