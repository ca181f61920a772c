package call_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/call/sound"
	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// voice is espeak-ng.
type voice struct{ program string }

// readCode reads a code three times. Each reading has a pitch of its own: else
// a recording of the second would pass for the first.
func (v voice) readCode(t *testing.T) []sound.Sound {
	t.Helper()
	var readings []sound.Sound
	for _, pitch := range []int{50, 65, 80} {
		readings = append(readings, v.say(t, pitch, "Your verification code is 4, 8, 2, 9, 0, 3."))
	}
	return readings
}

// say speaks at a pitch from 0 to 99.
func (v voice) say(t *testing.T, pitch int, text string) sound.Sound {
	t.Helper()
	path := filepath.Join(t.TempDir(), "speech.wav")
	out, err := exec.CommandContext(t.Context(), v.program, "-v", "en-us", "-s", "210", "-p", fmt.Sprint(pitch), "-w", path, text).CombinedOutput()
	if err != nil {
		t.Fatalf("speak: %v\n%s", err, out)
	}
	s, err := sound.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A judge that took one reading for another, or a reading without its start
// for a whole one, would let every case pass.
func TestReadingsCanBeToldApart(t *testing.T) {
	readings := voice{peer.Command(t, "espeak-ng", peer.Everything)}.readCode(t)
	for i, one := range readings {
		for j, other := range readings {
			if v := sound.Compare(one, other); v.Whole() != (i == j) || i != j && v.Heard > v.Spoken/4 {
				t.Errorf("reading %d in a recording of reading %d: %v", i+1, j+1, v)
			}
		}
		if v := sound.Compare(one, one[sound.Rate/5:]); v.Whole() || v.Cut == 0 {
			t.Errorf("reading %d without its first 200 ms: %v", i+1, v)
		}
	}
}
