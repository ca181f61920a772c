package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/archivefile"
)

type storeCmd struct {
	Backup  storeBackupCmd  `cmd:"" help:"Write all that a database keeps into one file. A server may go on serving from it."`
	Restore storeRestoreCmd `cmd:"" help:"Put a backup into an empty database, which nobody serves from yet."`
	Copy    storeCopyCmd    `cmd:"" help:"Move house: copy all that a database keeps into an empty one, of the same kind or another."`
}

type storeBackupCmd struct {
	File         string `arg:"" completion-predictor:"file" help:"Where to write it; - is standard output. Nobody else may read the file: tokens and keys are in it."`
	Database     string `setting:"RINGTHROUGH_DATABASE" placeholder:"URL" help:"sqlite:PATH or postgres://…; file:PATH reads the address from a file. Default: as with serve."`
	DatabaseFile string `setting:"RINGTHROUGH_DATABASE_FILE" hidden:"" help:"File that holds the database address."`
	Config       string `setting:"RINGTHROUGH_CONFIG" placeholder:"FILE" help:"The server's configuration, which may name the database."`
}

// Run writes the file as of one moment. It is in its place when all of it is
// there, and not before.
func (c *storeBackupCmd) Run(ctx context.Context, s *session) error {
	serve := serveCmd{Database: c.Database, DatabaseFile: c.DatabaseFile, Config: c.Config}
	set, err := serve.settings(s.flags.Data)
	if err != nil {
		return err
	}
	address, err := databaseAddress(set.Database)
	if err != nil {
		return err
	}
	from, err := openSource(ctx, address)
	if err != nil {
		return err
	}
	defer from.close()
	if err := s.warnOfAudit(ctx, from); err != nil {
		return err
	}
	tell := s.telling("writing")
	defer tell.end()
	var sum archivefile.Sum
	write := func(w io.Writer) (int64, error) {
		out := &counting{Writer: w}
		var err error
		sum, err = archivefile.Write(out, thisBuild().Version, s.now(), func(yield func(store.Row) bool) error {
			return from.Dump(ctx, tell.each(yield))
		})
		return out.n, err
	}
	if c.File == "-" {
		_, err := write(s.stdout)
		return readable(err)
	}
	size, err := into(c.File, "write backup", write)
	if err != nil {
		return readable(err)
	}
	return s.say("%s is written: %d rows, %d bytes, SHA-256 of the rows %s", c.File, sum.Rows, size, sum)
}

// readable adds what to do about a source that can't be read.
func readable(err error) error {
	switch {
	case errors.Is(err, store.ErrDamaged):
		return hinted(err, "the database is damaged: restore the last backup that was good")
	case errors.Is(err, store.ErrUnavailable):
		return hinted(err, "see that the database runs, and that address and password are right")
	default:
		return err
	}
}

type counting struct {
	io.Writer
	n int64
}

func (c *counting) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.n += int64(n)
	return n, err
}

type storeRestoreCmd struct {
	File     string `arg:"" completion-predictor:"file" help:"The backup."`
	Database string `required:"" placeholder:"URL" help:"Where to put it: sqlite:PATH or postgres://…; file:PATH reads the address from a file."`
}

// Run reads the whole file before it writes anything.
func (c *storeRestoreCmd) Run(ctx context.Context, s *session) error {
	address, err := databaseAddress(c.Database)
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return hinted(fmt.Errorf("read backup: %w", err), "name a file that \"ringthrough store backup\" has written")
	}
	defer file.Close()
	if _, _, err := archivefile.Check(file); err != nil {
		return hinted(fmt.Errorf("%s: %w", c.File, err), refusedHint(err))
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read backup: %w", err)
	}
	backup, err := archivefile.Open(file)
	if err != nil {
		return err
	}
	defer backup.Close()
	to, err := openTarget(ctx, address)
	if err != nil {
		return err
	}
	defer to.close()
	tell := s.telling("writing")
	defer tell.end()
	if err := to.fill(ctx, tell.rows(backup.Rows())); err != nil {
		return err
	}
	return s.compare(ctx, to, backup.Sum(), "restored")
}

func refusedHint(err error) string {
	switch {
	case errors.Is(err, archivefile.ErrNewer):
		return "restore it with that version, or with a later one"
	case errors.Is(err, archivefile.ErrBroken):
		return "nothing was written: use another backup"
	default:
		return "name a file that \"ringthrough store backup\" has written; nothing was written to the database"
	}
}

type storeCopyCmd struct {
	From string `required:"" placeholder:"URL" help:"The database to copy: sqlite:PATH or postgres://…; file:PATH reads the address from a file."`
	To   string `required:"" placeholder:"URL" help:"An empty one, or one that isn't there yet."`
}

// Run copies in one transaction of each database.
func (c *storeCopyCmd) Run(ctx context.Context, s *session) error {
	source, err := databaseAddress(c.From)
	if err != nil {
		return err
	}
	target, err := databaseAddress(c.To)
	if err != nil {
		return err
	}
	from, err := openSource(ctx, source)
	if err != nil {
		return err
	}
	defer from.close()
	if err := s.warnOfAudit(ctx, from); err != nil {
		return err
	}
	to, err := openTarget(ctx, target)
	if err != nil {
		return err
	}
	defer to.close()
	tell := s.telling("copying")
	defer tell.end()
	sum := archivefile.NewSumming()
	if err := to.fill(ctx, tell.rows(summing(sum, dumped(ctx, from)))); err != nil {
		return err
	}
	return s.compare(ctx, to, sum.Sum(), "copied")
}
