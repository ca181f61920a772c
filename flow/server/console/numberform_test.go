package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"mime/multipart"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var zones = []string{"UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York", "Pacific/Chatham"}

// FuzzTimesThatNobodyTouches: a form that is sent as it came leaves a time as
// it was to the millisecond, in any zone, in the hour too that a clock goes
// through twice.
func FuzzTimesThatNobodyTouches(f *testing.F) {
	f.Add(int64(1_793_000_000_123), uint8(1))
	f.Add(time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC).UnixMilli(), uint8(1))
	f.Add(time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC).UnixMilli(), uint8(1))
	f.Fuzz(func(t *testing.T, millis int64, place uint8) {
		at := time.UnixMilli(millis % 4e12).UTC()
		zone, err := location(zones[int(place)%len(zones)])
		if err != nil {
			t.Skip("this machine doesn't know the zone")
		}
		form := url.Values{"zone": {zone.String()}, "zone_was": {zone.String()}, "expires_at": {local(at, zone)}, "expires_at_was": {exact(at)}}
		wrong := &refusal{}
		kept, err := json.Marshal(timeField(form, "expires_at", wrong))
		if err != nil || len(wrong.Errors) > 0 || typed(form, "expires_at") {
			t.Fatalf("%s: %v, %v", form, err, wrong.Errors)
		}
		var got time.Time
		if err := json.Unmarshal(kept, &got); err != nil || !got.Equal(at) && at.Year() > 0 {
			t.Errorf("%s came back as %s: %v", exact(at), kept, err)
		}
	})
}

// FuzzCompare: a thing is the same as itself, and the two sides of a
// comparison are the same ones the other way round.
func FuzzCompare(f *testing.F) {
	f.Add(`{"pattern":"+16505550123","lines":[],"enabled":true,"version":3}`, `{"lines":["a","b"],"expires_at":"2026-11-22T21:00:00Z"}`)
	f.Add(`{"targets":[{"kind":"number","address":"+1"}],"limit":{"calls":20}}`, `null`)
	f.Fuzz(func(t *testing.T, a, b string) {
		left, right := json.RawMessage(a), json.RawMessage(b)
		there, err := compare(left, right)
		back, errBack := compare(right, left)
		if (err == nil) != (errBack == nil) {
			t.Fatalf("%v one way, %v the other", err, errBack)
		}
		if err != nil {
			return
		}
		for i := range back {
			back[i].A, back[i].B = back[i].B, back[i].A
		}
		if diff := cmp.Diff(there, back); diff != "" {
			t.Error(diff)
		}
		self, err := compare(left, left)
		if err != nil || len(differing(self)) > 0 {
			t.Errorf("differs from itself: %v, %v", self, err)
		}
	})
}

// FuzzReadUpload: what isn't refused is kept byte for byte, with the name and
// the mode that came with it.
func FuzzReadUpload(f *testing.F) {
	form := func(name, file, mode string) []byte {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		_ = w.SetBoundary("x")
		_ = w.WriteField("mode", mode)
		part, _ := w.CreateFormFile("file", name)
		_, _ = part.Write([]byte(file))
		_ = w.Close()
		return b.Bytes()
	}
	f.Add(form("a.csv", "pattern\n+16505550123\n", "replace"))
	f.Add(form("", "", ""))
	f.Add([]byte("--x\r\n"))
	f.Fuzz(func(t *testing.T, body []byte) {
		file, err := os.CreateTemp(t.TempDir(), "")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		up := &upload{}
		err = readUpload(multipart.NewReader(bytes.NewReader(body), "x"), up, file)
		if refused := (*refusal)(nil); err != nil && !errors.As(err, &refused) {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		want, err := multipart.NewReader(bytes.NewReader(body), "x").ReadForm(1 << 20)
		if err != nil || len(want.File["file"]) != 1 {
			return
		}
		part, err := want.File["file"][0].Open()
		if err != nil {
			t.Fatal(err)
		}
		var sent bytes.Buffer
		if _, err := sent.ReadFrom(part); err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(file.Name())
		if err != nil || !bytes.Equal(kept, sent.Bytes()) || up.Name != want.File["file"][0].Filename {
			t.Errorf("kept %q as %q, sent %q: %v", kept, up.Name, sent.Bytes(), err)
		}
	})
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1_000_000: "1,000,000", -12345: "-12,345", -123: "-123"} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %q, want %q", n, got, want)
		}
	}
}
