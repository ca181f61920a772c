// Package freeswitch_test holds the settings against what can be had: no
// FreeSWITCH is there, so xmllint judges the files, and what they make
// FreeSWITCH ask goes to the real server.
package freeswitch_test

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/deploy/test/rig"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/server"
)

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestFilesAreWellFormed(t *testing.T) {
	peer.XMLLint(t, map[string][]byte{
		"xml_curl": read(t, "xml_curl.conf.xml"), "httapi": read(t, "httapi.conf.xml"), "dialplan": read(t, "dialplan.xml"),
	})
}

type param struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

// settings are the params that a file has for a path, by name.
func settings(t *testing.T, file string) map[string]string {
	t.Helper()
	var c struct {
		Binding []param `xml:"bindings>binding>param"`
		Profile []param `xml:"profiles>profile>params>param"`
	}
	if err := xml.Unmarshal(read(t, file), &c); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, p := range append(c.Binding, c.Profile...) {
		all[p.Name] = p.Value
	}
	return all
}

// hooks are those of the page, with the secret of the files.
func hooks() []server.HookConfig {
	auth := server.AuthConfig{Scheme: "basic", User: "rt", Secrets: []string{"REPLACE_ME"}}
	routes := flow.FreeSWITCH{Gateway: "gw", Profile: "external", Domain: "example.com"}
	return []server.HookConfig{
		{Name: "freeswitch", Dialect: "freeswitch", Auth: auth, FreeSWITCH: routes, Options: map[string]string{"continue_extension": "9000 XML ivr"}},
		{Name: "freeswitch-httapi", Dialect: "freeswitch", Auth: auth, FreeSWITCH: routes, Options: map[string]string{"module": "httapi"}},
	}
}

// ask posts what FreeSWITCH would, with the file's URL and credentials.
func ask(t *testing.T, file string, r rig.Rig, form url.Values) string {
	t.Helper()
	set := settings(t, file)
	user, password, _ := strings.Cut(set["gateway-credentials"], ":")
	path := strings.TrimPrefix(set["gateway-url"], "https://route.example.com")
	status, text := r.Post(t, path, "application/x-www-form-urlencoded", form.Encode(), func(req *http.Request) { req.SetBasicAuth(user, password) })
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	return text
}

func TestTimeoutAndTLSAreSet(t *testing.T) {
	for _, file := range []string{"xml_curl.conf.xml", "httapi.conf.xml"} {
		set := settings(t, file)
		for name, want := range map[string]string{"timeout": "2", "auth-scheme": "basic", "enable-cacert-check": "true", "enable-ssl-verifyhost": "true"} {
			if set[name] != want {
				t.Errorf("%s: %s is %q", file, name, set[name])
			}
		}
	}
}

func TestWhatFreeSWITCHIsTold(t *testing.T) {
	dialplan := func(caller string) url.Values {
		return url.Values{
			"section": {"dialplan"}, "Hunt-Caller-ID-Number": {caller}, "Hunt-Destination-Number": {rig.Called},
			"Hunt-Unique-ID": {"c-1"}, "Hunt-Context": {"public"},
		}
	}
	extension := func(caller string) url.Values {
		return url.Values{"session_id": {"c-1"}, "Caller-Caller-ID-Number": {caller}, "Caller-Destination-Number": {rig.Called}}
	}
	for name, test := range map[string]struct {
		file string
		form url.Values
		want string
	}{
		"xml_curl, a listed caller": {"xml_curl.conf.xml", dialplan(rig.Caller), `application="bridge" data="sofia/gateway/gw/+15125550123"`},
		"xml_curl, another":         {"xml_curl.conf.xml", dialplan("+442079460000"), `<result status="not found"`},
		"xml_curl, a directory":     {"xml_curl.conf.xml", url.Values{"section": {"directory"}}, `<result status="not found"`},
		"httapi, a listed caller":   {"httapi.conf.xml", extension(rig.Caller), "<dial>+15125550123</dial>"},
		"httapi, another":           {"httapi.conf.xml", extension("0000000000"), "<work><break/></work>"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ask(t, test.file, rig.New(t, hooks()...), test.form); !strings.Contains(got, test.want) {
				t.Errorf("%s is not in %s", test.want, got)
			}
		})
	}
}

type context struct {
	Name       string `xml:"name,attr"`
	Extensions []struct {
		Condition struct {
			Expression string `xml:"expression,attr"`
			Actions    []struct {
				Application string `xml:"application,attr"`
				Data        string `xml:"data,attr"`
			} `xml:"action"`
		} `xml:"condition"`
	} `xml:"extension"`
}

// Transfers lead to extensions that are there, nothing answers before the IVR,
// and what httapi dials is rung.
func TestDialplanLeadsSomewhere(t *testing.T) {
	var plan struct {
		Contexts []context `xml:"context"`
	}
	if err := xml.Unmarshal(read(t, "dialplan.xml"), &plan); err != nil {
		t.Fatal(err)
	}
	matches := func(name, number string) bool {
		for _, c := range plan.Contexts {
			for _, e := range c.Extensions {
				if c.Name == name && regexp.MustCompile(e.Condition.Expression).MatchString(number) {
					return true
				}
			}
		}
		return false
	}
	for _, c := range plan.Contexts {
		for _, e := range c.Extensions {
			for _, a := range e.Condition.Actions {
				if to := strings.Fields(a.Data); a.Application == "transfer" && (len(to) != 3 || !matches(to[2], to[0])) {
					t.Errorf("nothing is at %s", a.Data)
				}
				if a.Application == "answer" && c.Name != "ivr" {
					t.Errorf("%s answers", c.Name)
				}
			}
		}
	}
	if !matches("ringthrough-direct", "+15125550123") || !strings.Contains(string(read(t, "httapi.conf.xml")), `name="context" value="ringthrough-direct"`) {
		t.Error("what httapi dials is rung nowhere")
	}
}
