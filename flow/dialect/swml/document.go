package swml

import (
	"regexp"
	"strings"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dial"
	"github.com/ringthrough/ringthrough/flow/dialect/jsontext"
)

// The options of a hook that this dialect knows.
const (
	optionContext    = "context"     // of users' resource addresses; public where it is empty
	optionCallState  = "call_state"  // true: the legs' states are reported
	optionAfterQueue = "after_queue" // hangup: a call that a queue's agent had ends there
)

// maxTimeout is how long an endpoint may ring, in seconds: SignalWire's bound
// for cXML, unverified for SWML.
const maxTimeout = 600

// document is one section of methods.
// https://signalwire.com/docs/swml/reference
type document struct {
	Version  string `json:"version"`
	Sections struct {
		Main []any `json:"main"`
	} `json:"sections"`
}

func documentOf(methods ...any) document {
	d := document{Version: "1.0.0"}
	d.Sections.Main = methods
	return d
}

type connectMethod struct {
	Connect connect `json:"connect"`
}

// connect rings To, or those of Serial one after the other. Result runs when
// it is over.
// https://signalwire.com/docs/swml/reference/connect
type connect struct {
	To              string         `json:"to,omitempty"`
	Serial          []device       `json:"serial,omitempty"`
	From            string         `json:"from,omitempty"`
	Timeout         int            `json:"timeout"`
	AnswerOnBridge  bool           `json:"answer_on_bridge"`
	Confirm         string         `json:"confirm,omitempty"`
	CallStateURL    string         `json:"call_state_url,omitempty"`
	CallStateEvents []string       `json:"call_state_events,omitempty"`
	Result          *connectSwitch `json:"result,omitempty"`
}

type device struct {
	To string `json:"to"`
}

type connectSwitch struct {
	Case    map[string][]any `json:"case"`
	Default []any            `json:"default"`
}

type queueMethod struct {
	EnterQueue enterQueue `json:"enter_queue"`
}

// enterQueue answers the call. SignalWire insists on something to do after
// the agent's part: a URL, or a document as a string.
// https://signalwire.com/docs/swml/reference/enter-queue
type enterQueue struct {
	QueueName           string `json:"queue_name"`
	TransferAfterBridge string `json:"transfer_after_bridge"`
}

type transferMethod struct {
	Transfer struct {
		Dest string `json:"dest"`
	} `json:"transfer"`
}

type hangupMethod struct {
	Hangup struct{} `json:"hangup"`
}

type playMethod struct {
	Play struct {
		URL      string `json:"url"`
		Language string `json:"say_language,omitempty"`
	} `json:"play"`
}

// hangupDocument is what a queue is given where nothing is to come after it.
const hangupDocument = `{"version":"1.0.0","sections":{"main":[{"hangup":{}}]}}`

func carries(t flow.Target, h *flow.Hook) bool {
	return destination(t, h) != "" || t.Kind == flow.KindQueue && t.Address != ""
}

var (
	resource    = regexp.MustCompile(`^/[A-Za-z0-9_.-]{1,64}/[A-Za-z0-9_.~-]{1,128}$`)
	contextName = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)
)

// destination is what a connect dials for t; empty for queues (to dial
// queue:NAME is the agent's part), mailboxes, and what is not safe to dial.
func destination(t flow.Target, h *flow.Hook) string {
	switch {
	case t.Kind == flow.KindNumber && dial.IsNumber(t.Address), t.Kind == flow.KindSIP && dial.IsSIP(t.Address):
		return t.Address
	case t.Kind == flow.KindUser:
		return resourceOf(t.Address, h)
	default:
		return ""
	}
}

// resourceOf is the resource address of a user: as it was configured, or by
// the user's name.
func resourceOf(address string, h *flow.Hook) string {
	if !strings.HasPrefix(address, "/") {
		in := h.Options[optionContext]
		if !contextName.MatchString(in) {
			in = "public"
		}
		address = "/" + in + "/" + dial.UserName(address)
	}
	if !resource.MatchString(address) {
		return ""
	}
	return address
}

// encode answers status callbacks with an empty body, since nobody reads it.
func encode(in flow.Instruction, h *flow.Hook) flow.Reply {
	switch in.Act {
	case flow.ActDirect:
		if carries(in.Target, h) {
			return jsontext.Reply(documentOf(ring(in, h)))
		}
		return carryOn(in)
	case flow.ActHangUp:
		return jsontext.Reply(documentOf(hangupMethod{}))
	case flow.ActNothing:
		return flow.Reply{Status: 200}
	default:
		return carryOn(in)
	}
}

// ring rings the target, and the backup in the same document: nothing is
// asked of us in between.
func ring(in flow.Instruction, h *flow.Hook) any {
	if in.Target.Kind == flow.KindQueue {
		return enter(in.Target, in, h)
	}
	c := connect{
		To: destination(in.Target, h), From: dial.CallerID(h), Timeout: dial.Seconds(h.DialTimeout, 1, maxTimeout),
		AnswerOnBridge: true, Confirm: in.WhisperURL, Result: after(in, h),
	}
	if second := destination(in.Backup, h); second != "" {
		c.Serial, c.To = []device{{c.To}, {second}}, ""
	}
	if in.ResultURL != "" && h.Options[optionCallState] == "true" {
		c.CallStateURL, c.CallStateEvents = in.ResultURL, []string{"answered", "ended"}
	}
	return connectMethod{c}
}

// after is what becomes of the caller when the connect is over: a call that
// was connected ends, any other goes to the queue that is the backup, or on.
// Without either a document simply ends, and the call with it.
func after(in flow.Instruction, h *flow.Hook) *connectSwitch {
	s := &connectSwitch{Case: map[string][]any{"connected": {hangupMethod{}}}}
	switch {
	case in.Backup.Kind == flow.KindQueue && carries(in.Backup, h):
		s.Default = []any{enter(in.Backup, in, h)}
	case in.ContinueURL != "":
		s.Default = []any{transferTo(in.ContinueURL)}
	default:
		return nil
	}
	return s
}

func enter(queue flow.Target, in flow.Instruction, h *flow.Hook) any {
	then := in.ContinueURL
	if then == "" || h.Options[optionAfterQueue] == "hangup" {
		then = hangupDocument
	}
	return queueMethod{enterQueue{QueueName: queue.Address, TransferAfterBridge: then}}
}

// carryOn goes on at the continue URL. With none configured an HTTP error is
// the least bad: SignalWire then turns to the fallback URL of the number's
// settings, while a document without methods would end the call.
func carryOn(in flow.Instruction) flow.Reply {
	if in.ContinueURL == "" {
		return flow.Reply{Status: 404, ContentType: "text/plain", Body: []byte("the hook has no continue_url")}
	}
	return jsontext.Reply(documentOf(transferTo(in.ContinueURL)))
}

func transferTo(url string) any {
	var t transferMethod
	t.Transfer.Dest = url
	return t
}

// whisper is the document of connect's confirm: the legs are joined when it
// is through. SWML puts variables in for ${…} and %{…}, so those are parted,
// and its schema has no line separators in what is played.
func whisper(announce string, h *flow.Hook) flow.Reply {
	var p playMethod
	p.Play.URL = "say:" + strings.NewReplacer("${", "$ {", "%{", "% {", "\u2028", " ", "\u2029", " ").Replace(jsontext.Spoken(announce))
	p.Play.Language = jsontext.Language(h)
	return jsontext.Reply(documentOf(p))
}
