package sip302

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

func TestGolden(t *testing.T) {
	dialecttest.Suite{Dialect: Dialect(), Hook: sampleHook(), Judge: judge, Also: []dialecttest.Case{
		{Name: "direct-queue-that-is-a-sip-uri", Instruction: direct(flow.KindQueue, "sip:queue@pbx.example.com;transport=tcp")},
	}}.Run(t)
}

// TestGoldenVerified is of an SBC that verifies the Identity itself.
func TestGoldenVerified(t *testing.T) {
	hook := sampleHook()
	hook.Options = map[string]string{OptionAttestation: "X-Attestation"}
	dialecttest.Suite{Dialect: Dialect(), Hook: hook, Judge: judge, Dir: "verified"}.Run(t)
}

func sampleHook() flow.Hook {
	hook := dialecttest.Hook("sip302")
	hook.SIPTemplate = "sip:{number}@gw.example.com;user=phone"
	hook.Reading.BareIsE164 = Dialect().BareIsE164
	return hook
}

func direct(kind flow.Kind, address string) flow.Instruction {
	return flow.Instruction{
		Act: flow.ActDirect, LookupID: "d1k2m3n4o5p6q7r8s9t0", Decision: flow.Decision{Route: flow.Direct, Reason: flow.ReasonListed},
		Target: flow.Target{Kind: kind, Address: address},
	}
}

// contact is RFC 3261's, as narrow as it is written here.
var contact = regexp.MustCompile(`^Contact: <sips?:[^<>\s,]+@[^<>\s,]+>;q=(1\.0|0\.5)$`)

// judge reads a reply as a proxy does: contacts are there when the call goes
// to a person, and only then; nothing else stands beside them.
func judge(t *testing.T, c dialecttest.Case, r flow.Reply) {
	t.Helper()
	want := "SIP/2.0 404 Not Found"
	if c.Instruction.Act == flow.ActDirect {
		want = "SIP/2.0 302 Moved Temporarily"
	}
	lines := contacts(t, r, want)
	if (len(lines) > 0) != (c.Instruction.Act == flow.ActDirect) {
		t.Errorf("%s is told %q", c.Instruction.Act, r.Body)
	}
}

// contacts are the lines behind the status line, all of which are Contacts.
func contacts(t *testing.T, r flow.Reply, status string) []string {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(string(r.Body), "\r\n"), "\r\n")
	if lines[0] != status || r.ContentType != "message/sipfrag" || !bytes.HasSuffix(r.Body, []byte("\r\n")) {
		t.Fatalf("%q is not %s", r.Body, status)
	}
	for _, line := range lines[1:] {
		if !contact.MatchString(line) {
			t.Errorf("%q is no Contact", line)
		}
	}
	return lines[1:]
}

// The sample of the platform's notes, to the letter.
func TestSample(t *testing.T) {
	hook := sampleHook()
	in := direct(flow.KindNumber, "+15125550123")
	in.Backup = flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com"}
	const want = "SIP/2.0 302 Moved Temporarily\r\n" +
		"Contact: <sip:+15125550123@gw.example.com;user=phone>;q=1.0\r\n" +
		"Contact: <sip:desk@pbx.example.com>;q=0.5\r\n"
	if got := encode(in, &hook); string(got.Body) != want || got.Status != 302 {
		t.Errorf("got %d %q, want %q", got.Status, got.Body, want)
	}
}

func TestCarries(t *testing.T) {
	with, without := sampleHook(), sampleHook()
	without.SIPTemplate = ""
	for _, tt := range []struct {
		name         string
		kind         flow.Kind
		address      string
		with, sipped bool // with a template, and without one
	}{
		{"a number", flow.KindNumber, "+15125550123", true, false},
		{"a SIP URI", flow.KindSIP, "sip:desk@pbx.example.com", true, true},
		{"a user", flow.KindUser, "dana@example.com", true, false},
		{"a queue", flow.KindQueue, "WhatsApp activation", false, false},
		{"a mailbox", flow.KindMailbox, "4100", false, false},
		{"a SIP URI with a second one behind it", flow.KindSIP, "sip:desk@pbx.example.com>,<sip:x@y", false, false},
		{"a SIP URI with a header behind it", flow.KindSIP, "sip:desk@pbx.example.com>\r\nRecord-Route: <sip:x@y", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			target := flow.Target{Kind: tt.kind, Address: tt.address}
			if got := carries(target, &with); got != tt.with {
				t.Errorf("with a template: %t", got)
			}
			if got := carries(target, &without); got != tt.sipped {
				t.Errorf("without one: %t", got)
			}
		})
	}
}
