package flat

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

func TestGolden(t *testing.T) {
	hook := dialecttest.Hook("flat")
	dialecttest.Suite{Dialect: Dialect(), Hook: hook, Also: formats(hook), Judge: judge}.Run(t)
}

// formats asks for the answers that differ most in every format, and for one
// that there is not.
func formats(hook flow.Hook) []dialecttest.Case {
	var all []dialecttest.Case
	for _, c := range dialecttest.Cases(hook) {
		switch c.Name {
		case "direct-number-backup", "direct-nasty-texts", "continue":
			for _, format := range []string{"form", "text", "Status", "xml"} {
				in := c.Instruction
				in.Format = format
				all = append(all, dialecttest.Case{Name: c.Name + "-" + strings.ToLower(format), Instruction: in})
			}
		}
	}
	return all
}

// keys are the frozen ones of version 1, in their order.
var keys = []string{
	"lookup_id", "route", "reason", "detail", "expected", "target_kind", "target", "backup_kind", "backup",
	"line", "label", "announce", "ani", "dnis", "revision",
}

// judge reads a JSON reply as Talkdesk and Genesys do, who take nothing but
// an object of strings.
func judge(t *testing.T, c dialecttest.Case, r flow.Reply) {
	t.Helper()
	if r.ContentType != "application/json" {
		return
	}
	answer := readObject(t, r.Body)
	if want := string(c.Instruction.Act); want == "direct" && answer["route"] != want || want != "direct" && answer["route"] != "continue" {
		t.Errorf("route is %q for act %s", answer["route"], want)
	}
	if answer["route"] == "continue" && answer["target_kind"]+answer["target"]+answer["backup_kind"]+answer["backup"] != "" {
		t.Errorf("a continue names a target: %s", r.Body)
	}
}

// readObject reads a reply strictly: the 15 keys in their order, each once,
// each a string, on one line, under 4 KiB.
func readObject(t *testing.T, body []byte) map[string]string {
	t.Helper()
	if len(body) >= 4096 || bytes.ContainsAny(body, "\r\n") {
		t.Errorf("reply is too long or no single line: %d bytes", len(body))
	}
	var answer map[string]string
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("read %s: %v", body, err)
	}
	var order []string
	dec := json.NewDecoder(strings.NewReader(string(body)))
	for {
		key, err := dec.Token()
		if err != nil {
			break
		}
		if name, ok := key.(string); ok {
			order = append(order, name)
			if _, err := dec.Token(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if diff := cmp.Diff(keys, order); diff != "" {
		t.Errorf("keys (-want +got)\n%s", diff)
	}
	return answer
}
