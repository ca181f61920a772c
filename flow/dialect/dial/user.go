package dial

import (
	"regexp"
	"strings"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

var userName = regexp.MustCompile(`^[A-Za-z0-9_.+~-]{1,128}$`)

// UserName is the name of the app's user that address stands for: of an
// e-mail address the part before the @. It is empty where that is no plain
// name. A line's targets serve all platforms, and only some of them know
// people by their e-mail.
func UserName(address string) string {
	name, _, _ := strings.Cut(address, "@")
	if !userName.MatchString(name) {
		return ""
	}
	return name
}

var userAddress = regexp.MustCompile(`^[A-Za-z0-9_.+~-]{1,128}(@[A-Za-z0-9.-]{1,128})?$`)

// IsUser reports whether address is a plain name, with or without @ and a
// domain.
func IsUser(address string) bool { return userAddress.MatchString(address) }

// TargetOf is what a tel: or sip: URI dials. It tells nothing of URIs that
// are not safe to dial, nor of numbers that come without their country code.
func TargetOf(uri string) (flow.Target, bool) {
	if IsSIP(uri) {
		return flow.Target{Kind: flow.KindSIP, Address: uri}, true
	}
	if !strings.HasPrefix(uri, "tel:+") {
		return flow.Target{}, false
	}
	n, err := ani.Parse(uri, "")
	if err != nil {
		return flow.Target{}, false
	}
	return flow.Target{Kind: flow.KindNumber, Address: n.String()}, true
}
