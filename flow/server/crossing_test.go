package server

import (
	"net/http"
	"testing"
)

// Ranges that overlap are refused, by whatever way they come, unless one lies
// within the other.
func TestCrossingRangesAreRefused(t *testing.T) {
	const crossing = "+16505550150-+16505550249"
	for _, tt := range []struct {
		name, method, path, body, field string
	}{
		{"one entry", http.MethodPost, "/v1/entries", `{"pattern":"` + crossing + `"}`, "pattern"},
		{"another pattern for an entry", http.MethodPatch, "/v1/entries/+16505550300-+16505550399", `{"pattern":"` + crossing + `"}`, "pattern"},
		{"a file", http.MethodPost, "/v1/import", "pattern\n+16505550123\n" + crossing + "\n", "line 3, pattern"},
		{"a dry run of it", http.MethodPost, "/v1/import?dry_run=true", "pattern\n+16505550123\n" + crossing + "\n", "line 3, pattern"},
		{"a document", http.MethodPost, "/v1/apply", `{"entries":[{"pattern":"` + crossing + `"}]}`, "entries[0].pattern"},
		{"a dry run of it", http.MethodPost, "/v1/apply?dry_run=true", `{"entries":[{"pattern":"` + crossing + `"}]}`, "entries[0].pattern"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			r.entry("+16505550100-+16505550199")
			r.entry("+16505550300-+16505550399")
			before := r.board.Snapshot().Revision
			r.do("editor", tt.method, tt.path, tt.body).wantProblem(t, http.StatusUnprocessableEntity, badFields,
				tt.field, "overlaps the range +16505550100-+16505550199, which is on the list: let one of the two end where the other begins, or lie within it")
			if after := r.board.Snapshot().Revision; after != before {
				t.Errorf("revision %d serves, want %d", after, before)
			}
		})
	}
	r := newRig(t)
	r.entry("+16505550100-+16505550199")
	if a := r.do("editor", http.MethodPost, "/v1/entries", `{"pattern":"+16505550120-+16505550129"}`); a.status != http.StatusCreated {
		t.Errorf("a range within a range: %d %s", a.status, a.body)
	}
}
