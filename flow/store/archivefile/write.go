package archivefile

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/ringthrough/ringthrough/flow/store"
)

// Write writes a file of what dump hands over, such as store.Archive.Dump. An
// error of dump comes as it is.
func Write(w io.Writer, program string, at time.Time, dump func(yield func(store.Row) bool) error) (Sum, error) {
	compressed, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
	if err != nil {
		return Sum{}, fmt.Errorf("write backup: %w", err)
	}
	f := &writing{w: compressed, sum: NewSumming()}
	f.line(Header{Format: format, Version: version, Program: program, At: at.UTC().Truncate(time.Second)})
	if err := dump(f.row); err != nil {
		return Sum{}, err
	}
	sum := f.sum.Sum()
	f.line(trailer{Rows: &sum.Rows, SHA256: sum.String()})
	if f.err == nil {
		f.err = compressed.Close()
	}
	if f.err != nil {
		return Sum{}, fmt.Errorf("write backup: %w", f.err)
	}
	return sum, nil
}

// writing is a Write on its way. After an error it writes nothing more.
type writing struct {
	w   io.Writer
	sum *Summing
	err error
}

func (f *writing) row(r store.Row) bool {
	if f.err != nil {
		return false
	}
	line, err := f.sum.Add(r)
	if f.err = err; err == nil {
		_, f.err = f.w.Write(line)
	}
	return f.err == nil
}

func (f *writing) line(v any) {
	if f.err == nil {
		f.err = json.NewEncoder(f.w).Encode(v)
	}
}
