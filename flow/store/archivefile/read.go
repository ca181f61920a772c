package archivefile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/klauspost/compress/zstd"

	"github.com/ringthrough/ringthrough/flow/store"
)

const (
	maxLine   = 64 << 20  // bytes of one row
	maxWindow = 128 << 20 // bytes that are kept to decompress what follows
)

// Reader reads a file.
type Reader struct {
	Header Header

	source *source
	lines  *bufio.Scanner
	zstd   *zstd.Decoder
	sum    *Summing // of the lines as they stand in the file
	own    *Summing // of the rows as they are written now
}

// Open reads the header. What r holds is refused with one of this package's
// errors; what it can't give is an error of its own.
func Open(r io.Reader) (*Reader, error) {
	from := &source{Reader: r}
	decoder, err := zstd.NewReader(from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, fmt.Errorf("read backup: %w", err)
	}
	f := &Reader{source: from, lines: bufio.NewScanner(decoder), zstd: decoder, sum: NewSumming(), own: NewSumming()}
	f.lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	if err := f.header(); err != nil {
		decoder.Close()
		return nil, fmt.Errorf("read backup: %w", err)
	}
	return f, nil
}

// Close lets go of memory. It doesn't close what the file is read from.
func (f *Reader) Close() { f.zstd.Close() }

func (f *Reader) header() error {
	if !f.lines.Scan() {
		if err := f.lines.Err(); f.source.err == nil && (err == nil || errors.Is(err, zstd.ErrMagicMismatch)) {
			return ErrForeign
		}
		return f.broken()
	}
	if json.Unmarshal(f.lines.Bytes(), &f.Header) != nil || f.Header.Format != format {
		return ErrForeign
	}
	if f.Header.Version > version {
		return fmt.Errorf("%w: %s", ErrNewer, f.Header.Program)
	}
	return nil
}

// broken is why there is no next line: what the file is read from gives no
// more, or the file itself is wrong.
func (f *Reader) broken() error {
	if f.source.err != nil {
		return f.source.err
	}
	return ErrBroken
}

// source notes its own error, which a decoder doesn't tell from its own.
type source struct {
	io.Reader
	err error
}

func (s *source) Read(b []byte) (int, error) {
	n, err := s.Reader.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// Rows yields each row, once. Where the file turns out to be cut off or
// damaged, be it at its very end, the last one comes with ErrBroken: until
// then nothing is known of any of them.
func (f *Reader) Rows() iter.Seq2[store.Row, error] {
	return func(yield func(store.Row, error) bool) {
		for f.lines.Scan() {
			row, last, err := f.row(f.lines.Bytes())
			switch {
			case err != nil:
				yield(store.Row{}, fmt.Errorf("read backup: %w", err))
				return
			case last:
				return
			case !yield(row, nil):
				return
			}
		}
		yield(store.Row{}, fmt.Errorf("read backup: %w", f.broken()))
	}
}

// Sum is that of the rows that were yielded, in the form in which this program
// writes them.
func (f *Reader) Sum() Sum { return f.own.Sum() }

// row reads a line. The last one is the trailer, which must fit all before it.
func (f *Reader) row(line []byte) (row store.Row, last bool, err error) {
	if bytes.HasPrefix(line, []byte(`{"rows":`)) {
		return row, true, f.end(line)
	}
	w, err := f.wire(line)
	if err != nil {
		return row, false, err
	}
	f.sum.add(append(slices.Clip(line), '\n'))
	row = w.row()
	_, err = f.own.Add(row)
	return row, false, err
}

// wire reads a row. One that has more than this program knows of is of a later
// one.
func (f *Reader) wire(line []byte) (w wire, err error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&w) == nil {
		return w, nil
	}
	if json.Unmarshal(line, &w) == nil {
		return w, fmt.Errorf("%w: row %d has more than is known here", ErrNewer, f.sum.rows+1)
	}
	return w, fmt.Errorf("%w: row %d can't be read", ErrBroken, f.sum.rows+1)
}

func (f *Reader) end(line []byte) error {
	var t trailer
	sum := f.sum.Sum()
	if json.Unmarshal(line, &t) != nil || t.Rows == nil || *t.Rows != sum.Rows || t.SHA256 != sum.String() {
		return fmt.Errorf("%w: its rows are not those that were written", ErrBroken)
	}
	if f.lines.Scan() || f.lines.Err() != nil {
		return fmt.Errorf("%w: something stands after its end", ErrBroken)
	}
	return nil
}

// Check reads a whole file.
func Check(r io.Reader) (Header, Sum, error) {
	f, err := Open(r)
	if err != nil {
		return Header{}, Sum{}, err
	}
	defer f.Close()
	for _, err := range f.Rows() {
		if err != nil {
			return Header{}, Sum{}, err
		}
	}
	return f.Header, f.Sum(), nil
}
