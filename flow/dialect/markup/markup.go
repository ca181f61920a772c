// Package markup writes the XML that cloud platforms take their instructions
// in. It knows no platform's verbs.
package markup

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode"

	"github.com/ringthrough/ringthrough/flow"
)

// Text is an attribute or a text of an element. Control characters are left
// out of it, and line ends and tabs become blanks: XML 1.0 cannot hold most of
// them, and nobody can say the others.
type Text string

// MarshalText is what is left of t.
func (t Text) MarshalText() ([]byte, error) {
	return []byte(strings.Map(plain, string(t))), nil
}

func plain(r rune) rune {
	switch {
	case r == '\t', r == '\n', r == '\r':
		return ' '
	case unicode.IsControl(r), r == '\ufffe', r == '\uffff':
		return -1
	default:
		return r
	}
}

// Document is v as a document of its own, on one line below the declaration.
// It panics where encoding/xml can't write values of v's type.
func Document(v any) []byte {
	b, err := xml.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("write XML: %v", err))
	}
	return append([]byte(xml.Header), closeEmpty(b)...)
}

// closeEmpty writes <Hangup></Hangup> as <Hangup/>, which is how the
// platforms' documents have it. Texts hold no bare < and >.
func closeEmpty(b []byte) []byte {
	const between = "></"
	var out []byte
	for {
		i := bytes.Index(b, []byte(between))
		if i < 0 {
			return append(out, b...)
		}
		if tag := bytes.LastIndexByte(b[:i], '<'); b[tag+1] == '/' {
			out, b = append(out, b[:i+1]...), b[i+1:]
			continue
		}
		out = append(append(out, b[:i]...), "/>"...)
		b = b[i+len(between):]
		b = b[bytes.IndexByte(b, '>')+1:]
	}
}

// Language is the language that announcements are spoken in, as a platform
// writes it: the hook's option language. Empty: the platform's own.
func Language(h *flow.Hook) Text { return Text(h.Options["language"]) }
