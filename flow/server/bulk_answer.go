package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

// ndjson is a JSON value a line.
const ndjson = "application/x-ndjson"

// bulkResult is what a bulk edit has done, or would do.
type bulkResult struct {
	Revision  uint64 `json:"revision" doc:"what it made; what serves, where nothing was to be changed or it was a dry run"`
	DryRun    bool   `json:"dry_run"`
	Created   int    `json:"created"`
	Updated   int    `json:"updated"`
	Deleted   int    `json:"deleted"`
	Unchanged int    `json:"unchanged" doc:"how many lines and entries were as they should be"`
	Erased    int    `json:"erased,omitempty" doc:"of a restore, how many lines and entries stay as they are: what they were had a number that is erased"`

	Changes        []changeView `json:"changes" nullable:"false"`
	ChangesLeftOut int          `json:"changes_left_out" doc:"how many more there are than are listed"`
}

// answeringBulk describes how op is answered.
func (a *api) answeringBulk(op huma.Operation) huma.Operation {
	result := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[bulkResult](), true, "")
	op.Responses["200"] = &huma.Response{
		Description: "What was changed; a client that accepts " + ndjson + " is told meanwhile how far it is, in lines {\"progress\": {phase, rows, of}}, and in the last line {\"result\": …} or {\"problem\": …}",
		Content:     map[string]*huma.MediaType{"application/json": {Schema: result}, ndjson: {Schema: &huma.Schema{Type: huma.TypeString}}},
	}
	return answering(op, "412", "Somebody else has edited meanwhile: nothing was changed")
}

// changeView is a change as people see it: what lines and entries say, without
// ids and versions.
type changeView struct {
	Op     store.Op   `json:"op" enum:"create,update,delete"`
	Kind   store.Kind `json:"kind" enum:"line,entry"`
	Key    string     `json:"key" doc:"name of the line, pattern of the entry"`
	Before any        `json:"before,omitempty" doc:"the line or the entry before"`
	After  any        `json:"after,omitempty" doc:"the line or the entry after"`
}

// said is what an entry says, without what the store knows of it.
type said struct {
	Pattern        ani.Pattern     `json:"pattern"`
	Label          string          `json:"label"`
	Source         string          `json:"source"`
	Lines          []string        `json:"lines"`
	NotBefore      time.Time       `json:"not_before,omitzero"`
	ExpiresAt      time.Time       `json:"expires_at,omitzero"`
	Enabled        bool            `json:"enabled"`
	MinAttestation ani.Attestation `json:"min_attestation"`
	Note           string          `json:"note"`
}

func saidOf(e *ani.Entry) said {
	return said{e.Pattern, e.Label, e.Source, append([]string{}, e.Lines...), e.NotBefore, e.ExpiresAt, e.Enabled, e.MinAttestation, e.Note}
}

func (c planned) view() changeView {
	v := changeView{Op: c.Op, Kind: c.Kind, Key: c.Key}
	for _, e := range []*ani.Entry{c.EntryBefore, c.Entry} { // the later one gives the key
		if e != nil {
			v.Key = e.Pattern.String()
		}
	}
	v.Before, v.After = asSaid(c.EntryBefore, c.LineBefore), asSaid(c.Entry, c.Line)
	return v
}

func asSaid(e *ani.Entry, l *flow.Line) any {
	switch {
	case e != nil:
		return saidOf(e)
	case l != nil:
		return l
	default:
		return nil
	}
}

// write answers with the result between two texts. Once it has begun nothing
// can be refused any more, so where it breaks off the client sees it break off.
func (b *bulk) write(w io.Writer, before string, revision uint64, after string) {
	out := bufio.NewWriterSize(w, partSize)
	_, _ = out.WriteString(before) // an error stays until the last write
	if err := b.writeResult(out, revision); err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = out.WriteString(after)
	_ = out.Flush() // the client may have gone
}

// writeResult writes a bulkResult, whose changes go out one by one: there may
// be a million.
func (b *bulk) writeResult(out *bufio.Writer, revision uint64) error {
	_, _ = fmt.Fprintf(out, `{"revision":%d,"dry_run":%t,"created":%d,"updated":%d,"deleted":%d,"unchanged":%d,"changes":[`,
		revision, b.answering.dryRun, b.ops[store.OpCreate], b.ops[store.OpUpdate], b.ops[store.OpDelete], b.unchanged)
	listed := 0
	for c := range b.planned {
		if listed == b.answering.listed {
			break
		}
		item, err := marshal(c.view())
		if err != nil {
			return err
		}
		if listed > 0 {
			_ = out.WriteByte(',')
		}
		if _, err := out.Write(item); err != nil {
			return err
		}
		listed++
	}
	_, err := fmt.Fprintf(out, `],"changes_left_out":%d%s}`, b.gone.count+b.kept.count-listed, b.saysErased())
	return errors.Join(err, b.broken())
}

// saysErased is the field that only a restore has that met something erased.
func (b *bulk) saysErased() string {
	if b.erased == 0 {
		return ""
	}
	return fmt.Sprintf(`,"erased":%d`, b.erased)
}

// progress is how far a bulk edit is.
type progress struct {
	phase atomic.Pointer[string]
	rows  atomic.Int64
	of    atomic.Int64 // 0: not known
}

// step is one row further.
func (p *progress) step() {
	p.rows.Add(1)
	runtime.Gosched() // lookups that wait for a processor come first
}

func (p *progress) begin(phase string, of int) {
	p.rows.Store(0)
	p.of.Store(int64(of))
	p.phase.Store(&phase)
}

func (p *progress) line() string {
	return fmt.Sprintf("{\"progress\":{\"phase\":%q,\"rows\":%d,\"of\":%d}}\n", *p.phase.Load(), p.rows.Load(), p.of.Load())
}

// tellEvery is how often a client is told how far an edit is.
const tellEvery = 250 * time.Millisecond

// answerLines makes the edit and tells how far it is, in a line of JSON every
// now and then. The last line has the result, or what was wrong.
func (b *bulk) answerLines(ctx context.Context, hc huma.Context, out *patient, find func(context.Context, *bulk) error) {
	hc.SetHeader("Content-Type", ndjson)
	hc.SetHeader("X-Accel-Buffering", "no") // nginx would hold lines back
	hc.SetStatus(http.StatusOK)
	done := make(chan struct{})
	var telling sync.WaitGroup
	telling.Go(func() { b.tell(out, done) })
	revision, err := b.make(ctx, find)
	close(done)
	telling.Wait()
	if err != nil {
		wrong, _ := marshal(struct { // a problem is texts and numbers
			Problem *Problem `json:"problem"`
		}{b.problem(ctx, err)})
		_, _ = out.Write(append(wrong, '\n')) // the client may have gone
		return
	}
	b.write(out, `{"result":`, revision, "}\n")
}

func (b *bulk) tell(out *patient, done chan struct{}) {
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for {
		if _, err := io.WriteString(out, b.progress.line()); err != nil {
			return // the context of a client that has gone ends
		}
		_ = out.control.Flush() // not every writer can
		select {
		case <-tick.C:
		case <-done:
			return
		}
	}
}
