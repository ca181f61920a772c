package peer

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// Tool is the path of a program written in Go that deploy/test/tools.txt
// names, in the version that stands there. deploy/test/peers.sh builds it; a
// program of that name elsewhere on the machine is not taken.
func Tool(t testing.TB, name string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatalf("find %s: %v", name, err)
	}
	list, err := os.ReadFile(filepath.Join(Tree(t), "deploy", "test", "tools.txt"))
	if err != nil {
		t.Fatalf("find %s: %v", name, err)
	}
	for line := range strings.Lines(string(list)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == name {
			return File(t, filepath.Join(cache, "ringthrough-peers", name+"@"+fields[2], built(fields[1])), "run deploy/test/peers.sh tools")
		}
	}
	t.Fatalf("deploy/test/tools.txt doesn't name %s", name)
	return ""
}

// built is what go install calls the program of a package.
func built(pkg string) string {
	name := path.Base(pkg)
	if len(name) > 1 && name[0] == 'v' && strings.Trim(name[1:], "0123456789") == "" {
		return path.Base(path.Dir(pkg))
	}
	return name
}
