package sipheader

import (
	"strings"

	"github.com/ringthrough/ringthrough/flow"
)

// Level reads what a script hands on of the attestation of c: a level in any
// spelling, or the whole P-Asserted-Identity or From with ;verstat= in it. The
// verstat of a header vouches for the number that it stands beside.
func Level(text string, c flow.Call, r flow.Reading) flow.Attestation {
	text = strings.TrimSpace(text)
	if i := strings.Index(strings.ToLower(text), "verstat="); i <= 0 || text[:i] == ";" {
		return flow.ReadAttestation(text)
	}
	return Headers{"P-Asserted-Identity": {text}}.Attestation(c, r)
}
