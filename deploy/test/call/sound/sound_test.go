package sound_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/call/sound"
)

// tone is a second of 440 Hz.
func tone(rate int) sound.Sound {
	s := make(sound.Sound, rate)
	for i := range s {
		s[i] = 0.5 * math.Sin(2*math.Pi*440*float64(i)/float64(rate))
	}
	return s
}

// written is the file of a sound.
func written(t testing.TB, s sound.Sound) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sound.wav")
	if err := s.Write(path); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func read(t testing.TB, file []byte) (sound.Sound, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sound.wav")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return sound.Read(path)
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	s := tone(sound.Rate)
	got, err := read(t, written(t, s))
	if err != nil {
		t.Fatal(err)
	}
	if v := sound.Compare(s, got); !v.Whole() || v.At != 0 || len(got) != len(s) {
		t.Errorf("%d samples of %d: %v", len(got), len(s), v)
	}
	if got.Duration() != time.Second {
		t.Errorf("it takes %v, want a second", got.Duration())
	}
}

// The place of the rate in the header: byte 24, four bytes.
func TestOtherRatesBecomeTheTelephones(t *testing.T) {
	file := written(t, tone(22050))
	copy(file[24:], []byte{0x22, 0x56, 0, 0})
	got, err := read(t, file)
	if err != nil {
		t.Fatal(err)
	}
	if v := sound.Compare(tone(sound.Rate), got); v.Correlation < 0.999 {
		t.Errorf("not the tone of 440 Hz: %v", v)
	}
}

func TestUnfinishedFiles(t *testing.T) {
	file := written(t, tone(sound.Rate))
	for name, part := range map[string][]byte{
		"empty":                        {},
		"no samples yet":               file[:44],
		"a sample is missing":          file[:len(file)-2],
		"more samples than its header": append(bytes.Clone(file), 0, 0),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := read(t, part); !errors.Is(err, sound.ErrUnfinished) {
				t.Errorf("got %v, want %v", err, sound.ErrUnfinished)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(written(f, tone(sound.Rate)[:64]))
	f.Add([]byte("RIFF\x00\x00\x00\x00WAVEdata\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := read(t, file)
		if err != nil {
			return
		}
		again, err := read(t, written(t, s))
		if len(s) > 0 && (err != nil || len(again) != len(s)) {
			t.Errorf("%d samples, written and read again %d, %v", len(s), len(again), err)
		}
	})
}
