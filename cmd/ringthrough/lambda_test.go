package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/deploy/test/pgserver"
	"github.com/ringthrough/ringthrough/flow/store"
)

const sampleDocument = `
lines:
  - name: support-us
    numbers: [+18005550100]
    targets:
      - {kind: sip, address: "sip:desk@pbx.example.com"}
      - {kind: number, address: +15125550123}
entries:
  - {pattern: +16505550123, label: Meta call 1, lines: [support-us]}
`

func openLambda(t *testing.T, document string) (*house, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "list.yaml")
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	c := lambdaCmd{Document: file, LogLevel: "info"}
	return c.open(t.Context(), &session{stderr: &bytes.Buffer{}, now: time.Now})
}

// TestLambda asks through the SDK's own handler, with its own event.
func TestLambda(t *testing.T) {
	h, err := openLambda(t, sampleDocument)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.close(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	handler := lambda.NewHandler(h.answerEvent)
	for _, test := range []struct{ caller, route, reason, target string }{
		{"+16505550123", "direct", "listed", "+15125550123"}, // Connect has no SIP targets
		{"+442079460000", "continue", "not_listed", ""},
		{"anonymous", "continue", "ani_withheld", ""},
	} {
		var event events.ConnectEvent
		event.Details.ContactData.CustomerEndpoint.Address = test.caller
		event.Details.ContactData.SystemEndpoint.Address = "+18005550100"
		event.Details.ContactData.ContactID = "contact-" + test.caller
		payload, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		b, err := handler.Invoke(t.Context(), payload)
		if err != nil {
			t.Fatal(err)
		}
		reply := map[string]string{}
		if err := json.Unmarshal(b, &reply); err != nil {
			t.Fatalf("%s is no map of strings: %v", b, err)
		}
		if reply["route"] != test.route || reply["reason"] != test.reason || reply["target"] != test.target {
			t.Errorf("%s: %v", test.caller, reply)
		}
	}
}

func TestDocumentsThatCantBeTaken(t *testing.T) {
	for name, test := range map[string]struct{ document, want string }{
		"an unknown key":   {"linez: []", "linez"},
		"a bad number":     {"lines: [{name: a, numbers: [twelve]}]", "lines[0]"},
		"a bad entry":      {"lines: []\nentries: [{pattern: '+1650*'}]", "entries[0]"},
		"an unknown line":  {"entries: [{pattern: '+16505550123', lines: [nowhere]}]", "nowhere"},
		"a pattern twice":  {"entries: [{pattern: '+16505550123'}, {pattern: '+1 650 555 0123'}]", "+16505550123"},
		"hours of no kind": {"lines: [{name: a, targets: [{kind: queue, address: q, hours: sometimes}]}]", "targets[0].hours"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := openLambda(t, test.document); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v does not name %s", err, test.want)
			}
		})
	}
}

// TestLambdaOnDatabase asks a function that shares its database with a server:
// what was edited there a moment ago holds for the next call.
func TestLambdaOnDatabase(t *testing.T) {
	database := pgserver.Start(t).Database(t)
	ctx := t.Context()
	served, err := openHouse(ctx, settings{}.under(settings{Data: t.TempDir(), Database: database}), zerolog.Nop())
	if err != nil {
		t.Fatal(err)
	}
	defer closeHouse(t, served)
	t.Setenv("TMPDIR", t.TempDir())
	c := lambdaCmd{Database: database, LogLevel: "info"}
	function, err := c.open(ctx, &session{stderr: &bytes.Buffer{}, now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer closeHouse(t, function)
	if n := len(function.board.Tokens()); n != 0 {
		t.Errorf("the function has made %d tokens", n)
	}
	if _, err := served.board.Edit(ctx, store.Author{Name: "test", Role: store.RoleAdmin}, "", demoChanges()...); err != nil {
		t.Fatal(err)
	}
	var event events.ConnectEvent
	event.Details.ContactData.CustomerEndpoint.Address = demoCaller
	event.Details.ContactData.SystemEndpoint.Address = demoDialled
	payload, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	for late := time.Now().Add(patience); ; {
		reply, err := function.answerEvent(ctx, payload)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(reply), `"route":"direct"`) {
			break
		}
		if time.Now().After(late) {
			t.Fatalf("still %s", reply)
		}
	}
}

func TestLambdaWantsASharedDatabase(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	c := lambdaCmd{Database: "sqlite:list.db", LogLevel: "info"}
	if _, err := c.open(t.Context(), &session{stderr: &bytes.Buffer{}, now: time.Now}); err == nil || !strings.Contains(err.Error(), "can't share") {
		t.Errorf("got %v", err)
	}
}

func closeHouse(t *testing.T, h *house) {
	t.Helper()
	if err := h.close(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}
