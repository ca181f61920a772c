package console_test

import (
	"bytes"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/server"
	"github.com/ringthrough/ringthrough/flow/server/console"
	"github.com/ringthrough/ringthrough/flow/store"
)

// upload sends a file by the import form, as a browser does.
func (v *visitor) upload(file string, fields ...string) page {
	v.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		_ = form.WriteField(fields[i], fields[i+1]) // a buffer takes everything
	}
	part, _ := form.CreateFormFile("file", "numbers.csv")
	_, _ = part.Write([]byte(file))
	_ = form.Close()
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.url+"/numbers/import", &body)
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	maps.Copy(r.Header, v.header)
	return v.do(r)
}

const twoNumbers = "pattern,label\n+442079460001,Meta call 2\n+16505550123,New name\n"

func TestImportIsPreviewedThenDone(t *testing.T) {
	r := newRig(t).withLine()
	before := r.board.Snapshot().Revision
	v := r.visitor("editor")
	v.get("/numbers/import").is(t, http.StatusOK).shows(t, `type="file"`, "data-drop", `enctype="multipart/form-data"`)
	p := v.upload(twoNumbers, "mode", "merge", "why", "ticket 9").is(t, http.StatusOK)
	p.shows(t, "1 added, 1 changed", "+442079460001", "Meta call 1", "becomes", "New name", "Import now", "numbers.csv")
	if r.board.Snapshot().Revision != before {
		t.Fatal("the preview has changed the list")
	}
	v.get(p.path).shows(t, "1 added, 1 changed")
	done := v.post("/numbers/import/now", "file", p.value(t, "file"), "revision", p.value(t, "revision")).is(t, http.StatusOK)
	done.shows(t, "numbers.csv is imported: 1 added, 1 changed", "New name")
	if r.entry("entry-1").Label != "New name" || r.lastRevision().Note != "ticket 9" {
		t.Errorf("kept %+v, because %q", r.entry("entry-1"), r.lastRevision().Note)
	}
	again := v.post("/numbers/import/now", "file", p.value(t, "file"), "revision", fmt.Sprint(r.board.Snapshot().Revision))
	again.is(t, http.StatusGone).shows(t, "no longer here", "/numbers/import")
}

func TestImportThatReplacesSaysWhatItDeletes(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	p := v.upload("pattern\n+442079460001\n", "mode", "replace").is(t, http.StatusOK)
	p.shows(t, "1 added, 1 deleted", "1 number is deleted", "+16505550123")
	v.post("/numbers/import/now", "file", p.value(t, "file"), "revision", p.value(t, "revision")).is(t, http.StatusOK)
	if n := r.board.Snapshot().List.Len(); n != 1 {
		t.Errorf("%d numbers on the list, want 1", n)
	}
}

func TestImportOfWhatIsThereOffersNothing(t *testing.T) {
	r := newRig(t).withLine()
	p := r.visitor("editor").upload("pattern,label\n+16505550123,Meta call 1\n").is(t, http.StatusOK)
	p.shows(t, "1 as before", "nothing to import")
	p.lacks(t, "Import now")
}

func TestImportOfAListThatHasChangedMeanwhileIsPreviewedAnew(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	p := v.upload(twoNumbers)
	r.rename("Theirs")
	fresh := v.post("/numbers/import/now", "file", p.value(t, "file"), "revision", p.value(t, "revision")).is(t, http.StatusPreconditionFailed)
	fresh.shows(t, "has changed since you looked", "Theirs", "Import now")
	if r.entry("entry-1").Label != "Theirs" {
		t.Error("it was imported all the same")
	}
	v.post("/numbers/import/now", "file", fresh.value(t, "file"), "revision", fresh.value(t, "revision")).is(t, http.StatusOK).shows(t, "is imported")
}

func TestFilesThatCannotBeImported(t *testing.T) {
	for _, c := range []struct {
		name, file string
		status     int
		says       []string
	}{
		{"bad rows", "pattern,lines\n+16505550123,support-us\nnobody,support-us\n+442079460001,nowhere\n", http.StatusUnprocessableEntity, []string{"line 3, pattern", "is no number", "line 4, lines", "nowhere"}},
		{"markup", "pattern,label\n" + `"` + strings.ReplaceAll(markup, `"`, `""`) + `",x` + "\n", http.StatusUnprocessableEntity, []string{"line 2, pattern"}},
		{"another table", "colour,size\nred,1\n", http.StatusUnprocessableEntity, []string{"can’t be imported"}},
		{"empty", "", http.StatusUnprocessableEntity, []string{"can’t be imported"}},
		{"no text", "\x00\x01\x02\xff\xfe", http.StatusUnprocessableEntity, []string{"can’t be imported"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t).withLine()
			before := r.board.Snapshot().Revision
			p := r.visitor("editor").upload(c.file).is(t, c.status)
			p.shows(t, append(c.says, "Nothing was changed", "Choose the file again")...)
			p.lacks(t, "Import now", "<script>alert", "<img")
			if r.board.Snapshot().Revision != before {
				t.Error("the list has changed")
			}
		})
	}
}

func TestImportWithoutAFile(t *testing.T) {
	r := newRig(t)
	v := r.visitor("editor")
	v.post("/numbers/import").is(t, http.StatusUnprocessableEntity).shows(t, "Choose the file to import", `type="file"`)
	r2, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.url+"/numbers/import", strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\npattern\n"))
	if err != nil {
		t.Fatal(err)
	}
	r2.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	v.do(r2).is(t, http.StatusBadRequest).shows(t, "broke off before its end")
}

func TestImportOfSeveralFiles(t *testing.T) {
	r := newRig(t)
	part := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\npattern\n\r\n"
	v := r.visitor("editor")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, v.url+"/numbers/import", strings.NewReader(part+part+"--x--\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	v.do(request).is(t, http.StatusUnprocessableEntity).shows(t, "one file, not several")
}

func TestImportPreviewShowsMarkupAsText(t *testing.T) {
	r := newRig(t).withLine()
	p := r.visitor("editor").upload("pattern,label,note\n+442079460001,"+`"`+strings.ReplaceAll(markup, `"`, `""`)+`"`+",\n").is(t, http.StatusOK)
	p.shows(t, "&lt;script&gt;alert(1)")
	p.lacks(t, "<script>alert", "<img")
}

func TestImportsAreGuarded(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	p := v.upload(twoNumbers)
	file, revision := p.value(t, "file"), p.value(t, "revision")
	refuses := func(name string, p page, status int) {
		t.Helper()
		p.is(t, status)
		if r.entry("entry-1").Label != "Meta call 1" {
			t.Fatalf("%s imports", name)
		}
	}
	refuses("a colleague's session", r.visitor("editor").post("/numbers/import/now", "file", file, "revision", revision), http.StatusGone)
	r.visitor("admin").get("/numbers/import?file="+file).is(t, http.StatusGone).lacks(t, "New name")
	refuses("a viewer", r.visitor("viewer").post("/numbers/import/now", "file", file, "revision", revision), http.StatusForbidden)
	r.visitor("viewer").get("/numbers/import").is(t, http.StatusForbidden)
	refuses("a viewer's file", r.visitor("viewer").upload(twoNumbers), http.StatusForbidden)
	v.header.Set("Sec-Fetch-Site", "cross-site")
	refuses("another site", v.post("/numbers/import/now", "file", file, "revision", revision), http.StatusForbidden)
	refuses("another site's file", v.upload(twoNumbers), http.StatusForbidden)
	v.header.Del("Sec-Fetch-Site")
	r.forward(3 * time.Hour)
	refuses("an old session", v.post("/numbers/import/now", "file", file, "revision", revision), http.StatusUnauthorized)
	lost := v.upload(twoNumbers).is(t, http.StatusUnauthorized)
	lost.shows(t, "choose it again afterwards")
	again := v.post("/sign-in", "token", "editor", "kept_path", "/numbers/import", "kept_body", "")
	again.is(t, http.StatusOK).shows(t, "Send it now")
	v.post("/numbers/import").shows(t, "Choose the file to import")
}

func TestFilesAreRemoved(t *testing.T) {
	r := newRig(t).withLine()
	waiting := func() int {
		t.Helper()
		found, err := filepath.Glob(filepath.Join(r.files, "ringthrough-*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(found)
	}
	v := r.visitor("editor")
	v.upload(twoNumbers)
	p := v.upload(twoNumbers)
	if waiting() != 1 {
		t.Errorf("%d files of one session are kept, want its last one", waiting())
	}
	r.forward(15 * time.Minute)
	v.get(p.path).is(t, http.StatusGone).shows(t, "no longer here")
	if waiting() != 0 {
		t.Error("a file is kept past its time")
	}
	v.upload("pattern\nnobody\n")
	v.upload("")
	p = v.upload(twoNumbers)
	v.post("/numbers/import/now", "file", p.value(t, "file"), "revision", p.value(t, "revision")).is(t, http.StatusOK)
	if waiting() != 0 {
		t.Error("a file is kept after it was imported")
	}
	for i := range 8 {
		r.visitor("editor").upload(twoNumbers).is(t, http.StatusOK)
		if waiting() != i+1 {
			t.Fatalf("%d files, want %d", waiting(), i+1)
		}
	}
	r.visitor("editor").upload(twoNumbers).is(t, http.StatusServiceUnavailable).shows(t, "Too many imports")
	if _, err := server.New(t.Context(), server.Options{Board: r.board, Scratch: r.files, Log: zerolog.Nop()}); err != nil {
		t.Fatal(err)
	}
	if waiting() != 0 {
		t.Error("a start leaves files of the last run")
	}
}

func TestExportThatIsRefusedIsAPage(t *testing.T) {
	r := newRig(t)
	c, err := console.New(console.Options{
		Board: r.board, Key: make([]byte, 32), Log: zerolog.Nop(), Draining: func() bool { return false }, Refused: func(*http.Request, string) {},
		API: func(_ store.Token, _ string, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = w.Write([]byte(`{"detail":"the store is away"}`))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	c.Serve(mux)
	listener := httptest.NewServer(mux)
	t.Cleanup(listener.Close)
	v := r.stranger()
	v.url = listener.URL
	v.post("/sign-in", "token", "viewer", "next", "/numbers/export.csv")
	p := v.get("/numbers/export.csv").is(t, http.StatusServiceUnavailable)
	p.shows(t, "the store is away", "<h1>")
	if d := p.header.Get("Content-Disposition"); d != "" {
		t.Errorf("Content-Disposition %q", d)
	}
}

func TestExportsAreFilesOfTheWholeList(t *testing.T) {
	r := newRig(t).withLine()
	r.lists(func(e *ani.Entry) { e.Label = "=formula" }, "+442079460001")
	v := r.visitor("viewer")
	csv := v.get("/numbers/export.csv").is(t, http.StatusOK)
	csv.shows(t, "+16505550123", "Meta call 1", "'=formula")
	if d := csv.header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename=ringthrough-") || !strings.HasSuffix(d, ".csv") {
		t.Errorf("Content-Disposition %q", d)
	}
	yaml := v.get("/numbers/export.yaml").is(t, http.StatusOK)
	yaml.shows(t, "support-us", "+16505550123")
	if d := yaml.header.Get("Content-Disposition"); !strings.HasSuffix(d, ".yaml") {
		t.Errorf("Content-Disposition %q", d)
	}
	r.visitor("editor").upload(csv.text, "mode", "replace").shows(t, "2 as before", "nothing to import")
}
