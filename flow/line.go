package flow

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/ringthrough/ringthrough/ani"
)

// Policy says when a line lets a listed caller through.
type Policy string

// The policies.
const (
	PolicyAlways Policy = "always" // whenever an entry matches
	PolicyWindow Policy = "window" // only while a window is open
)

// AttestationPolicy is what a line asks of the carrier's word for a caller.
type AttestationPolicy string

// The attestation policies. C, B and A ask for at least that level.
const (
	AttestationRejectFailed AttestationPolicy = "reject_failed"
	AttestationIgnore       AttestationPolicy = "ignore"
	AttestationAtLeastC     AttestationPolicy = "C"
	AttestationAtLeastB     AttestationPolicy = "B"
	AttestationAtLeastA     AttestationPolicy = "A"
)

// accepts reports whether a call vouched for by a may pass.
func (p AttestationPolicy) accepts(a Attestation) bool {
	switch p {
	case AttestationIgnore:
		return true
	case AttestationAtLeastC:
		return a >= AttestationC
	case AttestationAtLeastB:
		return a >= AttestationB
	case AttestationAtLeastA:
		return a >= AttestationA
	default:
		return a != AttestationFailed
	}
}

// Limit bounds how many direct calls a line takes in a span of time.
// Rehearsals don't count.
type Limit struct {
	Calls int      `json:"calls" minimum:"1" maximum:"10000" doc:"direct calls at most"`
	Per   Duration `json:"per" doc:"in this span, such as 1h"`
}

// Line is a business's own numbers that WhatsApp will call, and the people
// who answer there. NewLine has the defaults; a Line that has not been through
// Normalize serves nobody.
type Line struct {
	Name         string            `json:"name" doc:"a to z, 0 to 9 and -"`
	Numbers      []ani.Number      `json:"numbers" doc:"the numbers that callers dial, in E.164"`
	Default      bool              `json:"default" doc:"takes calls to numbers of no line; at most one line"`
	Enabled      bool              `json:"enabled" doc:"switched off, every call carries on"`
	Policy       Policy            `json:"policy" enum:"always,window" doc:"when listed callers are let through"`
	Attestation  AttestationPolicy `json:"attestation" enum:"reject_failed,ignore,C,B,A" doc:"what is asked of the carrier's word for a caller"`
	Limit        Limit             `json:"limit" doc:"direct calls at most"`
	Targets      []Target          `json:"targets" doc:"where direct calls go, in order"`
	RedialWithin Duration          `json:"redial_within" doc:"another direct call within this span of an unanswered one goes to the next target"`
	ContinueURL  string            `json:"continue_url" doc:"where other callers carry on, on platforms that want a URL; wins over the hook's"`
	Announce     string            `json:"announce" doc:"what the person who picks up is told"`
	Timezone     string            `json:"timezone" doc:"IANA name of the zone that hours are in, such as Europe/Berlin"`
}

// The defaults of a line.
const (
	DefaultLimitCalls   = 20
	DefaultLimitPer     = Duration(time.Hour)
	DefaultRedialWithin = Duration(90 * time.Second)
)

// MaxLimitPer bounds Limit.Per, and so how much of the journal a start reads.
const MaxLimitPer = Duration(7 * 24 * time.Hour)

var lineName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// NewLine is a line with every default and nothing else; decoding JSON over
// it keeps the defaults of the fields that are not there.
func NewLine() Line {
	return Line{
		Numbers: []ani.Number{}, Targets: []Target{}, Enabled: true,
		Policy: PolicyAlways, Attestation: AttestationRejectFailed,
		Limit: Limit{DefaultLimitCalls, DefaultLimitPer}, RedialWithin: DefaultRedialWithin,
		Timezone: "UTC",
	}
}

// Normalize writes l in its canonical form, with slices of its own, and reports
// every field that cannot be taken, as ani.Problems.
func (l *Line) Normalize() error {
	l.Numbers, l.Targets = append([]ani.Number{}, l.Numbers...), append([]Target{}, l.Targets...)
	l.Timezone = cmp.Or(l.Timezone, "UTC")
	var p ani.Problems
	if !lineName.MatchString(l.Name) {
		p.Add("name", "must be 1 to 63 of a to z, 0 to 9 and -, such as support-us")
	}
	l.validateNumbers(&p)
	if l.Policy != PolicyAlways && l.Policy != PolicyWindow {
		p.Add("policy", "must be always or window")
	}
	switch l.Attestation {
	case AttestationRejectFailed, AttestationIgnore, AttestationAtLeastA, AttestationAtLeastB, AttestationAtLeastC:
	default:
		p.Add("attestation", "must be reject_failed, ignore, C, B or A")
	}
	if l.Limit.Calls < 1 || l.Limit.Calls > 10000 {
		p.Add("limit.calls", "must be 1 to 10000")
	}
	if l.Limit.Per < Duration(time.Second) || l.Limit.Per > MaxLimitPer {
		p.Add("limit.per", "must be 1s to 7d")
	}
	if l.RedialWithin < 0 || l.RedialWithin > Duration(time.Hour) {
		p.Add("redial_within", "must be 0s to 1h")
	}
	l.validateTargets(&p)
	l.validateTexts(&p)
	if _, err := time.LoadLocation(l.Timezone); err != nil || l.Timezone == "Local" {
		p.Add("timezone", fmt.Sprintf("%q is no time zone: use an IANA name such as Europe/Berlin or UTC", l.Timezone))
	}
	return p.Err()
}

func (l *Line) validateNumbers(p *ani.Problems) {
	seen := map[ani.Number]bool{}
	for i, n := range l.Numbers {
		if n.IsZero() {
			p.Add(fmt.Sprintf("numbers[%d]", i), "is empty: write it in E.164, as in +18005550100")
		} else if seen[n] {
			p.Add(fmt.Sprintf("numbers[%d]", i), "is there twice")
		}
		seen[n] = true
	}
}

// validateTargets refuses a target that stands there twice, too: a redial
// would find it after itself.
func (l *Line) validateTargets(p *ani.Problems) {
	if len(l.Targets) > 32 {
		p.Add("targets", "are too many: at most 32")
	}
	for i := range l.Targets {
		field := fmt.Sprintf("targets[%d]", i)
		l.Targets[i].validate(field, p)
		if slices.ContainsFunc(l.Targets[:i], l.Targets[i].same) {
			p.Add(field, "is there twice: give the first one all its hours, with ; between them")
		}
	}
}

func (l *Line) validateTexts(p *ani.Problems) {
	p.Text("announce", l.Announce, 500)
	if l.ContinueURL == "" {
		return
	}
	if !IsContinueURL(l.ContinueURL) {
		p.Add("continue_url", "must be a whole https:, http:, sip:, sips: or tel: URL, such as https://ivr.example.com/start")
	}
}

// IsContinueURL reports whether s can be where callers carry on: a URL of at
// most 2000 bytes that a platform fetches or dials.
func IsContinueURL(s string) bool {
	u, err := url.Parse(s)
	if err != nil || len(s) > 2000 {
		return false
	}
	switch u.Scheme {
	case "http", "https":
		return u.Host != ""
	case "sip", "sips", "tel":
		return u.Opaque != ""
	default:
		return false
	}
}
