package console_test

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// element is an element as its author wrote it, or as a browser reads it.
type element struct{ tag, within string }

// without are the elements that have no end, and so no content.
var without = []string{"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}

// written is every element of a page in order, as its tags have it. Tags that
// don't pair up are told of.
func written(text string) (all []element, faults []string) {
	z, open := html.NewTokenizer(strings.NewReader(text)), []string{""}
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			if !errors.Is(z.Err(), io.EOF) || len(open) > 1 {
				faults = append(faults, fmt.Sprintf("it ends within %q: %v", open, z.Err()))
			}
			return all, faults
		}
		raw := string(z.Raw())
		token, top := z.Token(), open[len(open)-1]
		switch kind {
		case html.StartTagToken, html.SelfClosingTagToken:
			all = append(all, element{token.Data, top})
			faults = append(faults, twice(raw)...)
			if kind == html.StartTagToken && !slices.Contains(without, token.Data) {
				open = append(open, token.Data)
			}
		case html.EndTagToken:
			if token.Data != top {
				return all, append(faults, fmt.Sprintf("</%s> where <%s> is open", token.Data, top))
			}
			open = open[:len(open)-1]
		}
	}
}

var (
	attributeValue = regexp.MustCompile(`"[^"]*"|'[^']*'`)
	attributeName  = regexp.MustCompile(`\s([a-z-]+)`)
)

// twice tells of attributes that a tag has more than once, which parsers pass
// over in silence.
func twice(tag string) (faults []string) {
	seen := map[string]bool{}
	for _, name := range attributeName.FindAllStringSubmatch(attributeValue.ReplaceAllString(tag, ""), -1) {
		if seen[name[1]] {
			faults = append(faults, fmt.Sprintf("%s has two attributes %s", tag, name[1]))
		}
		seen[name[1]] = true
	}
	return faults
}

// read is every element of a page as a browser reads it. A table's body, which
// need not be written, is passed over on both sides.
func read(root *html.Node) (all []element) {
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		within := ""
		if n.Parent.Type == html.ElementNode {
			within = n.Parent.Data
		}
		all = append(all, element{n.Data, within})
	}
	return all
}

func bodiless(all []element) []element {
	var kept []element
	for _, e := range all {
		if e.within == "tbody" {
			e.within = "table"
		}
		if e.tag != "tbody" {
			kept = append(kept, e)
		}
	}
	return kept
}

// valid fails the test where a page is not the HTML that its author meant, or
// is hard on people who don't see it.
func (p page) valid(t testing.TB) {
	t.Helper()
	tags, faults := written(p.text)
	root, err := html.Parse(strings.NewReader(p.text))
	if err != nil {
		t.Fatal(err)
	}
	meant, got := bodiless(tags), bodiless(read(root))
	for i := range max(len(meant), len(got)) {
		if i >= len(meant) || i >= len(got) || meant[i] != got[i] {
			faults = append(faults, fmt.Sprintf("element %d is meant to be %v and read as %v", i, meant[min(i, len(meant)-1)], got[min(i, len(got)-1)]))
			break
		}
	}
	j := judgement{ids: map[string]*html.Node{}, labelled: map[string]*html.Node{}}
	j.prepare(root)
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			j.element(n)
		}
	}
	if j.headings != 1 {
		j.fault("it has %d h1", j.headings)
	}
	for _, fault := range append(faults, j.faults...) {
		t.Errorf("%s: %s", p.path, fault)
	}
}
