package server

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

func (r *rig) applying(query, document string) answer {
	r.t.Helper()
	return r.do("editor", http.MethodPost, "/v1/apply"+query, document, "Content-Type", "application/yaml")
}

const twoLines = `
lines:
- name: support-us
  numbers: [+18005550100]
  default: true
  targets:
  - {kind: number, address: +15125550123}
- name: sales
  numbers: [+442079460000]
entries:
- pattern: +16505550123
  lines: [sales]
- pattern: +1650556*
`

func TestApply(t *testing.T) {
	r := newRig(t)
	before := r.board.Snapshot().Revision
	if got := r.applying("?dry_run=true", twoLines).counts(t); got.Created != 4 || got.Revision != before || !got.DryRun || len(got.Changes) != 4 {
		t.Errorf("dry run: %+v", got)
	}
	if got := r.applying("", twoLines).counts(t); got.Created != 4 || got.Revision != before+1 {
		t.Errorf("first: %+v", got)
	}
	if got := r.applying("?prune=true", twoLines).counts(t); got.Unchanged != 4 || got.Revision != before+1 || len(got.Changes) != 0 {
		t.Errorf("again: %+v", got)
	}
	// The default and a number are handed on, and what is left out has its default.
	r.applying("", `{"lines":[{"name":"sales","default":true,"numbers":["+442079460000","+18005550100"]},{"name":"support-us"}]}`).want(t, http.StatusOK, fmt.Sprintf(`{
		"revision":%d,"dry_run":false,"created":0,"updated":2,"deleted":0,"unchanged":0,"changes_left_out":0,"changes":[
		{"op":"update","kind":"line","key":"sales","before":%s,"after":%s},
		{"op":"update","kind":"line","key":"support-us","before":%s,"after":%s}]}`, before+2,
		lineWith(`"sales"`, `["+442079460000"]`, false, `[]`), lineWith(`"sales"`, `["+442079460000","+18005550100"]`, true, `[]`),
		lineWith(`"support-us"`, `["+18005550100"]`, true, `[{"kind":"number","address":"+15125550123"}]`), lineWith(`"support-us"`, `[]`, false, `[]`)))
	if name, _ := r.board.Snapshot().LineOf(flow.Reading{}.Call(flow.Fields{DNIS: "+18005550100"}).DNIS); name != "sales" {
		t.Errorf("the number belongs to %q", name)
	}
	if got := r.applying("?prune=true", "lines: [{name: support-us}]\nentries: [{pattern: +1650556*}]").counts(t); got.Deleted != 2 || got.Unchanged != 2 {
		t.Errorf("prune: %+v", got)
	}
	for _, nothing := range []string{"", "null", "{}", "lines: []\nentries: []"} {
		r.applying("?prune=true", nothing).wantProblem(t, http.StatusUnprocessableEntity, badFields, "document",
			"names nothing, and with prune every line and entry would be deleted: is it the right file? To empty the list on purpose, restore revision 0")
	}
	if r.board.Snapshot().List.Len() != 1 || len(r.board.Snapshot().Lines()) != 1 {
		t.Error("a document that names nothing has deleted something")
	}
}

func lineWith(name, numbers string, fallback bool, targets string) string {
	return fmt.Sprintf(`{"name":%s,"numbers":%s,"default":%t,"enabled":true,"policy":"always","attestation":"reject_failed",
		"limit":{"calls":20,"per":"1h"},"targets":%s,"redial_within":"90s","continue_url":"","announce":"","timezone":"UTC"}`, name, numbers, fallback, targets)
}

func TestApplyNamesWhatIsWrong(t *testing.T) {
	r := newRig(t)
	r.line()
	l := flow.NewLine()
	l.Name, l.Default = "fallback", true
	r.edit(store.Change{Op: store.OpCreate, Kind: store.KindLine, Key: l.Name, Line: &l})
	revision := r.board.Snapshot().Revision
	const nowhere = `names "nowhere", but there is no such line: make the line first, or mend its name`
	for _, tt := range []struct {
		name, query, document string
		fields                []string
	}{
		{"a line of an entry", "", `{"entries":[{"pattern":"+16505550123"},{"pattern":"+16505550124","lines":["support-us","nowhere"]}]}`, []string{"entries[1].lines[0]", nowhere}},
		{"a line that is pruned", "?prune=true", `{"lines":[{"name":"nowhere"}],"entries":[{"pattern":"+16505550123","lines":["support-us"]}]}`,
			[]string{"entries[0].lines[0]", `names "support-us", but there is no such line: make the line first, or mend its name`}},
		{"a number of a line that stays", "", `{"lines":[{"name":"a"},{"name":"b","numbers":["+442079460000","+18005550100"]}]}`,
			[]string{"lines[1].numbers[1]", "already belongs to the line support-us"}},
		{"a number of two lines", "?prune=true", `{"lines":[{"name":"a","numbers":["+18005550100"]},{"name":"b","numbers":["+18005550100"]}]}`,
			[]string{"lines[1].numbers[0]", "already belongs to the line a"}},
		{"a second default", "", `{"lines":[{"name":"a","default":true}]}`,
			[]string{"lines[0].default", "is already the line fallback: at most one line takes calls to numbers of no line"}},
		{"a pattern that is too broad", "", `{"entries":[{"pattern":"+1650*"}]}`, []string{"entries[0].pattern", "is too broad: write 6 digits or more before the *, country code included"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r.t = t
			r.applying(tt.query, tt.document).wantProblem(t, http.StatusUnprocessableEntity, badFields, tt.fields...)
			if r.board.Snapshot().Revision != revision {
				t.Error("something was changed")
			}
		})
	}
}
