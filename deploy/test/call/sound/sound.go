// Package sound reads, makes and compares what is said on a telephone: one
// channel at 8000 samples a second. It knows nothing of calls.
package sound

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"time"
)

// Rate is the telephone's, in samples a second.
const Rate = 8000

// Sound is samples between -1 and 1 at Rate.
type Sound []float64

// ErrUnfinished says that a file is still being written: its header speaks of
// another length than it has.
var ErrUnfinished = errors.New("the recording isn't finished")

// Silence is the absence of sound, for as long as told.
func Silence(d time.Duration) Sound { return make(Sound, samples(d)) }

func samples(d time.Duration) int { return int(d * Rate / time.Second) }

// Duration is how long it takes.
func (s Sound) Duration() time.Duration { return time.Duration(len(s)) * time.Second / Rate }

// Join puts sounds one after the other.
func Join(sounds ...Sound) Sound { return slices.Concat(sounds...) }

const (
	waveHeader = 12 // RIFF, length, WAVE
	partHeader = 8  // name, length
)

// format is the part "fmt " of a WAVE file.
// See https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html.
type format struct {
	Coding, Channels      uint16
	Rate, BytesPerSecond  uint32
	BytesPerFrame, Sample uint16
}

// Read reads a WAVE file of one channel with 16 bits a sample, at any rate of
// Rate or more, that ends with its samples. A file without samples counts as
// unfinished.
func Read(path string) (Sound, error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read a recording: %w", err)
	}
	s, err := decode(file)
	if err != nil {
		return nil, fmt.Errorf("read the recording %s: %w", path, err)
	}
	return s, nil
}

func decode(file []byte) (Sound, error) {
	if len(file) < waveHeader {
		return nil, ErrUnfinished
	}
	if string(file[:4]) != "RIFF" || string(file[8:waveHeader]) != "WAVE" {
		return nil, errors.New("this is no WAVE file")
	}
	var f format
	for rest := file[waveHeader:]; len(rest) >= partHeader; {
		name, size := string(rest[:4]), int(binary.LittleEndian.Uint32(rest[4:]))
		body := rest[partHeader:]
		if size > len(body) {
			return nil, ErrUnfinished
		}
		switch name {
		case "fmt ":
			if _, err := binary.Decode(body[:size], binary.LittleEndian, &f); err != nil {
				return nil, fmt.Errorf("its format: %w", err)
			}
		case "data":
			if size == 0 || size < len(body) {
				return nil, ErrUnfinished
			}
			return f.sound(body)
		}
		rest = body[min(size+size%2, len(body)):]
	}
	return nil, ErrUnfinished
}

func (f format) sound(data []byte) (Sound, error) {
	if f.Coding != 1 || f.Channels != 1 || f.Sample != 16 || f.Rate < Rate {
		return nil, fmt.Errorf("coding %d, %d channels, %d bits, %d Hz: want 1, 1, 16 and %d or more", f.Coding, f.Channels, f.Sample, f.Rate, Rate)
	}
	s := make(Sound, len(data)/2)
	for i := range s {
		s[i] = float64(int16(binary.LittleEndian.Uint16(data[2*i:]))) / math.MaxInt16
	}
	return s.from(int(f.Rate)), nil
}

// from makes a sound of one at another rate. Each new sample is the mean of
// the old ones near it, the nearest counting most: what a telephone can't
// carry is gone then.
func (s Sound) from(rate int) Sound {
	if rate == Rate {
		return s
	}
	step := float64(rate) / Rate
	out := make(Sound, int(float64(len(s))/step))
	for i := range out {
		middle, sum, weights := float64(i)*step, 0.0, 0.0
		first, last := max(0, int(math.Ceil(middle-step))), min(len(s)-1, int(middle+step))
		for j := first; j <= last; j++ {
			weight := 1 - math.Abs(float64(j)-middle)/step
			sum, weights = sum+weight*s[j], weights+weight
		}
		out[i] = sum / max(weights, math.SmallestNonzeroFloat64)
	}
	return out
}

// Write writes a WAVE file.
func (s Sound) Write(path string) error {
	size := uint32(2 * len(s))
	var file bytes.Buffer
	file.WriteString("RIFF")
	for _, part := range []any{
		4 + 2*partHeader + 16 + size, []byte("WAVEfmt "), uint32(16), format{1, 1, Rate, 2 * Rate, 2, 16}, []byte("data"), size,
	} {
		if err := binary.Write(&file, binary.LittleEndian, part); err != nil {
			return fmt.Errorf("write a recording: %w", err)
		}
	}
	for _, v := range s {
		file.Write(binary.LittleEndian.AppendUint16(nil, uint16(int16(math.Round(v*math.MaxInt16)))))
	}
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write a recording: %w", err)
	}
	return nil
}
