package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"syscall"
)

// refusalError is an answer of the server that grants nothing, as RFC 9457 writes
// it.
type refusalError struct {
	Title  string       `json:"title"`
	Detail string       `json:"detail"`
	Errors []fieldError `json:"errors"`
	Status int          `json:"status"`
}

// fieldError is what is wrong with one field of what was sent.
type fieldError struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// lineInFile is the field of a problem with a row of an imported file.
var lineInFile = regexp.MustCompile(`^line \d+`)

// Error has a line for each bad field after the first.
func (r *refusalError) Error() string {
	var b strings.Builder
	switch {
	case r.Detail != "":
		b.WriteString(r.Detail)
	case r.Title != "":
		b.WriteString(r.Title)
	default:
		fmt.Fprintf(&b, "the server answers %d %s", r.Status, http.StatusText(r.Status))
	}
	for _, e := range r.Errors {
		mark := ""
		if lineInFile.MatchString(e.Field) {
			mark = ":"
		}
		fmt.Fprintf(&b, "\n  %s%s %s", e.Field, mark, e.Detail)
	}
	return b.String()
}

// missesLine reports whether a line was named that isn't there.
func (r *refusalError) missesLine() bool {
	return slices.ContainsFunc(r.Errors, func(e fieldError) bool {
		return lineField.MatchString(e.Field) && strings.Contains(e.Detail, "no such line")
	})
}

// lineField is the field of a problem with a line that something is for.
var lineField = regexp.MustCompile(`(^|[. ])lines?(\[\d+\])?$`)

// refused is the error of an answer with status, and what to do about it:
// what the command knows, else what holds for every command.
func (c *client) refused(status int, body []byte, hints map[int]string) error {
	r := new(refusalError)
	known := json.Unmarshal(body, r) == nil && r.Title+r.Detail != ""
	if !known {
		*r = refusalError{}
	}
	r.Status = status                                           // the status line's is what counts
	if !known && bytes.Contains(body, []byte("HTTPS server")) { // net/http's words, alas
		return hinted(r, "the server speaks TLS: begin --server with https://")
	}
	switch hint, ok := hints[status]; {
	case ok && known:
		return hinted(r, hint)
	case status == http.StatusUnauthorized:
		return hinted(r, c.unknownToken())
	case status == http.StatusForbidden:
		return hinted(r, "the token came from "+c.token.from+"; an admin makes one with another role: ringthrough token create --role … --name …")
	case !known || status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return hinted(r, fmt.Sprintf("is it a ringthrough that answers at %s? Say where it is with --server", c.base))
	case status == http.StatusUnprocessableEntity && r.missesLine():
		return hinted(r, lookAtLines)
	default:
		return hinted(r, statusHints[status])
	}
}

var statusHints = map[int]string{
	http.StatusPreconditionFailed: "look at what it is now, then give the command again",
	http.StatusServiceUnavailable: "nothing was changed: give the command again later",
}

func (c *client) unknownToken() string {
	if c.token.secret == "" {
		return "no token was sent: give one with --token, RINGTHROUGH_TOKEN or RINGTHROUGH_TOKEN_FILE (" + c.token.from + "; --data says where else to look)"
	}
	return "the token came from " + c.token.from + "; give another with --token, RINGTHROUGH_TOKEN or RINGTHROUGH_TOKEN_FILE"
}

// unreached is the error of a question that got no answer.
func (c *client) unreached(err error) error {
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted")
	}
	if inURL, ok := errors.AsType[*url.Error](err); ok {
		err = inURL.Err
	}
	return hinted(fmt.Errorf("reach %s: %w", c.base, err), c.awayHint(err))
}

func (c *client) awayHint(err error) string {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "is the server running? Start one with \"ringthrough serve\", or say where it is with --server or RINGTHROUGH_SERVER"
	case errors.As(err, &dns):
		return "no machine of that name is known: is --server spelled right?"
	case errors.As(err, &certificate):
		return "give the PEM file of a private authority with --ca; the name in --server must be one of the certificate's"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "the server speaks without TLS: begin --server with http://"
	case errors.Is(err, errStalled):
		return "the connection may be dead, or the server hangs; if this was an edit, " + lookAtRevisions
	case errors.Is(err, context.DeadlineExceeded):
		return "the server takes too long: is it overloaded, or something else that listens there?"
	default:
		return "does --server name the right machine and port?"
	}
}
