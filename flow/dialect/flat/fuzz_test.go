package flat

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

// Decode says what a slow and plain reader says, and no caller has digits
// that the request didn't give.
func FuzzDecode(f *testing.F) {
	for _, seed := range []struct{ contentType, query, body string }{
		{"application/json", "", `{"ani":"+16505550123","dnis":"+18005550100","call_id":"abc"}`},
		{"", "ani=+16505550123&dnis=%2B18005550100&format=form", ""},
		{"application/x-www-form-urlencoded", "from=1", "From=%2B16505550123&To=%2B18005550100&CallSid=CA1&StirVerstat=TN-Validation-Passed-A"},
		{"", "", `{"ani":16505550123,"from":null,"dnis":{"a":[1,true]},"country":"gb"}`},
		{"", "", `{"ani":1.6505550123E10,"cli":-1}`},
		{"application/json", "", `"+16505550123"`},
		{"", "", `{"ani":"\ud83e\udd19\ud800\u0000","ANI":"x",}`},
		{"", "a=%zz&ani=%z", "\xef\xbb\xbf {\"ani\":\"6505550123\"} x"},
		{"", "", "ani=1-800-FLOWERS&region=US;x=1"},
	} {
		f.Add(seed.contentType, seed.query, []byte(seed.body))
	}
	hook := &flow.Hook{Reading: flow.Reading{Region: "US"}}
	f.Fuzz(func(t *testing.T, contentType, query string, body []byte) {
		if len(body) > flow.DefaultMaxBody || len(query) > flow.DefaultMaxBody {
			return
		}
		r := flow.Request{ContentType: contentType, RawQuery: query, Body: bytes.Clone(body)}
		got, err := decode(r, hook)
		if !bytes.Equal(body, r.Body) {
			t.Fatal("decode changed the body")
		}
		if err != nil && (!errors.Is(err, flow.ErrMalformed) || !got.Malformed) {
			t.Fatalf("decode: %+v, %v", got, err)
		}
		p := plainReader{}
		want, ok := p.call(r, hook)
		if ok != (err == nil) {
			t.Fatalf("decode: %v, the plain reader can read it: %t", err, ok)
		}
		if !ok {
			return
		}
		if !utf8.Valid(body) {
			got.ID, want.ID = "", "" // how many bytes become one � is nobody's business
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(sameNumber), cmpopts.EquateErrors()); diff != "" {
			t.Fatalf("-plain reader +decode\n%s", diff)
		}
		if !got.ANI.IsZero() && !givesDigits(p.callers, got.ANI) {
			t.Fatalf("%s is in none of %q", got.ANI, p.callers)
		}
	})
}

func sameNumber(a, b ani.Number) bool { return a == b }

// plainReader reads a request the long way round.
type plainReader struct {
	callers []string // every text that a name of the ani field gave
}

func (p *plainReader) call(r flow.Request, hook *flow.Hook) (flow.Call, bool) {
	body, ok := p.body(r)
	if !ok {
		return flow.Call{}, false
	}
	query, ok := formPairs(r.RawQuery)
	if !ok {
		return flow.Call{}, false
	}
	pick := func(field int) plainPair {
		for _, pairs := range [][]plainPair{body, query} {
			for _, name := range designNames[field] {
				for _, pair := range pairs {
					if strings.EqualFold(asciiOnly(pair.name), name) && pair.text != "" {
						return pair
					}
				}
			}
		}
		return plainPair{}
	}
	caller := pick(fieldANI)
	p.callers = append(p.callers, caller.text)
	return hook.Reading.Call(flow.Fields{
		ANI: caller.number(), DNIS: pick(fieldDNIS).number(), CallID: pick(fieldCallID).text,
		Attestation: pick(fieldAttestation).text, Region: region(pick(fieldRegion).text),
	}), true
}

// asciiOnly keeps EqualFold from taking the Kelvin sign for a k.
func asciiOnly(s string) string {
	for _, r := range s {
		if r > 127 {
			return ""
		}
	}
	return s
}

type plainPair struct {
	name, text string
	isNumber   bool
}

func (p plainPair) number() string {
	if p.isNumber && strings.ContainsAny(p.text, "-+.eE") {
		return ""
	}
	return p.text
}

func (p *plainReader) body(r flow.Request) ([]plainPair, bool) {
	body := bytes.TrimSpace(bytes.TrimPrefix(bytes.TrimSpace(r.Body), []byte("\xef\xbb\xbf")))
	looksLikeJSON := len(body) > 0 && strings.Contains(`{["`, string(body[:1]))
	if len(body) > 0 && (looksLikeJSON || strings.HasSuffix(r.ContentType, "/json") || strings.HasSuffix(r.ContentType, "+json")) {
		return jsonPairs(body)
	}
	return formPairs(string(body))
}

func formPairs(text string) ([]plainPair, bool) {
	var pairs []plainPair
	for pair := range strings.SplitSeq(text, "&") {
		key, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(key)
		if err != nil {
			continue
		}
		text, err := url.QueryUnescape(value)
		if err != nil && isKnown(name) {
			return nil, false
		}
		pairs = append(pairs, plainPair{name: name, text: strings.ToValidUTF8(text, "�")})
	}
	return pairs, true
}

func isKnown(name string) bool {
	for _, names := range designNames {
		if slices.Contains(names, strings.ToLower(asciiOnly(name))) {
			return true
		}
	}
	return false
}

func jsonPairs(body []byte) ([]plainPair, bool) {
	if !json.Valid(body) || body[0] != '{' {
		return nil, false
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var pairs []plainPair
	for {
		token, err := dec.Token()
		if err != nil {
			return pairs, true
		}
		name, ok := token.(string)
		if !ok {
			continue // a brace
		}
		var value any
		if err := dec.Decode(&value); err != nil {
			return nil, false
		}
		switch v := value.(type) {
		case string:
			pairs = append(pairs, plainPair{name: name, text: v})
		case json.Number:
			pairs = append(pairs, plainPair{name: name, text: v.String(), isNumber: true})
		}
	}
}

// givesDigits reports whether the last digits of n stand in one of texts, as
// digits or as letters on a keypad. Texts in other scripts have other digits
// and count as well.
func givesDigits(texts []string, n ani.Number) bool {
	number := n.String()
	return slices.ContainsFunc(texts, func(text string) bool {
		if plain, err := url.PathUnescape(text); err == nil {
			text = plain
		}
		return asciiOnly(text) == "" || strings.Contains(keypad(text), number[len(number)-6:])
	})
}

func keypad(text string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(text) {
		switch {
		case c >= '0' && c <= '9':
			b.WriteRune(c)
		case c >= 'a' && c <= 'z':
			b.WriteByte("22233344455566677778889999"[c-'a'])
		}
	}
	return b.String()
}

// Whatever stands in an instruction, JSON and form say the answer and nothing
// else.
func FuzzEncode(f *testing.F) {
	f.Add("d1k2", "Meta call 1", "WhatsApp activation call: write down six digits.", "+15125550123", "json", uint64(42), true)
	f.Add("", dialecttest.NastyLabel, dialecttest.NastyAnnounce, "a&b=c+d e%", "form", uint64(0), true)
	f.Add("\n", "\x00\x1f\x7f", "\xff\xfe\u2028", "\"\\", "JSON", ^uint64(0), false)
	caller := ani.MustParse("+16505550123")
	f.Fuzz(func(t *testing.T, id, label, announce, address, format string, revision uint64, direct bool) {
		if len(label) > 200 {
			return // no list takes it
		}
		in := flow.Instruction{
			Act: flow.ActContinue, LookupID: id, Revision: revision, Format: format,
			Decision: flow.Decision{
				Call: flow.Call{ANI: caller, DNIS: caller}, Reason: flow.ReasonListed, Line: "support-us",
				Announce: announce, Entry: entry(t, caller, label),
			},
		}
		in.Target = flow.Target{Kind: flow.KindQueue, Address: address}
		in.Backup = flow.Target{Kind: flow.KindUser, Address: address}
		if direct {
			in.Act = flow.ActDirect
		}
		r := encode(in, nil)
		got := map[string]string{}
		switch r.ContentType {
		case "application/json":
			if !utf8.Valid(r.Body) || bytes.ContainsAny(r.Body, "\r\n") {
				t.Fatalf("no line of UTF-8: %q", r.Body)
			}
			if err := json.Unmarshal(r.Body, &got); err != nil {
				t.Fatalf("read %q: %v", r.Body, err)
			}
			if sorted := slices.Sorted(maps.Keys(got)); !slices.Equal(sorted, slices.Sorted(slices.Values(keys))) {
				t.Fatalf("keys %v", sorted)
			}
		case "application/x-www-form-urlencoded":
			for _, p := range hashcompat(t, string(r.Body)) {
				got[p.Key] = p.Value
			}
		default:
			if word := string(r.Body); word != string(route(in.Act)) {
				t.Fatalf("the word is %q", word)
			}
			return
		}
		for _, p := range pairsOf(AnswerTo(in)) {
			if got[p.Key] != p.Value && !(p.Key == "detail" && got[p.Key] == "") {
				t.Fatalf("%s is %q, want %q", p.Key, got[p.Key], p.Value)
			}
		}
		if !direct && got["target_kind"]+got["target"]+got["backup_kind"]+got["backup"] != "" {
			t.Fatalf("a continue names a target: %v", got)
		}
		if want := fmt.Sprint(revision); got["revision"] != want || got["label"] != strings.ToValidUTF8(label, "�") {
			t.Fatalf("revision %q, label %q", got["revision"], got["label"])
		}
	})
}
