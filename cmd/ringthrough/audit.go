package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/ringthrough/ringthrough/flow/store"
)

type auditCmd struct {
	Ls     auditLsCmd     `cmd:"" default:"withargs" help:"Show who did what, and who tried to, newest first."`
	Verify auditVerifyCmd `cmd:"" help:"Find out whether a record was changed or cut out: exit 0 if none was, else 1."`
}

type auditLsCmd struct {
	paging
	Actor   string  `placeholder:"NAME" help:"By this token."`
	Kind    string  `placeholder:"KIND" help:"Of this kind of thing: entry, line, window, token, call or number."`
	Key     string  `placeholder:"KEY" help:"Of this thing: an id, or the name of a line."`
	Refused *bool   `negatable:"" help:"Only what was refused; --no-refused: only what was done."`
	Since   *moment `placeholder:"TIME" help:"Not before: RFC 3339, a date, or a span back from now such as 24h."`
	Until   *moment `placeholder:"TIME" help:"Before: as --since."`
}

// Run shows the audit.
func (c *auditLsCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	query := filters(map[string]string{"actor": c.Actor, "kind": c.Kind, "key": c.Key})
	if c.Refused != nil {
		query.Set("refused", strconv.FormatBool(*c.Refused))
	}
	s.span(query, c.Since, c.Until)
	body, err := client.list(ctx, c.paging, query, nil, "v1", "audit")
	if err != nil {
		return err
	}
	return showList(s, body, layAudit)
}

func layAudit(t *table, records []store.AuditRecord) {
	t.row("ID", "AT", "BY", "FROM", "DID", "KIND", "KEY", "WHAT")
	for _, r := range records {
		c := change{Key: r.Key, Before: r.Before, After: r.After, Erased: r.Erased}
		did, parts := r.Action, []string{c.what()}
		if r.Refused {
			did, parts = "refused "+r.Action, nil
		}
		if r.Note != "" {
			parts = append(parts, "("+r.Note+")")
		}
		t.row(strconv.FormatInt(r.ID, 10), t.second(r.At), r.Actor, r.From, did, string(r.Kind), r.Key,
			strings.TrimSpace(strings.Join(parts, " ")))
	}
}

type auditVerifyCmd struct {
	Expect *chainHead `placeholder:"ID:HASH" help:"A head that was noted earlier: records that were cut off at the end are missed with it."`
}

// chainHead is the last record of an audit, and its hash.
type chainHead struct {
	id   int64
	hash string
}

var errHead = errors.New("must be written as ID:HASH, as \"ringthrough audit verify\" prints it")

// UnmarshalText reads what String writes.
func (h *chainHead) UnmarshalText(b []byte) error {
	id, hash, _ := strings.Cut(string(b), ":")
	n, err := strconv.ParseInt(id, 10, 64)
	sum, wrong := hex.DecodeString(hash)
	if err != nil || wrong != nil || n < 0 || len(sum) != 32 {
		return errHead
	}
	*h = chainHead{n, strings.ToLower(hash)}
	return nil
}

func (h chainHead) String() string { return strconv.FormatInt(h.id, 10) + ":" + h.hash }

// chain is what a walk along the audit has found.
type chain struct {
	OK      bool   `json:"ok"`
	Records int64  `json:"records"`
	Pruned  int64  `json:"pruned"`
	Erased  int64  `json:"erased"`
	Head    string `json:"head"`
	Broken  int64  `json:"broken"`
	Problem string `json:"problem"`
}

// Run shows the head and fails where the chain is broken.
func (c *auditVerifyCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	resp, err := client.open(ctx, request{method: http.MethodGet, path: []string{"v1", "audit", "verify"}}, quietWait)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return client.unreached(err)
	}
	found, err := decode[chain](body)
	if err != nil {
		return err
	}
	if err := show(s, body, func(t *table, v chain) { v.lay(t) }); err != nil {
		return err
	}
	return found.judge(c.Expect)
}

func (v chain) lay(t *table) {
	t.row("RECORDS", "HEAD")
	t.row(strconv.FormatInt(v.Records, 10), chainHead{v.last(), v.Head}.String())
	if v.Pruned+v.Erased == 0 {
		return
	}
	t.gap()
	if v.Pruned > 0 {
		t.line(fmt.Sprintf("Records up to %d were deleted, as retention is configured.", v.Pruned))
	}
	if v.Erased > 0 {
		t.line(fmt.Sprintf("Of %d only the digest was checked: a number was erased from them.", v.Erased))
	}
}

// last is the id of the last record.
func (v chain) last() int64 { return v.Pruned + v.Records }

// judge is what is wrong with v; expected may be nil.
func (v chain) judge(expected *chainHead) error {
	switch {
	case !v.OK:
		return hinted(fmt.Errorf("the audit is broken at record %d: %s", v.Broken, v.Problem),
			"somebody has written to the database past ringthrough: compare it with a backup")
	case expected == nil:
		return nil
	case v.last() < expected.id:
		return fmt.Errorf("the audit is broken: it had %d records, and has %d", expected.id, v.last())
	case v.last() == expected.id && v.Head != expected.hash:
		return fmt.Errorf("the audit is broken: record %d is not the one that was noted", expected.id)
	case v.last() > expected.id:
		return hinted(fmt.Errorf("the chain holds, but the head that was noted is not its last any more: %d records came after it", v.last()-expected.id),
			"the server tells the last hash alone: note the new head after each check, while nothing else is going on")
	}
	return nil
}
