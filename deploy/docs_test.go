// Package deploy_test holds the pages for people to the tree and to the
// program: what they link to is there, the commands that they show can be
// typed, and the metrics that they name exist.
package deploy_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// page is a Markdown file.
type page struct {
	path   string // from the top of the tree
	lines  []string
	fenced []bool   // lines of fenced blocks, the fences among them
	blocks []fenced // those blocks
}

// fenced is a fenced block.
type fenced struct {
	language string
	line     int // its first, from 1
	lines    []string
}

// pages are those at the top of the tree, and all below deploy.
func pages(t *testing.T) []page {
	t.Helper()
	top := peer.Tree(t)
	var all []page
	take := func(path string) {
		text, err := os.ReadFile(filepath.Join(top, path))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, read(path, string(text)))
	}
	take("README.md")
	take("CHANGELOG.md")
	err := fs.WalkDir(os.DirFS(top), "deploy", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata"):
			return fs.SkipDir
		case filepath.Ext(path) == ".md":
			take(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var fence = regexp.MustCompile("^( *)```+ *([a-z]*)")

func read(path, text string) page {
	p := page{path: path, lines: strings.Split(text, "\n")}
	p.fenced = make([]bool, len(p.lines))
	inside, indent := false, 0
	for i, line := range p.lines {
		m := fence.FindStringSubmatch(line)
		p.fenced[i] = inside || m != nil
		switch {
		case m != nil && !inside:
			inside, indent = true, len(m[1])
			p.blocks = append(p.blocks, fenced{language: m[2], line: i + 2})
		case m != nil:
			inside = false
		case inside:
			b := &p.blocks[len(p.blocks)-1]
			b.lines = append(b.lines, line[min(indent, len(line)-len(strings.TrimLeft(line, " "))):])
		}
	}
	return p
}

// link is where a page leads.
type link struct {
	line int
	to   string
}

var (
	codeSpan = regexp.MustCompile("`[^`]*`")
	linked   = regexp.MustCompile(`\]\(<?([^()<>\s]+)>?\)`)
	external = regexp.MustCompile(`^[a-z]+:`)
)

func (p page) links() []link {
	var found []link
	for i, line := range p.lines {
		if p.fenced[i] {
			continue
		}
		for _, m := range linked.FindAllStringSubmatch(codeSpan.ReplaceAllString(line, "`"), -1) {
			if !external.MatchString(m[1]) {
				found = append(found, link{i + 1, m[1]})
			}
		}
	}
	return found
}

// leadsTo is a link's file and heading, from the top of the tree.
func (p page) leadsTo(to string) (path, heading string) {
	path, heading, _ = strings.Cut(to, "#")
	if path == "" {
		return p.path, heading
	}
	return filepath.Join(filepath.Dir(p.path), path), heading
}

var (
	headed      = regexp.MustCompile(`^#{1,6} +(.*?) *#*$`)
	headingLink = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// anchors are the names that GitHub gives to the page's headings.
func (p page) anchors() map[string]bool {
	names, seen := map[string]bool{}, map[string]int{}
	for i, line := range p.lines {
		m := headed.FindStringSubmatch(line)
		if p.fenced[i] || m == nil {
			continue
		}
		name := slug(headingLink.ReplaceAllString(m[1], "$1"))
		if n := seen[name]; n > 0 {
			names[fmt.Sprintf("%s-%d", name, n)] = true
		} else {
			names[name] = true
		}
		seen[name]++
	}
	return names
}

func slug(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		default:
			return -1
		}
	}, heading)
}

// TestLinks holds every relative link to a file of the tree, and every anchor
// to a heading.
func TestLinks(t *testing.T) {
	all, anchors := pages(t), map[string]map[string]bool{}
	for _, p := range all {
		anchors[p.path] = p.anchors()
	}
	count := 0
	for _, p := range all {
		for _, l := range p.links() {
			count++
			path, heading := p.leadsTo(l.to)
			if strings.HasPrefix(path, "..") {
				t.Errorf("%s:%d: %s leads out of the tree", p.path, l.line, l.to)
			} else if _, err := os.Stat(filepath.Join(peer.Tree(t), path)); err != nil {
				t.Errorf("%s:%d: %s is not there", p.path, l.line, l.to)
			} else if heading != "" && !anchors[path][heading] {
				t.Errorf("%s:%d: %s has no heading #%s", p.path, l.line, path, heading)
			}
		}
	}
	if count < 100 {
		t.Errorf("the pages have %d links", count)
	}
}

// TestIndex holds deploy/README.md to lead to every page, by itself or by
// pages and folders that it leads to.
func TestIndex(t *testing.T) {
	all := pages(t)
	byPath := map[string]page{}
	for _, p := range all {
		byPath[p.path] = p
	}
	reached := map[string]bool{}
	var visit func(path string)
	visit = func(path string) {
		if reached[path] {
			return
		}
		reached[path] = true
		for _, l := range byPath[path].links() {
			to, _ := byPath[path].leadsTo(l.to)
			visit(to)
		}
	}
	visit("deploy/README.md")
	for _, p := range all {
		if !reached[p.path] && !reached[filepath.Dir(p.path)] && p.path != "CHANGELOG.md" {
			t.Errorf("nothing that deploy/README.md leads to leads to %s", p.path)
		}
	}
}

func TestSlug(t *testing.T) {
	for heading, want := range map[string]string{
		"They name none":               "they-name-none",
		"A caller's number":            "a-callers-number",
		"Debian, Red Hat, Alpine":      "debian-red-hat-alpine",
		"`sip302` (UDP): in_use, 2×":   "sip302-udp-in_use-2",
		"What is kept, and for how":    "what-is-kept-and-for-how",
		"SIP redirection — by the SBC": "sip-redirection--by-the-sbc",
	} {
		if got := slug(heading); got != want {
			t.Errorf("%q is %q, want %q", heading, got, want)
		}
	}
}
