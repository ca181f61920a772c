package signin

import "strings"

// address is a URL in pieces that give the URL again when they are put
// together. Nothing is decoded or encoded: platforms sign the text.
type address struct {
	scheme string // with "://"
	user   string // credentials, with "@"
	host   string
	port   string // with ":"
	path   string
	query  string // with "?"
}

func splitAddress(raw string) address {
	var a address
	rest := raw
	if i := strings.IndexByte(rest, '?'); i >= 0 {
		rest, a.query = rest[:i], rest[i:]
	}
	if scheme, after, ok := strings.Cut(rest, "://"); ok {
		a.scheme, rest = scheme+"://", after
	}
	host := rest
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		host, a.path = rest[:i], rest[i:]
	}
	if i := strings.LastIndexByte(host, '@'); i >= 0 {
		a.user, host = host[:i+1], host[i+1:]
	}
	a.host = host
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		a.host, a.port = host[:i], host[i:]
	}
	return a
}

// base is a without its query.
func (a address) base() string { return a.scheme + a.user + a.host + a.port + a.path }

func (a address) String() string { return a.base() + a.query }

// ports are raw as it is, without its port, and with the port of its scheme
// where it has none: Twilio and those who follow it sign any of them.
func ports(raw string) []string {
	bare := splitAddress(raw)
	bare.port = ""
	with := splitAddress(raw)
	if with.port == "" {
		with.port = ":443"
		if strings.EqualFold(with.scheme, "http://") {
			with.port = ":80"
		}
	}
	return []string{raw, bare.String(), with.String()}
}
