package flow

// Route is what becomes of a call: "direct" to a person, or "continue" into
// the normal IVR.
type Route string

// The two routes.
const (
	Direct   Route = "direct"
	Continue Route = "continue"
)

// Reason is the one word that says why a call took its route. The set is
// closed; the same word stands in the reply, the log, the metric, the console
// and the tests.
type Reason string

// The reasons, in the order of the rules that give them.
const (
	ReasonMalformed      Reason = "malformed"
	ReasonDNISMissing    Reason = "dnis_missing"
	ReasonLineUnknown    Reason = "line_unknown"
	ReasonLineDisabled   Reason = "line_disabled"
	ReasonLoop           Reason = "loop"
	ReasonRehearsal      Reason = "rehearsal"
	ReasonWindow         Reason = "window"
	ReasonANIMissing     Reason = "ani_missing"
	ReasonANIWithheld    Reason = "ani_withheld"
	ReasonANIUnparseable Reason = "ani_unparseable"
	ReasonNotListed      Reason = "not_listed"
	ReasonEntryScope     Reason = "entry_scope"
	ReasonEntryInactive  Reason = "entry_inactive"
	ReasonAttestation    Reason = "attestation"
	ReasonWindowClosed   Reason = "window_closed"
	ReasonLimit          Reason = "limit"
	ReasonNoTarget       Reason = "no_target"
	ReasonListed         Reason = "listed"
	ReasonError          Reason = "error" // an internal fault; always continue
)

// Reasons lists the closed set, in the order of the rules.
func Reasons() []Reason {
	return []Reason{
		ReasonMalformed, ReasonDNISMissing, ReasonLineUnknown, ReasonLineDisabled, ReasonLoop,
		ReasonRehearsal, ReasonWindow, ReasonANIMissing, ReasonANIWithheld, ReasonANIUnparseable,
		ReasonNotListed, ReasonEntryScope, ReasonEntryInactive, ReasonAttestation, ReasonWindowClosed,
		ReasonLimit, ReasonNoTarget, ReasonListed, ReasonError,
	}
}
