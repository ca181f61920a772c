package sound_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/call/sound"
)

// reading is something like six digits: bursts of sound of changing loudness,
// with pauses between them. Other seeds give other sounds.
func reading(seed uint64) sound.Sound {
	r := rand.New(rand.NewPCG(seed, 1))
	s := sound.Silence(30 * time.Millisecond)
	for range 6 {
		word := sound.Silence(300 * time.Millisecond)
		last := 0.0
		for i := range word {
			last = 0.7*last + 0.3*(2*r.Float64()-1)
			word[i] = last * math.Sin(math.Pi*float64(i)/float64(len(word)))
		}
		s = sound.Join(s, word, sound.Silence(100*time.Millisecond))
	}
	return s
}

// telephone is the sound after G.711, which has some 13 segments of 16 steps:
// each sample keeps about five digits of its binary form.
func telephone(s sound.Sound) sound.Sound {
	out := make(sound.Sound, len(s))
	for i, v := range s {
		fraction, exponent := math.Frexp(v)
		out[i] = math.Ldexp(math.Round(fraction*32)/32, exponent)
	}
	return out
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// without is the sound with a stretch of it taken out.
func without(s sound.Sound, from, to time.Duration) sound.Sound {
	return sound.Join(s[:samples(from)], s[samples(to):])
}

func samples(d time.Duration) int { return int(d * sound.Rate / time.Second) }

func TestJudge(t *testing.T) {
	first, pause := reading(1), sound.Silence(ms(700))
	all := telephone(sound.Join(first, pause, reading(2), pause, reading(3)))
	muted := append(sound.Sound{}, all...)
	clear(muted[samples(ms(1000)):samples(ms(1060))])
	tests := []struct {
		name      string
		recording sound.Sound
		whole     bool
		cut       time.Duration // give or take three frames; the sound begins with 30 ms of silence
	}{
		{"all of it", all, true, 0},
		{"all of it, after silence", sound.Join(pause, all), true, 0},
		{"the first reading alone", all[:len(first)], true, 0},
		{"the first reading alone, a little quieter", quieter(all[:len(first)]), true, 0},
		{"without the silence at its start", without(all, 0, ms(30)), true, 0},
		{"without the first 100 ms", without(all, 0, ms(100)), false, ms(70)},
		{"without the first word", without(all, 0, ms(400)), false, ms(400)},
		{"without the first half", without(all, 0, first.Duration()/2), false, ms(1200)},
		{"silence instead of the first word", sound.Join(sound.Silence(ms(400)), all[samples(ms(400)):]), false, ms(400)},
		{"without a frame in its last third", without(all, ms(1700), ms(1720)), false, 0},
		{"three frames muted in its middle", muted, false, 0},
		{"without the last 100 ms of speech", all[:len(first)-samples(ms(200))], false, 0},
		{"only the second reading and the third", all[len(first):], false, first.Duration()},
		{"somebody else", telephone(reading(9)), false, first.Duration()},
		{"silence", sound.Silence(ms(5000)), false, first.Duration()},
		{"nothing", nil, false, first.Duration()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := sound.Compare(first, tt.recording)
			t.Log(v)
			if v.Whole() != tt.whole {
				t.Errorf("whole is %v, want %v", v.Whole(), tt.whole)
			}
			if off := v.Cut - tt.cut; off.Abs() > ms(60) {
				t.Errorf("%v cut at the start, want about %v", v.Cut, tt.cut)
			}
		})
	}
}

func quieter(s sound.Sound) sound.Sound {
	out := make(sound.Sound, len(s))
	for i, v := range s {
		out[i] = v / 3
	}
	return out
}
