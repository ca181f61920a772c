package flat

import (
	"encoding/json"
	"errors"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

func TestDecodeIsBounded(t *testing.T) {
	tests := []struct {
		name          string
		body          string
		wantMalformed bool
	}{
		{"deep arrays", `{"x":` + strings.Repeat("[", 16000), true},
		{"deep arrays, closed", `{"x":` + strings.Repeat("[", 8000) + strings.Repeat("]", 8000) + `,"ani":"+16505550123"}`, false},
		{"deep objects", strings.Repeat(`{"ani":`, 2300), true},
		{"one key many times", `{` + strings.Repeat(`"ani":"+16505550123",`, 700) + `"x":1}`, false},
		{"a number without end", `{"ani":` + strings.Repeat("9", 16000) + `}`, false},
		{"a name without end", `{"` + strings.Repeat("a", 16000) + `":1}`, false},
		{"a call id without end", `{"call_id":"` + strings.Repeat("a", 16000) + `"}`, false},
		{"nothing but ampersands", strings.Repeat("&", 16000), false},
		{"bytes that are no text", "{\"ani\":\"\xff\xfe\",\"call_id\":\"\xff\"}", false},
		{"no text in a form", "ani=%FF%FE&call_id=%FF", false},
		{"a NUL", `{"ani":"\u0000+16505550123"}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := decode(flow.Request{Body: []byte(tt.body)}, &flow.Hook{})
			if errors.Is(err, flow.ErrMalformed) != tt.wantMalformed || err != nil && !c.Malformed {
				t.Fatalf("got %+v, %v; want malformed %t", c, err, tt.wantMalformed)
			}
			if len(c.ID) > 128 || !utf8.ValidString(c.ID) {
				t.Errorf("id %q is no bounded text", c.ID)
			}
		})
	}
}

// The names are those of the design's table, and win in its order.
func TestNamesWinInOrder(t *testing.T) {
	for field, names := range designNames {
		for i, winner := range names {
			var pairs []string
			for j := len(names) - 1; j >= i; j-- {
				pairs = append(pairs, strings.ToUpper(names[j])+"=value-of-"+names[j])
			}
			f, err := read(flow.Request{RawQuery: strings.Join(pairs, "&")}, lookupNames)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := f[field].text, "value-of-"+winner; got != want {
				t.Errorf("%s: got %s, want %s", strings.Join(pairs, "&"), got, want)
			}
		}
	}
}

var designNames = map[int][]string{
	fieldANI:         {"ani", "from", "caller", "caller_id", "callfrom", "cli", "calling_number", "callerid"},
	fieldDNIS:        {"dnis", "to", "called", "calledaddress", "callto", "did", "called_number"},
	fieldCallID:      {"call_id", "callsid", "calluuid", "callid", "contact_id", "conversationid", "conversation_id", "uuid"},
	fieldAttestation: {"attestation", "verstat", "stirverstat", "attest"},
	fieldRegion:      {"region", "country"},
}

func TestRegion(t *testing.T) {
	hook := &flow.Hook{Reading: flow.Reading{Region: "US"}}
	for query, want := range map[string]string{
		"ani=6505550123":                         "+16505550123",
		"ani=6505550123&region=us":               "+16505550123",
		"ani=6505550123&country=Germany":         "+16505550123",
		"ani=6505550123&country=United%20States": "+16505550123",
		"ani=02079460000&country=gb":             "+442079460000",
		"ani=02079460000&region=GB&country=US":   "+442079460000",
	} {
		c, err := decode(flow.Request{RawQuery: query}, hook)
		if err != nil || c.ANI.String() != want {
			t.Errorf("%s: got %s (%v, %v), want %s", query, c.ANI, c.ANIFault, err, want)
		}
	}
}

func TestResultNamesBadFields(t *testing.T) {
	tests := []struct {
		name   string
		query  string
		fields []string
		want   flow.Report
	}{
		{"answered", "result=answered&duration_seconds=12", nil, flow.Report{Result: flow.ResultAnswered, Ended: true, Duration: 12 * time.Second}},
		{"a whole day", "result=answered&duration_seconds=86400", nil, flow.Report{Result: flow.ResultAnswered, Ended: true, Duration: 24 * time.Hour}},
		{"over a day", "result=answered&duration_seconds=86401", []string{"duration_seconds"}, flow.Report{}},
		{"no seconds", "result=busy&duration_seconds=1m", []string{"duration_seconds"}, flow.Report{}},
		{"dots alone", "result=busy&duration_seconds=..", []string{"duration_seconds"}, flow.Report{}},
		{"another word", "result=ringing", []string{"result"}, flow.Report{}},
		{"capitals", "result=ANSWERED", []string{"result"}, flow.Report{}},
		{"both at once", "duration_seconds=-1", []string{"result", "duration_seconds"}, flow.Report{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := result(flow.Request{RawQuery: tt.query}, &flow.Hook{})
			var problems ani.Problems
			errors.As(err, &problems)
			var fields []string
			for _, p := range problems {
				fields = append(fields, p.Field)
			}
			if !slices.Equal(fields, tt.fields) || got != tt.want {
				t.Errorf("got %+v, %v; want %+v, problems with %v", got, err, tt.want, tt.fields)
			}
		})
	}
}

// The struct, the pairs and the reply are one and the same.
func TestAnswerIsWhatIsSent(t *testing.T) {
	for _, c := range dialecttest.Cases(dialecttest.Hook("flat")) {
		a := AnswerTo(c.Instruction)
		marshalled, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		sent := readObject(t, encode(c.Instruction, nil).Body)
		if diff := cmp.Diff(readObject(t, marshalled), sent); diff != "" {
			t.Errorf("%s: -struct +reply\n%s", c.Name, diff)
		}
		for i, p := range a.Pairs() {
			if p.Key != keys[i] || sent[p.Key] != p.Value {
				t.Errorf("%s: pair %d is %v, want key %s and value %q", c.Name, i, p, keys[i], sent[p.Key])
			}
		}
	}
}

// Texts of the longest kind still fit, and what the IVR acts on is whole.
func TestLongestTextsFit(t *testing.T) {
	texts := map[string]string{"quotes": `"`, "backslashes": `\`, "per cents": "%", "emoji": "🤙", "letters": "a"}
	for name, one := range texts {
		for _, format := range []string{"json", "form"} {
			t.Run(name+" as "+format, func(t *testing.T) {
				in := longest(t, one)
				in.Format = format
				body := encode(in, nil).Body
				if len(body) >= 4096 {
					t.Errorf("%d bytes", len(body))
				}
				got := map[string]string{}
				if format == "json" {
					got = readObject(t, body)
				} else {
					for _, p := range hashcompat(t, string(body)) {
						got[p.Key] = p.Value
					}
				}
				for _, p := range new(AnswerTo(in)).Pairs() {
					if got[p.Key] != p.Value && p.Key != "detail" {
						t.Errorf("%s is %q, want %q", p.Key, got[p.Key], p.Value)
					}
				}
			})
		}
	}
}

// longest is a direct call with every text as long as it may be, made of one.
func longest(t *testing.T, one string) flow.Instruction {
	t.Helper()
	fill := func(limit int) string { return strings.Repeat(one, limit/len(one)) }
	address := strings.Repeat("%", 255)
	caller := ani.MustParse("+390123456789012")
	d := flow.Decision{
		Call:  flow.Call{ANI: caller, DNIS: caller},
		Route: flow.Direct, Reason: flow.ReasonListed, Expected: true, Line: strings.Repeat("a", 63),
		Announce: fill(500), Entry: entry(t, caller, fill(200)),
	}
	return flow.Instruction{
		Act: flow.ActDirect, LookupID: "d1k2m3n4o5p6q7r8s9t0", Revision: math.MaxUint64, Decision: d,
		Target: flow.Target{Kind: flow.KindMailbox, Address: address},
		Backup: flow.Target{Kind: flow.KindMailbox, Address: address},
	}
}

// entry is an entry of a list that matches n.
func entry(t testing.TB, n ani.Number, label string) ani.Item {
	t.Helper()
	e := ani.NewEntry()
	e.ID, e.Label, e.Pattern = "e1", label, ani.PatternOf(n)
	list, err := ani.NewList(slices.Values([]ani.Entry{e}))
	if err != nil {
		t.Fatal(err)
	}
	items := list.Match(n, nil)
	if len(items) != 1 {
		t.Fatalf("%d entries match", len(items))
	}
	return items[0]
}

// Asterisk's hashcompat splits at & and =, and leaves a + as it is.
func TestFormSurvivesHashcompat(t *testing.T) {
	for _, c := range dialecttest.Cases(dialecttest.Hook("flat")) {
		in := c.Instruction
		in.Format = "FORM"
		want := AnswerTo(in)
		got := hashcompat(t, string(encode(in, nil).Body))
		if diff := cmp.Diff(pairsOf(want), got); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.Name, diff)
		}
	}
}

func pairsOf(a Answer) []Pair {
	all := a.Pairs()
	return all[:]
}

const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

// hashcompat reads pairs as Asterisk does, and allows nothing unescaped but
// the unreserved characters of RFC 3986.
func hashcompat(t *testing.T, body string) []Pair {
	t.Helper()
	var pairs []Pair
	for pair := range strings.SplitSeq(body, "&") {
		key, escaped, ok := strings.Cut(pair, "=")
		if !ok || strings.Trim(escaped, unreserved+"%") != "" {
			t.Fatalf("%q is no escaped pair", pair)
		}
		value, err := url.PathUnescape(escaped)
		if err != nil {
			t.Fatal(err)
		}
		pairs = append(pairs, Pair{key, value})
	}
	return pairs
}

func TestDecodeAllocatesLittle(t *testing.T) {
	r, hook := sampleRequest(), &flow.Hook{}
	if n := testing.AllocsPerRun(100, func() { sink, _ = decode(r, hook) }); n > 4 {
		t.Errorf("decode allocates %v times, want 4 at most", n)
	}
}

// The detail is flow's own and not counted.
func TestEncodeAllocatesLittle(t *testing.T) {
	in := dialecttest.Cases(dialecttest.Hook("flat"))[1].Instruction
	detail := testing.AllocsPerRun(100, func() { sinkText = in.Decision.Detail() })
	if n := testing.AllocsPerRun(100, func() { sinkReply = encode(in, nil) }) - detail; n > 2 {
		t.Errorf("encode allocates %v times beside the detail, want 2 at most", n)
	}
}

var (
	sink      flow.Call
	sinkReply flow.Reply
	sinkText  string
)

func sampleRequest() flow.Request {
	return flow.Request{
		Method: "POST", ContentType: "application/json",
		Body: []byte(`{"ani":"+16505550123","dnis":"+18005550100","call_id":"abc"}`),
	}
}

func BenchmarkDecode(b *testing.B) {
	r, hook := sampleRequest(), &flow.Hook{}
	b.ReportAllocs()
	for b.Loop() {
		sink, _ = decode(r, hook)
	}
}

func BenchmarkDecodeQuery(b *testing.B) {
	r, hook := flow.Request{Method: "GET", RawQuery: "ani=%2B16505550123&dnis=%2B18005550100&call_id=abc"}, &flow.Hook{}
	b.ReportAllocs()
	for b.Loop() {
		sink, _ = decode(r, hook)
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, c := range dialecttest.Cases(dialecttest.Hook("flat")) {
		if c.Name != "direct-number-backup" && c.Name != "continue" {
			continue
		}
		b.Run(c.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sinkReply = encode(c.Instruction, nil)
			}
		})
		b.Run(c.Name+"-detail-alone", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sinkText = c.Instruction.Decision.Detail()
			}
		})
	}
}
