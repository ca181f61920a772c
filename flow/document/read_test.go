package document

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

var same = cmp.Options{
	cmpopts.EquateEmpty(),
	cmp.Comparer(func(a, b ani.Pattern) bool { return a == b }),
	cmp.Comparer(func(a, b ani.Number) bool { return a == b }),
}

// entryOf is a new entry of pattern, changed by changes.
func entryOf(t testing.TB, pattern string, changes ...func(*ani.Entry)) ani.Entry {
	t.Helper()
	e := ani.NewEntry()
	p, err := ani.ParsePattern(pattern)
	if err != nil {
		t.Fatal(err)
	}
	e.Pattern = p
	for _, change := range changes {
		change(&e)
	}
	return e
}

func lineOf(name string, changes ...func(*flow.Line)) flow.Line {
	l := flow.NewLine()
	l.Name = name
	for _, change := range changes {
		change(&l)
	}
	return l
}

func TestDocumentsThatCanBeTaken(t *testing.T) {
	whole := Document{
		Lines: []flow.Line{lineOf("support-us", func(l *flow.Line) {
			l.Numbers = []ani.Number{ani.MustParse("+18005550100")}
			l.Default, l.Enabled, l.Policy, l.Attestation = true, false, flow.PolicyWindow, flow.AttestationAtLeastB
			l.Limit = flow.Limit{Calls: 3, Per: flow.Duration(30 * time.Minute)}
			l.Targets = []flow.Target{{Kind: flow.KindMailbox, Address: "0410", Label: "12:30", Hours: "Mo-Fr 08:00-18:00"}}
			l.RedialWithin, l.Announce, l.Timezone = flow.Duration(2*time.Minute), "x 🎉 y", "Europe/Berlin"
			l.ContinueURL = "https://ivr.example.com/start"
		})},
		Entries: []ani.Entry{entryOf(t, "+16505550123", func(e *ani.Entry) {
			e.Label, e.Source, e.Lines, e.Note = "Meta", "0x1F", []string{"support-us"}, "yes"
			e.NotBefore = time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
			e.ExpiresAt = time.Date(2026, 1, 31, 18, 0, 0, 0, time.UTC)
			e.Enabled, e.MinAttestation = false, ani.AttestationC
		})},
	}
	for _, tt := range []struct {
		name, text string
		want       Document
	}{
		{"nothing", "", Document{}},
		{"comments", "# nothing yet\n", Document{}},
		{"null", "null", Document{}},
		{"a mark of the beginning", "---\n", Document{}},
		{"a mark of the end", "entries: []\n...\n", Document{}},
		{"lists of nothing", "lines:\nentries: ~\n", Document{}},
		{"byte order mark", "\ufeffentries: [{pattern: +16505550123}]", Document{Entries: []ani.Entry{entryOf(t, "+16505550123")}}},
		{"every field without quotes", `
lines:
  - name: support-us
    numbers: [+18005550100]
    default: true
    enabled: false
    policy: window
    attestation: B
    limit: {calls: 3, per: 30m}
    targets:
      - kind: mailbox
        address: 0410
        label: 12:30
        hours: Mo-Fr 08:00-18:00
    redial_within: 2m
    continue_url: https://ivr.example.com/start
    announce: x 🎉 y
    timezone: Europe/Berlin
entries:
  - pattern: +16505550123
    label: Meta
    source: 0x1F
    lines: [support-us]
    not_before: 2026-01-31
    expires_at: 2026-01-31T19:00:00+01:00
    enabled: false
    min_attestation: C
    note: yes
`, whole},
		{"every field in JSON", `{"entries":[{"pattern":"+16505550123","label":"Meta","source":"0x1F","lines":["support-us"],
			"not_before":"2026-01-31","expires_at":"2026-01-31 18:00","enabled":false,"min_attestation":"C","note":"yes"}],
			"lines":[{"name":"support-us","numbers":["+18005550100"],"default":true,"enabled":false,"policy":"window","attestation":"B",
			"limit":{"calls":3,"per":"30m"},"targets":[{"kind":"mailbox","address":"0410","label":"12:30","hours":"Mo-Fr 08:00-18:00"}],
			"redial_within":"2m","announce":"x \ud83c\udf89 y","timezone":"Europe/Berlin","continue_url":"https:\/\/ivr.example.com/start"}]}`, whole},
		{"null is as if it weren't there", `{"lines":[{"name":"a","enabled":null,"limit":{"calls":null},"policy":null,"numbers":null}],"entries":null}`,
			Document{Lines: []flow.Line{lineOf("a")}}},
		{"numbers of JSON are texts where texts are due", `{"lines":[{"name":1,"targets":[{"kind":"queue","address":410}]}]}`,
			Document{Lines: []flow.Line{lineOf("1", func(l *flow.Line) { l.Targets = []flow.Target{{Kind: "queue", Address: "410"}} })}}},
		{"anchors and aliases", "entries:\n- &a {pattern: +16505550123, lines: &l [b, a]}\n- {pattern: +16505550124, lines: *l}\n",
			Document{Entries: []ani.Entry{
				entryOf(t, "+16505550123", func(e *ani.Entry) { e.Lines = []string{"a", "b"} }),
				entryOf(t, "+16505550124", func(e *ani.Entry) { e.Lines = []string{"a", "b"} }),
			}}},
		{"merge keys give what a mapping lacks", "entries:\n- &a {pattern: +16505550123, label: x, note: y}\n- {label: z, <<: *a, pattern: +16505550124}\n- {<<: [{note: first}, *a], pattern: +16505550125}\n",
			Document{Entries: []ani.Entry{
				entryOf(t, "+16505550123", func(e *ani.Entry) { e.Label, e.Note = "x", "y" }),
				entryOf(t, "+16505550124", func(e *ani.Entry) { e.Label, e.Note = "z", "y" }),
				entryOf(t, "+16505550125", func(e *ani.Entry) { e.Label, e.Note = "x", "first" }),
			}}},
		{"folded text", "entries:\n- pattern: +16505550123\n  label: >-\n    two\n    lines\n", Document{Entries: []ani.Entry{entryOf(t, "+16505550123", func(e *ani.Entry) { e.Label = "two lines" })}}},
		{"null in quotes is a text", "entries: [{pattern: +16505550123, label: 'null', note: \"~\"}]", Document{Entries: []ani.Entry{entryOf(t, "+16505550123", func(e *ani.Entry) { e.Label, e.Note = "null", "~" })}}},
		{"a tag of YAML's own", "entries: [{pattern: !!str +16505550123}]", Document{Entries: []ani.Entry{entryOf(t, "+16505550123")}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Read([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, same); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestDocumentsThatCantBeTaken(t *testing.T) {
	const fields = "the fields are pattern, label, source, lines, not_before, expires_at, enabled, min_attestation, note"
	for _, tt := range []struct {
		name, text string
		want       []string // how each problem begins
	}{
		{"a list", "[]", []string{"document must have fields (lines, entries), but is a list"}},
		{"a word", "lines", []string{"document must have fields (lines, entries), but is a single value"}},
		{"several documents", "lines: []\n---\nentries: []\n", []string{"document can't be read as YAML: it has several documents in it"}},
		{"not UTF-8", "lines: [\xfc]", []string{"document is not UTF-8"}},
		{"UTF-16", "\xff\xfel\x00", []string{"document is not UTF-8"}},
		{"YAML that is none", "lines:\n  - name: [a\n", []string{"document can't be read as YAML: line 3: "}},
		{"JSON that is none", "{\"lines\": [\n{\"name\": \"a\",}\n", []string{"document can't be read: line 2: invalid character '}' looking for beginning of object key string, if it is JSON; as YAML line "}},
		{"an unknown key", "lines: []\nlinez: []\n", []string{"linez is not known here (line 2): the fields are lines, entries"}},
		{"an unknown key of an entry", "entries:\n- pattern: +16505550123\n  lable: x\n", []string{"entries[0].lable is not known here (line 3): " + fields}},
		{"an unknown key in JSON", `{"entries":[{"pattern":"+16505550123","lable":"x"}]}`, []string{"entries[0].lable is not known here: " + fields}},
		{"fields that only the server has", `{"entries":[{"pattern":"+16505550123","id":"x"}]}`, []string{"entries[0].id is not known here"}},
		{"a key of another case", `{"Lines":[]}`, []string{"Lines is not known here"}},
		{"an odd key", "{\"a\\nb\": 1, ? [x] : 2}", []string{`"a\nb" is not known here`, "a list is not known here"}},
		{"a key twice", "entries:\n- pattern: +16505550123\n  pattern: +16505550124\n", []string{"entries[0].pattern is there twice (line 3): give it once"}},
		{"a key twice in JSON", `{"lines":[],"lines":[]}`, []string{"lines is there twice: give it once"}},
		{"a value for a list", "entries: [{pattern: +16505550123, lines: support-us}]", []string{"entries[0].lines must be a list, with brackets or dashes, but is a single value"}},
		{"a mapping for a list", "lines: {name: a}", []string{"lines must be a list, with brackets or dashes, but is a mapping"}},
		{"a list for a text", "entries: [{pattern: [+16505550123]}]", []string{"entries[0].pattern must be a text, but is a list"}},
		{"a value for a mapping", "lines: [{name: a, limit: 3}]", []string{"lines[0].limit must have fields (calls, per), but is a single value"}},
		{"a value for a line", "lines: [support-us, ~]", []string{"lines[0] must have fields (name, ", "lines[1].name must be"}},
		{"words for yes and no", "lines: [{name: a, enabled: yes, default: 'true'}]", []string{"lines[0].enabled must be true or false, without quotes", "lines[0].default must be true or false"}},
		{"an odd number", "lines: [{name: a, limit: {calls: 1.5}}, {name: b, limit: {calls: '3'}}, {name: c, limit: {calls: [3]}}]",
			[]string{"lines[0].limit.calls must be a whole number", "lines[1].limit.calls must be a whole number", "lines[2].limit.calls must be a whole number"}},
		{"a number beyond bounds", "lines: [{name: a, limit: {calls: 0, per: 8d}}]", []string{"lines[0].limit.calls must be 1 to 10000", "lines[0].limit.per must be 1s to 7d"}},
		{"a span that is none", "lines: [{name: a, redial_within: soon}]", []string{`lines[0].redial_within "soon" is no span of time`}},
		{"numbers", "lines: [{name: a, numbers: [+18005550100, 0410, ~, [x]]}]",
			[]string{"lines[0].numbers[1] is not a number in E.164", "lines[0].numbers[3] must be a text", "lines[0].numbers[2] is empty"}},
		{"targets", "lines: [{name: a, targets: [{kind: desk, address: x}, 3, {kind: queue, address: q, hours: sometimes}]}]",
			[]string{"lines[0].targets[1] must have fields (kind, address, label, hours)", `lines[0].targets[0].kind "desk" is no kind`, `lines[0].targets[2].hours have "sometimes" in them`}},
		{"a pattern", "entries: [{}, {pattern: ''}, {pattern: '+1650*'}, {pattern: ~}]",
			[]string{"entries[0].pattern is missing", "entries[1].pattern is missing", "entries[2].pattern is too broad", "entries[3].pattern is missing"}},
		{"a time", "entries: [{pattern: +16505550123, not_before: tomorrow, expires_at: 0001-01-01}]", []string{"entries[0].not_before must be a time such as", "entries[0].expires_at must be a time such as"}},
		{"an attestation", "entries: [{pattern: +16505550123, min_attestation: D}, {pattern: +16505550124, min_attestation: failed}]",
			[]string{`entries[0].min_attestation "D" is no attestation`, "entries[1].min_attestation must be none, C, B or A"}},
		{"names of lines", "entries: [{pattern: +16505550123, lines: [a, ~, {b: c}]}]", []string{"entries[0].lines[2] must be a text, but is a mapping", "entries[0].lines[1] is empty"}},
		{"a pattern twice", "entries: [{pattern: +16505550123}, {pattern: +16505550124}, {pattern: 001 650 555 0123}]", []string{"entries[2].pattern is +16505550123, as entries[0].pattern is: give the entry once"}},
		{"a line twice", "lines: [{name: a}, {name: b}, {name: a}]", []string{`lines[2].name is "a", as lines[0].name is: give the line once`}},
		{"problems everywhere", "lines: [{name: A}]\nentries: [{pattern: x}]\nother: 1\n", []string{"lines[0].name must be", "entries[0].pattern is no number", "other is not known here"}},
		{"tags", "lines: !x 000\nentries: !y [a]\n", []string{`lines has the tag "!x": leave out tags`, `entries has the tag "!y"`}},
		{"an alias of nothing", "entries: *a", []string{"document can't be read as YAML: "}},
		{"a merge key of a word", "entries: [{<<: x, pattern: +16505550123}]", []string{"entries[0].<< must be an alias of a mapping"}},
		{"a mapping that merges itself", "entries: [&a {pattern: +16505550123, <<: *a}]", []string{"entries[0].<< leads on and on"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Read([]byte(tt.text))
			got, ok := errors.AsType[ani.Problems](err)
			if !ok {
				t.Fatalf("%v is no problem", err)
			}
			texts := make([]string, len(got))
			for i, p := range got {
				texts[i] = p.Field + " " + p.Text
			}
			if len(got) != len(tt.want) {
				t.Fatalf("%d problems, want %d:\n%s", len(got), len(tt.want), strings.Join(texts, "\n"))
			}
			for i, text := range texts {
				if !strings.HasPrefix(text, tt.want[i]) {
					t.Errorf("got  %s\nwant %s…", text, tt.want[i])
				}
			}
		})
	}
}

// TestManyProblems: a thousand are told.
func TestManyProblems(t *testing.T) {
	_, err := Read([]byte("entries: [" + strings.Repeat("x,", 1000) + "]"))
	if problems, _ := errors.AsType[ani.Problems](err); len(problems) != 1000 {
		t.Errorf("%d problems of a thousand", len(problems))
	}
	for name, text := range map[string]string{
		"of many":                    "entries: [" + strings.Repeat("x,", 1001) + "]",
		"of one":                     "entries: [{pattern: +16505550123, lines: [" + strings.Repeat("[],", 1499) + "[]]}]",
		"of one that Normalize sees": "entries: [{pattern: +16505550123, lines: [" + strings.Repeat("~,", 1499) + "~], note: []}]",
	} {
		_, err := Read([]byte(text))
		problems, _ := errors.AsType[ani.Problems](err)
		if len(problems) != 1001 {
			t.Fatalf("%s: %d problems", name, len(problems))
		}
		if last := problems[len(problems)-1]; last.Field != "document" || !strings.HasPrefix(last.Text, "has more") {
			t.Errorf("%s: %+v", name, last)
		}
	}
}

func TestVerbatim(t *testing.T) {
	for _, tt := range []struct{ yaml, want string }{
		{"+18005550100", "+18005550100"},
		{"'+18005550100'", "+18005550100"},
		{`"+18005550100"`, "+18005550100"},
		{"0410", "0410"},
		{"0x1f", "0x1f"},
		{"1.50", "1.50"},
		{"1e3", "1e3"},
		{"12:30", "12:30"},
		{"1_000", "1_000"},
		{".inf", ".inf"},
		{"2026-01-31", "2026-01-31"},
		{"4100 # the desk", "4100"},
		{"true", "true"},
		{"no", "no"},
		{"08:00-18:00", "08:00-18:00"},
		{"|-\n  two\n  lines", "two\nlines"},
		{"null", ""},
		{"'null'", "null"},
		{"a: b", ""},
	} {
		line, err := ReadLine([]byte("announce: " + tt.yaml))
		if line.Announce != tt.want || (err != nil) != (tt.yaml == "a: b") {
			t.Errorf("%s is %q, %v; want %q", tt.yaml, line.Announce, err, tt.want)
		}
	}
}

// TestReadLine: what Normalize would say is for others to say.
func TestReadLine(t *testing.T) {
	line, err := ReadLine([]byte("policy: sometimes\nlimit: {calls: 0}\n"))
	if err != nil || line.Policy != "sometimes" || line.Limit.Calls != 0 || line.Limit.Per != flow.DefaultLimitPer || line.Name != "" {
		t.Errorf("%+v, %v", line, err)
	}
	if _, err := ReadLine([]byte("numbers: [x]\nnumbrs: []\n")); fmt.Sprint(err) == "" || !strings.HasPrefix(err.Error(), "numbers[0] is not a number") || !strings.Contains(err.Error(), "; numbrs is not known here (line 2)") {
		t.Errorf("%v", err)
	}
	if line, err := ReadLine(nil); err != nil || !cmp.Equal(line, flow.NewLine(), same) {
		t.Errorf("%+v, %v", line, err)
	}
}
