package console

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/ringthrough/ringthrough/flow/store"
)

const (
	// shownChanges is how many changes a preview shows, and shownRows how
	// many bad rows.
	shownChanges = 20
	shownRows    = 200
)

func (c *Console) serveImport(mux *http.ServeMux) {
	c.page(mux, "GET /numbers/import", store.RoleEditor, (*visit).importPage)
	c.page(mux, "POST /numbers/import", store.RoleEditor, (*visit).takeFile)
	c.page(mux, "POST /numbers/import/now", store.RoleEditor, (*visit).importNow)
	c.page(mux, "GET /numbers/export.csv", store.RoleViewer, func(v *visit) error { return v.export("csv") })
	c.page(mux, "GET /numbers/export.yaml", store.RoleViewer, func(v *visit) error { return v.export("yaml") })
}

// importView is a file, and what it would change.
type importView struct {
	File    *upload
	Done    bulkDone
	Stale   bool         // the list has changed since the last preview
	Rows    []fieldError // that can't be taken
	MoreBad int          // rows that can't be taken either, and are not shown
}

func (v *visit) importPage() error {
	if id := v.r.URL.Query().Get("file"); id != "" {
		return v.preview(id, false)
	}
	return v.show("import.html", v.importSheet())
}

func (v *visit) importSheet() sheet { return sheet{Title: "Import numbers", Here: "/numbers"} }

// noFile asks for a file, and says why there is none.
func (v *visit) noFile(status int, why string) error {
	s := v.importSheet()
	s.Bad = &refusal{Status: status, Detail: why}
	return v.showAs(status, "import.html", s)
}

// takeFile keeps the file that was sent and goes on to its preview, which a
// reload then shows once more.
func (v *visit) takeFile() error {
	v.patiently()
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxUpload+maxForm)
	parts, err := v.r.MultipartReader()
	if err != nil {
		return v.noFile(http.StatusUnprocessableEntity, "Choose the file to import.")
	}
	up, f, err := v.uploads.create(v.who.Session)
	if err != nil {
		return err
	}
	err = readUpload(parts, up, f)
	if err = errors.Join(err, f.Close()); err == nil {
		http.Redirect(v.w, v.r, "/numbers/import?file="+up.ID, http.StatusSeeOther)
		return nil
	}
	v.uploads.remove(up)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) || errors.Is(err, errTooLarge) {
		return v.noFile(http.StatusRequestEntityTooLarge, fmt.Sprintf("The file is too large: at most %d MiB can be imported here. For more there is “ringthrough entry import”.", maxUpload>>20))
	}
	if why := (*refusal)(nil); errors.As(err, &why) {
		return v.noFile(why.Status, why.Detail)
	}
	return err
}

// readUpload reads the parts of a form as they come; the file goes to disk.
func readUpload(parts *multipart.Reader, up *upload, f *os.File) error {
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return brokenOff(err)
		}
		if err := up.take(part, f); err != nil {
			return brokenOff(err)
		}
	}
	if up.Name == "" {
		return &refusal{Status: http.StatusUnprocessableEntity, Detail: "Choose the file to import."}
	}
	return nil
}

// brokenOff tells a form that ended early from a file that is too large, or
// that the disk has no room for.
func brokenOff(err error) error {
	if wrong := (*os.PathError)(nil); errors.As(err, &wrong) || errors.Is(err, errTooLarge) || statusOf(err) != 0 {
		return err
	}
	return errors.Join(err, &refusal{Status: http.StatusBadRequest, Detail: "The file broke off before its end, so nothing was done. Try again."})
}

func (up *upload) take(part *multipart.Part, f *os.File) error {
	if name := part.FileName(); name != "" && up.Name != "" {
		return &refusal{Status: http.StatusUnprocessableEntity, Detail: "Choose one file, not several: nothing was done."}
	} else if name != "" {
		up.Name = name
		return fill(f, part)
	}
	text, err := io.ReadAll(io.LimitReader(part, maxForm))
	switch part.FormName() {
	case "mode":
		up.Mode = string(text)
	case "why":
		up.Why = strings.TrimSpace(string(text))
	}
	return err
}

// importOf asks the API to import a file, or to say what that would change.
func (v *visit) importOf(up *upload, file io.Reader, dry bool) (bulkDone, error) {
	v.patiently()
	q := url.Values{"mode": {cmp.Or(up.Mode, "merge")}, "dry_run": {strconv.FormatBool(dry)}}
	if up.Why != "" {
		q.Set("note", up.Why)
	}
	var done bulkDone
	err := v.ask(question{method: http.MethodPost, path: "/v1/import", query: q, body: file, wait: bulkWait}, &done)
	return done, err
}

// preview shows what a file would change, or the rows that can't be taken.
func (v *visit) preview(id string, stale bool) error {
	up, file := v.uploads.open(id, v.who.Session)
	if up == nil {
		return v.noFile(http.StatusGone, "This file is no longer here: it is kept for 15 minutes, and until it is imported. Choose it again.")
	}
	defer file.Close()
	done, err := v.importOf(up, file, true)
	view := importView{File: up, Done: done, Stale: stale}
	s := v.importSheet()
	if why := refusedBy(err); why != nil {
		view.Rows = why.Errors
		if over := len(view.Rows) - shownRows; over > 0 {
			view.Rows, view.MoreBad = view.Rows[:shownRows], over
		}
		s.Bad, s.Data = why, view
		return v.showAs(why.Status, "import-bad.html", s)
	}
	if err == nil {
		err = view.Done.shorten(shownChanges)
	}
	if err != nil {
		return err
	}
	s.Data = view
	if stale {
		return v.showAs(http.StatusPreconditionFailed, "import-preview.html", s)
	}
	return v.show("import-preview.html", s)
}

// importNow imports a file that was previewed. Where the list has changed
// since then, it shows what the file would change now instead.
func (v *visit) importNow() error {
	form, err := v.sent()
	if err != nil {
		return err
	}
	id := form.Get("file")
	if form.Get("revision") != strconv.FormatUint(v.board.Snapshot().Revision, 10) {
		return v.preview(id, true)
	}
	up, file := v.uploads.open(id, v.who.Session)
	if up == nil {
		return v.preview(id, false)
	}
	defer file.Close()
	done, err := v.importOf(up, file, false)
	if statusOf(err) == http.StatusPreconditionFailed || statusOf(err) == http.StatusUnprocessableEntity {
		return v.preview(id, true)
	}
	if err != nil {
		return err
	}
	v.uploads.remove(up)
	return v.done("/numbers", up.Name+" is imported: "+done.Sentence()+".")
}
