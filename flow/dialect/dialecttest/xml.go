package dialecttest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Element is an element of an XML document as its reader sees it.
type Element struct {
	Name     string
	Attrs    map[string]string // nil where there are none
	Text     string            // that stands directly in it
	Children []Element
}

// ReadXML reads a document strictly: UTF-8, the declaration, one element,
// nothing after it. Comments, directives and names of attributes that are
// there twice are errors.
func ReadXML(body []byte) (Element, error) {
	if !utf8.Valid(body) || !bytes.HasPrefix(body, []byte(xml.Header)) {
		return Element{}, errors.New("no UTF-8, or no XML declaration on a line of its own")
	}
	d := xml.NewDecoder(bytes.NewReader(body[len(xml.Header):]))
	token, err := d.Token()
	start, ok := token.(xml.StartElement)
	if err != nil || !ok {
		return Element{}, fmt.Errorf("the document begins with %T: %w", token, err)
	}
	root, err := readElement(d, start)
	if err != nil {
		return Element{}, err
	}
	if token, err := d.Token(); !errors.Is(err, io.EOF) {
		return Element{}, fmt.Errorf("%T after the document: %w", token, err)
	}
	return root, nil
}

func readElement(d *xml.Decoder, start xml.StartElement) (Element, error) {
	e := Element{Name: start.Name.Local}
	for _, a := range start.Attr {
		if _, twice := e.Attrs[a.Name.Local]; twice {
			return e, fmt.Errorf("the attribute %s is there twice", a.Name.Local)
		}
		if e.Attrs == nil {
			e.Attrs = map[string]string{}
		}
		e.Attrs[a.Name.Local] = a.Value
	}
	for {
		token, err := d.Token()
		if err != nil {
			return e, err
		}
		switch token := token.(type) {
		case xml.CharData:
			e.Text += string(token)
		case xml.StartElement:
			child, err := readElement(d, token)
			if err != nil {
				return e, err
			}
			e.Children = append(e.Children, child)
		case xml.EndElement:
			return e, nil
		default:
			return e, fmt.Errorf("%T in the document", token)
		}
	}
}

// String shows e as short as it can be read, for comparing: names, attributes
// in their order by name, texts quoted.
func (e Element) String() string {
	var b strings.Builder
	b.WriteString(e.Name)
	if len(e.Attrs) > 0 {
		fmt.Fprintf(&b, " %q", e.Attrs) // fmt sorts a map
	}
	if e.Text != "" {
		fmt.Fprintf(&b, "=%q", e.Text)
	}
	for i, c := range e.Children {
		b.WriteString([]string{"(", " "}[min(i, 1)] + c.String())
	}
	if len(e.Children) > 0 {
		b.WriteString(")")
	}
	return b.String()
}
