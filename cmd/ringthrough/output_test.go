package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	zone := time.FixedZone("", 5*3600+1800)
	s := &session{stdout: io.Discard, now: func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, zone) }}
	at := time.Date(2026, 6, 30, 22, 15, 30, 0, time.UTC)
	table := s.newTable()
	table.row("A", "B", "C")
	table.row("", "a\tb\x1b[2J\nc", "é")
	table.row(table.minute(at), table.second(at), table.minute(time.Time{}))
	var got strings.Builder
	if err := table.print(&got); err != nil {
		t.Fatal(err)
	}
	const want = `A                       B                          C
-                       a�b�[2J c                  é
2026-07-01 03:45+05:30  2026-07-01 03:45:30+05:30  -
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestWholeHoursOfAZoneAreShort(t *testing.T) {
	at := time.Date(2026, 6, 30, 22, 0, 0, 0, time.UTC)
	for zone, want := range map[*time.Location]string{
		time.UTC:                      "2026-06-30 22:00Z",
		time.FixedZone("", 2*3600):    "2026-07-01 00:00+02",
		time.FixedZone("", -9*3600):   "2026-06-30 13:00-09",
		time.FixedZone("", -2.5*3600): "2026-06-30 19:30-02:30",
	} {
		if got := (&table{zone: zone}).minute(at); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestClip(t *testing.T) {
	for _, tt := range []struct {
		name, line string
		width      int
		want       string
	}{
		{"no terminal", "abcdef", 0, "abcdef"},
		{"it fits just so", "abcdef", 6, "abcdef"},
		{"one too many", "abcdef", 5, "abcd…"},
		{"characters, not bytes", "ééééé", 5, "ééééé"},
		{"a terminal of one column", "abc", 1, "…"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := clip(tt.line, tt.width); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestYAMLQuotesWhatReadersDisagreeOn(t *testing.T) {
	var got bytes.Buffer
	err := writeYAML(&got, []byte(`{"z":"+16505550123","a":{"b":[1.5,12345678901234567,null,true,"",{},[]]},"c":"12:30:00","d":"1e3","e":"no","f":"code_received","g":"a: b","h":"x\ny","i":"2026-01-01"}`))
	if err != nil {
		t.Fatal(err)
	}
	const want = `z: "+16505550123"
a:
  b:
  - 1.5
  - 12345678901234567
  - null
  - true
  - ""
  - {}
  - []
c: "12:30:00"
d: "1e3"
e: "no"
f: code_received
g: "a: b"
h: "x\ny"
i: "2026-01-01"
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// FuzzYAML: every text reads back from YAML as it was.
func FuzzYAML(f *testing.F) {
	for _, seed := range []string{"", "null", "~", "y", "0o7", ".5", "- a", "a #b", "'", "\u2028", "\x00", "%", "@x", "a\tb", "…", "-", "--- a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		b, err := json.Marshal(map[string]any{"v": text, "list": []string{text}})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := writeYAML(&out, b); err != nil {
			t.Fatal(err)
		}
		var got struct {
			V    string   `yaml:"v"`
			List []string `yaml:"list"`
		}
		if err := yaml.Unmarshal(out.Bytes(), &got); err != nil || got.V != text || len(got.List) != 1 || got.List[0] != text {
			t.Errorf("%q reads back from\n%sas %q, %q, %v", text, &out, got.V, got.List, err)
		}
	})
}
