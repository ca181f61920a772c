package packages_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/deploy/test/program"
)

// sandbox is this machine with a layer in memory over its disk, in a mount
// namespace of its own: packages are installed there, and all is gone when the
// process that holds the namespace ends.
type sandbox struct {
	pid  string
	root string // as seen in the namespace
}

// layer mounts the sandbox, says so, and holds it until standard input ends.
const layer = `set -e
mount -t tmpfs -o mode=755 none "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay none -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
mount --bind /dev "$1/root/dev"
mount -t proc none "$1/root/proc"
mount -t tmpfs none "$1/root/run"
mount --bind "$2" "$1/root/mnt"
echo ready
read -r _ || true
`

// open makes a sandbox with the folder packages at /mnt.
func open(t *testing.T, packages string) sandbox {
	t.Helper()
	if os.Geteuid() != 0 {
		peer.Missing(t, "installing a package wants root: run this test as root, on Debian")
	}
	for _, name := range []string{"dpkg", "unshare", "nsenter", "chroot", "setpriv"} {
		peer.Command(t, name, "this test runs on Debian alone")
	}
	dir := t.TempDir()
	holder := exec.Command("unshare", "--mount", "sh", "-c", layer, "sh", dir, packages)
	hold, err := holder.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	said, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var trouble strings.Builder
	holder.Stderr = &trouble
	if err := holder.Start(); err != nil {
		t.Fatalf("make a sandbox: %v", err)
	}
	t.Cleanup(func() {
		_ = hold.Close()
		_ = holder.Wait() // the namespace ends with it
	})
	if line, err := bufio.NewReader(said).ReadString('\n'); line != "ready\n" {
		_ = holder.Wait() // so that all that it wrote is here
		peer.Forbidden(t, "a layer over the disk can't be mounted: "+trouble.String()+reason(err))
	}
	return sandbox{pid: strconv.Itoa(holder.Process.Pid), root: filepath.Join(dir, "root")}
}

func reason(err error) string {
	if err == nil || errors.Is(err, io.EOF) {
		return ""
	}
	return err.Error()
}

// command runs in the sandbox as root.
func (s sandbox) command(ctx context.Context, args ...string) *exec.Cmd {
	enter := []string{"--mount", "--target", s.pid, "chroot", s.root}
	cmd := exec.CommandContext(ctx, "nsenter", append(enter, args...)...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C"}
	return cmd
}

// run runs a command in the sandbox, which must succeed, and gives what it
// wrote to standard output.
func (s sandbox) run(t *testing.T, args ...string) string {
	t.Helper()
	out, err := s.try(t, args...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func (s sandbox) try(t *testing.T, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var trouble strings.Builder
	cmd := s.command(ctx, args...)
	cmd.Stderr = &trouble
	out, err := cmd.Output()
	if err != nil {
		return string(out) + trouble.String(), err
	}
	return strings.TrimSpace(string(out)), nil
}

// serve runs what the unit runs, as whom the unit runs it.
func (s sandbox) serve(t *testing.T, address string) *program.Process {
	t.Helper()
	unit := s.run(t, "cat", "/usr/lib/systemd/system/ringthrough.service")
	line := strings.Fields(setting(t, unit, "ExecStart"))
	account := setting(t, unit, "User")
	args := append([]string{"setpriv", "--reuid", account, "--regid", setting(t, unit, "Group"), "--init-groups", "--no-new-privs", "--"}, line...)
	p := program.Start(t, s.command(t.Context(), args...))
	p.Await(t, "that it is ready", func() bool {
		_, err := s.try(t, "ringthrough", "healthcheck", "--server", address)
		return err == nil
	})
	return p
}

// setting is the value of a key in a unit.
func setting(t *testing.T, unit, key string) string {
	t.Helper()
	for line := range strings.Lines(unit) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), key+"="); ok {
			return value
		}
	}
	t.Fatalf("the unit has no %s", key)
	return ""
}
