package signin

import (
	"net/http"
	"time"
)

// basic is RFC 7617, which FreeSWITCH calls gateway-credentials.
type basic struct {
	user      string // empty: any
	passwords [][]byte
}

func (b basic) Verify(r *Request, _ time.Time) error {
	if _, err := only(r.Header, "Authorization"); err != nil {
		return err
	}
	user, password, ok := (&http.Request{Header: r.Header}).BasicAuth()
	if !ok {
		return refused("Authorization is not Basic")
	}
	userFits := same([]byte(user), []byte(b.user))
	if b.user == "" {
		userFits = 1
	}
	fits := 0
	for _, p := range b.passwords {
		fits |= same([]byte(password), p)
	}
	if userFits&fits != 1 {
		return unfit()
	}
	return nil
}

// open lets everybody in.
type open struct{}

func (open) Verify(*Request, time.Time) error { return nil }
