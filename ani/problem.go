package ani

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Problem is one thing that is wrong with one field of what somebody sent.
type Problem struct {
	Field string // its path, such as "targets[0].hours"
	Text  string // what is wrong and what would be right, as the rest of a sentence that begins with the field
}

// Problems is the error of input that can't be taken: every bad field at once.
type Problems []Problem

// Add notes one more problem.
func (p *Problems) Add(field, text string) { *p = append(*p, Problem{field, text}) }

// Err is p as an error, nil where there are no problems.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// Error names every field, one after the other.
func (p Problems) Error() string {
	texts := make([]string, len(p))
	for i, q := range p {
		texts[i] = q.Field + " " + q.Text
	}
	return strings.Join(texts, "; ")
}

// Text holds s to UTF-8 without control characters and at most limit bytes.
func (p *Problems) Text(field, s string, limit int) {
	switch {
	case len(s) > limit:
		p.Add(field, fmt.Sprintf("is too long: at most %d bytes", limit))
	case !utf8.ValidString(s):
		p.Add(field, "is not UTF-8")
	case strings.ContainsFunc(s, unicode.IsControl):
		p.Add(field, "has control characters in it: write it on one line")
	}
}
