package document

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

func write(t testing.TB, d Document, f Format) string {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b, f)
	for _, l := range d.Lines {
		if err := w.Line(l); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range d.Entries {
		if err := w.Entry(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWritten(t *testing.T) {
	d := Document{
		Lines: []flow.Line{lineOf("support-us", func(l *flow.Line) {
			l.Numbers = []ani.Number{ani.MustParse("+18005550100"), ani.MustParse("+18005550101")}
			l.Targets = []flow.Target{{Kind: flow.KindQueue, Address: "0410", Hours: "Mo-Fr 08:00-18:00"}}
		}), lineOf("yes")},
		Entries: []ani.Entry{
			entryOf(t, "+1650555*", func(e *ani.Entry) {
				e.Label, e.Lines, e.MinAttestation = "yes: \"<é>\" \ufeff", []string{"a", "b"}, ani.AttestationB
				e.ExpiresAt = time.Date(2026, 1, 31, 18, 0, 0, 5e6, time.UTC)
			}),
			entryOf(t, "+16505550123"),
		},
	}
	const wantYAML = `lines:
  - name: "support-us"
    numbers: ["+18005550100", "+18005550101"]
    default: false
    enabled: true
    policy: always
    attestation: reject_failed
    limit:
      calls: 20
      per: 1h
    targets:
      - kind: queue
        address: "0410"
        label: ""
        hours: "Mo-Fr 08:00-18:00"
    redial_within: 90s
    continue_url: ""
    announce: ""
    timezone: "UTC"
  - name: "yes"
    numbers: []
    default: false
    enabled: true
    policy: always
    attestation: reject_failed
    limit:
      calls: 20
      per: 1h
    targets: []
    redial_within: 90s
    continue_url: ""
    announce: ""
    timezone: "UTC"
entries:
  - pattern: "+1650555*"
    label: "yes: \"<é>\" \ufeff"
    source: ""
    lines: ["a", "b"]
    expires_at: "2026-01-31T18:00:00.005Z"
    enabled: true
    min_attestation: B
    note: ""
  - pattern: "+16505550123"
    label: ""
    source: ""
    lines: []
    enabled: true
    min_attestation: none
    note: ""
`
	const wantJSON = `{"lines":[
{"name":"support-us","numbers":["+18005550100","+18005550101"],"default":false,"enabled":true,"policy":"always","attestation":"reject_failed","limit":{"calls":20,"per":"1h"},"targets":[{"kind":"queue","address":"0410","label":"","hours":"Mo-Fr 08:00-18:00"}],"redial_within":"90s","continue_url":"","announce":"","timezone":"UTC"},
{"name":"yes","numbers":[],"default":false,"enabled":true,"policy":"always","attestation":"reject_failed","limit":{"calls":20,"per":"1h"},"targets":[],"redial_within":"90s","continue_url":"","announce":"","timezone":"UTC"}
],
"entries":[
{"pattern":"+1650555*","label":"yes: \"<é>\" ` + "\ufeff" + `","source":"","lines":["a","b"],"expires_at":"2026-01-31T18:00:00.005Z","enabled":true,"min_attestation":"B","note":""},
{"pattern":"+16505550123","label":"","source":"","lines":[],"enabled":true,"min_attestation":"none","note":""}
]}
`
	if diff := cmp.Diff(wantYAML, write(t, d, YAML)); diff != "" {
		t.Errorf("YAML: -want +got\n%s", diff)
	}
	if diff := cmp.Diff(wantJSON, write(t, d, JSON)); diff != "" {
		t.Errorf("JSON: -want +got\n%s", diff)
	}
	if got := write(t, Document{}, YAML); got != "lines: []\nentries: []\n" {
		t.Errorf("nothing in YAML: %q", got)
	}
	if got := write(t, Document{}, JSON); got != "{\"lines\":[],\n\"entries\":[]}\n" {
		t.Errorf("nothing in JSON: %q", got)
	}
}

// oddText draws texts of at most limit bytes, often ones that YAML or JSON
// could spoil.
func oddText(limit int) *rapid.Generator[string] {
	whole := rapid.SampledFrom([]string{"yes", "No", "on", "~", "null", "true", "0x1F", "0o17", "0410", "1e3", ".inf", "12:30", "2026-01-31", "+16505550123", "<<", "=", "---", "...", "- a", "a: b", "a #b", "!x", "*a", "&a", "%TAG", "|", ">-", "\ufeff", "\u2028", "\ufffe", "🎉", `\u0041`})
	runes := rapid.OneOf(rapid.SampledFrom([]rune(` '"\:#-?,[]{}&*!|>%@0x~`)), rapid.Rune().Filter(func(r rune) bool { return !unicode.IsControl(r) }))
	return rapid.OneOf(whole, rapid.StringOfN(runes, 0, -1, limit))
}

var entries = rapid.Custom(func(t *rapid.T) ani.Entry {
	p, err := ani.ParsePattern(rapid.OneOf(
		rapid.StringMatching(`\+1650555[0-9]{4}`),
		rapid.StringMatching(`\+1650555[0-9]{1,3}\*`),
		rapid.StringMatching(`\+44207946[0-4]000-\+44207946[5-9]000`),
	).Draw(t, "pattern"))
	if err != nil {
		t.Fatal(err)
	}
	e := ani.Entry{
		Pattern:        p,
		Label:          oddText(200).Draw(t, "label"),
		Source:         oddText(200).Draw(t, "source"),
		Lines:          rapid.SliceOfN(oddText(63).Filter(func(s string) bool { return strings.TrimSpace(s) != "" }), 0, 4).Draw(t, "lines"),
		Enabled:        rapid.Bool().Draw(t, "enabled"),
		MinAttestation: ani.Attestation(rapid.IntRange(0, 3).Draw(t, "attestation")),
		Note:           oddText(1000).Draw(t, "note"),
	}
	times := []time.Time{{}, moments.Draw(t, "from"), moments.Draw(t, "until")}
	e.NotBefore, e.ExpiresAt = rapid.SampledFrom(times).Draw(t, "not before"), rapid.SampledFrom(times).Draw(t, "expires")
	if err := e.Normalize(); err != nil {
		t.Skip(err)
	}
	return e
})

var moments = rapid.Custom(func(t *rapid.T) time.Time {
	first, last := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999e6, time.UTC)
	return time.UnixMilli(rapid.Int64Range(first.UnixMilli(), last.UnixMilli()).Draw(t, "ms")).UTC()
})

var targets = rapid.Custom(func(t *rapid.T) flow.Target {
	return flow.Target{
		Kind:    rapid.SampledFrom([]flow.Kind{flow.KindQueue, flow.KindUser, flow.KindMailbox}).Draw(t, "kind"),
		Address: rapid.StringMatching(`[a-zA-Z0-9+_.:@/;=~% -]{0,20}[a-z0-9]`).Draw(t, "address"),
		Label:   oddText(200).Draw(t, "label"),
		Hours:   rapid.SampledFrom([]flow.Hours{"", "24/7", "Mo-Fr 08:00-18:00; Sa 09:00-12:00", "10:00-12:00"}).Draw(t, "hours"),
	}
})

var lines = rapid.Custom(func(t *rapid.T) flow.Line {
	span := rapid.OneOf(rapid.Int64Range(0, 3600).AsAny(), rapid.Int64Range(0, 3).AsAny())
	seconds := func(label string) flow.Duration {
		return flow.Duration(span.Draw(t, label).(int64) * int64(time.Second))
	}
	l := flow.Line{
		Name:         rapid.StringMatching(`[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?`).Draw(t, "name"),
		Default:      rapid.Bool().Draw(t, "default"),
		Enabled:      rapid.Bool().Draw(t, "enabled"),
		Policy:       rapid.SampledFrom([]flow.Policy{flow.PolicyAlways, flow.PolicyWindow}).Draw(t, "policy"),
		Attestation:  rapid.SampledFrom([]flow.AttestationPolicy{"reject_failed", "ignore", "A", "B", "C"}).Draw(t, "attestation"),
		Limit:        flow.Limit{Calls: rapid.IntRange(1, 10000).Draw(t, "calls"), Per: seconds("per") + flow.Duration(1500*time.Millisecond)},
		Targets:      rapid.SliceOfNDistinct(targets, 0, 3, func(t flow.Target) string { return string(t.Kind) + t.Address }).Draw(t, "targets"),
		RedialWithin: seconds("redial"),
		ContinueURL:  rapid.SampledFrom([]string{"", "https://ivr.example.com/start?a=b#c", "tel:+16505550123"}).Draw(t, "continue"),
		Announce:     oddText(500).Draw(t, "announce"),
		Timezone:     rapid.SampledFrom([]string{"UTC", "Europe/Berlin"}).Draw(t, "zone"),
	}
	for _, digits := range rapid.SliceOfNDistinct(rapid.StringMatching(`\+1800555[0-9]{4}`), 0, 3, rapid.ID).Draw(t, "numbers") {
		l.Numbers = append(l.Numbers, ani.MustParse(digits))
	}
	if err := l.Normalize(); err != nil {
		t.Fatal(err)
	}
	return l
})

var documents = rapid.Custom(func(t *rapid.T) Document {
	return Document{
		Lines:   rapid.SliceOfNDistinct(lines, 0, 3, func(l flow.Line) string { return l.Name }).Draw(t, "lines"),
		Entries: rapid.SliceOfNDistinct(entries, 0, 3, func(e ani.Entry) ani.Pattern { return e.Pattern }).Draw(t, "entries"),
	}
})

// TestWrittenIsRead: a document reads back as it was, from both formats.
func TestWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := documents.Draw(rt, "document")
		for _, f := range []Format{YAML, JSON} {
			text := write(t, d, f)
			got, err := Read([]byte(text))
			if err != nil {
				rt.Fatalf("%s\n%v", text, err)
			}
			if diff := cmp.Diff(d, got, same); diff != "" {
				rt.Fatalf("%s\n-written +read\n%s", text, diff)
			}
			if again := write(t, got, f); again != text {
				rt.Fatalf("%s\nis written again as\n%s", text, again)
			}
		}
	})
}

// TestAnotherReaderAgrees: a library that Read doesn't use finds the same in
// the YAML as encoding/json in the JSON.
func TestAnotherReaderAgrees(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := documents.Draw(rt, "document")
		var fromYAML, fromJSON any
		text := write(t, d, YAML)
		if err := yaml.Unmarshal([]byte(text), &fromYAML); err != nil {
			rt.Fatalf("%s\n%v", text, err)
		}
		if err := json.Unmarshal([]byte(write(t, d, JSON)), &fromJSON); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(fromJSON, asFloats(fromYAML)); diff != "" {
			rt.Fatalf("%s\n-JSON +YAML\n%s", text, diff)
		}
	})
}

// asFloats is v with whole numbers as encoding/json reads them.
func asFloats(v any) any {
	switch v := v.(type) {
	case uint64:
		return float64(v)
	case []any:
		for i := range v {
			v[i] = asFloats(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = asFloats(v[key])
		}
	}
	return v
}

// TestFieldsAreThoseOfTheAPI: what the API shows of an entry or a line is in a
// document, or left behind on purpose.
func TestFieldsAreThoseOfTheAPI(t *testing.T) {
	kept := []string{"id", "created_at", "created_by", "updated_at", "hits", "last_hit_at", "version"}
	entry, err := layEntry(&ani.Entry{NotBefore: time.Unix(0, 0), ExpiresAt: time.Unix(1, 0)})
	if err != nil {
		t.Fatal(err)
	}
	line := layLine(&flow.Line{Targets: []flow.Target{{}}})
	for _, tt := range []struct {
		api     reflect.Type
		read    string
		written []field
	}{
		{reflect.TypeFor[ani.Entry](), entryFields.names(), entry},
		{reflect.TypeFor[flow.Line](), lineFields.names(), line},
		{reflect.TypeFor[flow.Limit](), limitFields.names(), valueOf(t, line, "limit").([]field)},
		{reflect.TypeFor[flow.Target](), targetFields.names(), valueOf(t, line, "targets").([][]field)[0]},
	} {
		var want, written []string
		for f := range tt.api.Fields() {
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); !slices.Contains(kept, name) {
				want = append(want, name)
			}
		}
		for _, f := range tt.written {
			written = append(written, f.name)
		}
		if diff := cmp.Diff(want, strings.Split(tt.read, ", ")); diff != "" {
			t.Errorf("%s is read: -want +got\n%s", tt.api, diff)
		}
		if diff := cmp.Diff(want, written); diff != "" {
			t.Errorf("%s is written: -want +got\n%s", tt.api, diff)
		}
	}
}

func valueOf(t *testing.T, laid []field, name string) any {
	t.Helper()
	i := slices.IndexFunc(laid, func(f field) bool { return f.name == name })
	if i < 0 {
		t.Fatalf("no %s", name)
	}
	return laid[i].value
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestWritingThatFails(t *testing.T) {
	for _, f := range []Format{YAML, JSON} {
		if err := NewWriter(brokenWriter{}, f).Close(); !errors.Is(err, errBroken) {
			t.Errorf("close: %v", err)
		}
		w := NewWriter(brokenWriter{}, f)
		var err error
		for i := 0; err == nil && i < 1e6; i++ {
			err = w.Entry(entryOf(t, "+16505550123"))
		}
		if !errors.Is(err, errBroken) {
			t.Errorf("entry: %v", err)
		}
	}
	w := NewWriter(io.Discard, YAML)
	if err := errors.Join(w.Entry(entryOf(t, "+16505550123"))); err != nil {
		t.Fatal(err)
	}
	if err := w.Line(lineOf("a")); err == nil {
		t.Error("a line is written behind an entry")
	}
	if err := w.Entry(entryOf(t, "+16505550123", func(e *ani.Entry) { e.ExpiresAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) })); err == nil {
		t.Error("a year that RFC 3339 can't say is written")
	}
}

// FuzzRead: what can be read has been through Normalize, and reads the same
// from what is written of it.
func FuzzRead(f *testing.F) {
	f.Add("lines:\n- name: a\n  numbers: [+18005550100]\n  limit: {calls: 3}\n  targets: [{kind: mailbox, address: 0410, hours: 'Mo-Fr 08:00-18:00; Sa off'}]\n")
	f.Add("{\"lines\": [{\n\t\"name\": \"a\",\n\t\"enabled\": false}], \"entries\": null}")
	f.Add("entries:\n- &a {pattern: +16505550123, lines: &l [b, a], not_before: 2026-01-31}\n- {<<: *a, pattern: +1650555*, lines: *l, note: \"\\u00e9 \\ufeff\"}\n")
	f.Add("lines: !tag 000\nentries: [*a]\n--- |\n a")
	f.Fuzz(func(t *testing.T, text string) {
		d, err := Read([]byte(text))
		if err != nil {
			if problems, ok := errors.AsType[ani.Problems](err); !ok || len(problems) == 0 || len(problems) > maxProblems+1 {
				t.Fatalf("%v is no problem", err)
			}
			return
		}
		for i := range d.Lines {
			again := d.Lines[i]
			if err := again.Normalize(); err != nil || !cmp.Equal(again, d.Lines[i], same) {
				t.Errorf("%+v: %v", d.Lines[i], err)
			}
		}
		for i := range d.Entries {
			again := d.Entries[i]
			if err := again.Normalize(); err != nil || !cmp.Equal(again, d.Entries[i], same) {
				t.Errorf("%+v: %v", d.Entries[i], err)
			}
		}
		for _, f := range []Format{YAML, JSON} {
			written := write(t, d, f)
			if again, err := Read([]byte(written)); err != nil || !cmp.Equal(d, again, same) {
				t.Errorf("%s\n%v\n%s", written, err, cmp.Diff(d, again, same))
			}
		}
	})
}
