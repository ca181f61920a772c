// Package peer finds the programs of others that tests hold ringthrough
// against: Node and the vendors' SDKs, SIP servers, browsers. A test whose
// peer is missing is skipped with a sentence saying how to get it, and fails
// instead where RINGTHROUGH_REQUIRE_PEERS=1. The package starts nothing by
// itself and knows no peer's ways.
package peer

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Everything is how to get any of the peers.
const Everything = "run deploy/test/peers.sh as root"

// Missing ends a test that can't run here. sentence says what is missing and
// how to get it.
func Missing(t testing.TB, sentence string) {
	t.Helper()
	if os.Getenv("RINGTHROUGH_REQUIRE_PEERS") == "1" {
		t.Fatal(sentence)
	}
	t.Skip(sentence)
}

// Forbidden skips a test that the kernel doesn't allow even root here, as in
// most containers: no peer is missing, and nothing that could be installed
// would help. sentence says what was refused.
func Forbidden(t testing.TB, sentence string) {
	t.Helper()
	t.Skip(sentence + ": run the test where root may do that")
}

// Command is the path of a program. how says how to get it, as a sentence
// without a full stop.
func Command(t testing.TB, name, how string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, name+" is not installed: "+how)
	}
	return path
}

// File is path, of a file or a folder that must be there.
func File(t testing.TB, path, how string) string {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		Missing(t, path+" is not there: "+how)
	}
	return path
}

// Tree is the top folder of the source tree, above the test's own.
func Tree(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatalf("find the source tree: %v", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = up
	}
}

// SDK is the folder of the vendors' SDKs, with its modules installed.
func SDK(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(Tree(t), "deploy", "test", "sdk")
	File(t, filepath.Join(dir, "node_modules", ".package-lock.json"), Everything)
	return dir
}

// Node runs a script of the SDK folder: in is written to its standard input
// as JSON, and out read from its standard output.
func Node(t testing.TB, script string, in, out any) {
	t.Helper()
	node, dir := Command(t, "node", Everything), SDK(t)
	question, err := json.Marshal(in)
	if err != nil {
		t.Fatalf("ask %s: %v", script, err)
	}
	var answer, trouble bytes.Buffer
	cmd := exec.CommandContext(t.Context(), node, script)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = dir, bytes.NewReader(question), &answer, &trouble
	if err := cmd.Run(); err != nil {
		t.Fatalf("run %s: %v\n%s", script, err, trouble.Bytes())
	}
	if err := json.Unmarshal(answer.Bytes(), out); err != nil {
		t.Fatalf("read what %s wrote: %v\n%s", script, err, answer.Bytes())
	}
}
