package switchboard_test

import (
	"crypto/sha256"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/flow/store"
)

func TestEditOfTokens(t *testing.T) {
	r := newRig(t)
	secret := []byte("rt_secret")
	put := func(change func(*store.Token)) store.Change {
		token := store.Token{ID: "t1", Name: "IVR", Role: store.RoleLookup, Hash: sha256.Sum256(secret)}
		change(&token)
		return store.Change{Op: store.OpPut, Kind: store.KindToken, Key: "t1", Token: &token}
	}
	check := func(when string, want bool) {
		t.Helper()
		token, ok := r.Bearer(secret)
		if ok != want || ok && (token.ID != "t1" || token.Role != store.RoleLookup) {
			t.Errorf("%s: %+v, %t", when, token, ok)
		}
		if _, valid := r.TokenValid("t1", r.Now()); valid != want {
			t.Errorf("%s: valid %t", when, valid)
		}
	}
	check("before", false)
	r.edit(put(func(*store.Token) {}))
	check("made", true)
	if _, ok := r.Bearer([]byte("rt_other")); ok {
		t.Error("another secret is let in")
	}
	r.reopen()
	check("reopened", true)
	r.edit(put(func(token *store.Token) { token.ExpiresAt = noon.Add(time.Minute) }))
	r.clock.forward(time.Minute - time.Millisecond)
	check("about to expire", true)
	r.clock.forward(time.Millisecond)
	check("expired", false)
	r.edit(put(func(*store.Token) {}))
	check("for ever again", true)
	r.edit(store.Change{Op: store.OpDelete, Kind: store.KindToken, Key: "t1"})
	check("deleted", false)
	if n := len(r.Tokens()); n != 0 {
		t.Errorf("%d tokens are left", n)
	}
}
