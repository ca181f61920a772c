package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// importing sends a CSV file as an editor; query begins with a ? or is empty.
func (r *rig) importing(query, file string, header ...string) answer {
	r.t.Helper()
	return r.do("editor", http.MethodPost, "/v1/import"+query, file, append([]string{"Content-Type", "text/csv"}, header...)...)
}

// stored is the entry that has a pattern.
func (r *rig) stored(pattern string) ani.Entry {
	r.t.Helper()
	p, err := ani.ParsePattern(pattern)
	if err != nil {
		r.t.Fatal(err)
	}
	e, err := r.store.EntryByPattern(r.t.Context(), p)
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

// counts are what a bulk edit says that it has done.
func (a answer) counts(t testing.TB) bulkResult {
	t.Helper()
	var got bulkResult
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != http.StatusOK {
		t.Fatalf("%d %v: %s", a.status, err, a.body)
	}
	return got
}

func TestImportMerges(t *testing.T) {
	r := newRig(t)
	r.line()
	r.entry("+16505550123", "support-us")
	r.entry("+16505550124")
	r.entry("+1650556*")
	r.call("+16505550123", "one") // a hit
	before := r.board.Snapshot().Revision
	file := "pattern,label,lines\n+16505550123,Meta call 1,support-us\n+1650556*,,\n\"+16505550200-+16505550299\",\"Meta, all\",\n"
	for _, dry := range []bool{true, false} {
		revision := before
		if !dry {
			revision++
		}
		r.importing(fmt.Sprintf("?dry_run=%t&note=ticket+4711", dry), file).want(t, http.StatusOK, fmt.Sprintf(`{
			"revision":%d,"dry_run":%t,"created":1,"updated":1,"deleted":0,"unchanged":1,"changes_left_out":0,"changes":[
			{"op":"update","kind":"entry","key":"+16505550123",
				"before":{"pattern":"+16505550123","label":"","source":"","lines":["support-us"],"enabled":true,"min_attestation":"none","note":""},
				"after":{"pattern":"+16505550123","label":"Meta call 1","source":"","lines":["support-us"],"enabled":true,"min_attestation":"none","note":""}},
			{"op":"create","kind":"entry","key":"+16505550200-+16505550299",
				"after":{"pattern":"+16505550200-+16505550299","label":"Meta, all","source":"","lines":[],"enabled":true,"min_attestation":"none","note":""}}]}`, revision, dry))
		if got := r.board.Snapshot().Revision; got != revision {
			t.Errorf("dry run %t: revision %d serves, want %d", dry, got, revision)
		}
	}
	if e := r.stored("+16505550123"); e.ID != "+16505550123" || e.Hits != 1 || e.Version != 2 || e.Label != "Meta call 1" {
		t.Errorf("the entry that was changed is %+v", e)
	}
	if info, err := r.store.RevisionInfo(t.Context(), before+1); err != nil || info.Note != "ticket 4711" || info.Author != "editor" || info.From != "192.0.2.7" || info.Changes != 2 {
		t.Errorf("history says %+v, %v", info, err)
	}
	r.importing("", file).want(t, http.StatusOK, fmt.Sprintf(
		`{"revision":%d,"dry_run":false,"created":0,"updated":0,"deleted":0,"unchanged":3,"changes_left_out":0,"changes":[]}`, before+1))
	if got := r.board.Snapshot().Revision; got != before+1 {
		t.Errorf("an import that changes nothing made revision %d", got)
	}
}

func TestImportReplaces(t *testing.T) {
	r := newRig(t)
	r.entry("+16505550123")
	r.entry("+16505550124")
	r.entry("+1650556*")
	got := r.importing("?mode=replace", "pattern\n+16505550124\n+16505550125\n").counts(t)
	want := map[string]store.Op{"+16505550123": store.OpDelete, "+1650556*": store.OpDelete, "+16505550125": store.OpCreate}
	ops := map[string]store.Op{}
	for _, c := range got.Changes {
		ops[c.Key] = c.Op
	}
	if diff := cmp.Diff(want, ops); diff != "" || got.Created != 1 || got.Deleted != 2 || got.Unchanged != 1 || r.board.Snapshot().List.Len() != 2 {
		t.Errorf("%+v; changes (-want +got):\n%s", got, diff)
	}
}

func TestAnEmptyFileReplacesNothing(t *testing.T) {
	r := newRig(t)
	r.importing("?mode=replace", "pattern\n").want(t, http.StatusOK, `{"revision":4,"dry_run":false,"created":0,"updated":0,"deleted":0,"unchanged":0,"changes_left_out":0,"changes":[]}`)
	r.entry("+16505550123")
	r.importing("?mode=replace", "pattern\n").wantProblem(t, http.StatusUnprocessableEntity, badFields, "file",
		"has no rows, and every entry would be deleted: is it the right file? To empty the list on purpose, restore revision 0")
	if r.board.Snapshot().List.Len() != 1 {
		t.Error("a file without rows has deleted something")
	}
}

func TestImportNamesEveryBadRow(t *testing.T) {
	r := newRig(t)
	r.line()
	revision := r.board.Snapshot().Revision
	r.importing("", strings.Join([]string{
		"pattern,label,lines,expires_at,enabled",
		"+16505550123,,,,",
		"16505550124,,,,",
		"+1650*,,support-us nowhere,tomorrow,perhaps",
		"+1 650 555 0123,,,,",
		"+16505550125,,",
	}, "\n")).wantProblem(t, http.StatusUnprocessableEntity, badFields,
		"line 3, pattern", "has no + before it, so it may lack its country code: write + and the country code, as in +16505550123; a spreadsheet keeps the + where the column is formatted as text",
		"line 4, pattern", "is too broad: write 6 digits or more before the *, country code included",
		"line 4, expires_at", "must be a time such as 2026-01-31T18:00:00Z or 2026-01-31T18:00:00+01:00, or in UTC 2026-01-31 18:00 or 2026-01-31",
		"line 4, enabled", "must be true or false",
		"line 4, lines", `names "nowhere", but there is no such line: make the line first, or mend its name`,
		"line 5, pattern", "is +16505550123, as in line 2: give the entry once",
		"line 6, row", "has 3 cells, but the header has 5: write every cell, empty ones too, and quotes round those with a separator in them",
	)
	if r.board.Snapshot().Revision != revision || r.board.Snapshot().List.Len() != 0 {
		t.Error("something was changed")
	}
}

func TestImportListsAThousandProblemsAndChanges(t *testing.T) {
	r := newRig(t)
	var bad, good strings.Builder
	bad.WriteString("pattern\n")
	good.WriteString("pattern\n")
	for i := range 1234 {
		fmt.Fprintf(&bad, "nobody %d\n", i)
		fmt.Fprintf(&good, "+4420794%05d\n", i)
	}
	var p Problem
	if err := json.Unmarshal([]byte(r.importing("", bad.String()).body), &p); err != nil {
		t.Fatal(err)
	}
	if len(p.Errors) != 1001 || p.Errors[999].Field != "line 1001, pattern" || p.Errors[1000] != (FieldProblem{"file", "has 234 more problems, which are not listed"}) {
		t.Errorf("%d problems, the last %+v", len(p.Errors), p.Errors[len(p.Errors)-1])
	}
	got := r.importing("", good.String()).counts(t)
	if got.Created != 1234 || len(got.Changes) != 1000 || got.ChangesLeftOut != 234 {
		t.Errorf("created %d, listed %d, left out %d", got.Created, len(got.Changes), got.ChangesLeftOut)
	}
}

func TestImportOfWhatIsNoFile(t *testing.T) {
	r := newRig(t)
	for name, body := range map[string]string{"nothing": "", "no header": "+16505550123\n", "UTF-16": "\xff\xfep\x00", "a zip": "PK\x03\x04\x00"} {
		if a := r.importing("", body); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	r.do("viewer", http.MethodPost, "/v1/import", "pattern\n").want(t, http.StatusForbidden, `{"type":"about:blank","title":"Forbidden","status":403,"detail":"the token's role is viewer, and this needs editor"}`)
	r.importing("?mode=all&note="+strings.Repeat("x", 1001), "pattern\n").wantProblem(t, http.StatusUnprocessableEntity, badFields, "note", "is too long: at most 1000 bytes")
	r.importing("?mode=all", "pattern\n").wantProblem(t, http.StatusUnprocessableEntity, badFields, "mode", `must be one of "merge, replace"`)
	r.importing("?dryrun=true", "pattern\n").wantProblem(t, http.StatusUnprocessableEntity, badFields, "dryrun", "is not known here: leave it out")
}

func TestBodyThatIsTooLarge(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("12345"))
	for _, length := range []int64{5, -1} {
		r.ContentLength = length
		_, err := spool(scratch(t.TempDir()), r, newPatient(httptest.NewRecorder()), 4)
		if p := problemOf(err); p.Status != http.StatusRequestEntityTooLarge {
			t.Errorf("length %d: %v", length, p)
		}
	}
}

// A client may be told how far the import is.
func TestImportInLines(t *testing.T) {
	r := newRig(t)
	lines := func(file string) []map[string]any {
		a := r.importing("", file, "Accept", "application/json;q=0.5, application/x-ndjson")
		if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/x-ndjson" {
			t.Fatalf("%d %s", a.status, a.header.Get("Content-Type"))
		}
		var all []map[string]any
		for line := range strings.Lines(a.body) {
			v, _ := parsed(t, line).(map[string]any)
			all = append(all, v)
		}
		return all
	}
	good := lines("pattern\n+16505550123\n")
	for _, l := range good[:len(good)-1] {
		p, _ := l["progress"].(map[string]any)
		if phase := p["phase"]; phase != "reading" && phase != "comparing" && phase != "writing" {
			t.Errorf("progress %v", l)
		}
	}
	result, _ := good[len(good)-1]["result"].(map[string]any)
	if len(good) < 2 || result["created"] != 1.0 || result["revision"] != float64(r.board.Snapshot().Revision) {
		t.Errorf("the lines are %v", good)
	}
	bad := lines("pattern\nnobody\n")
	problem, _ := bad[len(bad)-1]["problem"].(map[string]any)
	if problem["status"] != 422.0 || !strings.Contains(fmt.Sprint(problem["errors"]), "line 2, pattern") {
		t.Errorf("the lines are %v", bad)
	}
}

// rival does something else whenever entries are compared.
type rival struct {
	store.Store
	act  func()
	seen func(context.Context) // told of the context of the import
}

func (s *rival) EntriesByPattern(ctx context.Context, patterns []ani.Pattern) ([]ani.Entry, error) {
	found, err := s.Store.EntriesByPattern(ctx, patterns)
	if s.seen != nil {
		s.seen(ctx)
	}
	if act := s.act; act != nil {
		s.act = nil
		act()
	}
	return found, err
}

// What somebody else does while a file is being compared is not undone.
func TestBulkEditsThatLoseARace(t *testing.T) {
	const document = `{"entries":[{"pattern":"+16505550123","label":"ours"},{"pattern":"+16505550124"}]}`
	edits := map[string]func(r *rig) answer{
		"import again": func(r *rig) answer {
			return r.importing("?mode=replace", "pattern,label\n+16505550123,ours\n+16505550124,\n")
		},
		"apply again": func(r *rig) answer { return r.do("editor", http.MethodPost, "/v1/apply?prune=true", document) },
	}
	acts := map[string]func(r *rig){
		"an update of what is updated": func(r *rig) {
			r.do("editor", http.MethodPatch, "/v1/entries/+16505550123", `{"label":"theirs"}`).counts(r.t)
		},
		"a delete of what is updated": func(r *rig) { r.do("editor", http.MethodDelete, "/v1/entries/+16505550123", "") },
		"a create of what is created": func(r *rig) { r.entry("+16505550124") },
	}
	for again, edit := range edits {
		for name, act := range acts {
			t.Run(again+" after "+name, func(t *testing.T) {
				between := &rival{}
				r := newRigOn(t, func(s store.Store) store.Store { between.Store = s; return between })
				r.entry("+16505550123")
				r.entry("+16505550125")
				between.act = func() { act(r) }
				edit(r).wantProblem(t, http.StatusPreconditionFailed, "somebody else has edited meanwhile: nothing was changed, "+again)
				if e := r.stored("+16505550125"); e.Version != 1 {
					t.Errorf("what nobody edited is %+v", e)
				}
				if a := edit(r); a.status != http.StatusOK {
					t.Errorf("once more: %d %s", a.status, a.body)
				}
			})
		}
	}
}

// A client that goes away while its file is compared has changed nothing.
func TestImportOfAClientThatGoes(t *testing.T) {
	between := &rival{}
	r := newRigOn(t, func(s store.Store) store.Store { between.Store = s; return between })
	revision := r.board.Snapshot().Revision
	server := httptest.NewServer(r.http)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	noticed := make(chan struct{})
	between.seen = func(ctx context.Context) {
		leave()
		<-ctx.Done() // the server notices
		close(noticed)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/v1/import", strings.NewReader("pattern\n+16505550123\n"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer editor")
	if resp, err := (&http.Client{}).Do(req); err == nil {
		_ = resp.Body.Close()
		t.Errorf("the answer is %s", resp.Status)
	}
	<-noticed
	server.Close() // waits until the import is over
	if got := r.board.Snapshot().Revision; got != revision {
		t.Errorf("it made revision %d", got)
	}
}

func TestScratchIsCleared(t *testing.T) {
	dir := t.TempDir() + "/scratch"
	s, err := newScratch(dir)
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.file()
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	_ = f.Close()
	if _, err := newScratch(dir); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
	r := newRig(t)
	r.s.scratch = scratch(dir)
	r.importing("", "pattern\n+16505550123\n").counts(t)
	r.importing("", "pattern\nnobody\n")
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%d files are left of imports, %v", len(left), err)
	}
	r.s.scratch = scratch(dir + "/missing")
	r.importing("", "pattern\n").wantProblem(t, http.StatusServiceUnavailable, "there is no room for temporary files on the server, so nothing was changed")
	r.s.scratch = scratch(dir)
	if strings.Contains(r.log.String(), "+1650") {
		t.Errorf("the log has a number: %s", r.log)
	}
}
