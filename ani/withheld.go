package ani

import (
	"strconv"
	"strings"
)

// IsPlaceholder reports whether s stands for nothing at all: blanks, the null
// of a platform (Kamailio prints <null>, Genesys NOT_SET), or a template that
// nobody filled in, such as ${input.ani} or {{From}}.
func IsPlaceholder(s string) bool {
	s = strings.TrimSpace(s)
	switch strings.ToLower(s) {
	case "", "null", "<null>", "not_set":
		return true
	}
	return strings.Contains(s, "${") || strings.Contains(s, "$!{") || strings.Contains(s, "{{")
}

// withheldWords are what platforms send instead of a number that the caller
// keeps to himself, or that got lost on the way.
var withheldWords = []string{
	"anonymous", "restricted", "private", "unavailable", "unknown", "withheld", "blocked", "asserted-identity",
	"hidden", "suppressed", "undisclosed", "not available", "out of area", "no caller id",
}

// isWithheld reports whether a peeled s says that the caller's number is
// withheld. "1-800-PRIVATE" says a number.
func isWithheld(s string) bool {
	if !strings.ContainsAny(s, "0123456789") {
		s = strings.ToLower(s)
		for _, w := range withheldWords {
			if strings.Contains(s, w) {
				return true
			}
		}
		return false
	}
	digits, ok := digitsOf(strings.TrimPrefix(s, "+"))
	if !ok {
		return false
	}
	if digits[0] == '0' {
		return strings.Trim(digits, "0") == ""
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	return err == nil && isKeypadWord(n)
}

// isKeypadWord reports whether digits spell ANONYMOUS, RESTRICTED, BLOCKED,
// UNKNOWN or UNAVAILABLE on a telephone's keys, with or without a 1 in front.
// Twilio is widely seen to send them.
func isKeypadWord(digits uint64) bool {
	switch digits {
	case 266696687, 7378742833, 2562533, 8656696, 86282452253,
		1266696687, 17378742833, 12562533, 18656696, 186282452253:
		return true
	}
	return false
}
