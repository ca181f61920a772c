package peer_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// watched is a test that notes how it ended.
type watched struct {
	testing.TB
	skipped, failed string
}

func (*watched) Helper() {}

func (w *watched) Skip(args ...any) {
	w.skipped = fmt.Sprint(args...)
	runtime.Goexit()
}

func (w *watched) Fatal(args ...any) {
	w.failed = fmt.Sprint(args...)
	runtime.Goexit()
}

func watch(t *testing.T, f func(t testing.TB)) *watched {
	t.Helper()
	w, done := &watched{TB: t}, make(chan struct{})
	go func() {
		defer close(done)
		f(w)
	}()
	<-done
	return w
}

func TestMissingPeer(t *testing.T) {
	for name, ask := range map[string]func(testing.TB){
		"program": func(t testing.TB) { t.Helper(); peer.Command(t, "no-such-program", "dig here") },
		"file":    func(t testing.TB) { t.Helper(); peer.File(t, "no/such/file", "dig here") },
	} {
		t.Run(name+" skips", func(t *testing.T) {
			t.Setenv("RINGTHROUGH_REQUIRE_PEERS", "")
			if w := watch(t, ask); !strings.Contains(w.skipped, "dig here") || w.failed != "" {
				t.Errorf("skipped %q, failed %q", w.skipped, w.failed)
			}
		})
		t.Run(name+" fails where peers are required", func(t *testing.T) {
			t.Setenv("RINGTHROUGH_REQUIRE_PEERS", "1")
			if w := watch(t, ask); !strings.Contains(w.failed, "dig here") || w.skipped != "" {
				t.Errorf("skipped %q, failed %q", w.skipped, w.failed)
			}
		})
	}
}

func TestPresentPeer(t *testing.T) {
	w := watch(t, func(t testing.TB) {
		t.Helper()
		peer.Command(t, "go", "install Go")
		peer.File(t, peer.Tree(t)+"/go.mod", "look for it")
	})
	if w.skipped != "" || w.failed != "" {
		t.Errorf("skipped %q, failed %q", w.skipped, w.failed)
	}
}
