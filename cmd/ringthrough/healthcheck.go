package main

import (
	"context"
	"net/http"
	"time"
)

type healthcheckCmd struct{}

// healthWait is how long a server may take to say that it is ready.
const healthWait = 5 * time.Second

// Run asks /readyz, which wants no token. Where no server is named, the one
// that RINGTHROUGH_LISTEN starts on this machine is asked.
func (healthcheckCmd) Run(ctx context.Context, s *session) error {
	address := s.flags.Server
	if listen := s.env.get("RINGTHROUGH_LISTEN"); address == "" && listen != "" {
		var err error
		if address, err = listening(listen); err != nil {
			return err
		}
	}
	base, err := readServer(address)
	if err != nil {
		return err
	}
	client, err := s.connectTo(base, credential{from: "nowhere"})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthWait)
	defer cancel()
	if _, err := client.ask(ctx, request{method: http.MethodGet, path: []string{"readyz"}}); err != nil {
		return err
	}
	return s.say("ready")
}
