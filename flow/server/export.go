package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/ani/listfile"
	"github.com/ringthrough/ringthrough/flow/document"
	"github.com/ringthrough/ringthrough/flow/store"
)

// maxExports is how many exports go on at once: each keeps a connection to
// the store for as long as its client takes.
const maxExports = 2

type exportQuery struct {
	Format string `query:"format" enum:"json,yaml,csv" doc:"json and yaml: the document, lines and entries; csv: entries alone, as import takes them. Else what Accept asks for, and json where it doesn't"`
}

func (a *api) registerExport() {
	op := a.operation(store.RoleViewer, "export", http.MethodGet, "/v1/export", "Give all lines and entries, as of one moment")
	op.Description += " Apply of the document, or import of the CSV, changes nothing."
	text := &huma.Schema{Type: huma.TypeString}
	op.Responses["200"] = &huma.Response{
		Description: "The document, or the entries as CSV",
		Headers: map[string]*huma.Param{
			"ETag":                   {Description: "the revision in quotes", Schema: text},
			"X-Ringthrough-Revision": {Description: "the revision", Schema: text},
		},
		Content: map[string]*huma.MediaType{
			"application/json": {Schema: &huma.Schema{Type: huma.TypeObject}},
			"application/yaml": {Schema: text},
			"text/csv":         {Schema: text},
		},
	}
	handle(a, op, a.export)
}

func (a *api) export(_ context.Context, in *exportQuery) (*huma.StreamResponse, error) {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		ctx, cancel := context.WithTimeout(hc.Context(), bulkWait)
		defer cancel()
		r, w := humago.Unwrap(hc)
		e := &exporting{hc: hc, exporter: exporterOf(r, in.Format, newPatient(w))}
		err := a.exportTo(ctx, e)
		switch {
		case err == nil:
		case e.begun:
			panic(http.ErrAbortHandler) // what has been sent must not look whole
		default:
			a.fail(w, r, a.problem(ctx, err))
		}
	}}, nil
}

func (a *api) exportTo(ctx context.Context, e *exporting) error {
	select {
	case a.exports <- struct{}{}:
		defer func() { <-a.exports }()
	case <-ctx.Done():
		return fmt.Errorf("%w: other exports are under way: %w", store.ErrUnavailable, ctx.Err())
	}
	err := a.board.Store().Export(ctx, e.head, e.entry)
	if err = errors.Join(err, e.failed); err != nil {
		return err
	}
	return e.finish()
}

// exporting is an export on its way.
type exporting struct {
	hc huma.Context
	exporter
	begun  bool
	failed error
}

// exporter is how an export is written.
type exporter struct {
	contentType string
	file        string // name to save it under; empty: it is for reading
	line        func(store.Line) error
	write       func(ani.Entry) error
	finish      func() error
}

func exporterOf(r *http.Request, format string, out *patient) exporter {
	out.patiently()
	switch {
	case format == "csv":
		w := listfile.NewCSVWriter(out)
		return exporter{"text/csv; charset=utf-8", "entries.csv", func(store.Line) error { return nil }, w.Write, w.Flush}
	case format == "yaml", format == "" && accepts(r, "application/yaml"):
		return documentExporter("application/yaml", document.NewWriter(out, document.YAML))
	default:
		return documentExporter("application/json", document.NewWriter(out, document.JSON))
	}
}

func documentExporter(contentType string, w *document.Writer) exporter {
	return exporter{contentType, "", func(l store.Line) error { return w.Line(l.Line) }, w.Entry, w.Close}
}

func (e *exporting) head(revision store.Revision, lines []store.Line) bool {
	n := strconv.FormatUint(revision.N, 10)
	e.hc.SetHeader("Content-Type", e.contentType)
	e.hc.SetHeader("ETag", `"`+n+`"`)
	e.hc.SetHeader("X-Ringthrough-Revision", n)
	if e.file != "" {
		e.hc.SetHeader("Content-Disposition", "attachment; filename="+strconv.Quote(e.file))
	}
	e.hc.SetStatus(http.StatusOK)
	e.begun = true
	for i := 0; i < len(lines) && e.failed == nil; i++ {
		e.failed = e.line(lines[i])
	}
	return e.failed == nil
}

func (e *exporting) entry(entry ani.Entry) bool {
	e.failed = e.write(entry)
	return e.failed == nil
}
