package sound

import (
	"fmt"
	"math"
	"math/bits"
	"math/cmplx"
	"time"

	"gonum.org/v1/gonum/dsp/fourier"
)

// frame is the stretch that a telephone sends at once, 20 ms.
const frame = Rate / 50

const (
	// audible is the share of the loudest frame's energy from which a frame
	// counts as speech: 30 dB below it.
	audible = 1e-3
	// alike is the correlation from which two frames are the same. G.711
	// leaves more than 0.99 of a frame that is audible.
	alike = 0.9
	// whole is the correlation from which the sounds are the same, if no
	// frame is missing.
	whole = 0.98
)

// Verdict is how much of a sound is in a recording.
type Verdict struct {
	Correlation   float64       // of the whole sound with the recording where they fit best: 1 for the same, 0 for strangers
	At            time.Duration // where in the recording the sound begins; negative where the recording begins later
	Cut           time.Duration // speech, pauses within it too, that was over before the first frame that was heard
	Spoken, Heard int           // frames of 20 ms that are speech, and those of them that are in the recording
}

// Whole says that nothing is missing.
func (v Verdict) Whole() bool { return v.Correlation >= whole && v.Heard == v.Spoken && v.Spoken > 0 }

// String is for people.
func (v Verdict) String() string {
	return fmt.Sprintf("correlation %.4f, %d of %d frames of speech heard, %d ms cut at the start, begins %.1f ms into the recording",
		v.Correlation, v.Heard, v.Spoken, v.Cut.Milliseconds(), v.At.Seconds()*1000)
}

// Compare looks for a sound in a recording. It moves the one along the other
// to where they fit best, and compares frame by frame there: what comes
// later than it was spoken, because something before it is missing, is not
// heard. Where something in the middle is missing, the longer part counts.
func Compare(spoken, recording Sound) Verdict {
	at := fit(spoken, recording)
	heard := Silence(spoken.Duration()) // the stretch of the recording that spoken falls on
	for i := range heard {
		if j := i + at; j >= 0 && j < len(recording) {
			heard[i] = recording[j]
		}
	}
	v := Verdict{Correlation: correlation(spoken, heard), At: time.Duration(at) * time.Second / Rate}
	first, began := -1, -1
	for _, i := range spoken.speech() {
		v.Spoken++
		if began < 0 {
			began = i
		}
		if correlation(spoken[i:i+frame], heard[i:i+frame]) < alike {
			continue
		}
		v.Heard++
		if first < 0 {
			first = i
		}
	}
	if first < 0 {
		first = len(spoken)
	}
	v.Cut = time.Duration(first-max(began, 0)) * time.Second / Rate
	return v
}

// speech is where the frames begin that can be heard.
func (s Sound) speech() []int {
	loudest := 0.0
	for i := 0; i+frame <= len(s); i += frame {
		loudest = max(loudest, s[i:i+frame].energy())
	}
	var starts []int
	for i := 0; i+frame <= len(s); i += frame {
		if e := s[i : i+frame].energy(); e > 0 && e >= audible*loudest {
			starts = append(starts, i)
		}
	}
	return starts
}

func (s Sound) energy() float64 {
	sum := 0.0
	for _, v := range s {
		sum += v * v
	}
	return sum
}

// correlation is that of two sounds of the same length as they stand. Silence
// is like nothing.
func correlation(a, b Sound) float64 {
	product := 0.0
	for i, v := range a {
		product += v * b[i]
	}
	if product == 0 {
		return 0
	}
	return product / math.Sqrt(a.energy()*b.energy())
}

// fit is where in the recording, in samples, the sound fits best: the highest
// of their cross-correlation, which is a product of spectra. Both are padded
// so that the end of the one never meets the start of the other, to a power
// of two, for which the transform is quick.
func fit(spoken, recording Sound) int {
	if len(spoken) == 0 || len(recording) == 0 {
		return 0
	}
	n := 1 << bits.Len(uint(len(spoken)+len(recording)))
	fft := fourier.NewFFT(n)
	a, b := fft.Coefficients(nil, spoken.padded(n)), fft.Coefficients(nil, recording.padded(n))
	for i := range a {
		b[i] *= cmplx.Conj(a[i])
	}
	best, at := math.Inf(-1), 0
	for i, v := range fft.Sequence(nil, b) {
		if v > best {
			best, at = v, i
		}
	}
	if at >= len(recording) {
		at -= n
	}
	return at
}

// padded is the sound and then silence, n samples together.
func (s Sound) padded(n int) Sound { return Join(s, make(Sound, n-len(s))) }
