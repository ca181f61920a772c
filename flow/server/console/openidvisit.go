package console

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	// openidExpiry is how long somebody may take to sign in there.
	openidExpiry = 10 * time.Minute

	openidCookie   = "ringthrough-openid"
	openidPath     = "/sign-in/openid"
	openidCallback = openidPath + "/callback"
)

// pendingSignIn is what has to come back from the provider, sealed in a
// cookie of the browser that went there.
type pendingSignIn struct {
	State, Nonce, Verifier, Next string
	Until                        time.Time
}

// providerLink is where people begin to sign in with the provider: at the
// address that it sends them back to, since the browser must be known there.
func (v *visit) providerLink() string {
	if v.openid == nil || v.openid.public.Host == v.r.Host {
		return openidPath
	}
	return v.openid.public.JoinPath(openidPath).String()
}

func (v *visit) providerContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(oidc.ClientContext(v.r.Context(), &http.Client{Timeout: openidWait}), openidWait)
}

func noProvider() error {
	return &refusal{Status: http.StatusNotFound, Detail: "No identity provider is configured: sign in with a token."}
}

// goToProvider sends somebody to the provider to sign in there.
func (v *visit) goToProvider() error {
	if v.openid == nil {
		return noProvider()
	}
	ctx, cancel := v.providerContext()
	defer cancel()
	provider, err := v.openid.discovered(ctx)
	if err != nil {
		v.log.Warn().Err(err).Msg("the identity provider can't be asked")
		return &refusal{Status: http.StatusBadGateway, Detail: v.openid.name() + " can’t be reached just now. Try again in a minute, or sign in with a token."}
	}
	p := pendingSignIn{oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), localPath(v.r.URL.Query().Get("next")), v.board.Now().Add(openidExpiry)}
	sealed, err := v.openid.sealing.Encode(openidCookie, p)
	if err != nil {
		return fmt.Errorf("begin a sign-in: %w", err)
	}
	v.setOpenIDCookie(sealed, int(openidExpiry.Seconds()))
	http.Redirect(v.w, v.r, v.openid.client(provider).AuthCodeURL(p.State, oidc.Nonce(p.Nonce), oauth2.S256ChallengeOption(p.Verifier)), http.StatusSeeOther)
	return nil
}

// openidCookieName has the prefix by which no other host of the domain can
// plant a sign-in that somebody else has begun, where that can be.
func (v *visit) openidCookieName() string {
	if v.sessions.isSecure(v.r) {
		return "__Host-" + openidCookie
	}
	return openidCookie
}

func (v *visit) setOpenIDCookie(value string, maxAge int) {
	http.SetCookie(v.w, v.sessions.cookie(v.r, v.openidCookieName(), value, maxAge))
}

// comeFromProvider signs in who comes back from the provider.
func (v *visit) comeFromProvider() error {
	if v.openid == nil {
		return noProvider()
	}
	p, err := v.pending()
	if err != nil {
		return err
	}
	v.setOpenIDCookie("", -1)
	ctx, cancel := v.providerContext()
	defer cancel()
	who, err := v.openid.identify(ctx, v.r.URL.Query(), p)
	refused := (*refusal)(nil)
	switch {
	case errors.As(err, &refused):
		v.refused(v.r, refused.Detail)
		return err
	case err != nil:
		v.refused(v.r, "the identity provider vouches for nobody")
		v.log.Warn().Err(err).Msg("the identity provider's answer can't be taken")
		return &refusal{Status: http.StatusBadGateway, Detail: v.openid.name() + " did not confirm who you are. Begin again at the sign-in page, or sign in with a token. An admin finds the reason in the program’s log."}
	}
	return v.enter(who, p.Next, keptForm{})
}

// pending is the sign-in that this browser went to the provider for.
func (v *visit) pending() (pendingSignIn, error) {
	var p pendingSignIn
	cookie, err := v.r.Cookie(v.openidCookieName())
	if err != nil || v.openid.sealing.Decode(openidCookie, cookie.Value, &p) != nil || !v.board.Now().Before(p.Until) || !equal(v.r.URL.Query().Get("state"), p.State) {
		return p, &refusal{Status: http.StatusForbidden, Detail: "This sign-in wasn't begun here, or it took too long. Begin again at the sign-in page."}
	}
	return p, nil
}

// equal reports whether what was sent is what is wanted, which is never
// nothing.
func equal(sent, want string) bool {
	return want != "" && subtle.ConstantTimeCompare([]byte(sent), []byte(want)) == 1
}

// identify finds out whom the provider vouches for. What the person can do
// something about is a *refusal.
func (o *openid) identify(ctx context.Context, answer url.Values, p pendingSignIn) (Person, error) {
	provider, err := o.discovered(ctx)
	if err != nil {
		return Person{}, err
	}
	if err := o.sender(answer, metadataOf(provider)); err != nil {
		return Person{}, err
	}
	if answer.Get("error") != "" {
		return Person{}, &refusal{Status: http.StatusForbidden, Detail: o.name() + " didn't sign you in."}
	}
	tokens, err := o.client(provider).Exchange(ctx, answer.Get("code"), oauth2.VerifierOption(p.Verifier))
	if err != nil {
		return Person{}, exchangeError(err)
	}
	raw, _ := tokens.Extra("id_token").(string) // Verify refuses an empty one
	token, err := provider.Verifier(&oidc.Config{ClientID: o.set.ClientID}).Verify(ctx, raw)
	if err != nil {
		return Person{}, fmt.Errorf("verify the ID token: %w", err)
	}
	if !equal(token.Nonce, p.Nonce) {
		return Person{}, errors.New("verify the ID token: its nonce is another one")
	}
	return o.person(token)
}

// sender makes sure that an answer is the provider's own, as far as it says
// whose it is (RFC 9207).
func (o *openid) sender(answer url.Values, m metadata) error {
	if !answer.Has("iss") && !m.NamesItself {
		return nil
	}
	if answer.Get("iss") != o.set.Issuer {
		return errors.New("take the answer: it is another provider's")
	}
	return nil
}

// exchangeError leaves the provider's reply out of the library's error: it is
// not for logs.
func exchangeError(err error) error {
	if refused := (*oauth2.RetrieveError)(nil); errors.As(err, &refused) {
		return fmt.Errorf("exchange the code: the provider answers %d %.100q", refused.Response.StatusCode, refused.ErrorCode)
	}
	if away := (*url.Error)(nil); errors.As(err, &away) {
		return fmt.Errorf("exchange the code: %w", away.Err)
	}
	return errors.New("exchange the code: the provider's answer can't be read")
}
