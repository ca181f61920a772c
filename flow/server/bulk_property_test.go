package server

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"pgregory.net/rapid"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/ani/listfile"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/document"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// ledger remembers what the list was at each revision, and makes random edits
// of it.
type ledger struct {
	*rig
	*rapid.T
	then map[uint64]string // exports
}

var (
	somePatterns = []string{"+16505550123", "+16505550124", "+16505550125", "+1650555*", "+16505550100-+16505550199", "+442079460000"}
	someTexts    = []string{"", "Meta call 1", "=1+1", "'=x", "''", "a, \"b\"; c", " blank ", "ümlaut 🙂", "-", "@", "#", "null", "0410"}
	someLines    = []string{"sales", "support-us"}
)

func (l *ledger) one(of []string) string { return rapid.SampledFrom(of).Draw(l.T, "one") }

func (l *ledger) entry(pattern string, lines []string) ani.Entry {
	e := ani.NewEntry()
	e.Pattern, _ = ani.ParsePattern(pattern)
	e.Label, e.Source, e.Note = l.one(someTexts), l.one(someTexts), l.one(someTexts)
	e.Enabled, e.MinAttestation = rapid.Bool().Draw(l.T, "enabled"), ani.Attestation(rapid.IntRange(0, 3).Draw(l.T, "attestation"))
	if rapid.Bool().Draw(l.T, "dated") {
		e.ExpiresAt = start.AddDate(0, 0, rapid.IntRange(-2, 2).Draw(l.T, "days"))
	}
	for _, name := range lines {
		if rapid.IntRange(0, 2).Draw(l.T, "for "+name) == 0 {
			e.Lines = append(e.Lines, name)
		}
	}
	return e
}

func (l *ledger) line(name string) flow.Line {
	line := flow.NewLine()
	line.Name, line.Announce = name, strings.TrimSpace(l.one(someTexts))
	if rapid.Bool().Draw(l.T, "numbered") {
		line.Numbers = []ani.Number{ani.MustParse(map[string]string{"sales": "+442079460111", "support-us": "+18005550100"}[name])}
	}
	return line
}

// some are entries of different patterns.
func (l *ledger) some(lines []string) []ani.Entry {
	var all []ani.Entry
	for _, p := range somePatterns {
		if rapid.IntRange(0, 2).Draw(l.T, "has "+p) == 0 {
			all = append(all, l.entry(p, lines))
		}
	}
	return all
}

func (l *ledger) serving() []string {
	var names []string
	for _, line := range l.board.Snapshot().Lines() {
		names = append(names, line.Name)
	}
	return names
}

func (l *ledger) csv(entries []ani.Entry) string {
	var b strings.Builder
	w := listfile.NewCSVWriter(&b)
	for _, e := range entries {
		if err := w.Write(e); err != nil {
			l.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		l.Fatal(err)
	}
	return b.String()
}

// steps are the edits that somebody may make.
func (l *ledger) steps() map[string]func() {
	onEntry := func(do func(e ani.Entry)) {
		p, _ := ani.ParsePattern(l.one(somePatterns))
		if e, err := l.store.EntryByPattern(l.rig.t.Context(), p); err == nil {
			do(e)
		}
	}
	return map[string]func(){
		"create": func() {
			body, _ := marshal(saidOf(new(l.entry(l.one(somePatterns), l.serving()))))
			l.do("editor", http.MethodPost, "/v1/entries", string(body))
		},
		"move": func() {
			onEntry(func(e ani.Entry) {
				l.do("editor", http.MethodPatch, "/v1/entries/"+e.ID, fmt.Sprintf(`{"pattern":%q,"label":"moved"}`, l.one(somePatterns)))
			})
		},
		"delete": func() { onEntry(func(e ani.Entry) { l.do("editor", http.MethodDelete, "/v1/entries/"+e.ID, "") }) },
		"line": func() {
			line := l.line(l.one(someLines))
			body, _ := marshal(line)
			l.do("editor", http.MethodPut, "/v1/lines/"+line.Name, string(body))
		},
		"delete line": func() { l.do("editor", http.MethodDelete, "/v1/lines/"+l.one(someLines), "") },
		"window": func() {
			l.do("editor", http.MethodPost, "/v1/windows", fmt.Sprintf(`{"line":%q,"mode":"listed","duration":"15m"}`, l.one(someLines)))
		},
		"import": func() {
			entries, mode := l.some(l.serving()), l.one([]string{"merge", "replace"})
			if len(entries) == 0 {
				mode = "merge" // a file without rows replaces nothing
			}
			l.importing("?mode="+mode, l.csv(entries)).counts(l.rig.t)
		},
		"apply":   l.applySome,
		"restore": l.restoreOne,
	}
}

func (l *ledger) applySome() {
	var b strings.Builder
	w := document.NewWriter(&b, document.JSON)
	var lines []string
	for _, name := range someLines {
		if rapid.Bool().Draw(l.T, "has "+name) {
			lines = append(lines, name)
			_ = w.Line(l.line(name))
		}
	}
	entries := l.some(lines)
	for _, e := range entries {
		_ = w.Entry(e)
	}
	if err := w.Close(); err != nil {
		l.Fatal(err)
	}
	prune := rapid.Bool().Draw(l.T, "prune") && len(lines)+len(entries) > 0 // a document that names nothing deletes nothing
	l.applying(fmt.Sprintf("?prune=%t", prune), b.String()).counts(l.rig.t)
}

func (l *ledger) restoreOne() {
	n := rapid.SampledFrom(slices.Sorted(maps.Keys(l.then))).Draw(l.T, "revision")
	l.do("admin", http.MethodPost, fmt.Sprintf("/v1/revisions/%d/restore", n), "").counts(l.rig.t)
	if diff := cmp.Diff(l.then[n], l.exporting("json")); diff != "" {
		l.Fatalf("restored revision %d (-then +now):\n%s", n, diff)
	}
}

// check holds what is served to what is stored, and what is exported to what
// it says when it comes back.
func (l *ledger) check() {
	now := l.board.Snapshot().Revision
	export := l.exporting("json")
	if then, ok := l.then[now]; ok && then != export {
		l.Fatalf("revision %d has changed (-then +now):\n%s", now, cmp.Diff(then, export))
	}
	l.then[now] = export
	for _, back := range []bulkResult{
		l.importing("?mode=replace", l.exporting("csv")).counts(l.rig.t),
		l.applying("?prune=true", export).counts(l.rig.t),
		l.applying("?prune=true", l.exporting("yaml")).counts(l.rig.t),
	} {
		if len(back.Changes) > 0 || back.Revision != now || l.board.Snapshot().Revision != now {
			l.Fatalf("the export of revision %d comes back as %+v", now, back)
		}
	}
	fresh, err := switchboard.Open(l.rig.t.Context(), switchboard.Options{
		Store: l.store, Spool: l.rig.t.TempDir(), Now: l.clock.now, Log: zerolog.Nop(),
	})
	if err != nil {
		l.Fatal(err)
	}
	defer func() { _ = fresh.Close(context.WithoutCancel(l.rig.t.Context())) }()
	if diff := cmp.Diff(inWords(fresh), inWords(l.board)); diff != "" {
		l.Fatalf("what serves (-stored +serving):\n%s", diff)
	}
}

// inWords is what a switchboard serves, in words.
func inWords(b *switchboard.Switchboard) []string {
	s := b.Snapshot()
	var all []string
	for e := range s.List.All {
		all = append(all, fmt.Sprintln(e.ID(), e.Pattern(), e.Label(), slices.Collect(e.Lines), e.State(start), e.MinAttestation()))
	}
	slices.Sort(all)
	for _, line := range s.Lines() {
		all = append(all, fmt.Sprintf("%+v", line))
		for _, w := range s.Live(line.Name).Windows {
			if w.State(start) != "closed" {
				all = append(all, fmt.Sprintln(w.ID, w.Line, w.Mode, w.OpensAt, w.ClosesAt, w.Calls, w.MaxCalls))
			}
		}
	}
	for _, from := range []string{"+16505550123", "+16505550124", "+16505550150", "+442079460000", "+4930901820"} {
		for _, to := range []string{"+18005550100", "+442079460111"} {
			a, _ := b.Explain(flow.Reading{}.Call(flow.Fields{ANI: from, DNIS: to}), start)
			all = append(all, fmt.Sprintln(from, to, a.Revision, a.Decision.Reason, a.Decision.Line, a.Decision.Entry.ID()))
		}
	}
	return all
}

// However the list is edited: what serves is what is stored, an export comes
// back unharmed, and what was can be brought back.
func TestEditsOfAnyKind(t *testing.T) {
	r := newRig(t)
	rapid.Check(t, func(rt *rapid.T) {
		if a := r.do("admin", http.MethodPost, "/v1/revisions/0/restore", ""); a.status != http.StatusOK {
			rt.Fatal(a.body)
		}
		l := &ledger{r, rt, map[uint64]string{0: r.exporting("json")}}
		steps := l.steps()
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			steps[rapid.SampledFrom(slices.Sorted(maps.Keys(steps))).Draw(rt, "step")]()
			l.check()
		}
	})
}
