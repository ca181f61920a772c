package main

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a token. It alone is printed, this once."`
	Ls     tokenLsCmd     `cmd:"" help:"Show the tokens, without their secrets."`
	Revoke tokenRevokeCmd `cmd:"" help:"Let a token in no longer."`
}

// issued is a token as the API gives it.
type issued struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Role      string    `json:"role"`
	Token     string    `json:"token"`
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
	ExpiresAt time.Time `json:"expires_at"`
}

type tokenCreateCmd struct {
	reason
	Role    string  `required:"" placeholder:"ROLE" enum:"lookup,viewer,editor,admin" help:"${enum}; each may do what those before it may."`
	Name    string  `required:"" placeholder:"NAME" help:"Who will use it; edits carry this name."`
	Expires *moment `placeholder:"TIME" help:"When it ends to count, such as 90d or 2026-01-31 (as that day begins). Default: never."`
}

// Run prints nothing but the token on standard output, so that it can be
// caught in a variable or a file.
func (c *tokenCreateCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	body := map[string]any{"name": c.Name, "role": c.Role}
	if c.Expires != nil {
		body["expires_at"] = stamp(c.Expires.after(s.now()))
	}
	got, err := client.ask(ctx, request{method: http.MethodPost, path: []string{"v1", "tokens"}, query: c.query(), body: body})
	if err != nil {
		return err
	}
	return show(s, got.body, func(t *table, made issued) {
		t.line(made.Token)
		fmt.Fprintf(s.stderr, "The token %s (%s, %s, expires %s) is shown only this once.\n",
			made.ID, oneLine(made.Name), made.Role, t.orNever(made.ExpiresAt))
	})
}

func (t *table) orNever(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return t.minute(at)
}

type tokenLsCmd struct{}

// Run shows the tokens.
func (tokenLsCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	got, err := client.ask(ctx, request{method: http.MethodGet, path: []string{"v1", "tokens"}})
	if err != nil {
		return err
	}
	return show(s, got.body, func(t *table, p page[issued]) {
		t.row("ID", "ROLE", "EXPIRES", "CREATED", "BY", "NAME")
		for _, k := range p.Items {
			t.row(k.ID, k.Role, t.orNever(k.ExpiresAt), t.minute(k.CreatedAt), k.CreatedBy, k.Name)
		}
	})
}

type tokenRevokeCmd struct {
	reason
	consent
	ID ident `arg:"" name:"id" help:"The token's id."`
}

// Run revokes the token.
func (c *tokenRevokeCmd) Run(ctx context.Context, s *session) error {
	client, err := s.connect()
	if err != nil {
		return err
	}
	if c.wanted(s) {
		if err := s.confirm(ctx, "Revoke the token %s? Whoever uses it is let in no longer, and it can't be brought back.", c.ID); err != nil {
			return err
		}
	}
	if _, err := client.ask(ctx, request{
		method: http.MethodDelete, path: []string{"v1", "tokens", string(c.ID)}, query: c.query(),
		hints: map[int]string{
			http.StatusNotFound: "\"ringthrough token ls\" shows the tokens there are",
			http.StatusConflict: "make another admin's token first: ringthrough token create --role admin --name …",
		},
	}); err != nil {
		return err
	}
	return s.say("the token %s is revoked", c.ID)
}
