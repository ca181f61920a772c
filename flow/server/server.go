// Package server speaks HTTP: the entrances that IVRs ask at, the ops API,
// sign-in, metrics and probes. Handlers read, verify, decode, decide and
// encode; what is decided is decided elsewhere.
package server

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/flow/switchboard"
)

// Options are what a Server is made of. Board must be set.
type Options struct {
	Board   *switchboard.Switchboard
	Hooks   []HookConfig // configured entrances; plain /v1/lookup is there anyway
	SIP     bool         // there is a SIP port, for the hooks that are asked over SIP
	Console ConsoleConfig
	Notices Notices  // nil: there are no destinations
	Scratch string   // directory for temporary files, cleared by New; empty: the system's own
	Metrics *Metrics // nil: a registry of its own
	Log     zerolog.Logger
	Build   Build
}

// Build says which program this is.
type Build struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Date    string `json:"date"`
}

// maxLegs is how many lookups are remembered whose backup was rung.
const maxLegs = 4096

// Server answers lookups and the ops API. Make it with New.
type Server struct {
	board     *switchboard.Switchboard
	notices   Notices
	scratch   scratch
	metrics   *Metrics
	log       zerolog.Logger
	build     Build
	sip       bool // there is a SIP port
	hooks     atomic.Pointer[hooks]
	leaving   atomic.Bool // not ready any more
	draining  atomic.Bool // turning lookups away
	inFlight  atomic.Int64
	signIns   signIns
	callbacks callbacks
	fetcher   *fetcher
	legs      *lru.Cache[string, int] // which leg of a lookup was handed out last, of those past the first
	all       *http.ServeMux
}

// New makes a server. It fails where a hook's configuration can't be taken,
// with ani.Problems that name the hook and the key, or where the store
// doesn't give the key that signs callbacks.
func New(ctx context.Context, o Options) (*Server, error) {
	if o.Metrics == nil {
		o.Metrics = NewMetrics(o.Build)
	}
	if o.Notices == nil {
		o.Notices = noNotices{}
	}
	s := &Server{board: o.Board, notices: o.Notices, metrics: o.Metrics, log: o.Log, build: o.Build, sip: o.SIP, fetcher: newFetcher()}
	key, err := o.Board.Key(ctx, "callback")
	if err != nil {
		return nil, fmt.Errorf("read callback key: %w", err)
	}
	s.callbacks = callbacks{key}
	if s.scratch, err = newScratch(o.Scratch); err != nil {
		return nil, err
	}
	s.legs, _ = lru.New[string, int](maxLegs) // fails for sizes below 1 alone
	if err := s.SetHooks(o.Hooks); err != nil {
		return nil, err
	}
	s.metrics.watch(o.Board)
	s.all = s.everything()
	pages, err := s.newConsole(ctx, o.Console, s.all)
	if err != nil {
		return nil, err
	}
	pages.Serve(s.all)
	return s, nil
}

// Leave makes /readyz fail, so that whoever balances the load turns to
// another server; lookups are still answered.
func (s *Server) Leave() { s.leaving.Store(true) }

// Drain leaves, and turns new lookups away; those under way are finished.
func (s *Server) Drain() {
	s.Leave()
	s.draining.Store(true)
}
