package notice

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nicholas-fedor/shoutrrr/pkg/format"
	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// open makes a chat of a shoutrrr URL.
func open(t *testing.T, raw string) *chat {
	t.Helper()
	c, wrong := newChat(raw)
	if wrong != "" {
		t.Fatal("the URL " + wrong)
	}
	return c
}

// listen is a server that answers with status, and hands over what it is sent.
func listen(t *testing.T, status int) (host string, got chan *http.Request) {
	t.Helper()
	got = make(chan *http.Request, 8)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what is missing shows in the comparison
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		got <- r
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"id":"1","error":%q}`, r.URL.Path) // as chatty services do
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://"), got
}

func bodyOf(t *testing.T, r *http.Request) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestChat(t *testing.T) {
	alarm := aboutCall(EventUnexpected)
	said := alarm.Say(at)
	t.Run("generic gets title and text", func(t *testing.T) {
		host, got := listen(t, 200)
		if err := open(t, "generic://"+host+"/x?disabletls=yes&template=json").send(t.Context(), alarm, at); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf(`{"message":%s,"title":"ALARM: unexpected activation call on support-us"}`, quoted(said.Text))
		if diff := cmp.Diff(want, bodyOf(t, <-got)); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
	for _, tt := range []struct {
		name, options string
		notice        Notice
		priority      string
	}{
		{"an alarm is loud", "", alarm, "max"},
		{"a call is not quiet", "", aboutCall(EventActivation), "high"},
		{"the URL has its way", "&priority=low", alarm, "low"},
	} {
		t.Run("ntfy: "+tt.name, func(t *testing.T) {
			host, got := listen(t, 200)
			if err := open(t, "ntfy://"+host+"/topic?disabletls=yes"+tt.options).send(t.Context(), tt.notice, at); err != nil {
				t.Fatal(err)
			}
			r := <-got
			m := tt.notice.Say(at)
			if r.URL.Path != "/topic" || r.Header.Get("Title") != m.Title || !strings.EqualFold(r.Header.Get("Priority"), tt.priority) {
				t.Errorf("%s %v", r.URL, r.Header)
			}
			if diff := cmp.Diff(m.Text, bodyOf(t, r)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	t.Run("mattermost has no title", func(t *testing.T) {
		host, got := listen(t, 200)
		if err := open(t, "mattermost://"+host+"/token?disabletls=yes").send(t.Context(), alarm, at); err != nil {
			t.Fatal(err)
		}
		if body := bodyOf(t, <-got); !strings.Contains(body, quoted(said.Title+"\n\n"+said.Text)) {
			t.Errorf("got %s", body)
		}
	})
	t.Run("mail", func(t *testing.T) {
		address, mails := mailServer(t)
		if err := open(t, "smtp://"+address+"/?auth=none&usestarttls=no&from=ringthrough@example.com&to=ops@example.com").send(t.Context(), alarm, at); err != nil {
			t.Fatal(err)
		}
		mail := <-mails
		head, body, _ := strings.Cut(mail, "\n\n")
		if !strings.Contains(head+"\n", "Subject: "+said.Title+"\n") {
			t.Errorf("head:\n%s", head)
		}
		if diff := cmp.Diff(said.Text, strings.TrimSpace(body)); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// mailServer takes mail as RFC 5321 has it, from one client at a time.
func mailServer(t *testing.T) (address string, mails chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	mails = make(chan string, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			takeMail(c, mails)
		}
	}()
	return l.Addr().String(), mails
}

func takeMail(c net.Conn, mails chan<- string) {
	defer c.Close()
	talk := textproto.NewConn(c)
	say := func(s string) { _ = talk.PrintfLine("%s", s) } // the client notices
	say("220 mail.example.com")
	for {
		line, err := talk.ReadLine()
		if err != nil {
			return
		}
		switch verb, _, _ := strings.Cut(strings.ToUpper(line), " "); verb {
		case "DATA":
			say("354 go on")
			lines, err := talk.ReadDotLines()
			if err != nil {
				return
			}
			mails <- strings.Join(lines, "\n")
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 mail.example.com")
		}
	}
}

// No secret of a URL, nor what a server answers, comes out of a failure.
func TestFailuresKeepSecrets(t *testing.T) {
	refused := refusing(t)
	notFound, _ := listen(t, 404)
	mailer := angryMailServer(t)
	for name, tt := range map[string]struct{ url, want string }{
		"generic: an error that echoes the path": {"generic://" + notFound + "/" + hidden + "?disabletls=yes&@x-token=" + hidden, "answered 404: the address or its token is not known there"},
		"generic: nobody listens":                {"generic://" + refused + "/" + hidden + "?disabletls=yes", "the host refuses the connection"},
		"ntfy: an error that echoes the path":    {"ntfy://u:" + hidden + "@" + notFound + "/" + hidden + "?disabletls=yes", ""},
		"ntfy: nobody listens":                   {"ntfy://u:" + hidden + "@" + refused + "/" + hidden + "?disabletls=yes", "the host refuses the connection"},
		"mattermost":                             {"mattermost://" + notFound + "/" + hidden + "?disabletls=yes", "answered 404: the address or its token is not known there"},
		"rocketchat: an error with the answer":   {"rocketchat://" + notFound + "/" + hidden + "/" + hidden + "?disabletls=yes", ""},
		"gotify":                                 {"gotify://" + refused + "/A" + strings.Repeat("b", 14) + "?disabletls=yes", "the host refuses the connection"},
		"smtp: nobody listens":                   {"smtp://u:" + hidden + "@" + refused + "/?from=a@example.com&to=b@example.com", "the host refuses the connection"},
		"smtp: the password is refused":          {"smtp://u:" + hidden + "@" + mailer + "/?auth=plain&usestarttls=no&from=a@example.com&to=b@example.com", "answered 535: the sign-in was refused"},
		"matrix: signing in fails":               {"matrix://u:" + hidden + "@" + refused + "/?disabletls=yes&rooms=!a:example.com", "the host refuses the connection"},
	} {
		t.Run(name, func(t *testing.T) {
			err := open(t, tt.url).send(t.Context(), aboutCall(EventActivation), at)
			var f *fault
			if !errors.As(err, &f) {
				t.Fatalf("got %v", err)
			}
			if tt.want != "" && f.text != tt.want {
				t.Errorf("got %q, want %q", f.text, tt.want)
			}
			if strings.Contains(strings.ToLower(f.text), strings.ToLower(hidden)) || strings.Contains(f.text, "/") {
				t.Errorf("too much is said: %q", f.text)
			}
		})
	}
}

// refusing is an address where nobody listens.
func refusing(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

// angryMailServer refuses every password, and says it aloud.
func angryMailServer(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			lines := bufio.NewScanner(c)
			_, _ = io.WriteString(c, "220 mail.example.com\r\n")
			for lines.Scan() {
				reply := "250-mail.example.com\r\n250 AUTH PLAIN\r\n"
				if strings.HasPrefix(lines.Text(), "AUTH") {
					reply = "535 5.7.8 authentication failed: " + lines.Text() + " " + hidden + "\r\n"
				}
				_, _ = io.WriteString(c, reply)
			}
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}

// What stands in the URL is not repeated, even where it looks like a status.
func TestBlameRepeatsNothing(t *testing.T) {
	for _, tt := range []struct{ err, secret, want string }{
		{"unexpected status: 404 Not Found", "https://h/abc", "answered 404: the address or its token is not known there"},
		{"unexpected status: 404 Not Found", "https://h/a-404-b", "the address or its token is not known there"},
		{"got HTTP 418", "https://h/abc", "answered 418"},
		{"post https://h/timeout: eof", "https://h/timeout", "the host broke off the connection"},
		{"whatever", "https://h/abc", "could not be reached or did not take it; what exactly was wrong is kept back, since a secret may be in it"},
	} {
		if got := blame(errors.New(tt.err), tt.secret).text; got != tt.want {
			t.Errorf("%s: %q, want %q", tt.err, got, tt.want)
		}
	}
}

// FuzzBlame holds that what is said is made of our words and of one number.
func FuzzBlame(f *testing.F) {
	f.Add("unexpected status: 404 Not Found", "404")
	f.Add("535 5.7.8 authentication failed", "x")
	f.Fuzz(func(t *testing.T, text, secret string) {
		got := blame(errors.New(text), secret).text
		if _, rest, ok := strings.Cut(got, "answered "); ok {
			if len(rest) < 3 || standsIn(secret, rest[:3]) {
				t.Errorf("%q", got)
			}
			got = strings.TrimPrefix(rest[3:], ": ")
		}
		ours := got == "" || strings.HasPrefix(got, "could not be reached")
		for _, s := range symptoms {
			ours = ours || got == s.meaning
		}
		if !ours {
			t.Errorf("%q is none of our words", got)
		}
	})
}

// A host that takes connections and never answers holds up only so many tries.
func TestSilentHost(t *testing.T) {
	end := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-end }))
	defer s.Close()
	defer close(end)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, "generic://"+u.Host+"/?disabletls=yes")
	for range maxHanging {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		if err := c.send(ctx, aboutLimit, at); err == nil || err.Error() != "did not answer in time" {
			t.Errorf("got %v", err)
		}
		cancel()
	}
	if err := c.send(t.Context(), aboutLimit, at); err == nil || err.Error() != "has not answered earlier tries yet" {
		t.Errorf("got %v", err)
	}
}

// A new shoutrrr may rename what we set.
func TestServicesHaveWhatIsSet(t *testing.T) {
	set := map[string]map[string]string{}
	for _, s := range titled {
		set[s] = map[string]string{"title": "x"}
	}
	for s, loud := range loudness {
		if set[s] == nil {
			set[s] = map[string]string{}
		}
		for _, l := range []Level{LevelInfo, LevelWarning, LevelAlarm} {
			set[s][loud.key] = loud.levels[l]
		}
	}
	for name, params := range set {
		service, err := (&router.ServiceRouter{}).NewService(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		config := reflect.New(reflect.TypeOf(service).Elem()).Elem().FieldByName("Config")
		settings, ok := reflect.TypeAssert[types.ServiceConfig](reflect.New(config.Type().Elem()))
		if !ok {
			t.Errorf("%s has no settings", name)
			continue
		}
		known := format.NewPropKeyResolver(settings)
		for key, value := range params {
			if err := known.Set(key, value); err != nil {
				t.Errorf("%s: %s=%s: %v", name, key, value, err)
			}
		}
	}
}
