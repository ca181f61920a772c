package document

import (
	"encoding"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/ani/listfile"
	"github.com/ringthrough/ringthrough/flow"
)

var entryFields = fields[ani.Entry]{
	{"pattern", textField(func(e *ani.Entry) encoding.TextUnmarshaler { return (*pattern)(&e.Pattern) })},
	{"label", stringField(func(e *ani.Entry) *string { return &e.Label })},
	{"source", stringField(func(e *ani.Entry) *string { return &e.Source })},
	{"lines", func(r *reader, e *ani.Entry, at string, n *yaml.Node) {
		e.Lines = list(r, at, n, func(r *reader, at string, n *yaml.Node) string {
			name, _ := r.text(at, n)
			return name
		})
	}},
	{"not_before", textField(func(e *ani.Entry) encoding.TextUnmarshaler { return (*moment)(&e.NotBefore) })},
	{"expires_at", textField(func(e *ani.Entry) encoding.TextUnmarshaler { return (*moment)(&e.ExpiresAt) })},
	{"enabled", boolField(func(e *ani.Entry) *bool { return &e.Enabled })},
	{"min_attestation", textField(func(e *ani.Entry) encoding.TextUnmarshaler { return &e.MinAttestation })},
	{"note", stringField(func(e *ani.Entry) *string { return &e.Note })},
}

var lineFields = fields[flow.Line]{
	{"name", stringField(func(l *flow.Line) *string { return &l.Name })},
	{"numbers", func(r *reader, l *flow.Line, at string, n *yaml.Node) { l.Numbers = list(r, at, n, readNumber) }},
	{"default", boolField(func(l *flow.Line) *bool { return &l.Default })},
	{"enabled", boolField(func(l *flow.Line) *bool { return &l.Enabled })},
	{"policy", stringField(func(l *flow.Line) *flow.Policy { return &l.Policy })},
	{"attestation", stringField(func(l *flow.Line) *flow.AttestationPolicy { return &l.Attestation })},
	{"limit", func(r *reader, l *flow.Line, at string, n *yaml.Node) { object(r, &l.Limit, at, n, limitFields) }},
	{"targets", func(r *reader, l *flow.Line, at string, n *yaml.Node) { l.Targets = list(r, at, n, readTarget) }},
	{"redial_within", textField(func(l *flow.Line) encoding.TextUnmarshaler { return &l.RedialWithin })},
	{"continue_url", stringField(func(l *flow.Line) *string { return &l.ContinueURL })},
	{"announce", stringField(func(l *flow.Line) *string { return &l.Announce })},
	{"timezone", stringField(func(l *flow.Line) *string { return &l.Timezone })},
}

var limitFields = fields[flow.Limit]{
	{"calls", func(r *reader, l *flow.Limit, at string, n *yaml.Node) { r.whole(&l.Calls, at, n) }},
	{"per", textField(func(l *flow.Limit) encoding.TextUnmarshaler { return &l.Per })},
}

var targetFields = fields[flow.Target]{
	{"kind", stringField(func(t *flow.Target) *flow.Kind { return &t.Kind })},
	{"address", stringField(func(t *flow.Target) *string { return &t.Address })},
	{"label", stringField(func(t *flow.Target) *string { return &t.Label })},
	{"hours", stringField(func(t *flow.Target) *flow.Hours { return &t.Hours })},
}

func readTarget(r *reader, at string, n *yaml.Node) (t flow.Target) {
	object(r, &t, at, n, targetFields)
	return t
}

func readNumber(r *reader, at string, n *yaml.Node) (number ani.Number) {
	r.unmarshal(&number, at, n)
	return number
}

// stringField reads a text as it stands.
func stringField[T any, S ~string](of func(*T) *S) func(*reader, *T, string, *yaml.Node) {
	return func(r *reader, v *T, at string, n *yaml.Node) {
		if text, ok := r.text(at, n); ok {
			*of(v) = S(text)
		}
	}
}

// textField reads what reads itself from a text.
func textField[T any](of func(*T) encoding.TextUnmarshaler) func(*reader, *T, string, *yaml.Node) {
	return func(r *reader, v *T, at string, n *yaml.Node) { r.unmarshal(of(v), at, n) }
}

func boolField[T any](of func(*T) *bool) func(*reader, *T, string, *yaml.Node) {
	return func(r *reader, v *T, at string, n *yaml.Node) { r.truth(of(v), at, n) }
}

// pattern reads like ani.Pattern, but finds an empty text missing.
type pattern ani.Pattern

// UnmarshalText reads what ani.ParsePattern reads.
func (p *pattern) UnmarshalText(b []byte) error {
	v, err := ani.ParsePattern(string(b))
	*p = pattern(v)
	return err
}

// moment reads what listfile.ParseTime reads, and nothing as no time.
type moment time.Time

// UnmarshalText reads a time.
func (m *moment) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*m = moment{}
		return nil
	}
	v, err := listfile.ParseTime(string(b))
	*m = moment(v)
	return err
}
