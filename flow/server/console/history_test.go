package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/flow/store"
)

func TestHistoryShowsWhatChanged(t *testing.T) {
	r := newRig(t).withLine()
	v := r.visitor("editor")
	v.post("/numbers/entry-1", "version", "1", "pattern", caller.String(), "label", "New "+markup, "why", "because "+markup, "expires", "at").is(t, http.StatusOK)
	n := r.board.Snapshot().Revision
	v = r.visitor("viewer")
	list := v.get("/history").is(t, http.StatusOK)
	list.shows(t, fmt.Sprintf(`href="/history/%d"`, n), "editor", "because &lt;script&gt;", "127.0.0.1")
	one := v.get(fmt.Sprintf("/history/%d", n)).is(t, http.StatusOK)
	one.shows(t, "changed", caller.String(), "Label", "Meta call 1", "becomes", "New &lt;script&gt;", "how everything is now")
	diff := v.get(fmt.Sprintf("/history/compare?from=%d&to=%d", n-1, n)).is(t, http.StatusOK)
	diff.shows(t, "Meta call 1", "becomes", "New &lt;script&gt;")
	back := v.get(fmt.Sprintf("/history/compare?from=%d&to=0", n)).is(t, http.StatusOK)
	back.shows(t, "deleted", "support-us")
	for _, p := range []page{list, one, diff} {
		p.lacks(t, "<script>alert", "<img", "restore")
	}
	v.get("/history/99999").is(t, http.StatusNotFound).shows(t, "no revision 99999")
	v.get("/history/x").is(t, http.StatusNotFound)
	v.get("/history/compare?from=1&to=99999").is(t, http.StatusNotFound)
	v.get(fmt.Sprintf("/history/compare?from=%d&to=%d", n, n)).shows(t, "the same in both")
}

func TestHistoryComesByPages(t *testing.T) {
	r := newRig(t).withLine()
	for i := range 60 {
		r.rename(fmt.Sprint("Name ", i))
	}
	p := r.visitor("viewer").get("/history").is(t, http.StatusOK)
	if rows := strings.Count(p.text, `<th scope="row">`); rows != 50 {
		t.Errorf("%d rows, want 50", rows)
	}
	p.shows(t, "50 older ones")
}

func TestRestoreIsPreviewedThenDone(t *testing.T) {
	r := newRig(t).withLine()
	good := r.board.Snapshot().Revision
	r.edit(store.Change{Op: store.OpDelete, Kind: store.KindEntry, Key: "entry-1"})
	path := fmt.Sprintf("/history/%d/restore", good)
	v := r.visitor("admin")
	v.get(fmt.Sprintf("/history/%d", good)).shows(t, path)
	p := v.get(path).is(t, http.StatusOK)
	p.shows(t, "Going back makes this change: 1 added", caller.String(), "Go back now")
	r.lists(nil, "+442079460001")
	stale := v.post(path, "revision", p.value(t, "revision")).is(t, http.StatusPreconditionFailed)
	stale.shows(t, "has changed since you looked", "1 added, 1 deleted")
	v.post(path, "revision", stale.value(t, "revision"), "why", "by mistake").is(t, http.StatusOK).shows(t, fmt.Sprintf("as they were at revision %d: 1 added, 1 deleted", good), "by mistake")
	if r.entry("entry-1").Label != "Meta call 1" {
		t.Error("it is not back")
	}
	v.get(path).shows(t, "nothing to change")
}

func TestRestoreIsGuarded(t *testing.T) {
	r := newRig(t).withLine()
	good := r.board.Snapshot().Revision
	r.edit(store.Change{Op: store.OpDelete, Kind: store.KindEntry, Key: "entry-1"})
	r.visitor("editor").get(fmt.Sprintf("/history/%d/restore", good)).is(t, http.StatusForbidden)
	guardsForm(t, r, "admin", "editor", fmt.Sprintf("/history/%d/restore", good), "revision", fmt.Sprint(r.board.Snapshot().Revision))
}
