package pgserver

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// programs are PostgreSQL's, and who runs them.
type programs struct {
	bin     string
	account *syscall.Credential // nil: whoever runs the test
}

// find ends the test where PostgreSQL isn't installed, or nobody is there to
// run it: its server refuses to be run by root.
func find(t testing.TB) programs {
	t.Helper()
	p := programs{bin: binaries(t)}
	if os.Geteuid() != 0 {
		return p
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		peer.Missing(t, "there is no account postgres to run PostgreSQL, which doesn't run as root: "+peer.Everything)
	}
	p.account = &syscall.Credential{Uid: number(t, account.Uid), Gid: number(t, account.Gid)}
	return p
}

// binaries is the folder of the newest PostgreSQL. Debian keeps the server's
// programs out of PATH.
func binaries(t testing.TB) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		t.Fatalf("look for PostgreSQL: %v", err)
	}
	if len(found) > 0 {
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return major(a) - major(b) }))
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		peer.Missing(t, "PostgreSQL is not installed: "+peer.Everything)
	}
	return filepath.Dir(path)
}

// major is the version in the path of a binary; 0 where there is none.
func major(path string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	if err != nil {
		return 0
	}
	return n
}

func number(t testing.TB, id string) uint32 {
	t.Helper()
	n, err := strconv.ParseUint(id, 10, 32)
	if err != nil {
		t.Fatalf("read the account of PostgreSQL: %v", err)
	}
	return uint32(n)
}

// folder makes a directory for one server. It is none of t.TempDir, which
// others can't enter, and its path is short enough for a Unix socket.
func (p programs) folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pg") //nolint:usetesting // see above
	if err != nil {
		t.Fatalf("make a directory for PostgreSQL: %v", err)
	}
	if p.account != nil {
		if err := os.Chown(dir, int(p.account.Uid), int(p.account.Gid)); err != nil {
			t.Fatalf("hand a directory to PostgreSQL: %v", err)
		}
	}
	return dir
}

// do runs a program to its end and gives what it printed.
func (p programs) do(t testing.TB, name string, args ...string) string {
	t.Helper()
	out, err := p.command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("run %s: %v\n%s", name, err, out)
	}
	return string(out)
}
