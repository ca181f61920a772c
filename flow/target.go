package flow

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ringthrough/ringthrough/ani"
)

// Kind is what a target is.
type Kind string

// The kinds of target.
const (
	KindNumber  Kind = "number"  // a telephone number in E.164
	KindSIP     Kind = "sip"     // a SIP URI
	KindQueue   Kind = "queue"   // a queue's name, id or ARN, as the platform wants it
	KindUser    Kind = "user"    // a user's e-mail address, name or id
	KindMailbox Kind = "mailbox" // a voice mailbox; taken only while a window is open
)

// Kinds lists the kinds of target.
func Kinds() []Kind { return []Kind{KindNumber, KindSIP, KindQueue, KindUser, KindMailbox} }

// Target is where a direct call goes. Targets stand in order on their line:
// the first that is open is rung, the next open one is the backup.
type Target struct {
	Kind    Kind   `json:"kind" enum:"number,sip,queue,user,mailbox" doc:"what the address is"`
	Address string `json:"address" maxLength:"255" doc:"E.164 number, SIP URI, queue, user or mailbox"`
	Label   string `json:"label,omitempty" maxLength:"200" doc:"whom it reaches, for people"`
	Hours   Hours  `json:"hours,omitempty" doc:"when it is open, as in OpenStreetMap: Mo-Fr 08:00-18:00; Sa 09:00-12:00. Empty: always"`
}

// IsZero reports whether t is no target at all.
func (t Target) IsZero() bool { return t.Kind == "" }

// same reports whether t and u reach the same place.
func (t Target) same(u Target) bool { return t.Kind == u.Kind && t.Address == u.Address }

// number is the telephone number that t reaches, as far as its address tells:
// a SIP URI may have one as its user part.
func (t Target) number() ani.Number {
	if t.Kind != KindNumber && t.Kind != KindSIP {
		return ani.Number{}
	}
	n, err := ani.Parse(t.Address, "")
	if err != nil {
		return ani.Number{}
	}
	return n
}

// addressBytes are the characters of an address: it ends up in dialplans,
// where quotes, commas, brackets and dollar signs have a meaning.
const addressBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+_.:@/ -;=~%"

func (t *Target) validate(field string, p *ani.Problems) {
	switch t.Kind {
	case KindNumber:
		n, err := ani.Parse(t.Address, "")
		if err != nil {
			p.Add(field+".address", "is not a number in E.164: write + and the country code first, as in +15125550123")
		} else {
			t.Address = n.String()
		}
	case KindSIP:
		if !isSIP(t.Address) {
			p.Add(field+".address", "is not a SIP URI: write it as sip:desk@pbx.example.com")
		}
	case KindQueue, KindUser, KindMailbox:
		if strings.TrimSpace(t.Address) == "" {
			p.Add(field+".address", fmt.Sprintf("is empty: name the %s", t.Kind))
		}
	default:
		p.Add(field+".kind", fmt.Sprintf("%q is no kind of target: use number, sip, queue, user or mailbox", t.Kind))
	}
	if i := strings.IndexFunc(t.Address, func(r rune) bool { return r > 126 || !strings.ContainsRune(addressBytes, r) }); i >= 0 {
		p.Add(field+".address", fmt.Sprintf("has %q in it: addresses reach dialplans, so only letters, digits, blanks and + _ . : @ / - ; = ~ %% may be used", firstRune(t.Address[i:])))
	}
	p.Text(field+".address", t.Address, 255)
	p.Text(field+".label", t.Label, 200)
	if err := t.Hours.check(); err != nil {
		p.Add(field+".hours", err.Error())
	}
}

// isSIP reports whether s has a scheme, a user and a host, and no blanks.
func isSIP(s string) bool {
	rest, secure := strings.CutPrefix(s, "sips:")
	if !secure {
		rest, _ = strings.CutPrefix(s, "sip:")
	}
	user, host, _ := strings.Cut(rest, "@")
	return rest != s && user != "" && host != "" && !strings.ContainsAny(rest, " ") && !strings.Contains(host, "@")
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// ParseTarget reads a target as the command line writes it: kind:address,
// then @ and hours where they are limited, as in
// "number:+15125550123@Mo-Fr 08:00-18:00".
func ParseTarget(s string) (Target, error) {
	kind, rest, ok := strings.Cut(s, ":")
	if !ok || rest == "" {
		return Target{}, fmt.Errorf("target %q: write it as kind:address, for example number:+15125550123", s)
	}
	t := Target{Kind: Kind(kind), Address: rest}
	t.cutHours()
	// sip:desk@pbx.example.com is how a SIP URI is written anyway.
	if (t.Kind == KindSIP || t.Kind == "sips") && !strings.HasPrefix(t.Address, "sip:") && !strings.HasPrefix(t.Address, "sips:") {
		t.Address = kind + ":" + t.Address
		t.Kind = KindSIP
	}
	var p ani.Problems
	t.validate("target", &p)
	return t, p.Err()
}

// cutHours takes the hours off the address. Addresses may have an @ of their
// own, but numbers don't, and what has a blank behind it can only be meant
// for hours: where it is not, validate says what is wrong with it.
func (t *Target) cutHours() {
	i := strings.LastIndexByte(t.Address, '@')
	if i < 0 {
		return
	}
	hours := Hours(t.Address[i+1:])
	if t.Kind == KindNumber || strings.Contains(string(hours), " ") || hours != "" && hours.check() == nil {
		t.Address, t.Hours = t.Address[:i], hours
	}
}
