package server

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/document"
	"github.com/ringthrough/ringthrough/flow/store"
)

// maxDocument is how many bytes a document may have.
const maxDocument = 64 << 20

type applyQuery struct {
	DryRun bool `query:"dry_run" doc:"say what would be changed, and change nothing"`
	Prune  bool `query:"prune" doc:"delete the lines and entries that the document doesn't name"`
}

func (a *api) registerApply() {
	op := a.operation(store.RoleEditor, "apply", http.MethodPost, "/v1/apply", "Make lines and entries as a document says, all or none")
	op.Description += " The document is YAML or JSON with lines and entries, as export gives it; what it names is as it says afterwards, and what it leaves out of that has its default. At most 64 MiB."
	edits(a, a.answeringBulk(op), a.apply)
	a.streaming(op.Path, "The document, in YAML or JSON whatever Content-Type says", "application/yaml")
}

func (a *api) apply(_ context.Context, in *applyQuery) (*huma.StreamResponse, error) {
	answering := bulkAnswer{dryRun: in.DryRun, again: "apply again", limit: maxDocument, listed: math.MaxInt}
	return a.answerBulk(answering, func(ctx context.Context, b *bulk) error {
		text, err := io.ReadAll(b.body.reader())
		if err != nil {
			return fmt.Errorf("read document: %w", err)
		}
		d, err := document.Read(text)
		if err != nil {
			return err
		}
		return b.compareDocument(ctx, d, in.Prune)
	}), nil
}

func (b *bulk) compareDocument(ctx context.Context, d document.Document, prune bool) error {
	lines, err := b.board.Store().Lines(ctx)
	if err != nil {
		return err
	}
	stored := make(map[string]*store.Line, len(lines))
	for i := range lines {
		stored[lines[i].Name] = &lines[i]
	}
	if prune && len(d.Lines)+len(d.Entries) == 0 && (len(stored) > 0 || b.board.Snapshot().List.Len() > 0) {
		return ani.Problems{{Field: "document", Text: "names nothing, and with prune every line and entry would be deleted: is it the right file? To empty the list on purpose, restore revision 0"}}
	}
	if err := checkDocument(d, stored, prune); err != nil {
		return err
	}
	for i := range d.Entries {
		b.standsAt(d.Entries[i].Pattern, fmt.Sprintf("entries[%d].pattern", i))
	}
	b.progress.begin("comparing", len(d.Lines)+len(d.Entries))
	for i := range d.Lines {
		if err := b.compareLine(stored[d.Lines[i].Name], &d.Lines[i]); err != nil {
			return err
		}
		delete(stored, d.Lines[i].Name)
	}
	var others func(ani.Pattern) bool
	if prune {
		if err := b.deleteLines(stored); err != nil {
			return err
		}
		others = patternsOf(d.Entries)
	}
	return b.compareEntries(ctx, eachOf(d.Entries), others)
}

// deleteLines deletes lines in the order of their names.
func (b *bulk) deleteLines(lines map[string]*store.Line) error {
	for _, name := range slices.Sorted(maps.Keys(lines)) {
		if err := b.deleteLine(lines[name]); err != nil {
			return err
		}
	}
	return nil
}

func eachOf(entries []ani.Entry) func(func(ani.Entry) error) error {
	return func(each func(ani.Entry) error) error {
		for i := range entries {
			if err := each(entries[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

func patternsOf(entries []ani.Entry) func(ani.Pattern) bool {
	named := make(map[ani.Pattern]bool, len(entries))
	for i := range entries {
		named[entries[i].Pattern] = true
	}
	return func(p ani.Pattern) bool { return named[p] }
}

// checkDocument makes sure that the lines get along, and that entries name
// none that isn't there, once d is applied to the lines that are stored. The
// error is ani.Problems with the paths of d.
func checkDocument(d document.Document, stored map[string]*store.Line, prune bool) error {
	c := documentCheck{lines: map[string]bool{}, taken: map[ani.Number]string{}}
	for i := range d.Lines {
		c.lines[d.Lines[i].Name] = true
	}
	if !prune {
		c.keep(stored)
	}
	for i := range d.Lines {
		c.line(fmt.Sprintf("lines[%d]", i), &d.Lines[i])
	}
	for i := range d.Entries {
		c.entry(fmt.Sprintf("entries[%d]", i), d.Entries[i].Lines)
	}
	return c.problems.Err()
}

// documentCheck is what a document would leave behind.
type documentCheck struct {
	problems ani.Problems
	lines    map[string]bool       // that there are
	taken    map[ani.Number]string // whose line a number is
	fallback string                // name of the default line
}

// keep counts in the stored lines that the document leaves alone.
func (c *documentCheck) keep(stored map[string]*store.Line) {
	for name, l := range stored {
		if c.lines[name] {
			continue
		}
		c.lines[name] = true
		for _, n := range l.Numbers {
			c.taken[n] = name
		}
		if l.Default {
			c.fallback = name
		}
	}
}

func (c *documentCheck) line(path string, l *flow.Line) {
	for i, n := range l.Numbers {
		if other, ok := c.taken[n]; ok {
			c.problems.Add(fmt.Sprintf("%s.numbers[%d]", path, i), "already belongs to the line "+other)
		}
		c.taken[n] = l.Name
	}
	if !l.Default {
		return
	}
	if c.fallback != "" {
		c.problems.Add(path+".default", "is already the line "+c.fallback+": at most one line takes calls to numbers of no line")
	}
	c.fallback = l.Name
}

func (c *documentCheck) entry(path string, lines []string) {
	for i, name := range lines {
		if !c.lines[name] {
			c.problems.Add(fmt.Sprintf("%s.lines[%d]", path, i), unknownLine(name))
		}
	}
}
