// Package dialecttest holds dialects to golden files: requests as they stood
// on the wire, the call that each gives, and the reply to each instruction.
// It knows what a dialect is and none in particular. Tests use it, nothing
// else does.
//
// A dialect's testdata has any number of .txtar files. A file replies.txtar
// holds a section "NAME.reply" for each instruction. In every other file a
// section "NAME.request" is followed by "NAME.call", what Decode makes of it,
// and "NAME.callback" by "NAME.report", what Result makes of it. The last
// newline of a section is txtar's and belongs to no body.
//
// Run the dialect's tests with -update to write what the dialect says now,
// and read the diff.
package dialecttest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/ringthrough/ringthrough/flow"
)

var update = flag.Bool("update", false, "write the golden files anew")

const replyFile = "replies.txtar"

// Suite is what one dialect is held to.
type Suite struct {
	Dialect flow.Dialect
	Hook    flow.Hook // see Hook
	Also    []Case    // instructions beside the standard ones

	// Dir is the folder below testdata that has the files, for a dialect whose
	// hooks differ. Empty: testdata itself.
	Dir string

	// Judge is asked about each reply, where the vendor's own tools or rules
	// can tell more than a golden file does. Nil: nothing can.
	Judge func(t *testing.T, c Case, r flow.Reply)
}

// Run compares the dialect with the files in testdata.
func (s Suite) Run(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", s.Dir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	recorded := 0
	for _, name := range files {
		if filepath.Base(name) == replyFile {
			continue
		}
		recorded++
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { s.recorded(t, name) })
	}
	if recorded == 0 {
		t.Error("testdata has no recorded requests: write one to a .txtar file as a section NAME.request")
	}
	t.Run("replies", s.replies)
}

// recorded holds the dialect to one file of requests.
func (s Suite) recorded(t *testing.T, name string) {
	golden, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	now := &txtar.Archive{Comment: golden.Comment}
	for _, f := range golden.Files {
		kind := filepath.Ext(f.Name)
		if kind != ".request" && kind != ".callback" {
			continue
		}
		said, err := s.read(kind, f.Data)
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		now.Files = append(now.Files, f, txtar.File{Name: answerName(f.Name), Data: []byte(said)})
	}
	settle(t, name, golden, now)
}

// answerName is the section that answers the one called name.
func answerName(name string) string {
	if base, ok := strings.CutSuffix(name, ".request"); ok {
		return base + ".call"
	}
	return strings.TrimSuffix(name, ".callback") + ".report"
}

// read has the dialect read one request. The error is about the request or
// a promise that the dialect broke; what it made of it is the text.
func (s Suite) read(kind string, raw []byte) (string, error) {
	r, err := parseRequest(raw)
	if err != nil {
		return "", err
	}
	before := string(r.Body)
	var text string
	var failure error
	if kind == ".request" {
		var c flow.Call
		c, failure = s.Dialect.Decode(r, &s.Hook)
		text = describeCall(c, failure)
	} else if s.Dialect.Result == nil {
		return "", fmt.Errorf("the dialect %s reads no callbacks", s.Dialect.Name)
	} else {
		var report flow.Report
		report, failure = s.Dialect.Result(r, &s.Hook)
		text = describeReport(report, failure)
	}
	if string(r.Body) != before {
		return text, fmt.Errorf("reading it changed the body")
	}
	return text, discreet(failure)
}

// replies holds the dialect to its replies.
func (s Suite) replies(t *testing.T) {
	name := filepath.Join("testdata", s.Dir, replyFile)
	golden, err := txtar.ParseFile(name)
	if err != nil && (!*update || !os.IsNotExist(err)) {
		t.Fatal(err)
	}
	if golden == nil {
		golden = new(txtar.Archive)
	}
	now := &txtar.Archive{Comment: golden.Comment}
	for _, c := range append(Cases(s.Hook), s.Also...) {
		if !s.carries(c.Instruction.Target) || !s.carries(c.Instruction.Backup) {
			continue
		}
		r := s.Dialect.Encode(c.Instruction, &s.Hook)
		now.Files = append(now.Files, txtar.File{Name: c.Name + ".reply", Data: []byte(describeReply(r))})
		if s.Judge != nil {
			t.Run(c.Name, func(t *testing.T) { s.Judge(t, c, r) })
		}
	}
	settle(t, name, golden, now)
}

// carries reports whether the dialect is ever told to ring target.
func (s Suite) carries(target flow.Target) bool {
	return target.IsZero() || s.Dialect.Carries == nil || s.Dialect.Carries(target, &s.Hook)
}

// settle compares a golden file with what it would be now, or writes it.
func settle(t *testing.T, name string, golden, now *txtar.Archive) {
	t.Helper()
	if *update && !t.Failed() {
		if err := os.WriteFile(name, txtar.Format(now), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(txtar.Format(golden)), string(txtar.Format(now))); diff != "" {
		t.Errorf("%s says something else (-recorded +now); run with -update if the new is right\n%s", name, diff)
	}
}
