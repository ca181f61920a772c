package server

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/ani/listfile"
	"github.com/ringthrough/ringthrough/flow/store"
)

const (
	// maxImport is how many bytes a file to import may have.
	maxImport = 512 << 20

	// maxListed is how many changes, and how many problems, are listed of an
	// edit that may have a million.
	maxListed = 1000
)

type importQuery struct {
	DryRun bool   `query:"dry_run" doc:"say what would be changed, and change nothing"`
	Mode   string `query:"mode" enum:"merge,replace" default:"merge" doc:"what becomes of entries that the file doesn't have: merge leaves them, replace deletes them"`
}

func (a *api) registerImport() {
	op := a.operation(store.RoleEditor, "import-entries", http.MethodPost, "/v1/import", "Take entries from a CSV file, all or none")
	op.Description += " The first line names the columns: pattern, label, source, lines, not_before, expires_at, enabled, min_attestation, note; pattern alone must be there. At most 512 MiB."
	edits(a, a.answeringBulk(op), a.importEntries)
	a.streaming(op.Path, "The file, whatever Content-Type says", "text/csv")
}

func (a *api) importEntries(_ context.Context, in *importQuery) (*huma.StreamResponse, error) {
	answering := bulkAnswer{dryRun: in.DryRun, again: "import again", limit: maxImport, listed: maxListed}
	return a.answerBulk(answering, func(ctx context.Context, b *bulk) error {
		b.progress.begin("reading", b.body.lines)
		file, err := b.readFile(ctx)
		if err != nil {
			return err
		}
		b.progress.begin("comparing", len(file.lines))
		var others func(ani.Pattern) bool
		if in.Mode == "replace" && len(file.lines) == 0 && b.board.Snapshot().List.Len() > 0 {
			return ani.Problems{{Field: "file", Text: "has no rows, and every entry would be deleted: is it the right file? To empty the list on purpose, restore revision 0"}}
		}
		if in.Mode == "replace" {
			others = file.has
		}
		return b.compareEntries(ctx, b.rows, others)
	}), nil
}

// rows yields the entries of a file that has no problems.
func (b *bulk) rows(each func(ani.Entry) error) error {
	return listfile.ReadCSV(b.body.reader(), func(row listfile.Row) error { return each(row.Entry) })
}

// importFile is what is known of a file that was read once.
type importFile struct {
	lines map[ani.Pattern]int // of the file, by the pattern that stands there
	wrong rowProblems
}

func (f *importFile) has(p ani.Pattern) bool { return f.lines[p] > 0 }

// readFile makes sure that every row can be taken. The error names those that
// can't.
func (b *bulk) readFile(ctx context.Context) (*importFile, error) {
	f := &importFile{lines: map[ani.Pattern]int{}}
	serving := b.board.Snapshot()
	err := listfile.ReadCSV(b.body.reader(), func(row listfile.Row) error {
		b.progress.step()
		f.take(row)
		b.standsAt(row.Entry.Pattern, fmt.Sprintf("line %d, pattern", row.Line))
		for _, name := range row.Entry.Lines {
			if _, ok := serving.Line(name); !ok {
				f.wrong.add(row.Line, "lines", unknownLine(name))
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	return f, f.wrong.err()
}

func (f *importFile) take(row listfile.Row) {
	for _, p := range row.Problems {
		f.wrong.add(row.Line, p.Field, p.Text)
	}
	pattern := row.Entry.Pattern
	if pattern.IsZero() || slices.ContainsFunc(row.Problems, func(p ani.Problem) bool { return p.Field == "pattern" }) {
		return
	}
	if first, twice := f.lines[pattern]; twice {
		f.wrong.add(row.Line, "pattern", fmt.Sprintf("is %s, as in line %d: give the entry once", pattern, first))
		return
	}
	f.lines[pattern] = row.Line
}

func unknownLine(name string) string {
	return fmt.Sprintf("names %q, but there is no such line: make the line first, or mend its name", name)
}

// rowProblems are what is wrong with a file: the first maxListed, and how many
// more there are.
type rowProblems struct {
	listed ani.Problems
	more   int
}

func (p *rowProblems) add(line int, field, text string) {
	if len(p.listed) == maxListed {
		p.more++
		return
	}
	p.listed.Add(fmt.Sprintf("line %d, %s", line, field), text)
}

func (p *rowProblems) err() error {
	if p.more > 0 {
		p.listed.Add("file", fmt.Sprintf("has %d more problems, which are not listed", p.more))
	}
	return p.listed.Err()
}
