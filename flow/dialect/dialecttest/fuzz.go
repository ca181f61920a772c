package dialecttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// CheckDecode holds Decode to what must be true of any request: an error is
// of a known kind and names no number, and no caller has digits that none of
// texts gives. texts are all the values in the request.
func CheckDecode(t *testing.T, d flow.Dialect, r flow.Request, h *flow.Hook, texts []string) {
	t.Helper()
	before := bytes.Clone(r.Body)
	c, err := d.Decode(r, h)
	if !bytes.Equal(before, r.Body) {
		t.Fatal("reading the request changed it")
	}
	if err != nil {
		if !errors.Is(err, flow.ErrMalformed) && !errors.Is(err, flow.ErrNotACall) {
			t.Fatalf("decode: %v", err)
		}
		if err := discreet(err); err != nil {
			t.Fatal(err)
		}
		return
	}
	if c.ANI.IsZero() == (c.ANIFault == nil) || c.DNIS.IsZero() == (c.DNISFault == nil) {
		t.Fatalf("decode: neither a number nor a fault, or both: %+v", c)
	}
	if !c.ANI.IsZero() && !gives(texts, c.ANI) {
		t.Fatalf("%s is in none of %q", c.ANI, texts)
	}
	if c.ID != "" && !slices.Contains(texts, c.ID) {
		t.Fatalf("the id %q is none of %q", c.ID, texts)
	}
}

// CheckResult holds Result to what must be true of any request, and gives
// the report where there is one.
func CheckResult(t *testing.T, d flow.Dialect, r flow.Request, h *flow.Hook) (flow.Report, bool) {
	t.Helper()
	report, err := d.Result(r, h)
	if err != nil {
		if !errors.Is(err, flow.ErrMalformed) && !errors.Is(err, flow.ErrNotACall) {
			t.Fatalf("result: %v", err)
		}
		return report, false
	}
	if report.Ended && !slices.Contains(flow.Results(), report.Result) || report.Duration < 0 {
		t.Fatalf("result: %+v", report)
	}
	return report, true
}

// Texts are the strings and numbers of a JSON text, keys too, as far as it
// can be read.
func Texts(body []byte) []string {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\ufeff"))))
	d.UseNumber()
	var texts []string
	for {
		token, err := d.Token()
		if err != nil {
			return texts
		}
		switch token := token.(type) {
		case string:
			texts = append(texts, token)
		case json.Number:
			texts = append(texts, token.String())
		}
	}
}

// gives reports whether the last digits of n stand in one of texts, as digits
// or as letters on a keypad, or all of them with others between, which a trunk
// prefix after the country code is. Other scripts have digits of their own and
// count as well.
func gives(texts []string, n ani.Number) bool {
	number := n.String()
	return slices.ContainsFunc(texts, func(text string) bool {
		if plain, err := url.PathUnescape(text); err == nil {
			text = plain
		}
		return strings.IndexFunc(text, func(r rune) bool { return r > 127 }) >= 0 ||
			strings.Contains(keypad(text), number[len(number)-6:]) || holds(keypad(text), number[1:])
	})
}

// holds reports whether the digits of number stand in text in their order.
func holds(text, number string) bool {
	for i := 0; i < len(text) && number != ""; i++ {
		if text[i] == number[0] {
			number = number[1:]
		}
	}
	return number == ""
}

func keypad(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= 'a' && r <= 'z':
			return rune("22233344455566677778889999"[r-'a'])
		default:
			return -1
		}
	}, strings.ToLower(text))
}
