package flow

import "time"

// Dialect is one IVR platform's way to ask and to be told: a value of pure
// functions. It keeps no state, sees no connection and knows no other
// dialect.
type Dialect struct {
	// Name is the wire format's where vendors share one ("twiml"), else the
	// vendor's.
	Name string

	// BareIsE164 is the default of a hook's bare_is_e164: the platform sends
	// international digits without their +.
	BareIsE164 bool

	// MaxBody bounds a request's body in bytes; 0 stands for DefaultMaxBody.
	MaxBody int64

	// OverSIP says that the platform asks over SIP. Request.Body is then the
	// whole message, as message/sip, and Reply.Body the status line and the
	// headers of the response, as message/sipfrag.
	OverSIP bool

	// DropsOnError says that the platform ends the call on any HTTP error,
	// so that even an overloaded server must answer with a continue.
	DropsOnError bool

	// Carries tells whether the platform can carry out a direct call to a
	// target on this hook. Nil: it can to any.
	Carries func(Target, *Hook) bool

	// Decode reads one question. An error (ErrMalformed, wrapped with what
	// was wrong and without any number) makes the answer a continue. ErrNotACall
	// is a request that asks nothing; Encode is then given an Instruction
	// with Act Nothing.
	Decode func(Request, *Hook) (Call, error)

	// Encode writes one answer. It is called for every way out: after a
	// Decode that could not read the request, too.
	Encode func(Instruction, *Hook) Reply

	// Result reads a report on the direct leg, which the platform posts to
	// Instruction.ResultURL. ErrNotACall is a report that says nothing of the
	// leg. Nil where the platform never calls back.
	Result func(Request, *Hook) (Report, error)

	// Whisper writes what the platform does on the callee's leg alone before
	// the legs join: it says the announcement. Nil where it can't.
	Whisper func(announce string, h *Hook) Reply

	// SendsOn says that a continue is a URL which the platform asks next: a
	// hook without one can only leave callers to the platform's fallback.
	SendsOn bool

	// FetchesContinue says that the platform has no verb that sends a call on
	// to another URL: for a continue the server asks the continue URL itself
	// and hands its answer over as Instruction.Continued.
	FetchesContinue bool

	// Question is the request with which the platform would ask about a call:
	// what the continue URL is asked once a leg of that call has failed. Nil
	// where FetchesContinue is false or no report leads to another answer.
	Question func(Call) Request
}

// DefaultMaxBody is how many bytes a request's body may have.
const DefaultMaxBody = 16 << 10

// Hook is one configured entrance, as far as a dialect needs to know it.
// It is never changed once it serves.
type Hook struct {
	Name        string
	Reading     Reading
	PublicURL   string        // what the platform calls; empty if not configured
	ContinueURL string        // where other callers carry on; a line's own wins
	DialTimeout time.Duration // how long a target rings
	CallerID    string        // the account's own number, where the platform wants one
	SIPTemplate string        // how a number becomes a SIP URI, with {number} in it
	FreeSWITCH  FreeSWITCH
	Options     map[string]string // settings of one dialect alone
}

// FreeSWITCH is what a dialplan of that switch needs to know.
type FreeSWITCH struct {
	Gateway string `yaml:"gateway"` // sofia gateway that numbers are dialled through
	Profile string `yaml:"profile"` // sofia profile that SIP URIs are dialled from
	Domain  string `yaml:"domain"`  // of users and mailboxes
	Context string `yaml:"context"` // that the reply is for; empty: global
}

// Request is one HTTP request of a platform, or one SIP request, read whole.
type Request struct {
	Method      string
	RawQuery    string
	ContentType string // media type without parameters, lower case
	Header      func(name string) string
	Body        []byte
	Unattested  bool // whoever sent it has not signed what it says of the attestation
}

// Act is what the platform is told to do.
type Act string

// The acts. Nothing acknowledges a request that changes nothing: progress of
// a leg, the end of a call.
const (
	ActDirect   Act = "direct"
	ActContinue Act = "continue"
	ActHangUp   Act = "hang_up"
	ActNothing  Act = "nothing"
)

// Instruction is what a dialect turns into the platform's own words.
type Instruction struct {
	Act      Act
	LookupID string
	Revision uint64
	Decision Decision // of the lookup; zero where the call is unknown

	// Target is rung now; Backup, if it isn't zero, next. Both are zero
	// unless Act is ActDirect.
	Target, Backup Target

	ContinueURL string // where the caller carries on; empty if nothing is configured
	ResultURL   string // where the platform reports the end of the leg; empty: it can't
	WhisperURL  string // what speaks the announcement to the callee; empty: nothing does
	Format      string // what the request asked the reply to look like; flat only
	Continued   []byte // what the customer's own server says for a continue, where it was fetched
}

// Reply is what goes back to the platform.
type Reply struct {
	Status      int // of HTTP, 0 stands for 200; or of SIP
	ContentType string
	Body        []byte
}

// Report says how the direct leg is getting on.
type Report struct {
	Result   Result
	Ended    bool // the leg is over; progress otherwise
	Duration time.Duration
	CallID   string // the platform's own id of the call, where it reports elsewhere than to ResultURL
}

// Result is how a direct leg ended.
type Result string

// The results.
const (
	ResultAnswered Result = "answered"
	ResultNoAnswer Result = "no_answer"
	ResultBusy     Result = "busy"
	ResultFailed   Result = "failed"
)

// Results lists the results.
func Results() []Result {
	return []Result{ResultAnswered, ResultNoAnswer, ResultBusy, ResultFailed}
}
