// Package platforms_test holds the pages against the real server: what they have
// people paste into a shell is pasted, and has to answer what they show. It also
// sees that all pages are made alike and that their links lead somewhere.
package platforms_test

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/deploy/test/rig"
	"github.com/ringthrough/ringthrough/flow/server"
)

var headings = []string{
	"What happens to a call", "What to paste where", "Timeouts", "Fall-back when ringthrough is away", "Test it", "Unverified",
}

// pages are all but the index and the page on SBCs, which is made otherwise.
func pages(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(name string) bool { return name == "README.md" || name == "sip302.md" })
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPagesAreMadeAlike(t *testing.T) {
	for _, name := range pages(t) {
		var has []string
		for _, heading := range regexp.MustCompile(`(?m)^## (.+)$`).FindAllStringSubmatch(read(t, name), -1) {
			has = append(has, heading[1])
		}
		if diff := cmp.Diff(headings, has); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
	}
}

func TestIndexNamesAllPages(t *testing.T) {
	index := read(t, "README.md")
	for _, name := range append(pages(t), "sip302.md") {
		if !strings.Contains(index, "("+name+")") {
			t.Errorf("the index doesn't name %s", name)
		}
	}
}

// Every link of every page in deploy leads to something that is there.
func TestLinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#\s]+)(?:#[^)]*)?\)`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() == "node_modules" {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".md" {
			return nil
		}
		for _, to := range link.FindAllStringSubmatch(read(t, path), -1) {
			if strings.Contains(to[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), filepath.FromSlash(to[1]))); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// secrets stand for what the pages' hooks read from files.
const secret = "SECRET"

// hooks are those that the page shows, with secrets of the test's.
func hooks(t *testing.T, page string) []server.HookConfig {
	t.Helper()
	var all []server.HookConfig
	for _, block := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(page, -1) {
		var file struct {
			Hooks []server.HookConfig `yaml:"hooks"`
		}
		if err := yaml.Unmarshal([]byte(block[1]), &file); err != nil {
			t.Fatal(err)
		}
		all = append(all, file.Hooks...)
	}
	for i := range all {
		for s := range all[i].Auth.Secrets {
			all[i].Auth.Secrets[s] = secretFor(all[i].Auth.Scheme)
		}
	}
	return all
}

// secretFor is a secret that a scheme takes.
func secretFor(scheme string) string {
	if scheme == "sinch" || scheme == "standard-webhooks" {
		return "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0"
	}
	return secret
}

// command is what a page has people type, and what it shows below.
type command struct{ typed, shown string }

func commands(page string) []command {
	var all []command
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(page, -1) {
		for _, part := range strings.Split("\n"+block[1], "\n$ ")[1:] {
			typed, shown, _ := strings.Cut(part, "\n")
			all = append(all, command{typed, strings.TrimRight(shown, "\n")})
		}
	}
	return all
}

// Each command is pasted into a shell. Its host is the server; each has a server
// of its own, since a second call soon after the first would be a redial.
func TestCommandsAnswerWhatThePagesShow(t *testing.T) {
	peer.Command(t, "curl", peer.Everything)
	shell := peer.Command(t, "bash", peer.Everything)
	for _, name := range pages(t) {
		page := read(t, name)
		typed := commands(page)
		if len(typed) == 0 {
			t.Errorf("%s has nothing to try", name)
		}
		for i, c := range typed {
			t.Run(strings.TrimSuffix(name, ".md")+"/"+string(rune('1'+i)), func(t *testing.T) {
				r := rig.New(t, hooks(t, page)...)
				run := exec.CommandContext(t.Context(), shell, "-c", aimed(c.typed, r.URL))
				run.Env = append(os.Environ(), "TOKEN="+rig.Token)
				out, err := run.CombinedOutput()
				if got := strings.TrimRight(string(out), "\n"); err != nil || !shown(c.shown).MatchString(got) {
					t.Errorf("%s\nshows %s\n  not %s\n%v", c.typed, got, c.shown, err)
				}
			})
		}
	}
}

// aimed is a command with the server in the place of the host that pages show.
func aimed(typed, url string) string {
	host := strings.TrimPrefix(url, "http://")
	return regexp.MustCompile(`https://([^/\s"']*@)?route\.example\.com`).ReplaceAllString(typed, "http://${1}"+host)
}

// shown is what a page shows; … stands for anything.
func shown(text string) *regexp.Regexp {
	return regexp.MustCompile("(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(text), "…", ".+") + "$")
}

// JSON that pages have people paste is JSON, and the bodies among it are read:
// placeholders are for the platform to fill in, under the names that stand there.
func TestBodiesAreRead(t *testing.T) {
	for _, name := range pages(t) {
		page := read(t, name)
		for _, block := range regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(page, -1) {
			if !json.Valid([]byte(block[1])) {
				t.Errorf("%s: this is no JSON: %s", name, block[1])
			}
		}
		for _, body := range regexp.MustCompile("`(\\{\"ani\".*?\\})`").FindAllStringSubmatch(page, -1) {
			t.Run(name, func(t *testing.T) { bodyIsRead(t, body[1]) })
		}
	}
}

func bodyIsRead(t *testing.T, body string) {
	t.Helper()
	var fields map[string]string
	if err := json.Unmarshal([]byte(body), &fields); err != nil {
		t.Fatal(err)
	}
	for name := range fields {
		fields[name] = map[string]string{"ani": "tel:" + rig.Caller, "dnis": rig.Called, "call_id": "c-1"}[name]
	}
	filled, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	// A form is what CXone calls it.
	_, answer := rig.New(t).Post(t, "/v1/lookup?format=text", "application/x-www-form-urlencoded", string(filled), func(req *http.Request) { req.Header.Set("X-API-Key", rig.Token) })
	if answer != "direct" {
		t.Errorf("%s is answered %s", filled, answer)
	}
}

// No page names a place of its own making.
func TestPagesNameOneHost(t *testing.T) {
	for _, name := range pages(t) {
		for _, host := range regexp.MustCompile(`https://([\w.-]+)`).FindAllStringSubmatch(read(t, name), -1) {
			if !slices.Contains([]string{"route.example.com", "ivr.example.com", "ringthrough", "rt", "HOST"}, host[1]) {
				t.Errorf("%s names %s", name, host[1])
			}
		}
	}
}
