package notice

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/matrix"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// chat sends to people through shoutrrr: chat, mail, push.
type chat struct {
	url     string // holds secrets
	service string
	given   url.Values // the URL's own options
	hanging atomic.Int32
}

// maxHanging bounds the tries of one destination that have not come back.
// Some of shoutrrr's services wait for an answer for ever, and can't be
// stopped.
const maxHanging = 4

// newChat makes a destination of a shoutrrr URL; wrong says why it can't, as
// the rest of a sentence that begins with the key.
func newChat(raw string) (c *chat, wrong string) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, "is no URL"
	}
	service, _, custom := strings.Cut(u.Scheme, "+")
	if !slices.Contains(services(), service) {
		return nil, "begins with no service that is known, such as slack://: use one of " + strings.Join(services(), ", ")
	}
	c = &chat{url: raw, service: service, given: u.Query()}
	if service == matrix.Scheme && !custom {
		err = (&matrix.Config{}).SetURL(u) // more than that would sign in
	} else {
		_, err = c.locate()
	}
	if err != nil {
		return nil, "is not as " + service + " wants it: see deploy/notices.md and https://shoutrrr.nickfedor.com"
	}
	return c, ""
}

// services are those of shoutrrr's services that reach somebody.
func services() []string {
	all := (&router.ServiceRouter{}).ListServices()
	slices.Sort(all)
	return slices.DeleteFunc(all, func(s string) bool { return s == "logger" })
}

// locate makes the service ready. Its errors may hold secrets.
func (c *chat) locate() (types.Service, error) {
	silent := log.New(io.Discard, "", 0) // services log URLs and answers
	r, err := router.New(silent)
	if err != nil {
		return nil, fmt.Errorf("make router: %w", err)
	}
	u, err := url.Parse(c.url)
	if err != nil {
		return nil, fmt.Errorf("read URL: %w", err)
	}
	if u.Scheme != c.service {
		return r.Locate(c.url) // the service turns a web address into its own
	}
	service, err := r.NewService(c.service)
	if err != nil {
		return nil, fmt.Errorf("make service: %w", err)
	}
	if err := service.Initialize(u, silent); err != nil {
		return nil, fmt.Errorf("make service ready: %w", err)
	}
	return service, nil
}

func (c *chat) send(ctx context.Context, n Notice, now time.Time) error {
	if c.hanging.Add(1) > maxHanging {
		c.hanging.Add(-1)
		return &fault{text: "has not answered earlier tries yet"}
	}
	done := make(chan *fault, 1)
	go func() {
		defer c.hanging.Add(-1)
		done <- c.try(n.Say(now))
	}()
	select {
	case f := <-done:
		if f != nil {
			return f
		}
		return nil
	case <-ctx.Done():
		return &fault{text: "did not answer in time"}
	}
}

// try sends a message with a service of its own: services change their own
// settings while they send.
func (c *chat) try(m Message) (f *fault) {
	defer func() {
		if recover() != nil {
			f = &fault{text: "made shoutrrr fail inside"} // the panic's value may hold secrets
		}
	}()
	service, err := c.locate()
	if err == nil {
		text, params := c.shape(m)
		err = service.Send(text, &params)
	}
	if err != nil {
		return blame(err, c.url)
	}
	return nil
}

// shape puts the title where the service has a place for it, else on the
// first line, and lets an alarm be loud where the service can. What the URL
// says itself stays.
func (c *chat) shape(m Message) (string, types.Params) {
	params, text := types.Params{}, m.Title+"\n\n"+m.Text
	if slices.Contains(titled, c.service) && !c.given.Has(types.TitleKey) {
		params.SetTitle(m.Title)
		text = m.Text
	}
	if loud, ok := loudness[c.service]; ok && !c.given.Has(loud.key) {
		params[loud.key] = cmp.Or(loud.levels[m.Level], loud.levels[LevelInfo])
	}
	return text, params
}

// titled are the services that show a title of their own.
var titled = []string{
	"bark", "discord", "generic", "gotify", "ifttt", "join", "ntfy", "opsgenie",
	"pushbullet", "pushover", "slack", "smtp", "teams", "telegram",
}

// loudness is how services are told that a message is urgent.
var loudness = map[string]struct {
	key    string
	levels map[Level]string
}{
	"gotify":    {"priority", map[Level]string{LevelInfo: "5", LevelWarning: "5", LevelAlarm: "10"}},
	"ntfy":      {"priority", map[Level]string{LevelInfo: "high", LevelWarning: "high", LevelAlarm: "max"}},
	"opsgenie":  {"priority", map[Level]string{LevelInfo: "P3", LevelWarning: "P3", LevelAlarm: "P1"}},
	"pagerduty": {"severity", map[Level]string{LevelInfo: "info", LevelWarning: "warning", LevelAlarm: "critical"}},
	"pushover":  {"priority", map[Level]string{LevelInfo: "0", LevelWarning: "0", LevelAlarm: "1"}},
}
