// Package opensips_test holds the script against what can be had: OpenSIPS is
// in no Debian 12, so that nobody has parsed it. The request that it makes goes
// to the real server, and what the script reads of the answer is there.
package opensips_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/deploy/test/rig"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/server"
)

func script(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("opensips.cfg")
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?m)(^|\s)#.*$`).ReplaceAllString(string(text), "")
}

func TestScriptHoldsTogether(t *testing.T) {
	text := script(t)
	quoted := regexp.MustCompile(`"[^"\n]*"`).ReplaceAllString(text, "")
	for _, pair := range []string{"{}", "()", "[]"} {
		if strings.Count(quoted, pair[:1]) != strings.Count(quoted, pair[1:]) {
			t.Errorf("the %s are not paired", pair)
		}
	}
	for _, used := range regexp.MustCompile(`(?:[^_]route\(|, )([A-Z_]+)\)`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(text, "\nroute["+used[1]+"] {") {
			t.Errorf("there is no route %s", used[1])
		}
	}
	for _, used := range regexp.MustCompile(`t_on_failure\("(\w+)"\)`).FindAllStringSubmatch(text, -1) {
		if !strings.Contains(text, "\nfailure_route["+used[1]+"] {") {
			t.Errorf("there is no failure route %s", used[1])
		}
	}
}

// homes are the modules that the functions of the script live in, by their
// READMEs.
var homes = map[string]string{
	"mf_process_maxfwd_header": "maxfwd", "send_reply": "signaling", "is_method": "sipmsgops", "is_present_hf": "sipmsgops", "has_totag": "sipmsgops",
	"t_check_trans": "tm", "t_relay": "tm", "t_reply": "tm", "t_on_failure": "tm", "t_was_cancelled": "tm",
	"record_route": "rr", "loose_route": "rr", "rest_append_hf": "rest_client", "rest_post": "rest_client",
}

var core = []string{"if", "route", "async", "modparam", "xlog", "json", "avp", "var", "hdr"}

func TestModulesAreLoaded(t *testing.T) {
	text := script(t)
	for _, name := range regexp.MustCompile(`\b([a-z_]+)\(`).FindAllStringSubmatch(text, -1) {
		home, ok := homes[name[1]]
		if !ok && !slices.Contains(core, name[1]) {
			t.Errorf("nothing is known of %s()", name[1])
		}
		if ok && !strings.Contains(text, `loadmodule "`+home+`.so"`) {
			t.Errorf("%s() wants the module %s", name[1], home)
		}
	}
	for _, name := range []string{"connection_timeout", "curl_timeout"} {
		if !strings.Contains(text, `modparam("rest_client", "`+name+`"`) {
			t.Errorf("%s is not set", name)
		}
	}
}

// Every part of the request that is the caller's is escaped.
func TestQuestionIsEscaped(t *testing.T) {
	for _, line := range regexp.MustCompile(`(?m)^.*\$var\(ask\) =.*$`).FindAllString(script(t), -1) {
		_, value, _ := strings.Cut(line, "$var(ask) =")
		for _, name := range regexp.MustCompile(`\$\(?([a-zA-Z]+)`).FindAllStringSubmatchIndex(value, -1) {
			if value[name[2]:name[3]] != "var" && !strings.Contains(value[name[0]:], "{rest.escape}") {
				t.Errorf("not escaped: %s", line)
			}
		}
	}
}

// question is what the script posts for an INVITE.
func question(t *testing.T, values map[string]string) string {
	t.Helper()
	var body string
	for _, m := range regexp.MustCompile(`"(&?[a-z_]+=)" \+ \$\((\w+(?:\([\w-]+\))?)\{rest\.escape\}\)`).FindAllStringSubmatch(script(t), -1) {
		if value, ok := values[m[2]]; ok {
			body += m[1] + strings.ReplaceAll(url.QueryEscape(value), "+", "%20") // as curl_easy_escape does
		}
	}
	return body
}

func ask(t *testing.T, r rig.Rig, body string) map[string]any {
	t.Helper()
	address := regexp.MustCompile(`https://route\.example\.com(/[\w/]+)`).FindStringSubmatch(script(t))[1]
	status, text := r.Post(t, address, "application/x-www-form-urlencoded", body, func(req *http.Request) { req.Header.Set("Authorization", "Bearer "+rig.Token) })
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	var answer map[string]any
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestAnswers(t *testing.T) {
	targets := []flow.Target{{Kind: flow.KindNumber, Address: "+15125550123"}, {Kind: flow.KindQueue, Address: "WhatsApp activation"}, {Kind: flow.KindSIP, Address: "sip:desk@pbx.example.com"}}
	hook := server.HookConfig{Name: "opensips", Dialect: "kamailio", SIPTemplate: "sip:{number}@gw.example.com;user=phone"}
	direct := []any{
		map[string]any{"uri": "sip:+15125550123@gw.example.com;user=phone", "fr_inv_timer": 25000.0},
		map[string]any{"uri": "sip:desk@pbx.example.com"},
	}
	for name, test := range map[string]struct {
		invite map[string]string
		route  string
		routes []any
	}{
		"a listed caller":     {map[string]string{"ci": "a84b@[::1]&x=", "fU": rig.Caller, "rU": rig.Called}, "direct", direct},
		"without a +":         {map[string]string{"ci": "1", "fU": "16505550123", "rU": "18005550100"}, "direct", direct},
		"vouched for":         {map[string]string{"ci": "2", "fU": rig.Caller, "rU": rig.Called, "hdr(P-Asserted-Identity)": "<sip:+16505550123;verstat=TN-Validation-Passed-A@c.example.com>"}, "direct", direct},
		"another":             {map[string]string{"ci": "3", "fU": "+442079460000", "rU": rig.Called}, "continue", []any{}},
		"who says more":       {map[string]string{"ci": "4", "fU": "+442079460000&ani=+16505550123", "rU": rig.Called}, "continue", []any{}},
		"not a word of who":   {map[string]string{"ci": "5", "rU": rig.Called}, "continue", []any{}},
		"failed verification": {map[string]string{"ci": "6", "fU": rig.Caller, "rU": rig.Called, "hdr(P-Asserted-Identity)": "<sip:+16505550123@c.example.com>;verstat=TN-Validation-Failed"}, "continue", []any{}},
		"a person's own":      {map[string]string{"ci": "7", "fU": rig.Caller, "rU": rig.Called, "hdr(Diversion)": "<sip:+15125550123@gw.example.com>"}, "continue", []any{}},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig.NewWith(t, rig.Label, targets, hook) // its own: a second call soon after is a redial
			got := ask(t, r, question(t, test.invite))
			if got["route"] != test.route {
				t.Errorf("route %v, reason %v", got["route"], got["reason"])
			}
			if diff := cmp.Diff(any(test.routes), got["routes"]); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	if paths := regexp.MustCompile(`\$json\(answer/([^)]+)\)`).FindAllStringSubmatch(script(t), -1); len(paths) != 4 {
		t.Errorf("the script reads %v of the answer", paths)
	}
}
