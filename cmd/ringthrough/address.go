package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

const defaultServer = "http://127.0.0.1:8080"

var errServer = errors.New("--server must be an address such as https://route.example.com or 127.0.0.1:8080")

// readServer is the address that commands talk to. A bare host:port is spoken
// to without TLS.
func readServer(text string) (*url.URL, error) {
	if text == "" {
		text = defaultServer
	}
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, misuseError{errServer}
	}
	return u, nil
}

// isLocal reports whether u is on this machine for sure.
func isLocal(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// listening is the address at which a server that listens on address, which
// may be every interface, is reached from its own machine.
func listening(address string) (string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", fmt.Errorf("read RINGTHROUGH_LISTEN: %w", err)
	}
	switch ip := net.ParseIP(host); {
	case host == "" || ip.Equal(net.IPv4zero):
		host = "127.0.0.1"
	case ip.Equal(net.IPv6unspecified):
		host = "::1"
	}
	return "http://" + net.JoinHostPort(host, port), nil
}
