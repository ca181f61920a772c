package console_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// judgement is what is wrong with the elements of a page.
type judgement struct {
	ids      map[string]*html.Node
	labelled map[string]*html.Node // label by the id of its field
	headings int                   // of the first level
	level    int                   // of the last heading
	faults   []string
}

func (j *judgement) fault(format string, args ...any) {
	j.faults = append(j.faults, fmt.Sprintf(format, args...))
}

// prepare takes down what elements call one another by.
func (j *judgement) prepare(root *html.Node) {
	for n := range root.Descendants() {
		if id, ok := attr(n, "id"); ok {
			if j.ids[id] != nil || id == "" {
				j.fault("the id %q is there twice, or empty", id)
			}
			j.ids[id] = n
		}
		if of, ok := attr(n, "for"); ok && n.Data == "label" {
			j.labelled[of] = n
		}
	}
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func (j *judgement) element(n *html.Node) {
	j.attributes(n)
	switch n.Data {
	case "h1", "h2", "h3", "h4":
		level := int(n.Data[1] - '0')
		if level > j.level+1 {
			j.fault("%s comes after a heading of level %d", text(n), j.level)
		}
		if j.level = level; level == 1 {
			j.headings++
		}
	case "label":
		if of, ok := attr(n, "for"); ok && (j.ids[of] == nil || !slices.Contains([]string{"input", "select", "textarea"}, j.ids[of].Data)) {
			j.fault("the label %q is for %q, which is no field", text(n), of)
		}
	case "input", "select", "textarea":
		j.field(n)
	case "button", "a", "summary", "legend", "title", "caption", "option":
		value, _ := attr(n, "value")
		hidden, _ := attr(n, "aria-hidden")
		if strings.TrimSpace(text(n)) == "" && hidden != "true" && (n.Data != "option" || value == "") {
			j.fault("a <%s> has no text", n.Data)
		}
	case "svg":
		hidden, _ := attr(n, "aria-hidden")
		if name, _ := attr(n, "aria-label"); hidden != "true" && name == "" {
			j.fault("an svg is neither hidden nor named")
		}
	case "th":
		if scope, _ := attr(n, "scope"); scope != "col" && scope != "row" {
			j.fault("the table heading %q has no scope", text(n))
		}
	case "script":
		j.script(n)
	case "style", "img", "iframe", "object", "embed", "base":
		j.fault("there is a <%s>", n.Data)
	case "html":
		if lang, _ := attr(n, "lang"); lang != "en" {
			j.fault("its language is %q", lang)
		}
	}
}

func (j *judgement) field(n *html.Node) {
	kind, _ := attr(n, "type")
	if kind == "hidden" {
		return
	}
	id, _ := attr(n, "id")
	name, _ := attr(n, "aria-label")
	around := around(n, "label")
	if around == nil && name == "" && j.labelled[id] == nil {
		j.fault("<%s id=%q> has no label", n.Data, id)
	}
	if around != nil && j.labelled[id] != nil && j.labelled[id] != around {
		j.fault("<%s id=%q> has two labels", n.Data, id)
	}
}

// around is the element of a kind that n is in; nil where it is in none.
func around(n *html.Node, kind string) *html.Node {
	for a := range n.Ancestors() {
		if a.Data == kind {
			return a
		}
	}
	return nil
}

func (j *judgement) script(n *html.Node) {
	kind, _ := attr(n, "type")
	src, ok := attr(n, "src")
	if kind != "application/json" && (!ok || !strings.HasPrefix(src, "/assets/") || n.FirstChild != nil) {
		j.fault("there is a script in it: %.40q", text(n))
	}
}

// leading are the attributes that name an address.
var leading = []string{"href", "src", "action", "formaction", "hx-get", "hx-post", "hx-put", "hx-delete", "hx-patch", "sse-connect", "poster", "data"}

// naming are the attributes that name other elements.
var naming = []string{"aria-labelledby", "aria-describedby", "aria-controls", "list", "data-chart", "data-copy"}

func (j *judgement) attributes(n *html.Node) {
	for _, a := range n.Attr {
		switch {
		case a.Key == "style", strings.HasPrefix(a.Key, "on"), strings.HasPrefix(a.Key, "hx-on"), strings.HasPrefix(a.Val, "javascript:"):
			j.fault("<%s> has %s=%q", n.Data, a.Key, a.Val)
		case slices.Contains(leading, a.Key):
			if a.Val == "" || !strings.ContainsAny(a.Val[:1], "/#?") || strings.HasPrefix(a.Val, "//") {
				j.fault("<%s %s=%q> leads elsewhere", n.Data, a.Key, a.Val)
			}
			if id, ok := strings.CutPrefix(a.Val, "#"); ok && j.ids[id] == nil {
				j.fault("<%s %s=%q> leads nowhere", n.Data, a.Key, a.Val)
			}
		case slices.Contains(naming, a.Key):
			for id := range strings.FieldsSeq(a.Val) {
				if j.ids[id] == nil {
					j.fault("<%s> names %q by %s, which is not there", n.Data, id, a.Key)
				}
			}
		}
	}
}

// text is what stands in n.
func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// What finds nothing wrong with anything judges nothing.
func TestTheJudgeFindsFault(t *testing.T) {
	const before, after = `<!doctype html><html lang="en"><head><title>x</title></head><body><h1>x</h1>`, `</body></html>`
	for name, body := range map[string]string{
		"nothing":                     ``,
		"an id twice":                 `<p id="a"></p><p id="a"></p>`,
		"a label for nothing":         `<label for="a">A</label>`,
		"a field without a label":     `<input id="a">`,
		"two h1":                      `<h1>y</h1>`,
		"a level left out":            `<h3>y</h3>`,
		"an svg without a name":       `<svg></svg>`,
		"a script":                    `<script>alert(1)</script>`,
		"a script of elsewhere":       `<script src="https://a.example/x.js"></script>`,
		"a style":                     `<p style="color: red">x</p>`,
		"what happens on a click":     `<p onclick="alert(1)">x</p>`,
		"an address elsewhere":        `<a href="https://a.example/">x</a>`,
		"an address without a scheme": `<a href="//a.example/">x</a>`,
		"an anchor that isn't there":  `<a href="#a">x</a>`,
		"a name that isn't there":     `<p aria-describedby="a">x</p>`,
		"an image":                    `<img src="/x" alt="x">`,
		"a link without text":         `<a href="/"></a>`,
		"a heading without a scope":   `<table><tr><th>x</th></tr></table>`,
		"tags that cross":             `<b><i>x</b></i>`,
		"a tag left open":             `<div>x`,
		"a list in a paragraph":       `<p><ul></ul></p>`,
		"a table's stray text":        `<table><p>x</p></table>`,
		"a link in a link":            `<a href="/">x<a href="/">y</a></a>`,
		"an attribute twice":          `<p id="a" id="b"></p>`,
	} {
		t.Run(name, func(t *testing.T) {
			told := &teller{TB: t}
			page{text: before + body + after, path: "/"}.valid(told)
			if told.wrong != (name != "nothing") {
				t.Errorf("found fault: %v", told.wrong)
			}
		})
	}
}

// teller is a test that only takes down that something was wrong.
type teller struct {
	testing.TB
	wrong bool
}

func (t *teller) Errorf(string, ...any) { t.wrong = true }
