package notice

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/ringthrough/ringthrough/ani"
)

// Config is one destination, as the configuration file has it. URL is one of
// shoutrrr's, Webhook one that takes Standard Webhooks: one of the two must be
// there. URL, Webhook and Secret may be file:PATH or env:NAME.
type Config struct {
	Name    string   `yaml:"name"`
	URL     string   `yaml:"url"`
	Webhook string   `yaml:"webhook"`
	Secret  string   `yaml:"secret"` // whsec_ and base64 of 24 to 64 bytes; signs what the webhook gets
	Events  []Event  `yaml:"events"` // empty: all but rehearsal
	Lines   []string `yaml:"lines"`  // empty: all
}

// Destinations are where notices go, made ready. They are never changed: a
// reload makes new ones. A nil Destinations has none.
type Destinations struct {
	all    []*destination
	byName map[string]*destination
}

var destinationName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// Open makes the destinations of a configuration ready, without asking any of
// them. read gives the secret that file:PATH or env:NAME stands for, or what
// it is given itself. What can't be taken is ani.Problems that name the
// destination and the key, and no secret.
func Open(configs []Config, read func(string) (string, error)) (*Destinations, error) {
	d := &Destinations{byName: make(map[string]*destination, len(configs))}
	var p ani.Problems
	for i, c := range configs {
		field := fmt.Sprintf("notices[%d]", i)
		if c.Name != "" {
			field = "notice " + c.Name
		}
		if _, taken := d.byName[c.Name]; taken {
			p.Add(field+": name", "is there twice")
		}
		opened := c.open(field, read, &p)
		d.byName[c.Name] = opened
		d.all = append(d.all, opened)
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	return d, nil
}

func (c Config) open(field string, read func(string) (string, error), p *ani.Problems) *destination {
	if !destinationName.MatchString(c.Name) {
		p.Add(field+": name", "must be 1 to 63 of a to z, 0 to 9, _ and -")
	}
	d := &destination{name: c.Name, events: c.Events, lines: c.Lines}
	for i, e := range c.Events {
		if !slices.Contains(Events(), e) {
			p.Add(fmt.Sprintf("%s: events[%d]", field, i), fmt.Sprintf("must be one of %s", joined(Events())))
		}
	}
	if len(c.Events) == 0 {
		d.events = slices.DeleteFunc(Events(), func(e Event) bool { return e == EventRehearsal })
	}
	secret := func(key, s string) string {
		value, err := read(s)
		value = strings.TrimSpace(value)
		switch {
		case err != nil:
			p.Add(field+": "+key, err.Error())
		case value == "":
			p.Add(field+": "+key, "is empty")
		}
		return value
	}
	switch {
	case c.URL != "" && c.Webhook != "":
		p.Add(field+": webhook", "stands beside url: a destination has one of the two")
	case c.URL != "" && c.Secret != "":
		p.Add(field+": secret", "belongs to a webhook: leave it out, or give webhook in place of url")
	case c.URL != "":
		d.openChat(field, secret("url", c.URL), p)
	case c.Webhook != "":
		d.openWebhook(field, secret("webhook", c.Webhook), secret("secret", c.Secret), p)
	default:
		p.Add(field+": url", "is missing: give a shoutrrr URL as url, or a web address as webhook")
	}
	return d
}

func (d *destination) openChat(field, raw string, p *ani.Problems) {
	if raw == "" {
		return // that was told
	}
	chat, wrong := newChat(raw)
	if wrong != "" {
		p.Add(field+": url", wrong)
		return
	}
	d.kind, d.sender = chat.service, chat
}

func (d *destination) openWebhook(field, address, secret string, p *ani.Problems) {
	if address == "" || secret == "" {
		return // that was told
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		p.Add(field+": webhook", "must be a whole URL, such as https://hooks.example.com/ringthrough")
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || !strings.HasPrefix(secret, "whsec_") || len(key) < 24 || len(key) > 64 {
		p.Add(field+": secret", "must be whsec_ and then 24 to 64 bytes in base64; openssl rand -base64 32 makes some")
	}
	if u != nil {
		d.kind, d.sender, d.plain = "webhook", newWebhook(u, key), u.Scheme == "http"
	}
}

func joined[S ~string](all []S) string {
	words := make([]string, len(all))
	for i, s := range all {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}
