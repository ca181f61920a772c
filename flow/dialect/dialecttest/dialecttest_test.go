package dialecttest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

func TestParseRequest(t *testing.T) {
	tests := []struct {
		name      string
		raw       string
		wantBody  string
		wantType  string
		wantQuery string
	}{
		{"no body", "GET /x?a=%2B1&b HTTP/1.1\nHost: h\n\n", "", "", "a=%2B1&b"},
		{"the last newline is txtar's", "POST /x HTTP/1.1\nHost: h\nContent-Type: Application/JSON; charset=utf-8\n\n{}\n", "{}", "application/json", ""},
		{"a newline of the body's own", "POST /x HTTP/1.1\nHost: h\n\na=1\n\n", "a=1\n", "", ""},
		{"an empty line in the body", "POST /x HTTP/1.1\nHost: h\n\na\n\nb\n", "a\n\nb", "", ""},
		{"chunks", "POST /x HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n2\n{}\n1\n \n0\n\n\n", "{} ", "", ""},
		{"a length that is right", "POST /x HTTP/1.1\nHost: h\nContent-Length: 2\n\n{}\n", "{}", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := parseRequest([]byte(tt.raw))
			if err != nil {
				t.Fatal(err)
			}
			got := []string{string(r.Body), r.ContentType, r.RawQuery}
			if diff := cmp.Diff([]string{tt.wantBody, tt.wantType, tt.wantQuery}, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	for name, raw := range map[string]string{
		"a length that is wrong": "POST /x HTTP/1.1\nHost: h\nContent-Length: 9\n\n{}\n",
		"no request line":        "{}\n",
		"a chunk cut short":      "POST /x HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n9\n{}\n",
	} {
		if _, err := parseRequest([]byte(raw)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestRequestsAreHeldToPromises(t *testing.T) {
	request := []byte("POST /x HTTP/1.1\nHost: h\n\n+16505550123\n")
	tests := []struct {
		name   string
		decode func(flow.Request, *flow.Hook) (flow.Call, error)
		want   string // part of the error; empty: none
	}{
		{"reads it", func(flow.Request, *flow.Hook) (flow.Call, error) { return flow.Call{}, nil }, ""},
		{"changes the body", func(r flow.Request, _ *flow.Hook) (flow.Call, error) {
			r.Body[0] = 'x'
			return flow.Call{}, nil
		}, "changed the body"},
		{"names the number", func(r flow.Request, _ *flow.Hook) (flow.Call, error) {
			return flow.Call{}, fmt.Errorf("%w: %s", flow.ErrMalformed, r.Body)
		}, "may name a number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Suite{Dialect: flow.Dialect{Decode: tt.decode}}.read(".request", request)
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := (Suite{}).read(".callback", request); err == nil {
		t.Error("a callback to a dialect that reads none: no error")
	}
}

func TestDescribeCall(t *testing.T) {
	number := ani.MustParse("+16505550123")
	whole := flow.Call{
		ANI: number, DNISFault: ani.ErrMissing, Diverter: number, ID: "a b", Attestation: flow.AttestationB,
		Carries: func(t flow.Target) bool { return t.Kind == flow.KindSIP || t.Kind == flow.KindQueue },
	}
	tests := []struct {
		name string
		call flow.Call
		err  error
		want string
	}{
		{"everything", whole, nil, "ani: +16505550123\ndnis: number is missing\ndiverter: +16505550123\nid: \"a b\"\nattestation: B\ncarries: sip queue\n"},
		{"neither number nor fault is seen", flow.Call{}, nil, "ani: NEITHER A NUMBER NOR A FAULT\ndnis: NEITHER A NUMBER NOR A FAULT\nattestation: none\n"},
		{"malformed", flow.Call{}, flow.ErrMalformed, "error: request cannot be read\n"},
		{"not a call", flow.Call{}, flow.ErrNotACall, "asks nothing\n"},
		{"an error of another kind is seen", flow.Call{}, errors.New("x"), "error: x\nerror is neither ErrMalformed nor ErrNotACall\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, describeCall(tt.call, tt.err)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// The standard instructions are what their names say, and each name is there
// once.
func TestCases(t *testing.T) {
	hook := Hook("x")
	seen := map[string]bool{}
	targets, backups := map[flow.Kind]bool{}, map[flow.Kind]bool{}
	for _, c := range Cases(hook) {
		in := c.Instruction
		if seen[c.Name] {
			t.Errorf("%s is there twice", c.Name)
		}
		seen[c.Name] = true
		if direct := strings.HasPrefix(c.Name, "direct-"); direct != (in.Act == flow.ActDirect) || direct == in.Target.IsZero() {
			t.Errorf("%s: act %s to %v", c.Name, in.Act, in.Target)
		}
		if strings.HasSuffix(c.Name, "-backup") == in.Backup.IsZero() {
			t.Errorf("%s: backup %v", c.Name, in.Backup)
		}
		if in.Act == flow.ActDirect {
			targets[in.Target.Kind] = true
			backups[in.Backup.Kind] = true
		}
	}
	for _, kind := range flow.Kinds() {
		if !targets[kind] || !backups[kind] {
			t.Errorf("no case has a target and none a backup of kind %s", kind)
		}
	}
	reasons := map[string]flow.Reason{
		"direct-number": flow.ReasonListed, "continue": flow.ReasonNotListed,
		"continue-malformed": flow.ReasonMalformed, "continue-internal-fault": flow.ReasonError,
	}
	for _, c := range Cases(hook) {
		if want, ok := reasons[c.Name]; ok && c.Instruction.Decision.Reason != want {
			t.Errorf("%s: reason %s, want %s", c.Name, c.Instruction.Decision.Reason, want)
		}
	}
}

func TestCarries(t *testing.T) {
	s := Suite{Dialect: flow.Dialect{Carries: func(t flow.Target, _ *flow.Hook) bool { return t.Kind == flow.KindSIP }}}
	var kinds []flow.Kind
	for _, kind := range flow.Kinds() {
		if s.carries(target(kind)) {
			kinds = append(kinds, kind)
		}
	}
	if !slices.Equal(kinds, []flow.Kind{flow.KindSIP}) {
		t.Errorf("the suite asks for %v of a dialect that knows SIP alone", kinds)
	}
	if !s.carries(flow.Target{}) {
		t.Error("no target at all counts as one that can't be carried out")
	}
}
