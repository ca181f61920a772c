package server

import (
	"context"
	"fmt"
	"net/http"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/server/console"
	"github.com/ringthrough/ringthrough/flow/store"
)

// ConsoleConfig are the settings of the console.
type ConsoleConfig struct {
	PublicURL string          `yaml:"public_url"` // scheme and host that people type; empty: wherever they ask
	OpenID    *console.OpenID `yaml:"openid"`     // nil: tokens alone let people in. Its secret is written as a hook's is
}

// provider is the identity provider with its secret read; nil: there is none.
// The error is ani.Problems.
func (c ConsoleConfig) provider() (*console.OpenID, error) {
	if c.OpenID == nil {
		return nil, nil
	}
	set := *c.OpenID
	var err error
	if set.ClientSecret, err = ReadSecret(set.ClientSecret); err != nil {
		return nil, ani.Problems{{Field: "console.openid.client_secret", Text: err.Error()}}
	}
	if set.ClientSecret == "" && c.OpenID.ClientSecret != "" {
		return nil, ani.Problems{{Field: "console.openid.client_secret", Text: "is empty where it is read from: leave the key out for a client without one"}}
	}
	return &set, nil
}

// insider is somebody who has signed in to the console, which asks the ops
// API in their name.
type insider struct {
	token store.Token
	from  string
}

type insiderKey struct{}

// console makes the pages, which ask the API that mux serves.
func (s *Server) newConsole(ctx context.Context, config ConsoleConfig, mux http.Handler) (*console.Console, error) {
	key, err := s.board.Key(ctx, "console")
	if err != nil {
		return nil, fmt.Errorf("read console key: %w", err)
	}
	provider, err := config.provider()
	if err != nil {
		return nil, err
	}
	return console.New(console.Options{
		Board: s.board, Hooks: s.hooksNow, Key: key, PublicURL: config.PublicURL, OpenID: provider, Draining: s.draining.Load, Scratch: string(s.scratch), Log: s.log,
		API: func(who store.Token, from string, w http.ResponseWriter, r *http.Request) {
			mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), insiderKey{}, insider{who, from})))
		},
		Refused: func(r *http.Request, why string) { _ = s.refuse(r, "api", newProblem(http.StatusUnauthorized, why)) },
	})
}
