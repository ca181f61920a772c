package sipheader

import (
	"bufio"
	"bytes"
	"errors"
	"net/textproto"
	"strings"
)

// Message is the head of a SIP request (RFC 3261, section 7): what stands in
// its first line, and its headers by their whole names.
type Message struct {
	Method  string
	URI     string // of the request line
	Headers Headers
}

// compact are the short names of headers (RFC 3261, 7.3.3, and RFC 5806).
var compact = map[string]string{"F": "From", "T": "To", "I": "Call-Id", "V": "Via", "M": "Contact"}

// ReadMessage reads the head of a SIP request; its body is not looked at. The
// error names nothing of what stands in it.
func ReadMessage(raw []byte) (Message, error) {
	r := textproto.NewReader(bufio.NewReader(bytes.NewReader(raw)))
	first, err := r.ReadLine()
	if err != nil {
		return Message{}, errors.New("it breaks off in its first line")
	}
	parts := strings.Split(first, " ")
	if len(parts) != 3 || parts[2] != "SIP/2.0" {
		return Message{}, errors.New("it is no SIP request")
	}
	fields, err := r.ReadMIMEHeader()
	if err != nil {
		return Message{}, errors.New("its headers are broken")
	}
	m := Message{Method: parts[0], URI: parts[1], Headers: Headers(fields)}
	for short, name := range compact {
		m.Headers[name] = append(m.Headers[name], m.Headers[short]...)
		delete(m.Headers, short)
	}
	return m, nil
}

// Line is the first line of the header called name, in its canonical case,
// unparted; empty if there is none.
func (m Message) Line(name string) string {
	if all := m.Headers[name]; len(all) > 0 {
		return all[0]
	}
	return ""
}

// Address is the URI of an address as From, To and their like have it, if it
// can name a telephone: tel:, or sip: with a user. Else it is empty.
func Address(value string) string {
	uri := value
	if i := strings.LastIndexByte(value, '<'); i >= 0 {
		uri, _, _ = strings.Cut(value[i+1:], ">")
	}
	uri = strings.TrimSpace(uri)
	scheme, rest, _ := strings.Cut(uri, ":")
	switch strings.ToLower(scheme) {
	case "tel":
		return uri
	case "sip", "sips":
		if strings.IndexByte(rest, '@') > 0 {
			return uri
		}
	}
	return ""
}
