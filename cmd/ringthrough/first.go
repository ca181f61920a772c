package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"
	"github.com/rs/xid"

	"github.com/ringthrough/ringthrough/flow/store"
)

// firstToken makes an admin token where there are no tokens at all: on the
// first start on an empty store. The file is written first, so that a crash
// in between leaves a token that lets nobody in instead of a locked store. Of
// replicas that start at once, one makes it.
func (h *house) firstToken(ctx context.Context) error {
	if len(h.board.Tokens()) > 0 {
		return nil
	}
	if shared, ok := h.store.(store.Shared); ok {
		mine, err := shared.Lease(ctx, "first token", h.id, time.Minute)
		if err != nil || !mine {
			return err
		}
	}
	path := filepath.Join(h.set.Data, tokenFile)
	secret, err := h.newToken(ctx, "first admin", store.RoleAdmin, func(secret string) error {
		return renameio.WriteFile(path, []byte(secret+"\n"), 0o600)
	})
	if err == nil && secret != "" {
		h.log.Info().Str("file", path).Msg("first start: admin token written")
	}
	return err
}

// newToken makes a token as the program itself. keep is called with its
// secret before it lets anybody in.
func (h *house) newToken(ctx context.Context, name string, role store.Role, keep func(secret string) error) (string, error) {
	random := make([]byte, 32)
	if _, err := rand.Read(random); err != nil {
		return "", fmt.Errorf("make token: %w", err)
	}
	secret := "rt_" + base64.RawURLEncoding.EncodeToString(random)
	if err := keep(secret); err != nil {
		return "", fmt.Errorf("keep token: %w", err)
	}
	token := store.Token{ID: xid.New().String(), Name: name, Role: role, Hash: sha256.Sum256([]byte(secret))}
	change := store.Change{Op: store.OpCreate, Kind: store.KindToken, Key: token.ID, Token: &token}
	if _, err := h.board.Edit(ctx, store.Author{Name: "ringthrough", Role: store.RoleAdmin, From: "local"}, "first start", change); err != nil {
		return "", fmt.Errorf("make token: %w", err)
	}
	return secret, nil
}
