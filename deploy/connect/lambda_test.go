package connect_test

import (
	"archive/zip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/deploy/test/program"
)

const (
	listed   = "+16505550123"
	number   = "+15125550123"
	queue    = "f3b2c1d0-1111-4222-8333-444455556666"
	toNumber = "+18005550100" // rings a number, then a queue
	toQueue  = "+18005550101" // rings a queue, then nobody
	again    = "+18005550102" // rings a number, then a queue
)

// list has targets that Connect can't ring, too: they count as closed.
const list = `
lines:
  - name: to-number
    numbers: [` + toNumber + `]
    targets:
      - {kind: sip, address: "sip:desk@pbx.example.com"}
      - {kind: number, address: ` + number + `}
      - {kind: queue, address: ` + queue + `}
  - name: again
    numbers: [` + again + `]
    targets:
      - {kind: number, address: ` + number + `}
      - {kind: queue, address: ` + queue + `}
  - name: to-queue
    numbers: [` + toQueue + `]
    targets:
      - {kind: queue, address: ` + queue + `}
entries:
  - {pattern: ` + listed + `, label: Meta call 1}
`

// unpacked is the folder that Lambda would make of the zip of build.sh.
func unpacked(t *testing.T) string {
	t.Helper()
	peer.Command(t, "zip", peer.Everything)
	work := t.TempDir()
	file := filepath.Join(work, "list")
	if err := os.WriteFile(file, []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	packed := filepath.Join(work, "function.zip")
	build := exec.CommandContext(t.Context(), "./build.sh", runtime.GOARCH, file)
	build.Env = append(os.Environ(), "OUTPUT="+packed)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build.sh: %v\n%s", err, out)
	}
	archive, err := zip.OpenReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	task := t.TempDir()
	for _, f := range archive.File {
		extract(t, f, task)
	}
	return task
}

func extract(t *testing.T, f *zip.File, into string) {
	t.Helper()
	in, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.OpenFile(filepath.Join(into, filepath.Base(f.Name)), os.O_CREATE|os.O_WRONLY, f.Mode())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// invocation is an event that waits for the function, and what it answers.
type invocation struct {
	event  []byte
	answer chan reply
}

type reply struct {
	way  string // response, or error
	body []byte
}

// lambda is the runtime API that a function talks to, one event at a time.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
type lambda struct {
	waiting chan invocation
	at      chan invocation // the one that is being answered
	over    chan struct{}
}

func (l *lambda) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := strings.TrimPrefix(r.URL.Path, "/2018-06-01/runtime/"); {
	case path == "invocation/next":
		l.next(w)
	case strings.HasPrefix(path, "invocation/"):
		body, _ := io.ReadAll(r.Body) // a broken one has no answer in it
		w.WriteHeader(http.StatusAccepted)
		(<-l.at).answer <- reply{path[strings.LastIndexByte(path, '/')+1:], body}
	default:
		w.WriteHeader(http.StatusAccepted)
	}
}

func (l *lambda) next(w http.ResponseWriter) {
	select {
	case i := <-l.waiting:
		l.at <- i
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(time.Minute).UnixMilli(), 10))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:ringthrough")
		_, _ = w.Write(i.event) // a function that has gone is seen elsewhere
	case <-l.over:
	}
}

// function is the zip's bootstrap, running as Lambda starts it.
type function struct {
	lambda  *lambda
	process *program.Process
}

func start(t *testing.T) function {
	t.Helper()
	task := unpacked(t)
	l := &lambda{waiting: make(chan invocation, 1), at: make(chan invocation, 1), over: make(chan struct{})}
	api := httptest.NewServer(l)
	t.Cleanup(func() { close(l.over); api.CloseClientConnections(); api.Close() })
	bootstrap := exec.Command(filepath.Join(task, "bootstrap"))
	bootstrap.Dir = task
	bootstrap.Env = []string{
		"AWS_LAMBDA_RUNTIME_API=" + api.Listener.Addr().String(), "LAMBDA_TASK_ROOT=" + task, "_HANDLER=bootstrap",
		"AWS_LAMBDA_FUNCTION_NAME=ringthrough", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256",
		"PATH=/usr/local/bin:/usr/bin:/bin", "TMPDIR=" + t.TempDir(), "RINGTHROUGH_DOCUMENT=list.yaml",
	}
	return function{l, program.Start(t, bootstrap)}
}

// invoke is what the block gets for a call: a flat map of strings.
func (f function) invoke(t *testing.T, caller, called, id string) map[string]string {
	t.Helper()
	var e events.ConnectEvent
	e.Details.ContactData.CustomerEndpoint.Address = caller
	e.Details.ContactData.SystemEndpoint.Address = called
	e.Details.ContactData.ContactID = id
	e.Details.ContactData.InitiationMethod = "INBOUND"
	event, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	i := invocation{event, make(chan reply, 1)}
	f.lambda.waiting <- i
	var got reply
	f.process.Await(t, "the answer to an event", func() bool {
		select {
		case got = <-i.answer:
			return true
		default:
			return false
		}
	})
	answer := map[string]string{}
	if err := json.Unmarshal(got.body, &answer); err != nil || got.way != "response" || len(got.body) > 32<<10 {
		t.Fatalf("%s %s: %v", got.way, got.body, err)
	}
	return answer
}

// TestZip runs one function for all that is asked of it: building it takes most
// of the time.
func TestZip(t *testing.T) {
	f := start(t)
	t.Run("answers events", func(t *testing.T) { answersEvents(t, f) })
	t.Run("leads contacts", func(t *testing.T) { leadsContacts(t, f) })
}

func answersEvents(t *testing.T, f function) {
	t.Helper()
	for i, test := range []struct{ name, caller, called, route, reason, kind, target, backup string }{
		{"a listed caller", listed, again, "direct", "listed", "number", number, queue},
		{"a redial", listed, again, "direct", "listed", "queue", queue, number},
		{"another caller", "+442079460000", toNumber, "continue", "not_listed", "", "", ""},
		{"a withheld caller", "anonymous", toNumber, "continue", "ani_withheld", "", "", ""},
		{"nobody's number", listed, "+18005550199", "continue", "line_unknown", "", "", ""},
	} {
		got := f.invoke(t, test.caller, test.called, "contact-"+strconv.Itoa(i))
		if got["route"] != test.route || got["reason"] != test.reason || got["target_kind"] != test.kind || got["target"] != test.target || got["backup"] != test.backup {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}
