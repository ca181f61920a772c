package server

import (
	"context"
	"iter"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

// maxNote bounds the reason that somebody gives for an edit, in bytes.
const maxNote = 1000

const editKey = "edit"

// edits serves an op that edits something, as handle does: a client may say
// why.
func edits[I, O any](a *api, op huma.Operation, answer func(context.Context, *I) (*O, error)) {
	op.Metadata[editKey] = true
	op.Parameters = append(op.Parameters, &huma.Param{
		Name: "note", In: "query", Description: "why, for history and audit; at most 1000 bytes", Schema: &huma.Schema{Type: huma.TypeString},
	})
	handle(a, op, answer)
}

// why takes the reason for an edit out of the query.
func (a *api) why(ctx huma.Context, next func(huma.Context)) {
	if ctx.Operation().Metadata[editKey] == nil {
		next(ctx)
		return
	}
	r, w := humago.Unwrap(ctx)
	query := r.URL.Query()
	note := query.Get("note")
	var p ani.Problems
	p.Text("note", note, maxNote)
	if err := p.Err(); err != nil {
		a.fail(w, r, err)
		return
	}
	visitOf(ctx.Context()).note = note
	query.Del("note")
	r.URL.RawQuery = query.Encode()
	next(ctx)
}

// because is a reason of our own and the client's, as far as there are any.
func (v *visit) because(own string) string {
	if own == "" || v.note == "" {
		return own + v.note
	}
	return own + ": " + v.note
}

// edit commits changes in the name of whoever makes the request.
func (a *api) edit(ctx context.Context, note string, changes ...store.Change) error {
	v := visitOf(ctx)
	_, err := a.board.Edit(ctx, v.author(), v.because(note), changes...)
	return err
}

// editAll is edit for very many changes.
func (a *api) editAll(ctx context.Context, note string, changes iter.Seq[store.Change], failed func() error) (store.Revision, error) {
	v := visitOf(ctx)
	return a.board.EditAll(ctx, v.author(), v.because(note), changes, failed)
}

const streamsKey = "streams"

// streaming says that the POST at path reads the body itself, whatever its
// type. It comes after the op is served: huma reads the bodies that it knows
// of then.
func (a *api) streaming(path, description string, types ...string) {
	op := a.huma.OpenAPI().Paths[path].Post
	op.Metadata[streamsKey] = true
	op.RequestBody = &huma.RequestBody{Description: description, Required: true, Content: map[string]*huma.MediaType{}}
	for _, t := range types {
		op.RequestBody.Content[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
	}
}
