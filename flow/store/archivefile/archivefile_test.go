package archivefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 123e6, time.UTC)

// world is a row of each kind, with what JSON is apt to lose.
func world() []store.Row {
	line := store.Line{Line: flow.NewLine(), Version: 3, CreatedAt: noon, UpdatedAt: noon}
	line.Name, line.Announce = "support", "write <six> & digits\u2028"
	entry := ani.NewEntry()
	entry.ID, entry.Pattern, entry.Note, entry.MinAttestation = "e", ani.PatternOf(ani.MustParse("+16505550123")), "söhne \"&\" co", ani.AttestationB
	call := store.Call{ID: "c", At: noon, Kind: store.CallDirect, Attestation: flow.AttestationFailed, ANI: ani.MustParse("+16505550123")}
	record := store.AuditRecord{ID: 7, At: noon, Actor: "dana", Before: json.RawMessage("{\"a\": \"<é>\",\n \"b\": 1.50}"), After: json.RawMessage("null"), Revision: 3}
	erased := store.AuditRecord{ID: 8, At: noon, Erased: true}
	return []store.Row{
		{Key: &store.KeyRow{Name: "signing", Secret: []byte{0, 1, 255}}},
		{Token: &store.TokenRow{ID: "t", Hash: []byte{1, 31: 32}, CreatedAt: noon}},
		{Line: &line}, {Entry: &entry},
		{Window: &flow.Window{ID: "w", Mode: flow.ModeRehearsal, Callers: []ani.Number{ani.MustParse("+16505550123")}, OpensAt: noon, Calls: 2}},
		{Call: &call}, {Call: &store.Call{ID: "withheld"}},
		{Revision: &store.RevisionInfo{N: 3, At: noon, Changes: 1}},
		{Pruned: &store.PrunedRow{Records: 6, Hash: bytes.Repeat([]byte{9}, 32)}},
		{Audit: &store.AuditRow{AuditRecord: record, Edit: 3, Digest: bytes.Repeat([]byte{1}, 32), Hash: bytes.Repeat([]byte{2}, 32)}},
		{Audit: &store.AuditRow{AuditRecord: erased, Digest: []byte{}, Hash: bytes.Repeat([]byte{3}, 32)}},
		{Delivery: &store.DeliveryRow{Notice: "n", Body: json.RawMessage("{ }"), At: noon, Next: noon}},
	}
}

func dumping(rows []store.Row) func(func(store.Row) bool) error {
	return func(yield func(store.Row) bool) error {
		for _, r := range rows {
			if !yield(r) {
				break
			}
		}
		return nil
	}
}

// written is a file of rows.
func written(t *testing.T, rows []store.Row) ([]byte, Sum) {
	t.Helper()
	var file bytes.Buffer
	sum, err := Write(&file, "1.2.3", noon, dumping(rows))
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes(), sum
}

func collect(rows iter.Seq2[store.Row, error]) (all []store.Row, err error) {
	for r, err := range rows {
		if err != nil {
			return all, err
		}
		all = append(all, r)
	}
	return all, nil
}

func same(want, got any) string {
	return cmp.Diff(want, got, cmp.Transformer("String", ani.Number.String), cmp.Transformer("String", ani.Pattern.String))
}

func TestRoundTrip(t *testing.T) {
	for name, rows := range map[string][]store.Row{"nothing": nil, "some of everything": world()} {
		t.Run(name, func(t *testing.T) {
			file, sum := written(t, rows)
			r, err := Open(bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			got, err := collect(r.Rows())
			if err != nil {
				t.Fatal(err)
			}
			if d := same(rows, got); d != "" {
				t.Errorf("rows (-want +got):\n%s", d)
			}
			if r.Sum() != sum || sum.Rows != int64(len(rows)) {
				t.Errorf("the sum is %+v, want %+v", r.Sum(), sum)
			}
			if d := cmp.Diff(Header{format, version, "1.2.3", noon.Truncate(time.Second)}, r.Header); d != "" {
				t.Errorf("header (-want +got):\n%s", d)
			}
		})
	}
}

// TestCutOff cuts a file at every byte.
func TestCutOff(t *testing.T) {
	file, _ := written(t, world())
	for n := range file {
		_, _, err := Check(bytes.NewReader(file[:n]))
		if !errors.Is(err, ErrBroken) && !(errors.Is(err, ErrForeign) && n < 8) {
			t.Errorf("the first %d of %d bytes: %v", n, len(file), err)
		}
	}
}

// TestFlipped flips a bit of every byte. Some bits of a frame say nothing of
// what is in it: then all of it must be as it was.
func TestFlipped(t *testing.T) {
	file, sum := written(t, world())
	for n := range file {
		for bit := range 8 {
			wrong := bytes.Clone(file)
			wrong[n] ^= 1 << bit
			_, got, err := Check(bytes.NewReader(wrong))
			if err == nil && got != sum || err != nil && !errors.Is(err, ErrBroken) && !errors.Is(err, ErrForeign) {
				t.Errorf("bit %d of byte %d: %v, %v", bit, n, got, err)
			}
		}
	}
}

// compressed is text as a file of ours is compressed.
func compressed(t *testing.T, text string) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll([]byte(text), nil)
}

func TestRefused(t *testing.T) {
	const head = `{"format":"ringthrough-backup","version":1,"program":"1","at":"2026-03-02T12:00:00Z"}` + "\n"
	const none = `{"rows":0,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}` + "\n"
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":                        {nil, ErrForeign},
		"a text":                         {[]byte("lines: []\n"), ErrForeign},
		"another compressed file":        {compressed(t, "hello\n"), ErrForeign},
		"JSON of another":                {compressed(t, `{"format":"x"}`+"\n"), ErrForeign},
		"a later version":                {compressed(t, strings.Replace(head, `"version":1`, `"version":2`, 1)+none), ErrNewer},
		"a later field":                  {compressed(t, head+`{"key":{"name":"x","secret":"","size":1}}`+"\n"+none), ErrNewer},
		"a later kind":                   {compressed(t, head+`{"lease":{}}`+"\n"+none), ErrNewer},
		"a header alone":                 {compressed(t, head), ErrBroken},
		"a row that is none":             {compressed(t, head+`{"line":7}`+"\n"+none), ErrBroken},
		"more rows than there were":      {compressed(t, head+`{"key":{"name":"x","secret":""}}`+"\n"+none), ErrBroken},
		"rows after the end":             {compressed(t, head+none+`{"key":{"name":"x","secret":""}}`+"\n"), ErrBroken},
		"another sum":                    {compressed(t, head+strings.Replace(none, "e3b0", "e3b1", 1)), ErrBroken},
		"a text after the end":           {append(compressed(t, head+none), "hello"...), ErrBroken},
		"nothing but a header and a sum": {compressed(t, head+none), nil},
	} {
		if _, _, err := Check(bytes.NewReader(c.file)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// TestFaults has what is written to, read from and dumped go wrong: that comes
// as it is.
func TestFaults(t *testing.T) {
	wrong := errors.New("the disk is broken")
	file, _ := written(t, world())
	for at := range file {
		_, _, err := Check(io.MultiReader(bytes.NewReader(file[:at]), iotest.ErrReader(wrong)))
		if !errors.Is(err, wrong) || errors.Is(err, ErrBroken) {
			t.Fatalf("reading: %v", err)
		}
	}
	if _, err := Write(io.Discard, "1", noon, func(func(store.Row) bool) error { return wrong }); err != wrong { //nolint:errorlint // as it is
		t.Errorf("dumping: %v", err)
	}
	read, to := io.Pipe()
	_ = read.CloseWithError(wrong) // it can't fail
	if _, err := Write(to, "1", noon, dumping(world())); !errors.Is(err, wrong) {
		t.Errorf("writing: %v", err)
	}
}

// TestTexts holds that JSON which a store keeps comes back byte for byte.
func TestTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before, note := rapid.String().Draw(t, "before"), rapid.String().Draw(t, "note")
		row := store.Row{Audit: &store.AuditRow{AuditRecord: store.AuditRecord{ID: 1, Note: note}, Digest: []byte{1}, Hash: []byte{2}}}
		if before != "" {
			row.Audit.Before = json.RawMessage(before)
		}
		var file bytes.Buffer
		if _, err := Write(&file, "", noon, dumping([]store.Row{row})); err != nil {
			t.Fatal(err)
		}
		r, err := Open(&file)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		got, err := collect(r.Rows())
		if d := same([]store.Row{row}, got); err != nil || d != "" {
			t.Errorf("%v (-want +got):\n%s", err, d)
		}
	})
}

func FuzzCheck(f *testing.F) {
	var file bytes.Buffer
	if _, err := Write(&file, "1", noon, dumping(world())); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Add([]byte("lines: []\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, sum, err := Check(bytes.NewReader(b))
		if err != nil {
			return
		}
		r, err := Open(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		rows, err := collect(r.Rows())
		if err != nil {
			t.Fatal(err)
		}
		if _, again := written(t, rows); again != sum {
			t.Errorf("what was read sums up to %v, and written again to %v", sum, again)
		}
	})
}
