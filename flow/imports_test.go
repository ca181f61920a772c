package flow_test

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/ringthrough/ringthrough"

// floors are the folders that code may live in, lowest first. A package
// imports its own floor and those of a smaller height: two floors of one
// height don't see each other.
var floors = []struct {
	folder string
	height int
}{
	{"ani", 0},
	{"flow", 1},
	{"flow/dialect", 2},
	{"flow/store", 2},
	{"flow/switchboard", 3},
	{"flow/notice", 4},
	{"flow/retention", 4},
	{"flow/server", 5},
	{"deploy", 6},
	{"cmd", 7},
}

// banned is what the pure floors may not reach, however many packages away;
// what lies below one of these is banned with it.
var banned = []string{"net/http", "database/sql"}

var pure = []string{"ani", "flow", "flow/dialect"}

func TestImportsPointOneWay(t *testing.T) {
	g := listPackages(t, "..")
	if len(g[module+"/ani"]) == 0 || len(g[module+"/flow"]) == 0 {
		t.Fatal("go list named no imports of ani or flow: nothing was checked")
	}
	for _, wrong := range g.wrongs() {
		t.Error(wrong)
	}
}

func TestGoCodeLivesInFourFolders(t *testing.T) {
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(filepath.ToSlash(name), "../")
		switch {
		case d.IsDir() && slices.Contains([]string{"ani", "flow", "cmd", "deploy", ".git"}, rel):
			return filepath.SkipDir
		case !d.IsDir() && path.Ext(rel) == ".go":
			t.Errorf("%s is outside ani, flow, cmd and deploy", rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWrongArrowsAreSeen(t *testing.T) {
	for _, tt := range []struct {
		name string
		g    map[string][]string // without the module's path
		want []string
	}{
		{"downwards is right", map[string][]string{"cmd/x": {"flow/server"}, "flow/server": {"flow", "net/http"}, "flow": {"ani"}}, nil},
		{"one floor up", map[string][]string{"ani": {"flow"}}, []string{"ani imports flow, which stands above it"}},
		{"within a floor", map[string][]string{"flow/dialect": {"flow/dialect/flat"}}, nil},
		{"a neighbour", map[string][]string{"flow/store/sqlite": {"flow/dialect/flat"}}, []string{"flow/store/sqlite imports flow/dialect/flat, which stands beside it"}},
		{"a folder that only begins alike", map[string][]string{"ani": {"animal"}}, []string{"ani imports animal, which stands on no floor"}},
		{"net/http at once", map[string][]string{"flow": {"net/http"}}, []string{"flow reaches net/http"}},
		{"below net/http", map[string][]string{"flow": {"net/http/httptrace"}}, []string{"flow reaches net/http/httptrace"}},
		{"net/http through a library", map[string][]string{"ani": {"lib/a"}, "lib/a": {"lib/b"}, "lib/b": {"net/http"}}, []string{"ani reaches net/http by way of lib/a, lib/b"}},
		{"every way in is one wrong", map[string][]string{"flow/dialect/x": {"lib/a", "database/sql"}, "lib/a": {"database/sql"}}, []string{"flow/dialect/x reaches database/sql"}},
		{"a store may", map[string][]string{"flow/store/sqlite": {"database/sql"}}, nil},
		{"net/httpx is another thing", map[string][]string{"flow": {"net/httpx"}}, nil},
		{"what tests lean on may", map[string][]string{"flow/dialect/dialecttest": {"net/http"}}, nil},
		{"a program on what tests lean on", map[string][]string{"flow/server": {"flow/dialect/dialecttest"}}, []string{"flow/server imports flow/dialect/dialecttest, which is for tests"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, inModule(tt.g).wrongs()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// inModule gives the packages of g their whole paths.
func inModule(g map[string][]string) imports {
	whole := func(p string) string {
		if strings.HasPrefix(p, "net/") || strings.HasPrefix(p, "database/") || strings.HasPrefix(p, "lib/") {
			return p
		}
		return module + "/" + p
	}
	out := imports{}
	for p, all := range g {
		for _, q := range all {
			out[whole(p)] = append(out[whole(p)], whole(q))
		}
	}
	return out
}

// imports holds what each package imports, leaving out its tests.
type imports map[string][]string

// listPackages asks the go command for every package of the module in dir
// and all that they lean on.
func listPackages(t *testing.T, dir string) imports {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Imports", "./...")
	list.Dir = dir
	var stderr strings.Builder
	list.Stderr = &stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	g := imports{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return g
		} else if err != nil {
			t.Fatalf("read what go list says: %v", err)
		}
		g[p.ImportPath] = p.Imports
	}
}

// wrongs has a sentence for every arrow that should not be, in order.
func (g imports) wrongs() []string {
	var all []string
	for p := range g {
		from, ok := strings.CutPrefix(p, module+"/")
		if !ok {
			continue
		}
		for _, q := range g[p] {
			if to, ok := strings.CutPrefix(q, module+"/"); ok {
				all = append(all, arrow(from, to)...)
			}
		}
		if folder, _ := floor(from); slices.Contains(pure, folder) && !forTests(from) {
			all = append(all, g.reached(p)...)
		}
	}
	slices.Sort(all)
	return all
}

// arrow judges one import within the module.
func arrow(from, to string) []string {
	fromFolder, fromHeight := floor(from)
	toFolder, toHeight := floor(to)
	switch {
	case toFolder == "":
		return []string{from + " imports " + to + ", which stands on no floor"}
	case forTests(to) && !forTests(from):
		return []string{from + " imports " + to + ", which is for tests"}
	case forTests(to) || fromFolder == toFolder || toHeight < fromHeight:
		return nil
	case toHeight == fromHeight:
		return []string{from + " imports " + to + ", which stands beside it"}
	default:
		return []string{from + " imports " + to + ", which stands above it"}
	}
}

// floor is the deepest folder of the house that p lies in, and its height.
func floor(p string) (folder string, height int) {
	for _, f := range floors {
		if within(p, f.folder) && len(f.folder) > len(folder) {
			folder, height = f.folder, f.height
		}
	}
	return folder, height
}

// forTests tells the packages that only tests lean on.
func forTests(p string) bool {
	return within(p, "deploy/test") || strings.HasSuffix(p, "test")
}

func within(p, folder string) bool {
	return p == folder || strings.HasPrefix(p, folder+"/")
}

// reached has a sentence for each banned package that start reaches, with
// the shortest way there.
func (g imports) reached(start string) []string {
	ways := map[string][]string{start: nil}
	var found []string
	for queue := []string{start}; len(queue) > 0; queue = queue[1:] {
		p := queue[0]
		if slices.ContainsFunc(banned, func(b string) bool { return within(p, b) }) {
			wrong := strings.TrimPrefix(start, module+"/") + " reaches " + p
			if len(ways[p]) > 0 {
				wrong += " by way of " + strings.Join(ways[p], ", ")
			}
			found = append(found, wrong)
			continue
		}
		for _, q := range g[p] {
			if _, seen := ways[q]; seen {
				continue
			}
			ways[q] = slices.Clone(ways[p])
			if p != start {
				ways[q] = append(ways[q], p)
			}
			queue = append(queue, q)
		}
	}
	return found
}
