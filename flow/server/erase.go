package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// eraseWait is how long erasing may take: all that is kept is read through.
const eraseWait = 5 * time.Minute

// erasing asks for a number to be erased.
type erasing struct {
	Number string `json:"number" maxLength:"256" doc:"with + and its country code"`
	Note   string `json:"note,omitempty" doc:"why, for the audit; at most 1000 bytes. The number is masked in it"`
}

// erasedView is what a number was taken out of.
type erasedView struct {
	Number  string   `json:"number"`
	Entries int      `json:"entries" doc:"1 where the number itself was on the list, and was deleted"`
	Matched []string `json:"matched" nullable:"false" doc:"patterns that match the number and stay"`
	store.Erased
}

func (a *api) registerErase() {
	op := a.operation(store.RoleAdmin, "erase-number", http.MethodPost, "/v1/erase", "Erase a number from everything that is kept")
	op.Description += " An entry of the number is deleted, by an edit. Calls, windows, history, audit and notices that wait lose the number; the audit keeps a record that this was done. It can't be undone."
	op.Middlewares = huma.Middlewares{unhurried(eraseWait)}
	handleWithin(a, answering(op, "409", "A line or the text of an entry has the number: the detail says which"), eraseWait, a.erase)
}

func (a *api) erase(ctx context.Context, in *struct{ Body body[erasing] }) (*reply[erasedView], error) {
	var fields erasing
	if err := in.Body.over(&fields); err != nil {
		return nil, err
	}
	n, err := fields.read()
	if err != nil {
		return nil, err
	}
	if err := a.named(ctx, n); err != nil {
		return nil, err
	}
	note := fields.Note
	if store.Mentions(note, n) {
		note = strings.ReplaceAll(note, n.String(), n.Masked())
	}
	entries, windows, err := a.unlist(ctx, n, note)
	if err != nil {
		return nil, err
	}
	if err := a.board.Forget(ctx, n); err != nil {
		return nil, err
	}
	view := erasedView{Number: n.String(), Entries: entries}
	view.Erased, err = a.board.Store().Erase(ctx, n, visitOf(ctx).author(), a.board.Now(), note)
	if errors.Is(err, store.ErrTaken) {
		return nil, newProblem(http.StatusConflict, "somebody has written the number down again meanwhile: erase it once more")
	}
	view.Matched, view.Windows = a.matched(n), view.Windows+int64(windows)
	return &reply[erasedView]{view}, err
}

// read is the number. What is wrong with it is said without it: that stays in
// the audit.
func (f *erasing) read() (ani.Number, error) {
	var p ani.Problems
	n, err := ani.Parse(f.Number, "")
	if err != nil {
		p.Add("number", "is no number that can be read: write + and the country code first, as in +18005550100")
	}
	p.Text("note", f.Note, maxNote)
	return n, p.Err()
}

// named refuses what people have to change by themselves first: lines that
// have the number, and entries of other patterns whose texts do.
func (a *api) named(ctx context.Context, n ani.Number) error {
	for _, l := range a.board.Snapshot().Lines() {
		doc, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("read line: %w", err)
		}
		if store.Mentions(string(doc), n) {
			return newProblem(http.StatusConflict, fmt.Sprintf("the line %s has the number, as its own, of a target or in a text: take it out there first", l.Name))
		}
	}
	for q := (store.EntryQuery{Text: n.String(), At: a.board.Now(), Limit: maxNamed}); ; {
		page, err := a.board.Store().Entries(ctx, q)
		if err != nil {
			return err
		}
		for _, e := range page.Items {
			if e.Pattern != ani.PatternOf(n) && store.Mentions(e.Label+"\n"+e.Source+"\n"+e.Note, n) {
				return newProblem(http.StatusConflict, fmt.Sprintf("the entry %s has the number in its label, source or note: take it out there first", e.Pattern))
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

// unlist deletes the entry of the number, and takes the number off the callers
// of windows that serve; a rehearsal of nobody else is closed. It gives how
// many entries it deleted, and how many windows it changed.
func (a *api) unlist(ctx context.Context, n ani.Number, note string) (entries, windows int, err error) {
	changes := a.uncalled(n)
	windows = len(changes)
	e, err := present(a.board.Store().EntryByPattern(ctx, ani.PatternOf(n)))
	if err != nil {
		return 0, 0, err
	}
	if e != nil {
		entries = 1
		changes = append(changes, store.Change{Op: store.OpDelete, Kind: store.KindEntry, Key: e.ID, IfVersion: e.Version})
	}
	if len(changes) == 0 {
		return 0, 0, nil
	}
	_, err = a.board.Edit(ctx, visitOf(ctx).author(), strings.TrimSuffix("a number is erased: "+note, ": "), changes...)
	return entries, windows, err
}

func (a *api) uncalled(n ani.Number) (changes []store.Change) {
	s, now := a.board.Snapshot(), a.board.Now()
	for _, l := range s.Lines() {
		for _, w := range s.Live(l.Name).Windows {
			if !slices.Contains(w.Callers, n) || w.State(now) == "closed" {
				continue
			}
			w.Callers = slices.DeleteFunc(slices.Clone(w.Callers), func(c ani.Number) bool { return c == n })
			if w.Mode == flow.ModeRehearsal && len(w.Callers) == 0 {
				changes = append(changes, closed(w, now))
				continue
			}
			changes = append(changes, store.Change{Op: store.OpUpdate, Kind: store.KindWindow, Key: w.ID, Window: &w})
		}
	}
	return changes
}

// matched are the patterns that match the number.
func (a *api) matched(n ani.Number) []string {
	patterns := []string{}
	for _, item := range a.board.Snapshot().List.Match(n, nil) {
		patterns = append(patterns, item.Pattern().String())
	}
	return patterns
}
