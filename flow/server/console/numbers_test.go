package console_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// markup is what nobody's browser may take for a page's own.
const markup = `<script>alert(1)</script>"><img src=x onerror=alert(1)>`

// lists puts entries on the list, each by its pattern.
func (r *rig) lists(change func(*ani.Entry), patterns ...string) {
	r.t.Helper()
	changes := make([]store.Change, len(patterns))
	for i, pattern := range patterns {
		e := ani.NewEntry()
		var err error
		if e.Pattern, err = ani.ParsePattern(pattern); err != nil {
			r.t.Fatal(err)
		}
		e.ID = "id-" + strings.Trim(pattern, "+*")
		if change != nil {
			change(&e)
		}
		changes[i] = store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: e.ID, Entry: &e}
	}
	r.edit(changes...)
}

// entry is what is kept of an entry.
func (r *rig) entry(id string) ani.Entry {
	r.t.Helper()
	e, err := r.board.Store().Entry(r.t.Context(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return e
}

// lacks fails the test where the page has one of the texts.
func (p page) lacks(t testing.TB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(p.text, text) {
			t.Errorf("%s (%d) shows %q:\n%s", p.path, p.status, text, p.text)
		}
	}
}

// is fails the test where the page has another status.
func (p page) is(t testing.TB, status int) page {
	t.Helper()
	if p.status != status {
		t.Errorf("%s answers %d, want %d:\n%s", p.path, p.status, status, p.text)
	}
	return p
}

// value is the value of the first field of a form that is called name.
func (p page) value(t testing.TB, name string) string {
	t.Helper()
	found := regexp.MustCompile(`<input [^>]*name="` + name + `"[^>]*>`).FindString(p.text)
	value := regexp.MustCompile(` value="([^"]*)"`).FindStringSubmatch(found)
	if value == nil {
		t.Fatalf("%s has no field %s with a value:\n%s", p.path, name, p.text)
	}
	return value[1]
}

func TestNumbersAreFoundAndFiltered(t *testing.T) {
	r := newRig(t).withLine()
	r.lists(func(e *ani.Entry) { e.Label, e.Lines = "Meta, Dublin", []string{"support-us"} }, "+353155501*")
	r.lists(func(e *ani.Entry) { e.Enabled = false }, "+442071838750")
	r.lists(func(e *ani.Entry) { e.ExpiresAt = r.now().Add(time.Hour) }, "+442071838751")
	r.lists(func(e *ani.Entry) { e.NotBefore = r.now().Add(time.Hour) }, "+442071838752")
	for _, c := range []struct {
		name, query string
		has, hasNot []string
	}{
		{"all", "", []string{"+16505550123", "+353155501*", "never", "1 scheduled", "switched off", "every line"}, nil},
		{"part of a label, in another case", "?q=DUBLIN", []string{"+353155501*", "1 number<"}, []string{">+16505550123<"}},
		{"part of a number", "?q=83875", []string{"+442071838750", "3 numbers<"}, []string{"+353155501*"}},
		{"a state", "?state=disabled", []string{"+442071838750"}, []string{"+442071838751"}},
		{"a line, with what is for every line", "?line=support-us", []string{"+353155501*", "+442071838750"}, nil},
		{"nothing", "?q=nobody", []string{"No number matches"}, []string{"<tbody>"}},
		{"a form without script, with its empty fields", "?q=dublin&state=&line=", []string{"+353155501*"}, []string{"+442071838751"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := r.visitor("viewer").get("/numbers"+c.query).is(t, http.StatusOK)
			p.shows(t, c.has...)
			p.lacks(t, c.hasNot...)
		})
	}
	r.forward(2 * time.Hour)
	r.visitor("viewer").get("/numbers?state=expired").shows(t, "+442071838751", "1 expired", "0 scheduled")
}

func TestNumbersComeByPages(t *testing.T) {
	r := newRig(t)
	r.visitor("viewer").get("/numbers").shows(t, "The list is empty")
	var patterns []string
	for i := range 120 {
		patterns = append(patterns, fmt.Sprintf("+1650555%04d", i))
	}
	r.lists(nil, patterns...)
	v, next, seen := r.visitor("viewer"), "/numbers?q=555", 0
	for range 3 {
		p := v.get(next).is(t, http.StatusOK)
		rows := strings.Count(p.text, `<th scope="row">`)
		if seen += rows; rows > 50 {
			t.Errorf("%d rows on a page", rows)
		}
		if found := regexp.MustCompile(`href="(/numbers\?cursor=[^"]*)"`).FindStringSubmatch(p.text); found != nil {
			next = strings.ReplaceAll(found[1], "&amp;", "&")
		}
	}
	if seen != len(patterns) {
		t.Errorf("%d rows on all pages, want %d", seen, len(patterns))
	}
	v.get(next).shows(t, "To the beginning", `href="/numbers?q=555"`)
}

func TestNumbersSearchAsPart(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("viewer")
	v.header.Set("HX-Request", "true")
	p := v.get("/numbers?q=650").is(t, http.StatusOK)
	p.shows(t, "+16505550123", `hx-swap-oob="innerHTML:#numbers-found"`)
	p.lacks(t, "<html", "<nav")
	v.header.Set("HX-History-Restore-Request", "true")
	v.get("/numbers?q=650").shows(t, "<html")
}

func TestNumbersOfferWhatSomebodyMayDo(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("viewer")
	v.get("/numbers").lacks(t, "/numbers/new", "/numbers/import")
	v.get("/numbers/entry-1").lacks(t, `action="/numbers/`, "Delete")
	v.get("/numbers/new").is(t, http.StatusForbidden)
	r.visitor("editor").get("/numbers").shows(t, "/numbers/new", "/numbers/import")
}

func TestNumbersShowMarkupAsText(t *testing.T) {
	r := newRig(t).withLine()
	r.lists(func(e *ani.Entry) { e.Label, e.Source, e.Note = markup, markup, markup }, "+442079460001")
	for _, role := range []string{"viewer", "editor"} {
		for _, path := range []string{"/numbers", "/numbers?q=" + url.QueryEscape(markup), "/numbers/id-442079460001"} {
			p := r.visitor(role).get(path).is(t, http.StatusOK)
			p.shows(t, "&lt;script&gt;alert(1)")
			p.lacks(t, "<script>alert", "<img")
		}
	}
}

// htmlText is what an attribute says.
func htmlText(attribute string) string { return html.UnescapeString(attribute) }

func TestPagesOfALongListAreNoLarger(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	size := func(path string) int { return len(v.get(path).is(t, http.StatusOK).text) }
	numbers := func(from, to int) (patterns []string) {
		for i := from; i < to; i++ {
			patterns = append(patterns, fmt.Sprintf("+1650%07d", i))
		}
		return patterns
	}
	named := func(e *ani.Entry) { e.Label = "Meta call" }
	r.lists(named, numbers(1_000_000, 1_000_060)...)
	paths := []string{"/numbers", "/numbers?state=active", "/numbers?q=meta", "/history", "/numbers/entry-1"}
	few := map[string]int{}
	for _, path := range paths {
		few[path] = size(path)
	}
	r.lists(named, numbers(2_000_000, 2_100_000)...)
	for _, path := range paths {
		if many := size(path); many > few[path]+1024 {
			t.Errorf("%s has %d bytes with 100,000 numbers, %d with 60", path, many, few[path])
		}
	}
	if last := size(fmt.Sprintf("/history/%d", r.board.Snapshot().Revision)); last > 60_000 {
		t.Errorf("the page of an edit of 100,000 numbers has %d bytes", last)
	}
	file := "pattern\n" + strings.Join(numbers(3_000_000, 3_005_000), "\n")
	if p := v.upload(file); len(p.text) > 60_000 {
		t.Errorf("the preview of 5,000 changes has %d bytes", len(p.text))
	}
}
