package connect

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
	"github.com/ringthrough/ringthrough/flow/dialect/flat"
)

const (
	queueID  = "f3b2c1d0-1111-4222-8333-444455556666"
	arn      = "arn:aws:connect:us-east-1:123456789012:instance/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
	queueARN = arn + "/queue/" + queueID
	agentARN = arn + "/agent/" + queueID
)

func TestGolden(t *testing.T) {
	hook := dialecttest.Hook("connect")
	dialecttest.Suite{Dialect: Dialect(), Hook: hook, Also: alsoWith(hook), Judge: judge}.Run(t)
}

// alsoWith are instructions with addresses as Connect takes them.
func alsoWith(hook flow.Hook) []dialecttest.Case {
	number := dialecttest.Cases(hook)[0].Instruction
	queue, agent := number, number
	queue.Target = flow.Target{Kind: flow.KindQueue, Address: queueARN}
	queue.Backup = flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}
	agent.Target = flow.Target{Kind: flow.KindUser, Address: agentARN}
	agent.Backup = flow.Target{Kind: flow.KindQueue, Address: queueID}
	return []dialecttest.Case{
		{Name: "direct-queue-arn-backup", Instruction: queue},
		{Name: "direct-agent-arn-backup", Instruction: agent},
	}
}

// judge reads a reply as AWS's own type for it, which is a map of strings,
// and Connect as at most 32 KB of one.
func judge(t *testing.T, c dialecttest.Case, r flow.Reply) {
	t.Helper()
	got := readResponse(t, r)
	want := events.ConnectResponse{}
	answer := flat.AnswerTo(c.Instruction)
	for _, p := range answer.Pairs() {
		want[p.Key] = p.Value
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-flat +connect\n%s", diff)
	}
}

func readResponse(t *testing.T, r flow.Reply) events.ConnectResponse {
	t.Helper()
	var got events.ConnectResponse
	if err := json.Unmarshal(r.Body, &got); err != nil || len(r.Body) > 32<<10 || bytes.ContainsAny(r.Body, "\r\n") {
		t.Fatalf("no map of strings on one line: %s: %v", r.Body, err)
	}
	return got
}

func TestCarries(t *testing.T) {
	tests := []struct {
		name    string
		kind    flow.Kind
		address string
		want    bool
	}{
		{"a number", flow.KindNumber, "+15125550123", true},
		{"a queue's id", flow.KindQueue, queueID, true},
		{"a queue's ARN", flow.KindQueue, queueARN, true},
		{"a queue's ARN in China", flow.KindQueue, "arn:aws-cn:connect:cn-north-1:123456789012:instance/" + queueID + "/queue/" + queueID, true},
		{"a queue's name", flow.KindQueue, "WhatsApp activation", false},
		{"an agent's ARN as a queue", flow.KindQueue, agentARN, false},
		{"an agent's id", flow.KindUser, queueID, true},
		{"an agent's ARN", flow.KindUser, agentARN, true},
		{"an agent's e-mail", flow.KindUser, "dana@example.com", false},
		{"a SIP URI", flow.KindSIP, "sip:desk@pbx.example.com", false},
		{"a mailbox", flow.KindMailbox, "4100", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := carries(flow.Target{Kind: tt.kind, Address: tt.address}, nil); got != tt.want {
				t.Errorf("got %t, want %t", got, tt.want)
			}
		})
	}
}

// AWS's own type for the event is read as it writes itself.
func TestDecodesTheVendorsEvent(t *testing.T) {
	e := events.ConnectEvent{Name: "ContactFlowEvent", Details: events.ConnectDetails{
		Parameters: map[string]string{"attestation": "A"},
		ContactData: events.ConnectContactData{
			Channel: "VOICE", ContactID: "c1", InitiationMethod: "INBOUND",
			CustomerEndpoint: events.ConnectEndpoint{Address: "+16505550123", Type: "TELEPHONE_NUMBER"},
			SystemEndpoint:   events.ConnectEndpoint{Address: "+18005550100", Type: "TELEPHONE_NUMBER"},
		},
	}}
	read := func() string {
		body, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		c, err := decode(flow.Request{Method: "POST", Body: body}, new(flow.Hook))
		if err != nil {
			t.Fatal(err)
		}
		return c.ANI.String() + " " + c.DNIS.String() + " " + c.ID + " " + c.Attestation.String()
	}
	if got, want := read(), "+16505550123 +18005550100 c1 A"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	e.Details.Parameters = map[string]string{"ani": "tel:+16505550199", "dnis": "+18005550111"}
	if got, want := read(), "+16505550199 +18005550111 c1 none"; got != want {
		t.Errorf("with parameters: got %s, want %s", got, want)
	}
}
