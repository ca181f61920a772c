package server

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/nyaruka/phonenumbers"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect"
	"github.com/ringthrough/ringthrough/flow/server/signin"
)

// HookConfig is one configured entrance, as the configuration file has it
// (design §6).
type HookConfig struct {
	Name        string            `yaml:"name"`
	Dialect     string            `yaml:"dialect"`
	Auth        AuthConfig        `yaml:"auth"`
	PublicURL   string            `yaml:"public_url"`
	ContinueURL string            `yaml:"continue_url"`
	Region      string            `yaml:"region"`
	BareIsE164  *bool             `yaml:"bare_is_e164"` // nil: as the dialect has it
	DialTimeout string            `yaml:"dial_timeout"` // a span such as 25s; empty: DefaultDialTimeout
	CallerID    string            `yaml:"caller_id"`
	SIPTemplate string            `yaml:"sip_template"`
	Key         string            `yaml:"key"` // Sinch's application key
	FreeSWITCH  flow.FreeSWITCH   `yaml:"freeswitch"`
	SIP         SIPConfig         `yaml:"sip"`
	Options     map[string]string `yaml:"options"` // of one dialect alone
}

// AuthConfig is how the callers of a hook prove themselves. A secret is
// written out, or as file:PATH or env:NAME.
type AuthConfig struct {
	Scheme   string   `yaml:"scheme"` // empty: token
	Secrets  []string `yaml:"secrets"`
	User     string   `yaml:"user"`     // basic: empty for any
	Subjects []string `yaml:"subjects"` // mtls: names that a certificate may have; empty for any

	// AllowLateParams (twilio) takes a request that is signed without its
	// CallToken and StirVerstat; its attestation then counts as none.
	AllowLateParams bool `yaml:"allow_late_params"`
}

// DefaultDialTimeout is how long a target rings where a hook doesn't say.
const DefaultDialTimeout = 25 * time.Second

const schemeToken, schemeNone = "token", "none"

// hooks are the entrances that are open. They are never changed: a reload
// makes new ones.
type hooks struct {
	flat   *entrance // plain /v1/lookup
	byName map[string]*entrance
	sip    []*entrance // those of byName that are asked over SIP, as they were configured
}

// entrance is a hook made ready to answer.
type entrance struct {
	hook     *flow.Hook
	dialect  flow.Dialect
	scheme   string
	verifier signin.Verifier // nil: a lookup token signs in
	signs    bool            // the platform signs every request, those that call back too
	peers    []netip.Prefix  // who may ask over SIP
	carries  func(flow.Target) bool
	maxBody  int64

	troubles *troubles
	lookups  map[flow.Reason]prometheus.Counter
	duration prometheus.Observer
}

var hookName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)

// SetHooks opens the entrances of a configuration in place of those that are
// open, or changes nothing: ani.Problems name the hook and the key.
func (s *Server) SetHooks(configs []HookConfig) error {
	flat, _ := dialect.ByName("flat")
	h := &hooks{
		flat:   s.entrance(flat, &flow.Hook{Name: "flat"}, schemeToken, nil),
		byName: make(map[string]*entrance, len(configs)),
	}
	var p ani.Problems
	for i, c := range configs {
		field := fmt.Sprintf("hooks[%d]", i)
		if c.Name != "" {
			field = "hook " + c.Name
		}
		if _, taken := h.byName[c.Name]; taken {
			p.Add(field+": name", "is there twice")
		}
		e := s.open(c, field, &p)
		h.byName[c.Name] = e
		if e.dialect.OverSIP {
			h.sip = append(h.sip, e)
		}
	}
	h.checkSIP(s.sip, &p)
	if err := p.Err(); err != nil {
		return err
	}
	for _, e := range h.byName {
		s.warn(e)
	}
	s.hooks.Store(h)
	return nil
}

// warn says what of a hook is allowed but seldom meant.
func (s *Server) warn(e *entrance) {
	if e.scheme == schemeNone {
		s.log.Warn().Str("hook", e.hook.Name).Msg("hook lets everybody in: auth scheme none")
	}
	if slices.ContainsFunc(e.peers, func(n netip.Prefix) bool { return n.Bits() == 0 }) {
		s.log.Warn().Str("hook", e.hook.Name).Msg("hook lets everybody in: sip.peers has all addresses")
	}
	if e.dialect.OverSIP && len(e.peers) == 0 {
		s.log.Warn().Str("hook", e.hook.Name).Msg("hook has no sip.peers: nobody is answered")
	}
	if e.dialect.SendsOn && e.hook.ContinueURL == "" {
		s.log.Warn().Str("hook", e.hook.Name).Msg("hook has no continue_url: callers of lines without their own are left to the platform's fallback")
	}
	if e.dialect.Result != nil && e.hook.PublicURL == "" && e.dialect.Name != "flat" {
		s.log.Warn().Str("hook", e.hook.Name).Msg("hook has no public_url: results don't come back, and backups are not rung")
	}
}

// open makes one hook ready and adds what is wrong with it to p.
func (s *Server) open(c HookConfig, field string, p *ani.Problems) *entrance {
	if !hookName.MatchString(c.Name) || c.Name == "flat" || c.Name == "api" {
		p.Add(field+": name", "must be 1 to 63 of a to z, 0 to 9, _ and -, and not flat or api")
	}
	d, ok := dialect.ByName(c.Dialect)
	if !ok {
		p.Add(field+": dialect", fmt.Sprintf("%q is none of %s", c.Dialect, strings.Join(dialectNames(), ", ")))
	}
	h := &flow.Hook{
		Name: c.Name, PublicURL: c.PublicURL, ContinueURL: c.ContinueURL, CallerID: c.CallerID, SIPTemplate: c.SIPTemplate,
		Reading: flow.Reading{Region: strings.ToUpper(c.Region), BareIsE164: d.BareIsE164}, FreeSWITCH: c.FreeSWITCH, Options: c.Options,
	}
	if c.BareIsE164 != nil {
		h.Reading.BareIsE164 = *c.BareIsE164
	}
	h.DialTimeout = c.dialTimeout(field, p)
	if slices.Contains([]string{"twilio", "signalwire", "telnyx"}, c.Auth.Scheme) && h.Options["vendor"] == "" {
		h.Options = maps.Clone(c.Options)
		if h.Options == nil {
			h.Options = map[string]string{}
		}
		h.Options["vendor"] = c.Auth.Scheme // TwiML is spoken by all three, and whoever signs speaks
	}
	c.check(field, p)
	scheme, verifier := c.Auth.open(field, c.Key, p)
	e := s.entrance(d, h, scheme, verifier)
	c.openSIP(e, field, p)
	return e
}

func (c HookConfig) dialTimeout(field string, p *ani.Problems) time.Duration {
	if c.DialTimeout == "" {
		return DefaultDialTimeout
	}
	d, err := flow.ParseDuration(c.DialTimeout)
	switch {
	case err != nil:
		p.Add(field+": dial_timeout", err.Error())
	case d < flow.Duration(time.Second) || d > flow.Duration(10*time.Minute):
		p.Add(field+": dial_timeout", "must be 1s to 10m")
	}
	return time.Duration(d)
}

func (c HookConfig) check(field string, p *ani.Problems) {
	if c.Region != "" && !phonenumbers.GetSupportedRegions()[strings.ToUpper(c.Region)] {
		p.Add(field+": region", fmt.Sprintf("%q is no region: use its two letters, such as US or GB", c.Region))
	}
	if c.SIPTemplate != "" && !strings.Contains(c.SIPTemplate, "{number}") {
		p.Add(field+": sip_template", "has no {number} in it: write it as sip:{number}@gw.example.com;user=phone")
	}
	if c.ContinueURL != "" && !flow.IsContinueURL(c.ContinueURL) {
		p.Add(field+": continue_url", "must be a whole https:, http:, sip:, sips: or tel: URL, such as https://ivr.example.com/start")
	}
	if u, err := url.Parse(c.PublicURL); c.PublicURL != "" && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		p.Add(field+": public_url", "must be a whole URL, such as https://route.example.com/v1/lookup/"+c.Name)
	}
	if c.PublicURL == "" && slices.Contains(urlSigned, c.Auth.Scheme) {
		p.Add(field+": public_url", "is missing: the scheme "+c.Auth.Scheme+" signs the URL that the platform was given")
	}
	if strings.ContainsAny(c.PublicURL, "?#") {
		p.Add(field+": public_url", "must end before the query: what the platform adds to it is taken from its requests")
	}
}

// urlSigned are the schemes that cannot be judged without the public URL.
var urlSigned = []string{"twilio", "signalwire", "plivo", "sinch"}

// open makes the verifier of a scheme; it is nil for token.
func (a AuthConfig) open(field, key string, p *ani.Problems) (string, signin.Verifier) {
	scheme := a.Scheme
	if scheme == "" || scheme == schemeToken {
		if len(a.Secrets) > 0 {
			p.Add(field+": auth.secrets", "have no use with scheme token: make tokens with ringthrough token create --role lookup")
		}
		return schemeToken, nil
	}
	secrets := make([]string, len(a.Secrets))
	for i, s := range a.Secrets {
		var err error
		if secrets[i], err = ReadSecret(s); err != nil {
			p.Add(fmt.Sprintf("%s: auth.secrets[%d]", field, i), err.Error())
			return scheme, nil
		}
	}
	v, err := signin.New(signin.Config{Scheme: scheme, Secrets: secrets, Key: key, User: a.User, Subjects: a.Subjects, AllowLateParams: a.AllowLateParams})
	var problems ani.Problems
	switch {
	case errors.As(err, &problems):
		for _, f := range problems {
			key := "auth." + f.Field
			if f.Field == "key" {
				key = f.Field // stands beside auth, not in it
			}
			p.Add(field+": "+key, f.Text)
		}
	case err != nil:
		p.Add(field+": auth", err.Error())
	}
	return scheme, v
}

// ReadSecret is the secret that s stands for: the contents of a file for
// file:PATH, without the line end; an environment variable for env:NAME;
// else s itself. Its errors name the place, never the secret.
func ReadSecret(s string) (string, error) {
	if path, ok := strings.CutPrefix(s, "file:"); ok {
		b, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("cannot be read: %w", err)
		}
		return strings.TrimRight(string(b), "\r\n"), nil
	}
	if name, ok := strings.CutPrefix(s, "env:"); ok {
		value, ok := os.LookupEnv(name)
		if !ok {
			return "", fmt.Errorf("cannot be read: the environment variable %s is not set", name)
		}
		return value, nil
	}
	return s, nil
}

func (s *Server) entrance(d flow.Dialect, h *flow.Hook, scheme string, v signin.Verifier) *entrance {
	e := &entrance{hook: h, dialect: d, scheme: scheme, verifier: v, signs: signin.Signed(scheme), maxBody: d.MaxBody, troubles: s.troublesOf(h.Name), duration: s.metrics.lookupDurations.WithLabelValues(h.Name)}
	if e.maxBody == 0 {
		e.maxBody = flow.DefaultMaxBody
	}
	if d.Carries != nil {
		e.carries = func(t flow.Target) bool { return d.Carries(t, h) }
	}
	s.metrics.authFailures.WithLabelValues(h.Name) // 0 is worth knowing
	e.lookups = make(map[flow.Reason]prometheus.Counter)
	for _, r := range flow.Reasons() {
		e.lookups[r] = s.metrics.lookups.WithLabelValues(h.Name, string(routeOf(r)), string(r))
	}
	return e
}

func routeOf(r flow.Reason) flow.Route {
	if slices.Contains([]flow.Reason{flow.ReasonListed, flow.ReasonWindow, flow.ReasonRehearsal}, r) {
		return flow.Direct
	}
	return flow.Continue
}

func dialectNames() []string {
	var names []string
	for _, d := range dialect.All() {
		names = append(names, d.Name)
	}
	return names
}
