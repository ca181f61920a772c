// Package sipheader reads the headers of a call's INVITE, which some
// platforms hand on: who diverted the call, and how far the carrier vouches
// for the caller. It knows no platform.
package sipheader

import (
	"strings"

	"github.com/ringthrough/ringthrough/flow"
)

// Headers are the values of each header by its name, in any case.
type Headers map[string][]string

// Values are the values of the header called name, parted where one line
// holds several. A comma in a display name parts it as well, which leaves
// pieces that no number can be read from.
func (h Headers) Values(name string) []string {
	var all []string
	for n, lines := range h {
		if strings.EqualFold(n, name) {
			for _, line := range lines {
				all = append(all, strings.Split(line, ",")...)
			}
		}
	}
	return all
}

// Diverter is who diverted the call last: RFC 5806 puts that one first.
// Empty if nobody did. Without a Diversion, History-Info tells.
func (h Headers) Diverter() string {
	if all := h.Values("Diversion"); len(all) > 0 && strings.TrimSpace(all[0]) != "" {
		return strings.TrimSpace(all[0])
	}
	return h.historyDiverter()
}

// Attestation is how far the carrier vouches for the caller of c, by the
// verstat of P-Asserted-Identity or else of From (ATIS-1000074). A verstat
// vouches for the number that it stands beside, so one beside another number
// than the caller's says nothing; a failed one beside the caller's outweighs
// any other.
func (h Headers) Attestation(c flow.Call, r flow.Reading) flow.Attestation {
	best := flow.AttestationNone
	for _, name := range []string{"P-Asserted-Identity", "From"} {
		for _, value := range h.Values(name) {
			level := flow.ReadAttestation(verstat(value))
			if level == flow.AttestationNone || c.ANI.IsZero() || !names(value, c, r) {
				continue
			}
			if level == flow.AttestationFailed {
				return level
			}
			if best == flow.AttestationNone {
				best = level
			}
		}
	}
	return best
}

// names reports whether value names the caller of c.
func names(value string, c flow.Call, r flow.Reading) bool {
	return r.Call(flow.Fields{ANI: strings.TrimSpace(value), DNIS: c.DNIS.String()}).ANI == c.ANI
}

// verstat is the parameter of that name. It stands in the user part as often
// as behind the host, so that it ends where its characters do.
func verstat(value string) string {
	_, rest, _ := strings.Cut(strings.ToLower(value), "verstat=")
	end := strings.IndexFunc(rest, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
	})
	if end >= 0 {
		rest = rest[:end]
	}
	return rest
}
