package notice

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
)

const (
	hidden = "s3cr3t-T0k3n"
	whsec  = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
)

// plainly is a way to read secrets that knows one place.
func plainly(s string) (string, error) {
	switch s {
	case "file:/run/secrets/slack":
		return "slack://hook:" + strings.Repeat("A", 9) + "-" + strings.Repeat("B", 9) + "-" + strings.Repeat("c", 24) + "@webhook\n", nil
	case "env:GONE":
		return "", errors.New("stand in the environment variable GONE, which is not set")
	default:
		return s, nil
	}
}

func TestOpen(t *testing.T) {
	d, err := Open([]Config{
		{Name: "ops-chat", URL: "file:/run/secrets/slack"},
		{Name: "mail", URL: "smtp://u:p@mail.example.com:587/?from=a@example.com&to=b@example.com", Events: []Event{EventUnexpected}, Lines: []string{"support-us"}},
		{Name: "siem", Webhook: "https://hooks.example.com/x", Secret: whsec, Events: Events()},
		{Name: "element", URL: "matrix://user:password@matrix.example.com/?rooms=!a:example.com"}, // signing in is for later
	}, plainly)
	if err != nil {
		t.Fatal(err)
	}
	most := []Event{EventActivation, EventUnexpected, EventWindowUnused, EventLimit, EventExpiry}
	want := []Shown{
		{"ops-chat", "slack", most, []string{}},
		{"mail", "smtp", []Event{EventUnexpected}, []string{"support-us"}},
		{"siem", "webhook", Events(), []string{}},
		{"element", "matrix", most, []string{}},
	}
	if diff := cmp.Diff(want, d.List()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestWants(t *testing.T) {
	d, err := Open([]Config{
		{Name: "all", URL: "ntfy://ntfy.example.com/x"},
		{Name: "loud", URL: "ntfy://ntfy.example.com/x", Events: []Event{EventUnexpected}},
		{Name: "us", URL: "ntfy://ntfy.example.com/x", Events: []Event{EventUnexpected, EventRehearsal}, Lines: []string{"support-us", "sales"}},
	}, plainly)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		event Event
		line  string
		want  string
	}{
		{EventUnexpected, "support-us", "all, loud, us"},
		{EventUnexpected, "support", "all, loud"},
		{EventActivation, "sales", "all"},
		{EventRehearsal, "sales", "us"},
	} {
		if got := joined(d.wanting(Notice{Event: tt.event, Line: tt.line})); got != tt.want {
			t.Errorf("%s of %s goes to %q, want %q", tt.event, tt.line, got, tt.want)
		}
	}
	if (*Destinations)(nil).wanting(Notice{Event: EventLimit}) != nil {
		t.Error("no destinations want something")
	}
}

func TestOpenRefuses(t *testing.T) {
	const good = "ntfy://ntfy.example.com/x"
	for name, tt := range map[string]struct {
		config Config
		fields []string
	}{
		"nothing":                  {Config{}, []string{"notices[0]: name", "notices[0]: url"}},
		"a bad name":               {Config{Name: "Ops", URL: good}, []string{"notice Ops: name"}},
		"neither":                  {Config{Name: "x"}, []string{"notice x: url"}},
		"both":                     {Config{Name: "x", URL: good, Webhook: "https://a.example/"}, []string{"notice x: webhook"}},
		"a secret for a chat":      {Config{Name: "x", URL: good, Secret: hidden}, []string{"notice x: secret"}},
		"an unknown event":         {Config{Name: "x", URL: good, Events: []Event{EventLimit, "calls"}}, []string{"notice x: events[1]"}},
		"a test is no event":       {Config{Name: "x", URL: good, Events: []Event{EventTest}}, []string{"notice x: events[0]"}},
		"no URL":                   {Config{Name: "x", URL: "://" + hidden}, []string{"notice x: url"}},
		"an empty file":            {Config{Name: "x", URL: " \n"}, []string{"notice x: url"}},
		"a token alone":            {Config{Name: "x", URL: hidden}, []string{"notice x: url"}},
		"a token before a colon":   {Config{Name: "x", URL: hidden + "://x"}, []string{"notice x: url"}},
		"a control character":      {Config{Name: "x", URL: "ntfy://u:" + hidden + "@h/\x7f"}, []string{"notice x: url"}},
		"what reaches nobody":      {Config{Name: "x", URL: "logger://"}, []string{"notice x: url"}},
		"slack with half a token":  {Config{Name: "x", URL: "slack://hook:" + hidden + "@webhook"}, []string{"notice x: url"}},
		"an unknown option":        {Config{Name: "x", URL: good + "?" + hidden + "=1"}, []string{"notice x: url"}},
		"matrix without a host":    {Config{Name: "x", URL: "matrix://u:" + hidden + "@/?nonsense=1"}, []string{"notice x: url"}},
		"a variable that isn't":    {Config{Name: "x", URL: "env:GONE"}, []string{"notice x: url"}},
		"a webhook without secret": {Config{Name: "x", Webhook: "https://a.example/" + hidden}, []string{"notice x: secret"}},
		"a secret without prefix":  {Config{Name: "x", Webhook: "https://a.example/", Secret: strings.TrimPrefix(whsec, "whsec_")}, []string{"notice x: secret"}},
		"a short secret":           {Config{Name: "x", Webhook: "https://a.example/", Secret: "whsec_c2hvcnQ="}, []string{"notice x: secret"}},
		"a secret in no base64":    {Config{Name: "x", Webhook: "https://a.example/", Secret: "whsec_" + hidden + strings.Repeat("-", 40)}, []string{"notice x: secret"}},
		"a webhook of half a URL":  {Config{Name: "x", Webhook: "hooks.example.com/" + hidden, Secret: whsec}, []string{"notice x: webhook"}},
		"a webhook of no URL":      {Config{Name: "x", Webhook: "https://" + hidden + "\x7f", Secret: whsec}, []string{"notice x: webhook"}},
		"another scheme":           {Config{Name: "x", Webhook: "ftp://hooks.example.com/" + hidden, Secret: whsec}, []string{"notice x: webhook"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open([]Config{tt.config}, plainly)
			var p ani.Problems
			if !errors.As(err, &p) {
				t.Fatalf("got %v", err)
			}
			var fields []string
			for _, one := range p {
				fields = append(fields, one.Field)
			}
			if diff := cmp.Diff(tt.fields, fields); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if strings.Contains(strings.ToLower(err.Error()), strings.ToLower(hidden)) {
				t.Errorf("the secret is in %q", err)
			}
		})
	}
	t.Run("one name twice", func(t *testing.T) {
		_, err := Open([]Config{{Name: "x", URL: good}, {Name: "x", URL: good}}, plainly)
		if err == nil || err.Error() != "notice x: name is there twice" {
			t.Errorf("got %v", err)
		}
	})
}

// FuzzOpen holds that no URL's secret comes out of an error, and that what is
// taken has a kind.
func FuzzOpen(f *testing.F) {
	for _, s := range []string{"ntfy://h/x", "slack://hook:A-B-C@webhook", "generic+https://x/y?z=%zz", "matrix://u:p@h", "smtp://", "generic:", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Open([]Config{{Name: "x", URL: strings.ReplaceAll(s, "x", hidden)}}, func(s string) (string, error) { return s, nil })
		if err != nil && strings.Contains(strings.ToLower(fmt.Sprint(err)), strings.ToLower(hidden)) {
			t.Errorf("the secret is in %q", err)
		}
		if err == nil && (d.all[0].kind == "" || d.all[0].sender == nil) {
			t.Error("a destination without a way to it")
		}
	})
}
