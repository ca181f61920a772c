package console

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
)

// maxPersonName bounds the name of somebody who signs in, in bytes.
const maxPersonName = 200

// person is whom an ID token is about, in the role that its groups have.
func (o *openid) person(token *oidc.IDToken) (Person, error) {
	var claims map[string]any
	if err := token.Claims(&claims); err != nil {
		return Person{}, fmt.Errorf("read the ID token: %w", err)
	}
	if party, ok := claims["azp"]; (ok || len(token.Audience) > 1) && party != o.set.ClientID {
		return Person{}, errors.New("read the ID token: it was made for another client")
	}
	if unverified(claims) {
		delete(claims, "email")
	}
	role := o.set.roleOf(groupsIn(claims[o.set.groupsClaim()]))
	if role == "" {
		return Person{}, &refusal{Status: http.StatusForbidden, Detail: "You are signed in at " + o.name() + ", but none of your groups may use ringthrough. Ask an admin which group you need."}
	}
	name := cmp.Or(text(claims["email"]), text(claims["preferred_username"]), text(claims["name"]), text(token.Subject))
	return Person{Name: name, Role: role, Provider: o.set.mark()}, nil
}

// unverified reports whether the provider doesn't say that the address is the
// person's own: anybody may have typed it then.
func unverified(claims map[string]any) bool {
	switch verified := claims["email_verified"].(type) {
	case bool:
		return !verified
	case string: // some providers write it as text
		return verified != "true"
	default:
		return true
	}
}

// text is a claim as it may stand on a page and in the audit: on one line and
// not too long.
func text(claim any) string {
	s, _ := claim.(string)
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	if len(s) > maxPersonName {
		s = strings.ToValidUTF8(s[:maxPersonName], "")
	}
	return strings.TrimSpace(s)
}

// groupsIn are the groups of a claim, which is a list of names or a single
// one. What is no name is passed over.
func groupsIn(claim any) []string {
	switch c := claim.(type) {
	case string:
		return []string{c}
	case []any:
		var groups []string
		for _, g := range c {
			if name, ok := g.(string); ok {
				groups = append(groups, name)
			}
		}
		return groups
	default:
		return nil
	}
}
