package document

import (
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/ani/listfile"
	"github.com/ringthrough/ringthrough/flow"
)

// field is one field on its way out: a string is a text of somebody's, a word
// is one of a closed set; else a bool, an int, []string, []field or [][]field.
type field struct {
	name  string
	value any
}

// word needs no quotes in YAML.
type word string

func layEntry(e *ani.Entry) ([]field, error) {
	laid := []field{
		{"pattern", e.Pattern.String()},
		{"label", e.Label},
		{"source", e.Source},
		{"lines", e.Lines},
	}
	for _, t := range []struct {
		name string
		at   time.Time
	}{{"not_before", e.NotBefore}, {"expires_at", e.ExpiresAt}} {
		text, err := listfile.FormatTime(t.at)
		if err != nil {
			return nil, err
		}
		if text != "" {
			laid = append(laid, field{t.name, text})
		}
	}
	return append(laid,
		field{"enabled", e.Enabled},
		field{"min_attestation", word(e.MinAttestation.String())},
		field{"note", e.Note},
	), nil
}

func layLine(l *flow.Line) []field {
	numbers := make([]string, len(l.Numbers))
	for i, n := range l.Numbers {
		numbers[i] = n.String()
	}
	targets := make([][]field, len(l.Targets))
	for i, t := range l.Targets {
		targets[i] = []field{{"kind", word(t.Kind)}, {"address", t.Address}, {"label", t.Label}, {"hours", string(t.Hours)}}
	}
	return []field{
		{"name", l.Name},
		{"numbers", numbers},
		{"default", l.Default},
		{"enabled", l.Enabled},
		{"policy", word(l.Policy)},
		{"attestation", word(l.Attestation)},
		{"limit", []field{{"calls", l.Limit.Calls}, {"per", word(l.Limit.Per.String())}}},
		{"targets", targets},
		{"redial_within", word(l.RedialWithin.String())},
		{"continue_url", l.ContinueURL},
		{"announce", l.Announce},
		{"timezone", l.Timezone},
	}
}
