package server

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRevisions(t *testing.T) {
	r := newRig(t)
	first := r.board.Snapshot().Revision
	id := r.do("editor", http.MethodPost, "/v1/entries?note=ticket+1", `{"pattern":"+16505550123"}`).id(t)
	r.do("editor", http.MethodPatch, "/v1/entries/"+id+"?note=ticket+2", `{"label":"Meta"}`)
	r.do("editor", http.MethodDelete, "/v1/entries/"+id, "")
	at := start.Format("2006-01-02T15:04:05Z07:00")
	info := func(n int, note string) string {
		return fmt.Sprintf(`"n":%d,"at":%q,"author":"editor","role":"editor","from":"192.0.2.7","note":%q,"changes":1`, int(first)+n, at, note)
	}
	a := r.do("viewer", http.MethodGet, "/v1/revisions?limit=2", "")
	cursor, _ := parsed(t, a.body).(map[string]any)["next_cursor"].(string)
	a.want(t, http.StatusOK, fmt.Sprintf(`{"items":[{%s},{%s}],"next_cursor":%q}`, info(3, ""), info(2, "ticket 2"), cursor))
	next := r.do("viewer", http.MethodGet, "/v1/revisions?limit=1&cursor="+cursor, "")
	cursor, _ = parsed(t, next.body).(map[string]any)["next_cursor"].(string)
	next.want(t, http.StatusOK, fmt.Sprintf(`{"items":[{%s}],"next_cursor":%q}`, info(1, "ticket 1"), cursor))

	entry := func(label string, version int) string {
		return fmt.Sprintf(`{"id":%q,"pattern":"+16505550123","label":%q,"source":"","lines":[],"enabled":true,"min_attestation":"none","note":"",
			"created_at":%q,"created_by":"editor","updated_at":%q,"hits":0,"version":%d}`, id, label, at, at, version)
	}
	r.do("viewer", http.MethodGet, fmt.Sprintf("/v1/revisions/%d", first+2), "").want(t, http.StatusOK, fmt.Sprintf(
		`{%s,"items":[{"revision":%d,"kind":"entry","key":%q,"op":"update","before":%s,"after":%s}],"next_cursor":""}`,
		info(2, "ticket 2"), first+2, id, entry("", 1), entry("Meta", 2)))
	for _, n := range []string{"0", "99", "18446744073709551615"} {
		r.do("viewer", http.MethodGet, "/v1/revisions/"+n, "").wantProblem(t, http.StatusNotFound, "there is no such thing, or no longer")
	}
	if a := r.do("viewer", http.MethodGet, "/v1/revisions/first", ""); a.status != http.StatusUnprocessableEntity {
		t.Errorf("revision first: %d %s", a.status, a.body)
	}
}

func TestDiff(t *testing.T) {
	r := newRig(t)
	steps := []string{
		"entries: [{pattern: +16505550123}]",
		"lines: [{name: a}]\nentries: [{pattern: +16505550123, label: Meta}]",
		"entries: [{pattern: +1650556*}]",
	}
	revisions := []uint64{r.board.Snapshot().Revision}
	for _, document := range steps {
		revisions = append(revisions, r.applying("?prune=true", document).counts(t).Revision)
	}
	for _, tt := range []struct {
		from, to int // -1: left out
		want     []string
	}{
		{0, 1, []string{"create +16505550123"}},
		{0, 2, []string{"create a", "create +16505550123 Meta"}},
		{0, -1, []string{"create +1650556*"}},
		{1, 2, []string{"create a", "update +16505550123 Meta"}},
		{2, 1, []string{"delete a", "update +16505550123"}},
		{3, 1, []string{"create +16505550123", "delete +1650556*"}},
		{2, 2, []string{}},
		{3, -1, []string{}},
	} {
		target := fmt.Sprintf("/v1/revisions/%d/diff", revisions[tt.from])
		if tt.to >= 0 {
			target += fmt.Sprintf("?to=%d", revisions[tt.to])
		}
		got := []string{}
		for _, c := range r.do("viewer", http.MethodGet, target, "").counts(t).Changes {
			line := string(c.Op) + " " + c.Key
			if after, _ := c.After.(map[string]any); after != nil && after["label"] != nil && after["label"] != "" {
				line += fmt.Sprint(" ", after["label"])
			}
			got = append(got, line)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", target, diff)
		}
	}
	last := revisions[len(revisions)-1]
	r.do("viewer", http.MethodGet, fmt.Sprintf("/v1/revisions/1/diff?to=%d", last+1), "").wantProblem(t, http.StatusNotFound, fmt.Sprintf("there is no revision %d: the last one is %d", last+1, last))
	r.do("viewer", http.MethodGet, "/v1/revisions/1/diff?to=now", "").wantProblem(t, http.StatusUnprocessableEntity, badFields, "to", "must be the number of a revision")
}

func TestRestore(t *testing.T) {
	r := newRig(t)
	r.line()
	r.entry("+16505550123", "support-us")
	r.call("+16505550123", "one") // a hit
	then := r.board.Snapshot().Revision
	was := r.exporting("json")
	r.do("editor", http.MethodPatch, "/v1/entries/+16505550123", `{"label":"Meta","pattern":"+16505550124"}`)
	r.importing("?mode=replace", "pattern\n+16505550123\n").counts(t)
	r.do("editor", http.MethodPut, "/v1/lines/support-us", `{"numbers":["+18005550100"],"announce":"another"}`)
	r.do("editor", http.MethodPut, "/v1/lines/more", `{}`)

	target := fmt.Sprintf("/v1/revisions/%d/restore", then)
	r.do("editor", http.MethodPost, target, "").wantProblem(t, http.StatusForbidden, "the token's role is editor, and this needs admin")
	now := r.board.Snapshot().Revision
	if got := r.do("admin", http.MethodPost, target+"?dry_run=true", "").counts(t); got.Created != 1 || got.Updated != 1 || got.Deleted != 2 || r.board.Snapshot().Revision != now {
		t.Errorf("dry run: %+v", got)
	}
	if got := r.do("admin", http.MethodPost, target+"?note=the+wrong+file", "").counts(t); got.Revision != now+1 {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff(was, r.exporting("json")); diff != "" {
		t.Errorf("the export (-then +now):\n%s", diff)
	}
	if e := r.stored("+16505550123"); e.ID != "+16505550123" {
		t.Errorf("the entry has come back as %+v", e)
	}
	if info, err := r.store.RevisionInfo(t.Context(), now+1); err != nil || info.Note != fmt.Sprintf("restored revision %d: the wrong file", then) || info.Author != "admin" {
		t.Errorf("history says %+v, %v", info, err)
	}
	if got := r.do("admin", http.MethodPost, target, "").counts(t); got.Revision != now+1 || len(got.Changes) != 0 {
		t.Errorf("once more: %+v", got)
	}
	if got := r.do("admin", http.MethodPost, "/v1/revisions/0/restore", "").counts(t); got.Deleted != 2 || r.board.Snapshot().List.Len() != 0 {
		t.Errorf("to nothing: %+v", got)
	}
	r.do("admin", http.MethodPost, "/v1/revisions/99/restore", "").wantProblem(t, http.StatusNotFound, fmt.Sprintf("there is no revision 99: the last one is %d", now+2))
}

// Whoever has seen a version of what was deleted must not take it for what
// has come back.
func TestRestoreGoesOnWithVersions(t *testing.T) {
	r := newRig(t)
	r.line()
	r.entry("+16505550123")
	r.call("+16505550123", "one")
	r.do("editor", http.MethodPatch, "/v1/entries/+16505550123", `{"label":"Meta"}`)
	was := r.stored("+16505550123")
	then := r.board.Snapshot().Revision
	r.do("editor", http.MethodPatch, "/v1/entries/+16505550123", `{"label":"Meta 2"}`)
	r.do("editor", http.MethodDelete, "/v1/entries/+16505550123", "")
	r.do("editor", http.MethodDelete, "/v1/lines/support-us", "")
	r.do("admin", http.MethodPost, fmt.Sprintf("/v1/revisions/%d/restore", then), "").counts(t)
	is := r.stored("+16505550123")
	if is.Hits != 1 || !is.LastHitAt.Equal(was.LastHitAt) || !is.CreatedAt.Equal(was.CreatedAt) || is.CreatedBy != was.CreatedBy {
		t.Errorf("was %+v, is %+v", was, is)
	}
	if is.Version <= was.Version+1 {
		t.Errorf("version %d again, after %d", is.Version, was.Version+1)
	}
	line, err := r.board.Store().Line(t.Context(), "support-us")
	if err != nil || line.Version < 2 {
		t.Errorf("the line has version %d again, %v", line.Version, err)
	}
}

// What changes is taken back; hits, windows and tokens are not.
func TestRestoreLeavesTheRest(t *testing.T) {
	r := newRig(t)
	r.line()
	r.entry("+16505550123")
	then := r.board.Snapshot().Revision
	r.call("+16505550123", "one")
	r.do("editor", http.MethodPatch, "/v1/entries/+16505550123", `{"label":"Meta"}`)
	window := r.do("editor", http.MethodPost, "/v1/windows?note=rehearsal", `{"line":"support-us","mode":"listed","duration":"15m"}`).id(t)
	r.do("admin", http.MethodPost, "/v1/tokens", `{"name":"new","role":"viewer"}`)
	tokens := len(r.board.Tokens())
	r.do("admin", http.MethodPost, fmt.Sprintf("/v1/revisions/%d/restore", then), "").counts(t)
	if e := r.stored("+16505550123"); e.Label != "" || e.Hits != 1 || e.Version != 3 {
		t.Errorf("the entry is %+v", e)
	}
	if live := r.board.Snapshot().Live("support-us"); len(live.Windows) != 1 || live.Windows[0].ID != window || len(r.board.Tokens()) != tokens {
		t.Errorf("windows %+v, %d tokens of %d", live.Windows, len(r.board.Tokens()), tokens)
	}
}
