package notice

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// at is a Wednesday, 13:00:05 in Berlin.
var at = time.Date(2026, 3, 4, 12, 0, 5, 0, time.UTC)

var (
	bot     = ani.MustParse("+16505550123")
	dialled = ani.MustParse("+18005550100")
)

func aboutCall(e Event) Notice {
	return Notice{
		ID: "call:d9f3", Event: e, At: at, Line: "support-us", Timezone: "Europe/Berlin", Rings: "Dana's desk +15125550123",
		Call: &store.Call{ID: "d9f3", At: at, Line: "support-us", ANI: bot, DNIS: dialled, Label: "Meta call 1", Attempt: 1},
	}
}

func changed(n Notice, change func(*Notice)) Notice {
	change(&n)
	return n
}

func aboutWindow(e Event) Notice {
	return Notice{
		ID: "window:w1:closed", Event: e, At: at, Line: "support-us", Timezone: "Europe/Berlin",
		Window: &flow.Window{ID: "w1", Line: "support-us", Mode: flow.ModeListed, OpensAt: at.Add(-time.Hour), ClosesAt: at},
	}
}

func aboutExpiry(opens, closes time.Duration) Notice {
	n := aboutWindow(EventExpiry)
	n.Window.OpensAt, n.Window.ClosesAt = at.Add(opens), at.Add(closes)
	n.Entry = &Entry{ID: "e1", Pattern: ani.PatternOf(bot), Label: "Meta call 1", ExpiresAt: at.Add(time.Hour)}
	return n
}

var aboutLimit = Notice{
	ID: "limit:support-us:1772625600", Event: EventLimit, At: at, Line: "support-us", Timezone: "Europe/Berlin",
	Limit: &Limit{Limit: flow.Limit{Calls: 20, Per: flow.Duration(time.Hour)}, ANI: bot, DNIS: dialled, Label: "Meta call 1"},
}

func TestSay(t *testing.T) {
	const when = "13:00:05 on Wed 4 Mar 2026 (Europe/Berlin)"
	for name, tt := range map[string]struct {
		notice Notice
		after  time.Duration
		level  Level
		title  string
		says   []string
		not    []string
	}{
		"an expected call": {aboutCall(EventActivation), time.Second, LevelInfo, "Activation call on support-us: pick up", []string{
			"The call from +16505550123 (Meta call 1) to +18005550100, line support-us, at " + when + " was expected, and rings Dana's desk +15125550123.",
			"Pick up: it is a robot.", "six digits", "don't hang up", "ringthrough calls outcome d9f3 code_received",
		}, []string{"in a row", "ago"}},
		"half an hour late": {aboutCall(EventActivation), 30 * time.Minute, LevelInfo, "Activation call on support-us: pick up", nil, []string{"ago"}},
		"later than that": {
			aboutCall(EventActivation), 31 * time.Minute, LevelInfo, "Activation call on support-us, 31 minutes ago",
			[]string{"This was 31 minutes ago: it could not be told sooner.", "rang Dana's desk"}, []string{"Pick up", "rings"},
		},
		"hours late": {aboutCall(EventActivation), 5 * time.Hour, LevelInfo, "Activation call on support-us, 5 hours ago", nil, nil},
		"a redial": {changed(aboutCall(EventActivation), func(n *Notice) {
			n.Call = &store.Call{ID: "x", ANI: bot, DNIS: dialled, Attempt: 2}
		}), 0, LevelInfo, "Activation call on support-us: pick up", []string{"The call from +16505550123 to +18005550100", ", number 2 in a row, was expected"}, nil},
		"a caller without a number, in a zone that is gone": {changed(aboutCall(EventActivation), func(n *Notice) {
			n.Call, n.Timezone = &store.Call{ID: "x", Attempt: 1}, "Mars/Olympus"
		}), 0, LevelInfo, "Activation call on support-us: pick up", []string{"The call from somebody who withholds the number, line support-us, at 12:00:05 on Wed 4 Mar 2026 (UTC)"}, nil},
		"an unexpected call": {aboutCall(EventUnexpected), 0, LevelAlarm, "ALARM: unexpected activation call on support-us", []string{
			"was not expected: no window was open. It rings Dana's desk", "somebody is trying to take the number over",
			"Don't give the code to anybody", "ringthrough line set support-us --policy window",
		}, []string{"Pick up"}},
		"an unexpected call, late": {
			aboutCall(EventUnexpected), 2 * time.Hour, LevelAlarm, "ALARM: unexpected activation call on support-us, 2 hours ago",
			[]string{"This was 2 hours ago", "It rang Dana's desk"}, nil,
		},
		"a rehearsal": {aboutCall(EventRehearsal), 0, LevelInfo, "Rehearsal on support-us", []string{"was a rehearsal, and went to Dana's desk", "no code"}, nil},
		"an unused window": {aboutWindow(EventWindowUnused), 0, LevelWarning, "No call came on support-us", []string{
			"The window of mode listed on support-us, open from 12:00:05 on Wed 4 Mar 2026 (Europe/Berlin) to " + when + ", has closed, and no call had come.",
			"ringthrough calls ls --kind candidate --line support-us", "ringthrough line preflight support-us",
		}, nil},
		"a limit": {aboutLimit, 0, LevelWarning, "Limit reached on support-us", []string{
			"support-us has had 20 direct calls within 1h, which is its limit.",
			"the call from +16505550123 (Meta call 1) to +18005550100 at " + when + " was not let through", "ringthrough line set support-us --limit-calls N",
		}, nil},
		"an entry that expires under an open window": {aboutExpiry(-time.Hour, 2*time.Hour), 0, LevelWarning, "An entry for support-us is about to expire", []string{
			"The entry +16505550123 (Meta call 1) expires at 14:00:05 on Wed 4 Mar 2026 (Europe/Berlin).",
			"It is for support-us, which waits for a call until 15:00:05", "ringthrough entry edit +16505550123 --expires 72h",
		}, []string{"more entries"}},
		"several, under one that is still to open": {
			changed(aboutExpiry(time.Minute, 2*time.Hour), func(n *Notice) { n.More = 7 }), 0, LevelWarning, "An entry for support-us is about to expire",
			[]string{"which expects a call from 13:01:05", "So will 7 more entries for that line."}, nil,
		},
		"a test": {Notice{Event: EventTest, At: at}, 0, LevelInfo, "Test of ringthrough's notices", []string{"nothing has happened"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := tt.notice.Say(at.Add(tt.after))
			if diff := cmp.Diff(Message{tt.level, tt.title, got.Text}, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			for _, s := range tt.says {
				if !strings.Contains(got.Text, s) {
					t.Errorf("it doesn't say %q:\n%s", s, got.Text)
				}
			}
			for _, s := range tt.not {
				if strings.Contains(got.Text, s) {
					t.Errorf("it says %q:\n%s", s, got.Text)
				}
			}
		})
	}
}

// Titles end up in mail and HTTP headers; RFC 5321 §4.5.3.1.6 bounds lines,
// ntfy and Telegram bound whole messages to 4096 bytes.
func TestMessagesFit(t *testing.T) {
	label, line := strings.Repeat("ä", 100), strings.Repeat("x", 63)
	long := aboutCall(EventUnexpected)
	long.Line, long.Call.Label, long.Rings = line, label, label+" "+strings.Repeat("s", 255)
	for _, n := range []Notice{long, aboutLimit, aboutExpiry(0, time.Hour), aboutWindow(EventWindowUnused)} {
		m := n.Say(at.Add(time.Hour))
		if strings.ContainsFunc(m.Title, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("the title %q is more than ASCII", m.Title)
		}
		for l := range strings.SplitSeq(m.Text, "\n") {
			if l == "" || len(l) > 990 {
				t.Errorf("a line of %d bytes: %q", len(l), l)
			}
		}
		if len(m.Title)+len(m.Text) > 4000 {
			t.Errorf("%d bytes", len(m.Title)+len(m.Text))
		}
	}
}

func TestRings(t *testing.T) {
	line := flow.Line{Targets: []flow.Target{
		{Kind: flow.KindNumber, Address: "+15125550123", Label: "Dana's desk"},
		{Kind: flow.KindQueue, Address: "Activation"},
	}}
	for _, tt := range []struct {
		kind          flow.Kind
		address, want string
	}{
		{flow.KindNumber, "+15125550123", "Dana's desk +15125550123"},
		{flow.KindQueue, "Activation", "the queue Activation"},
		{flow.KindUser, "gone@example.com", "the user gone@example.com"},
	} {
		if got := rings(line, tt.kind, tt.address); got != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.kind, tt.address, got, tt.want)
		}
	}
}
