package ani

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func mustPattern(t testing.TB, s string) Pattern {
	t.Helper()
	p, err := ParsePattern(s)
	if err != nil {
		t.Fatalf("pattern %s: %v", s, err)
	}
	return p
}

func TestEntryNormalize(t *testing.T) {
	paris := time.FixedZone("", 3600)
	e := NewEntry()
	e.Pattern = mustPattern(t, "+16505550123")
	e.Label = strings.Repeat("x", 200)
	e.Lines = []string{"support-us", "sales", "support-us"}
	e.NotBefore = noon.In(paris).Add(1234567 * time.Nanosecond)
	e.ExpiresAt = noon.Add(2 * time.Millisecond)
	if err := e.Normalize(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"sales", "support-us"}, e.Lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if want := noon.Add(time.Millisecond); e.NotBefore != want {
		t.Errorf("not_before is %v, want %v", e.NotBefore, want)
	}
	once := e
	if err := e.Normalize(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(once, e, cmp.AllowUnexported(Pattern{})); diff != "" {
		t.Errorf("a second time changes it (-once +twice):\n%s", diff)
	}
}

func TestEntryNormalizeNamesEveryField(t *testing.T) {
	e := Entry{
		Label: strings.Repeat("x", 201), Source: "a\nb", Note: "\xff", Lines: []string{"sales", " ", strings.Repeat("l", 64)},
		NotBefore: noon.Add(time.Microsecond), ExpiresAt: noon, MinAttestation: AttestationFailed,
	}
	var problems Problems
	if err := e.Normalize(); !errors.As(err, &problems) {
		t.Fatalf("error is %v, want Problems", err)
	}
	var fields []string
	for _, p := range problems {
		fields = append(fields, p.Field)
	}
	want := []string{"pattern", "label", "source", "note", "lines[1]", "lines[2]", "expires_at", "min_attestation"}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

func TestEntryState(t *testing.T) {
	dated := Entry{Enabled: true, NotBefore: noon, ExpiresAt: noon.Add(time.Hour)}
	off := dated
	off.Enabled = false
	for _, c := range []struct {
		name  string
		entry Entry
		now   time.Time
		want  State
	}{
		{"before its first instant", dated, noon.Add(-time.Millisecond), StateScheduled},
		{"its first instant is inside", dated, noon, StateActive},
		{"just before its last instant", dated, noon.Add(time.Hour - time.Nanosecond), StateActive},
		{"the last instant is outside", dated, noon.Add(time.Hour), StateExpired},
		{"without dates", Entry{Enabled: true}, noon, StateActive},
		{"without end", Entry{Enabled: true, NotBefore: noon}, noon.AddDate(1000, 0, 0), StateActive},
		{"without beginning", Entry{Enabled: true, ExpiresAt: noon}, noon.AddDate(-1000, 0, 0), StateActive},
		{"off inside its dates", off, noon, StateDisabled},
		{"off after its dates", off, noon.Add(time.Hour), StateDisabled},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.entry.State(c.now); got != c.want {
				t.Errorf("State is %s, want %s", got, c.want)
			}
		})
	}
}

func TestEntryJSON(t *testing.T) {
	e := NewEntry()
	e.ID, e.Pattern, e.Label, e.ExpiresAt = "d1k2", mustPattern(t, "+1650555*"), "Meta call 1", noon
	e.MinAttestation, e.CreatedAt, e.UpdatedAt = AttestationC, noon, noon
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"id":"d1k2","pattern":"+1650555*","label":"Meta call 1","source":"","lines":[],"expires_at":"2026-03-01T12:00:00Z",` +
		`"enabled":true,"min_attestation":"C","note":"","created_at":"2026-03-01T12:00:00Z","created_by":"",` +
		`"updated_at":"2026-03-01T12:00:00Z","hits":0,"version":0}`
	if diff := cmp.Diff(want, string(b)); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
	got := NewEntry()
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(e, got, cmp.AllowUnexported(Pattern{})); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}
