package ani

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
)

// peel takes off raw what isn't the number: display name and angle brackets,
// scheme, host, parameters, percent-encoding (RFC 3261, RFC 3966). A + that a
// query string turned into a blank is put back. It reports false for what is
// too long, is not text or holds control characters, whatever is in it.
func peel(raw string) (string, bool) {
	if len(raw) > maxRaw {
		return "", false
	}
	s, ok := plain(raw)
	if !ok {
		return "", false
	}
	s = user(unwrap(s))
	if strings.Contains(s, "%") {
		decoded, err := url.PathUnescape(s)
		if err != nil {
			return "", false
		}
		if s, ok = plain(decoded); !ok {
			return "", false
		}
	}
	trimmed := strings.TrimSpace(s)
	if s != "" && s[0] == ' ' && trimmed != "" && isDigit(trimmed[0]) && trimmed[0] != '0' {
		return "+" + trimmed, true // no calling code begins with 0: that blank is only a blank
	}
	return trimmed, true
}

// plain writes the digits and the plus of other scripts as ASCII and drops
// invisible marks that come along when a number is copied.
func plain(s string) (string, bool) {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return "", false
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\uff0b':
			b.WriteByte('+')
		case r >= utf8.RuneSelf && unicode.IsDigit(r):
			d := phonenumbers.NormalizeDigitsOnly(string(r))
			if len(d) != 1 {
				return "", false
			}
			b.WriteString(d)
		case !unicode.Is(unicode.Cf, r):
			b.WriteRune(r)
		}
	}
	return b.String(), true
}

// unwrap is the address of a name-addr, and s itself where it is none.
func unwrap(s string) string {
	name, rest, quoted := cutQuoted(s)
	if _, addr, ok := strings.Cut(rest, "<"); ok {
		addr, _, _ = strings.Cut(addr, ">")
		return addr
	}
	if quoted && strings.TrimSpace(rest) == "" {
		return name
	}
	if quoted {
		return strings.TrimSpace(rest)
	}
	return s
}

// cutQuoted splits a quoted string off the front of s.
func cutQuoted(s string) (quoted, rest string, ok bool) {
	t := strings.TrimLeft(s, " ")
	if !strings.HasPrefix(t, `"`) {
		return "", s, false
	}
	for i := 1; i < len(t); i++ {
		switch t[i] {
		case '\\':
			i++
		case '"':
			return t[1:i], t[i+1:], true
		}
	}
	return "", s, false
}

// user is the user part of a tel or SIP URI, and of what looks like one
// without its scheme. A phone-context that is a number goes in front of it.
func user(s string) string {
	scheme, rest, _ := strings.Cut(s, ":")
	scheme = strings.ToLower(strings.TrimSpace(scheme))
	isSIP := scheme == "sip" || scheme == "sips"
	if isSIP || scheme == "tel" {
		s = rest
	}
	s, _, hasHost := strings.Cut(s, "@")
	s, params, _ := strings.Cut(s, ";")
	if isSIP {
		s, _, _ = strings.Cut(s, ":") // a password or a port
		if !hasHost && strings.Contains(s, ".") {
			return "@" + s // a host alone: an IPv4 address would read as a number
		}
	}
	return phoneContext(params) + s
}

// phoneContext is the phone-context among params if it is the beginning of a
// number; a domain tells nothing (RFC 3966, section 5.1.5).
func phoneContext(params string) string {
	for p := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(p, "=")
		if strings.EqualFold(name, "phone-context") && strings.HasPrefix(value, "+") {
			return value
		}
	}
	return ""
}
