// Package dial says what may stand where a platform dials. flow.Target has
// been checked when it was configured; what stands in a dial string is checked
// here once more and more narrowly, since some of its characters mean
// something there. It knows no platform.
package dial

import (
	"regexp"
	"time"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// IsNumber reports whether address is a number in E.164 and nothing else.
func IsNumber(address string) bool {
	n, err := ani.Parse(address, "")
	return err == nil && n.String() == address
}

// sipURI leaves out headers and passwords, and of RFC 3261's characters those
// that separate destinations somewhere: , < > | & ? ! ' ( ) $ *.
var sipURI = regexp.MustCompile(`^sips?:[A-Za-z0-9_.+~%=;/-]{1,128}@[A-Za-z0-9.-]{1,128}(:[0-9]{1,5})?(;[A-Za-z0-9_.~%=+:-]+)*$`)

// IsSIP reports whether address is a SIP URI that is safe to dial.
func IsSIP(address string) bool { return sipURI.MatchString(address) }

// Seconds is d in whole seconds, rounded up, and least to most of them.
func Seconds(d time.Duration, least, most int) int {
	return min(max(int((d+time.Second-1)/time.Second), least), most)
}

// CallerID is the number of the hook that the person is shown; empty if it
// names none, or something else than a number in E.164.
func CallerID(h *flow.Hook) string {
	if !IsNumber(h.CallerID) {
		return ""
	}
	return h.CallerID
}
