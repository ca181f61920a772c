package console

import (
	"net/http"
	"net/url"
	"strconv"
)

// restoreView is what it would change to go back to a revision.
type restoreView struct {
	N     string
	Done  bulkDone
	Whole changes
	Stale bool // something has changed since the last preview
}

func (v *visit) restorePage() error { return v.showRestore(false) }

func (v *visit) showRestore(stale bool) error {
	n, err := v.revision()
	if err != nil {
		return err
	}
	done, err := v.restoring(n, url.Values{"dry_run": {"true"}})
	if err != nil {
		return noRevision(n, err)
	}
	if err := done.shorten(comparedChanges); err != nil {
		return err
	}
	s := sheet{Title: "Go back to revision " + n, Here: "/numbers", Data: restoreView{n, done, changes{done.Changes, done.LeftOut}, stale}}
	if stale {
		return v.showAs(http.StatusPreconditionFailed, "restore.html", s)
	}
	return v.show("restore.html", s)
}

func (v *visit) restoring(n string, query url.Values) (bulkDone, error) {
	v.patiently()
	var done bulkDone
	err := v.ask(question{method: http.MethodPost, path: "/v1/revisions/" + n + "/restore", query: query, wait: bulkWait}, &done)
	return done, err
}

// restore goes back to a revision whose preview was seen. Where something has
// changed since then, it shows what going back would change now instead.
func (v *visit) restore() error {
	form, err := v.sent()
	if err != nil {
		return err
	}
	n, err := v.revision()
	if err != nil {
		return err
	}
	if form.Get("revision") != strconv.FormatUint(v.board.Snapshot().Revision, 10) {
		return v.showRestore(true)
	}
	done, err := v.restoring(n, because(form))
	if statusOf(err) == http.StatusPreconditionFailed {
		return v.showRestore(true)
	}
	if err != nil {
		return noRevision(n, err)
	}
	return v.done("/history", "Numbers and lines are as they were at revision "+n+": "+done.Sentence()+".")
}
