package flow

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ringthrough/ringthrough/ani"
)

// Call is one question of an IVR: who calls, whom they dialled, and what the
// platform can do about it.
type Call struct {
	ANI         ani.Number // who calls; zero where ANIFault says why
	ANIFault    error      // ani.ErrMissing, ErrWithheld or ErrUnparseable; nil where ANI is set
	DNIS        ani.Number // whom they dialled; zero where DNISFault says why
	DNISFault   error      // as ANIFault
	Diverter    ani.Number // who diverted the call here; zero if nobody did
	ID          string     // the platform's own id of the call; empty if it gave none
	Attestation Attestation
	Malformed   bool // the request could not be read; nothing else is set

	// Carries tells whether the platform can carry out a direct call to a
	// target. Nil: it can to any. It is called with targets of the line only.
	Carries func(Target) bool
}

// Fields is what a request says of a call, as it stood on the wire.
type Fields struct {
	ANI, DNIS, CallID, Attestation, Region, Diverter string
}

// Reading is how the numbers of a hook's callers are read.
type Reading struct {
	Region     string // ISO 3166 alpha-2 region of national numbers; empty: the region of the called number
	BareIsE164 bool   // digits without + are international before they are national
}

// What a dialect's Decode can say of a request that is no call.
var (
	ErrMalformed = errors.New("request cannot be read")
	ErrNotACall  = errors.New("request asks nothing") // a progress event, a directory query
)

// maxCallID bounds the ids that are remembered and journalled, in bytes.
const maxCallID = 128

// isCallID reports whether s can be kept. A longer id, or one with bytes in
// it that no database takes for text, is taken for none: the call is answered,
// a retry of it is not recognised.
func isCallID(s string) bool {
	return len(s) <= maxCallID && utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl) && !ani.IsPlaceholder(s)
}

// Call reads the numbers of f. A region in the request wins over the
// hook's, and both over the region of the called number.
func (r Reading) Call(f Fields) Call {
	how := ani.Reading{Region: r.Region, BareIsE164: r.BareIsE164}
	if f.Region != "" {
		how.Region = f.Region
	}
	c := Call{Attestation: ReadAttestation(f.Attestation)}
	c.DNIS, c.DNISFault = how.Parse(f.DNIS)
	how.Called = c.DNIS
	c.ANI, c.ANIFault = how.Parse(f.ANI)
	if f.Diverter != "" {
		c.Diverter, _ = how.Parse(f.Diverter)
	}
	if isCallID(f.CallID) {
		c.ID = f.CallID
	}
	return c
}
