package notice

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// blame says what an error of a library means, in words of our own alone: a
// library's may hold the destination's URL, or what the other side answered,
// and with them the secret. Nothing is said that stands in secrets too.
func blame(err error, secrets ...string) *fault {
	text, hidden := strings.ToLower(err.Error()), strings.ToLower(strings.Join(secrets, "\n"))
	var said []string
	if status := statusIn(text, hidden); status != "" {
		said = append(said, status)
	}
	for _, s := range symptoms {
		if strings.Contains(text, s.sign) && !strings.Contains(hidden, s.sign) {
			said = append(said, s.meaning)
			break
		}
	}
	if len(said) == 0 {
		said = append(said, "could not be reached or did not take it; what exactly was wrong is kept back, since a secret may be in it")
	}
	return &fault{text: strings.Join(said, ": ")}
}

var statusCode = regexp.MustCompile(`(?:^|status|code|http|smtp|response|: )[^0-9a-z]{0,10}([45][0-9][0-9])\b`)

func statusIn(text, hidden string) string {
	for _, found := range statusCode.FindAllStringSubmatch(text, -1) {
		if !standsIn(hidden, found[1]) {
			return "answered " + found[1]
		}
	}
	for code := 400; code < 600; code++ {
		number := strconv.Itoa(code)
		if words := http.StatusText(code); words != "" && strings.Contains(text, number+" "+strings.ToLower(words)) && !standsIn(hidden, number) {
			return "answered " + number
		}
	}
	return ""
}

// standsIn reports whether a number stands in s, by itself: ports often have
// the digits of a status in them.
func standsIn(s, number string) bool {
	return slices.Contains(strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' }), number)
}

// symptoms are what errors of Go, of shoutrrr and of the services that it
// knows are recognised by, in lower case; the first that is found counts.
var symptoms = []struct{ sign, meaning string }{
	{"no such host", "the host's name is not known"},
	{"connection refused", "the host refuses the connection"},
	{"connection reset", "the host broke off the connection"},
	{"no route to host", "there is no way to the host"},
	{"network is unreachable", "there is no way to the host"},
	{"certificate", "the host's TLS certificate is not trusted"},
	{"tls:", "TLS with the host failed"},
	{"malformed http", "the host doesn't speak HTTP there"},
	{"timeout", "the host didn't answer in time"},
	{"timed out", "the host didn't answer in time"},
	{"deadline exceeded", "the host didn't answer in time"},
	{"starttls", "the host doesn't offer STARTTLS as it should"},
	{"authenticat", "the sign-in was refused"},
	{"invalid_auth", "the sign-in was refused"},
	{"unauthorized", "the sign-in was refused"},
	{"token_revoked", "the token was revoked"},
	{"channel_not_found", "the channel is not known there"},
	{"chat not found", "the chat is not known there"},
	{"not_in_channel", "the bot is not in the channel"},
	{"forbidden", "it may not be done"},
	{"not found", "the address or its token is not known there"},
	{"too many requests", "there were too many messages"},
	{"eof", "the host broke off the connection"},
}
