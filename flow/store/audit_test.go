package store

import (
	"encoding/hex"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var sample = AuditRecord{
	ID: 7, At: time.Date(2026, 3, 2, 12, 0, 0, 123e6, time.UTC), Actor: "dana", Role: RoleEditor, From: "192.0.2.7",
	Action: "update", Kind: KindEntry, Key: "d4g0", Before: json.RawMessage(`{"note":"a"}`), After: json.RawMessage(`{"note":"b"}`),
	Note: "why", Revision: 3,
}

// TestDigestStays holds the form to what was written with it before: any other
// would break every chain there is.
func TestDigestStays(t *testing.T) {
	digest := sample.Digest()
	if got := hex.EncodeToString(digest[:]); got != "16c755bd387d108b25068141870ce0003854a69b749c759bb7b81dd8d9ada471" {
		t.Errorf("the digest is %s", got)
	}
	hash := Chain([32]byte{1}, digest)
	if got := hex.EncodeToString(hash[:]); got != "de64d63c150fdca7ae36c0f946c5c320f85224ec007fd2e3e079a7d3df5aa4d5" {
		t.Errorf("the hash is %s", got)
	}
}

// TestDigestOfEachField changes one field after the other.
func TestDigestOfEachField(t *testing.T) {
	seen := map[[32]byte]string{sample.Digest(): "the sample"}
	for name, change := range map[string]func(*AuditRecord){
		"id":       func(r *AuditRecord) { r.ID++ },
		"at":       func(r *AuditRecord) { r.At = r.At.Add(time.Millisecond) },
		"actor":    func(r *AuditRecord) { r.Actor += "x" },
		"role":     func(r *AuditRecord) { r.Role = RoleAdmin },
		"from":     func(r *AuditRecord) { r.From += "x" },
		"action":   func(r *AuditRecord) { r.Action += "x" },
		"kind":     func(r *AuditRecord) { r.Kind = KindLine },
		"key":      func(r *AuditRecord) { r.Key += "x" },
		"before":   func(r *AuditRecord) { r.Before = nil },
		"after":    func(r *AuditRecord) { r.After = nil },
		"note":     func(r *AuditRecord) { r.Note += "x" },
		"refused":  func(r *AuditRecord) { r.Refused = true },
		"revision": func(r *AuditRecord) { r.Revision++ },
		"a letter that moves to the next field": func(r *AuditRecord) {
			r.Actor, r.Role = "dan", "a"+r.Role
		},
	} {
		r := sample
		change(&r)
		if other, ok := seen[r.Digest()]; ok {
			t.Errorf("%s: the digest is that of %s", name, other)
		}
		seen[r.Digest()] = name
	}
}

// TestDigestTellsRecordsApart cuts one text into the fields of two records.
func TestDigestTellsRecordsApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.StringOfN(rapid.SampledFrom([]rune{0, 1, 'a'}), 0, 12, -1).Draw(t, "text")
		cut := func(name string) (fields [9]string) {
			cuts := rapid.SliceOfN(rapid.IntRange(0, len(whole)), 8, 8).Draw(t, name)
			slices.Sort(cuts)
			from := 0
			for i, to := range append(cuts, len(whole)) {
				fields[i], from = whole[from:to], to
			}
			return fields
		}
		digest := func(f [9]string) [32]byte {
			return AuditRecord{
				Actor: f[0], Role: Role(f[1]), From: f[2], Action: f[3], Kind: Kind(f[4]), Key: f[5], Note: f[6],
				Before: json.RawMessage(f[7]), After: json.RawMessage(f[8]),
			}.Digest()
		}
		a, b := cut("cuts"), cut("other cuts")
		if (a == b) != (digest(a) == digest(b)) {
			t.Errorf("of %q and %q, the digests say otherwise than the records whether they are the same", a, b)
		}
	})
}
