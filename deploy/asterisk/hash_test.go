package asterisk_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/rig"
)

// Why the dialplan cuts the answer up by itself: with CURLOPT(hashcompat) the
// values are decoded, commas escaped, and what HASH() then splits minds quotes
// and brackets (func_curl.c, func_strings.c, app.c).
func TestHashWouldHideTheTarget(t *testing.T) {
	for name, test := range map[string]struct {
		label  string
		hidden bool
	}{
		"a plain label":       {rig.Label, false},
		"with a comma":        {"Meta, call 1", false},
		"with one quote":      {`Meta "call 1`, true},
		"with half a bracket": {"Meta (call 1", true},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig.NewWith(t, test.label, rig.Sample())
			_, answer := r.Post(t, "/v1/lookup?format=form", "application/x-www-form-urlencoded", "ani=%2B16505550123&dnis=%2B18005550100",
				func(req *http.Request) { req.SetBasicAuth("rt", rig.Token) })
			if target := hashed(answer)["target"]; (target != "+15125550123") != test.hidden {
				t.Errorf("the target is %q", target)
			}
		})
	}
}

// hashed is what HASH(rt)=${CURL(…)} makes of an answer.
func hashed(answer string) map[string]string {
	var names, values []string
	escape := strings.NewReplacer(",", `\,`, `\`, `\\`)
	for pair := range strings.SplitSeq(answer, "&") {
		name, value, _ := strings.Cut(pair, "=")
		value, _ = url.PathUnescape(value)
		names, values = append(names, name), append(values, escape.Replace(value))
	}
	hash := map[string]string{}
	for i, value := range separated(strings.Join(values, ",")) {
		if i < len(names) {
			hash[names[i]] = value
		}
	}
	return hash
}

// separated splits arguments at commas that stand in no quotes and no brackets.
func separated(text string) []string {
	var all []string
	var b strings.Builder
	quoted, open := false, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\':
			i++
			b.WriteByte(text[i])
		case c == ',' && !quoted && open == 0:
			all = append(all, b.String())
			b.Reset()
		default:
			open = max(0, open+strings.Count("([", string(c))-strings.Count(")]", string(c)))
			b.WriteByte(c)
		}
	}
	return append(all, b.String())
}
