package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

type exportCmd struct {
	File   string `short:"f" completion-predictor:"file" default:"-" placeholder:"FILE" help:"Where to write it, in place of standard output. Nobody else may read the file."`
	Format string `placeholder:"FORMAT" enum:",yaml,json,csv" default:"" help:"yaml and json have the lines and entries, and apply takes them; csv has the entries. Default: what -o says, else yaml."`
}

// Run writes the document.
func (c *exportCmd) Run(ctx context.Context, s *session) error {
	return s.export(ctx, c.File, c.Format, "yaml")
}

type entryExportCmd struct {
	File   string `arg:"" optional:"" default:"-" completion-predictor:"file" help:"Where to write it; - is standard output. Nobody else may read the file."`
	Format string `placeholder:"FORMAT" enum:",csv,yaml,json" default:"" help:"csv is what import takes; yaml and json are the whole document, as \"ringthrough export\" writes it. Default: what -o says, else csv."`
}

// Run writes the entries.
func (c *entryExportCmd) Run(ctx context.Context, s *session) error {
	return s.export(ctx, c.File, c.Format, "csv")
}

// export writes what the server holds as it comes in. A file is replaced when
// all of it is there, and not before.
func (s *session) export(ctx context.Context, file, format, otherwise string) error {
	if format == "" && s.flags.Output != "table" {
		format = s.flags.Output
	}
	format = cmp.Or(format, otherwise)
	client, err := s.connect()
	if err != nil {
		return err
	}
	if file == "-" {
		_, err := client.download(ctx, s.stdout, format)
		return err
	}
	size, err := into(file, "write export", func(w io.Writer) (int64, error) { return client.download(ctx, w, format) })
	if err != nil {
		return err
	}
	return s.say("%s is written: %d bytes", file, size)
}

// download copies an export to w.
func (c *client) download(ctx context.Context, w io.Writer, format string) (int64, error) {
	resp, err := c.open(ctx, request{
		method: http.MethodGet, path: []string{"v1", "export"}, query: url.Values{"format": {format}},
	}, stallWait)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	in := &failing{Reader: resp.Body}
	n, err := io.Copy(w, in)
	switch {
	case in.err != nil:
		return n, c.unreached(fmt.Errorf("the answer broke off: %w", in.err))
	case err != nil:
		return n, fmt.Errorf("write export: %w", err)
	}
	return n, nil
}

// failing notes its own error, which a copy doesn't tell from the writer's.
type failing struct {
	io.Reader
	err error
}

func (f *failing) Read(b []byte) (int, error) {
	n, err := f.Reader.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}

const notWritable = "name a file in a directory that is there and that you may write to, or - for standard output"

// into fills a file with what write writes, and puts it in its place when
// that has worked out. What isn't an ordinary file, such as a pipe, is written
// to as it is. What begins an error that is the file's.
func into(file, what string, write func(io.Writer) (int64, error)) (int64, error) {
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		return intoSpecial(file, what, write)
	}
	if behind, err := filepath.EvalSymlinks(file); err == nil {
		file = behind // a link stays one
	}
	pending, err := renameio.NewPendingFile(file, renameio.WithPermissions(0o600))
	if err != nil {
		return 0, hinted(fmt.Errorf("%s: %w", what, err), notWritable)
	}
	defer func() { _ = pending.Cleanup() }() // nothing is left to do once it is in its place
	n, err := write(pending)
	if err != nil {
		return n, err
	}
	if err := pending.CloseAtomicallyReplace(); err != nil {
		return n, hinted(fmt.Errorf("%s: %w", what, err), notWritable)
	}
	return n, nil
}

func intoSpecial(file, what string, write func(io.Writer) (int64, error)) (int64, error) {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return 0, hinted(fmt.Errorf("%s: %w", what, err), notWritable)
	}
	n, err := write(f)
	return n, errors.Join(err, f.Close())
}
