// Package genesys_test holds what is loaded into Genesys Cloud against what can
// be had of it: the data actions are executed against the real server, the
// Terraform module is evaluated by HashiCorp's own HCL library, and the flow is
// walked through. None of it has met a live organization, and the tests claim
// nothing of that kind.
package genesys_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/server"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/sqlite"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

const (
	token  = "rt_lookup-token-of-the-tests" // of the role lookup
	caller = "+16505550123"                 // is on the list
)

// The numbers of the lines of the rig.
const (
	toQueue  = "+18005550100" // a queue; then a number
	toUser   = "+18005550101" // a user; then a queue
	toNumber = "+18005550102" // a number, and no backup
	toSIP    = "+18005550103" // a SIP address, which Genesys Cloud can't ring; then a queue
)

// label has all in it that templates and JSON trip over. A line end can't be
// in a label: the server refuses it.
const label = `Meta "call" \1\ ${input.ani} $!{x} #set($a=1) <ü> 🤙`

// rig is the real server on a port of its own.
type rig struct {
	url    string
	board  *switchboard.Switchboard
	server *server.Server
}

func newRig(t *testing.T) rig {
	t.Helper()
	kept, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	board, err := switchboard.Open(t.Context(), switchboard.Options{Store: kept, Spool: filepath.Join(t.TempDir(), "spool"), Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = board.Close(context.WithoutCancel(t.Context())) })
	if _, err := board.Edit(t.Context(), store.Author{Name: "rig", Role: store.RoleAdmin}, "", content()...); err != nil {
		t.Fatal(err)
	}
	s, err := server.New(t.Context(), server.Options{Board: board, Scratch: t.TempDir(), Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	listener := httptest.NewServer(s.All())
	t.Cleanup(func() { s.Drain(); listener.CloseClientConnections(); listener.Close() })
	return rig{listener.URL, board, s}
}

// content is the token, the lines and the list.
func content() []store.Change {
	lookup := store.Token{ID: "t1", Name: "genesys", Role: store.RoleLookup, Hash: sha256.Sum256([]byte(token))}
	e := ani.NewEntry()
	e.ID, e.Label, e.Pattern = "e1", label, ani.PatternOf(ani.MustParse(caller))
	return []store.Change{
		{Op: store.OpCreate, Kind: store.KindToken, Key: lookup.ID, Token: &lookup},
		{Op: store.OpCreate, Kind: store.KindEntry, Key: e.ID, Entry: &e},
		line("queue", toQueue, flow.Target{Kind: flow.KindQueue, Address: "WhatsApp activation"}, flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}),
		line("user", toUser, flow.Target{Kind: flow.KindUser, Address: "dana@example.com"}, flow.Target{Kind: flow.KindQueue, Address: "WhatsApp activation"}),
		line("number", toNumber, flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}),
		line("sip", toSIP, flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com"}, flow.Target{Kind: flow.KindQueue, Address: "WhatsApp activation"}),
	}
}

func line(name, number string, targets ...flow.Target) store.Change {
	l := flow.NewLine()
	l.Name, l.Numbers, l.Targets = name, []ani.Number{ani.MustParse(number)}, targets
	l.Announce = `Say "six digits", please: C:\codes`
	return store.Change{Op: store.OpPut, Kind: store.KindLine, Key: l.Name, Line: &l}
}

// definition is a file that is imported as a data action.
type definition struct {
	Name            string `json:"name"`
	IntegrationType string `json:"integrationType"`
	ActionType      string `json:"actionType"`
	Config          struct {
		Request struct {
			RequestURLTemplate string            `json:"requestUrlTemplate"`
			RequestType        string            `json:"requestType"`
			Headers            map[string]string `json:"headers"`
			RequestTemplate    string            `json:"requestTemplate"`
		} `json:"request"`
		Response struct {
			TranslationMap         map[string]string `json:"translationMap"`
			TranslationMapDefaults map[string]string `json:"translationMapDefaults"`
			SuccessTemplate        string            `json:"successTemplate"`
		} `json:"response"`
		TimeoutSeconds int `json:"timeoutSeconds"`
	} `json:"config"`
	Contract struct {
		Input struct {
			InputSchema schema `json:"inputSchema"`
		} `json:"input"`
		Output struct {
			SuccessSchema schema `json:"successSchema"`
		} `json:"output"`
	} `json:"contract"`
	Secure bool `json:"secure"`
}

// schema is what contracts of ours may say.
type schema struct {
	Schema               string              `json:"$schema"`
	Title                string              `json:"title"`
	Type                 string              `json:"type"`
	Required             []string            `json:"required"`
	Properties           map[string]property `json:"properties"`
	AdditionalProperties bool                `json:"additionalProperties"`
}

type property struct {
	Type        string `json:"type"`
	Title       string `json:"title"`
	Description string `json:"description"`
}

const (
	lookupFile = "data-action.json"
	resultFile = "data-action-result.json"
)

// read reads a definition, which must not have a key that isn't known.
func read(t *testing.T, file string) definition {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var d definition
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		t.Fatalf("read %s: %v", file, err)
	}
	return d
}

// job is one execution of a data action, or one rendering of a template.
type job struct {
	Action      json.RawMessage   `json:"action,omitempty"`
	Base        string            `json:"base,omitempty"`
	Credentials map[string]string `json:"credentials,omitempty"`
	Input       map[string]any    `json:"input,omitempty"`
	Template    *string           `json:"template,omitempty"`
	Context     map[string]any    `json:"context,omitempty"`
}

// done is what became of it.
type done struct {
	Outcome string            `json:"outcome"`
	Output  map[string]string `json:"output"`
	Status  int               `json:"status"`
	Why     string            `json:"why"`
	Text    string            `json:"text"`
	Request *struct {
		URL     string            `json:"url"`
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
	} `json:"request"`
}

// execute has deploy/test/sdk/genesys.js do the jobs, in order.
func execute(t *testing.T, jobs ...job) []done {
	t.Helper()
	var all []done
	peer.Node(t, "genesys.js", jobs, &all)
	if len(all) != len(jobs) {
		t.Fatalf("%d jobs have %d answers", len(jobs), len(all))
	}
	return all
}

// doing is a job of the action in file, signed in.
func doing(t *testing.T, file, base string, input map[string]any) job {
	t.Helper()
	action, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return job{Action: action, Base: base, Credentials: map[string]string{"token": token}, Input: input}
}
