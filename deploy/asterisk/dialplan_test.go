package asterisk_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/deploy/test/rig"
	"github.com/ringthrough/ringthrough/flow"
)

var files = []string{"extensions.conf", "extensions_custom.conf"}

// Every place that a step goes to is there.
func TestEveryPlaceIsThere(t *testing.T) {
	for _, file := range files {
		plan, _ := parse(t, file)
		c := &channel{t: t, plan: plan}
		for context, extensions := range plan {
			for extension, steps := range extensions {
				for _, s := range steps {
					if to, ok := goesTo(s); ok {
						c.find(place{context: context, extension: extension}, to)
					}
				}
			}
		}
	}
}

func goesTo(s step) (string, bool) {
	switch s.app {
	case "Goto", "Gosub":
		to, _, _ := strings.Cut(s.args, "(")
		return strings.ReplaceAll(to, "${EXTEN}", "+18005550100"), true
	case "GotoIf":
		_, to, _ := strings.Cut(s.args, "?")
		return to, true
	}
	return "", false
}

// What comes from a call is escaped in a request, and filtered in a dial
// string; timeouts are set before anything is asked, and nothing answers.
func TestNothingOfACallsIsTakenAsItIs(t *testing.T) {
	free := regexp.MustCompile(`\$\{(\w+)`)
	for _, file := range files {
		plan, globals := parse(t, file)
		known := []string{"RT_URL", "RT_TRUNK", "RT_RING", "RT_RESULT", "CURL", "URIENCODE", "FILTER", "DB"}
		for _, steps := range plan["ringthrough"] {
			set := ""
			for _, s := range steps {
				set += s.app + "(" + s.args + ")\n"
				if slices.Contains([]string{"Answer", "Playback", "Background", "Wait"}, s.app) {
					t.Errorf("%s:%d answers the call", file, s.line)
				}
				if !strings.Contains(s.args, "CURL(") && s.app != "Dial" && s.app != "Queue" {
					continue
				}
				for _, name := range free.FindAllStringSubmatch(guarded.ReplaceAllString(s.args, "${$1()}"), -1) {
					if !slices.Contains(known, name[1]) {
						t.Errorf("%s:%d takes %s as it is", file, s.line, name[1])
					}
				}
			}
			if at := strings.Index(set, "/v1/lookup"); at >= 0 && (!strings.Contains(set[:at], "conntimeout") || !strings.Contains(set[:at], "httptimeout")) {
				t.Errorf("%s asks without a timeout", file)
			}
		}
		if file == "extensions.conf" && globals["RT_URL"] != "https://route.example.com" {
			t.Errorf("the globals are %v", globals)
		}
	}
}

// guarded is a variable within the function that makes it harmless.
var guarded = regexp.MustCompile(`\$\{(URIENCODE|FILTER)\((?:[^$}]|\$\{[^{}]*\})*\)\}`)

// newChannel is a call to the line of a rig.
func newChannel(t *testing.T, file string, r rig.Rig, caller string) *channel {
	t.Helper()
	plan, globals := parse(t, file)
	globals["RT_URL"], globals["RT_TOKEN"] = r.URL, rig.Token
	maps.Copy(globals, map[string]string{
		"RT_RING": "25", "CALLERID(num)": caller, "EXTEN": rig.Called, "FROM_DID": rig.Called, "UNIQUEID": "pbx-1790000000.1",
		"DB(DEVICE/701/dial)": "PJSIP/701",
	})
	return &channel{t: t, plan: plan, variables: globals, options: map[string]string{}}
}

// calls leads a call through extensions.conf.
func (c *channel) calls() []string {
	c.t.Helper()
	if c.run(place{context: "from-trunk", extension: "_[+0-9]."}) {
		c.run(place{context: "ringthrough", extension: "h"})
	}
	return c.did
}

func TestCalls(t *testing.T) {
	number, queue := flow.Target{Kind: flow.KindNumber, Address: "+15125550123"}, flow.Target{Kind: flow.KindQueue, Address: "WhatsApp activation"}
	sip := flow.Target{Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com;transport=tcp"}
	user := flow.Target{Kind: flow.KindUser, Address: "dana@example.com"}
	const dialNumber, dialQueue = "Dial(PJSIP/+15125550123@trunk,25,g)", "Queue(WhatsApp activation,rc,,,25)"
	const dialSIP, dialUser, ivr = "Dial(PJSIP/trunk/sip:desk@pbx.example.com;transport=tcp,25,g)", "Dial(PJSIP/dana,25,g)", "Answer"
	for name, test := range map[string]struct {
		caller   string
		targets  []flow.Target
		outcomes []string
		want     []string
		results  []flow.Result
	}{
		"a listed caller, and the person answers": {rig.Caller, []flow.Target{number, queue}, []string{"ANSWER"}, []string{dialNumber}, []flow.Result{flow.ResultAnswered}},
		"nobody answers: the backup, then the IVR": {
			rig.Caller, []flow.Target{number, queue}, []string{"NOANSWER", "TIMEOUT"}, []string{dialNumber, dialQueue, ivr}, []flow.Result{flow.ResultNoAnswer},
		},
		"the backup's agent answers": {rig.Caller, []flow.Target{number, queue}, []string{"BUSY", "CONTINUE"}, []string{dialNumber, dialQueue}, []flow.Result{flow.ResultAnswered}},
		"busy, and no backup":        {rig.Caller, []flow.Target{number}, []string{"BUSY"}, []string{dialNumber, ivr}, []flow.Result{flow.ResultBusy}},
		"the caller hangs up while it rings": {
			rig.Caller, []flow.Target{number, queue}, []string{"CANCEL"}, []string{dialNumber}, []flow.Result{flow.ResultNoAnswer},
		},
		"the caller hangs up in a queue":     {rig.Caller, []flow.Target{queue}, []string{"CANCEL"}, []string{dialQueue}, []flow.Result{""}},
		"a SIP URI, then a user":             {rig.Caller, []flow.Target{sip, user}, []string{"CHANUNAVAIL", "ANSWER"}, []string{dialSIP, dialUser}, []flow.Result{flow.ResultAnswered}},
		"an unlisted caller":                 {"+442079460000", []flow.Target{number}, nil, []string{ivr}, nil},
		"a withheld caller":                  {"anonymous", []flow.Target{number}, nil, []string{ivr}, nil},
		"no caller":                          {"", []flow.Target{number}, nil, []string{ivr}, nil},
		"a caller with everything in it":     {`+1650)"&ani=+16505550123&x=,${RT_TOKEN} ü`, []flow.Target{number}, nil, []string{ivr}, nil},
		"a listed caller in national digits": {"6505550123", []flow.Target{number}, []string{"ANSWER"}, []string{dialNumber}, []flow.Result{flow.ResultAnswered}},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig.NewWith(t, awkward, test.targets)
			c := newChannel(t, "extensions.conf", r, test.caller)
			c.outcomes = test.outcomes
			if diff := cmp.Diff(test.want, c.calls()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if diff := cmp.Diff(test.results, r.Results(t), cmp.Transformer("", orNone)); diff != "" {
				t.Errorf("results: -want +got\n%s", diff)
			}
		})
	}
}

func orNone(r []flow.Result) []string {
	texts := []string{}
	for _, one := range r {
		texts = append(texts, string(one))
	}
	return texts
}

// awkward would hide the target from CURLOPT(hashcompat) and HASH().
const awkward = `Meta "call (1, [2`

func TestFreePBX(t *testing.T) {
	targets := []flow.Target{{Kind: flow.KindUser, Address: "701@example.com"}, {Kind: flow.KindNumber, Address: "+15125550123"}}
	r := rig.NewWith(t, awkward, targets)
	c := newChannel(t, "extensions_custom.conf", r, rig.Caller)
	c.outcomes = []string{"NOANSWER", "BUSY"}
	if c.run(place{context: "ringthrough", extension: "s"}) {
		t.Error("the call doesn't come back to the IVR")
	}
	if diff := cmp.Diff([]string{"Dial(PJSIP/701,25,g)", "Dial(Local/+15125550123@from-internal/n,25,g)"}, c.did); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if got := r.Results(t); !slices.Equal(got, []flow.Result{flow.ResultBusy}) {
		t.Errorf("the results are %v", got)
	}
	c = newChannel(t, "extensions_custom.conf", r, "+442079460000")
	if c.run(place{context: "ringthrough", extension: "s"}) || len(c.did) > 0 {
		t.Errorf("an unlisted caller: %v", c.did)
	}
}

// With nobody there, with a wrong token and with a page of a proxy's everybody
// hears the IVR.
func TestRingthroughIsAway(t *testing.T) {
	r := rig.New(t)
	for name, change := range map[string]map[string]string{
		"nobody listens": {"RT_URL": "http://127.0.0.1:1"},
		"a wrong token":  {"RT_TOKEN": "rt_wrong"},
		"another page":   {"RT_URL": r.URL + "/docs?"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newChannel(t, "extensions.conf", r, rig.Caller)
			maps.Copy(c.variables, change)
			if diff := cmp.Diff([]string{"Answer"}, c.calls()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
