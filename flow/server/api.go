package server

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/ringthrough/ringthrough/flow/store"
)

const (
	// maxAPIBody is how many bytes a body of the ops API may have.
	maxAPIBody = 1 << 20

	// apiWait is how long a call of the ops API waits for the store. The
	// listener closes a reply after replyWait.
	apiWait = 20 * time.Second

	// heartbeat is how long a stream is silent at most, so that nothing on
	// the way takes it for dead.
	heartbeat = 15 * time.Second
)

// api is the ops API: what people and the command line ask and change. Each
// call reads, asks the switchboard or the store, and shapes the reply; what
// holds is decided there.
type api struct {
	*Server
	huma     huma.API
	revoking sync.Mutex    // held while a token is revoked, so that two admins can't revoke each other
	beat     time.Duration // between two heartbeats of a stream
	bulks    chan struct{} // has room for the bulk edit that is being made
	exports  chan struct{} // has room for the exports that are under way
}

// api serves the ops API, its OpenAPI document and the docs page on mux.
func (s *Server) api(mux *http.ServeMux) { newAPI(s, mux, heartbeat) }

func newAPI(s *Server, mux *http.ServeMux, beat time.Duration) *api {
	a := &api{
		Server: s, huma: newHuma(mux, s.build), beat: beat,
		bulks: make(chan struct{}, 1), exports: make(chan struct{}, maxExports),
	}
	a.huma.UseMiddleware(a.attend, a.admit, a.why, a.take)
	a.registerEntries()
	a.registerLines()
	a.registerWindows()
	a.registerCalls()
	a.registerStream()
	a.registerTokens()
	a.registerNotices()
	a.registerAudit()
	a.registerImport()
	a.registerApply()
	a.registerExport()
	a.registerRevisions()
	a.registerRestore()
	a.registerErase()
	a.registerExplain()
	a.registerCheck()
	a.registerPreflight()
	a.registerRecent()
	a.serveDocument(mux)
	return a
}

func newHuma(mux *http.ServeMux, b Build) huma.API {
	version := b.Version
	if version == "" {
		version = "unreleased"
	}
	return humago.New(mux, huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title: "ringthrough", Version: version,
				Description: "The list of numbers that WhatsApp's activation calls come from, the lines that they go to, and what became of them.",
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"bearer": {Type: "http", Scheme: "bearer", Description: "A token, as Authorization: Bearer …"},
					"basic":  {Type: "http", Scheme: "basic", Description: "A token as the password; any user name"},
					"key":    {Type: "apiKey", In: "header", Name: "X-API-Key", Description: "A token"},
				},
			},
			Security: []map[string][]string{{"bearer": {}}, {"basic": {}}, {"key": {}}},
		},
		Formats:                      map[string]huma.Format{"application/json": jsonFormat(), "json": jsonFormat()},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{inOurWords},
	})
}

// schemaName names a type in the document as its readers know it.
func schemaName(t reflect.Type, hint string) string {
	return strings.ReplaceAll(huma.DefaultSchemaNamer(t, hint), "View", "")
}

// jsonFormat writes a reply in one go, so that a client that goes away in the
// middle of one is no fault of the program's.
func jsonFormat() huma.Format {
	return huma.Format{
		Marshal: func(w io.Writer, v any) error {
			b, err := marshal(v)
			if err == nil {
				_, _ = w.Write(append(b, '\n'))
			}
			return err
		},
		Unmarshal: json.Unmarshal,
	}
}

// operation describes a call that needs a token of at least the given role.
func (a *api) operation(role store.Role, id, method, path, summary string) huma.Operation {
	problem := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "")
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Summary: summary, Tags: []string{strings.Split(path, "/")[2]},
		Description: "Needs a token of the role " + string(role) + " at least.",
		Extensions:  map[string]any{"x-role": role},
		Metadata:    map[string]any{roleKey: role},
		// take has read and bounded the body before huma does.
		MaxBodyBytes: -1, BodyReadTimeout: -1,
		Responses: map[string]*huma.Response{"default": {
			Description: "What was wrong, as RFC 9457 writes it",
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: problem}},
		}},
	}
}

const roleKey = "role"

// answering is op with one more way to be answered.
func answering(op huma.Operation, status, description string) huma.Operation {
	op.Responses[status] = &huma.Response{Description: description}
	return op
}

// handle serves op with answer, whose error becomes a problem.
func handle[I, O any](a *api, op huma.Operation, answer func(context.Context, *I) (*O, error)) {
	handleWithin(a, op, apiWait, answer)
}

// handleWithin is handle for what may take longer, or must not.
func handleWithin[I, O any](a *api, op huma.Operation, wait time.Duration, answer func(context.Context, *I) (*O, error)) {
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		ctx, cancel := context.WithTimeout(ctx, wait)
		defer cancel()
		out, err := answer(ctx, in)
		if err != nil {
			return nil, a.problem(ctx, err)
		}
		return out, nil
	})
}
