package signin

import (
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Bounds of what is looked at before anybody is known.
const (
	maxHeaderLen  = 8 << 10  // of one header that signs in; a Vonage token has about 600 bytes
	maxURLLen     = 16 << 10 // of public_url and query
	maxSignatures = 8        // in one header; more are refused, not cut off
)

// only is the one value of a header. One that came twice is refused: each
// reader might pick another.
func only(h http.Header, name string) (string, error) {
	values := h.Values(name)
	switch {
	case len(values) == 0 || len(values) == 1 && values[0] == "":
		return "", fmt.Errorf("%w: no %s", ErrMissing, name)
	case len(values) > 1:
		return "", refused(name + " came more than once")
	case len(values[0]) > maxHeaderLen:
		return "", refused(name + " is too long")
	case strings.ContainsFunc(values[0], func(c rune) bool { return c < ' ' || c > '~' }):
		return "", refused(name + " is not plain ASCII")
	}
	return values[0], nil
}

// credentials is what stands behind the scheme in the Authorization header.
func credentials(h http.Header) (scheme, rest string, err error) {
	value, err := only(h, "Authorization")
	if err != nil {
		return "", "", err
	}
	scheme, rest, _ = strings.Cut(value, " ")
	return strings.ToLower(scheme), rest, nil
}

// posted refuses what isn't a POST, for schemes that sign the body and
// nothing of the query.
func posted(r *Request) error {
	if r.Method != http.MethodPost {
		return refused("the scheme signs the body of a POST only")
	}
	return bounded(r)
}

// getOrPost refuses other methods and a GET with a body, for schemes that sign a
// GET by its query and a POST by its body.
func getOrPost(r *Request) error {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		return refused("the scheme signs GET and POST only")
	case r.Method == http.MethodGet && len(r.Body) > 0:
		return refused("a GET has no body to sign")
	}
	return bounded(r)
}

func bounded(r *Request) error {
	if len(r.URL) > maxURLLen {
		return refused("the URL is too long")
	}
	return nil
}

func isForm(h http.Header) bool {
	if len(h.Values("Content-Type")) != 1 {
		return false
	}
	media, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && media == "application/x-www-form-urlencoded"
}

// unixTime reads seconds written the one way that there is, so that a
// timestamp has no second spelling.
func unixTime(s string) (time.Time, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != s {
		return time.Time{}, refused("the timestamp is not in seconds since 1970")
	}
	return time.Unix(n, 0), nil
}

// fresh is asked after the signature: what isn't signed is refused, not stale.
func fresh(at, now time.Time) error {
	if now.Sub(at).Abs() > Tolerance {
		return fmt.Errorf("%w: signed more than %s before or after our clock", ErrStale, Tolerance)
	}
	return nil
}

func refused(why string) error { return fmt.Errorf("%w: %s", ErrRefused, why) }

// unfit is said of every signature that no secret makes.
func unfit() error { return refused("no secret of the hook fits") }
