package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

func TestCompletions(t *testing.T) {
	env := serving(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/lines":
			fmt.Fprint(w, `{"items":[{"name":"support-us"},{"name":"sales"},{"other":7}]}`)
		case "/v1/entries":
			fmt.Fprint(w, `{"items":[{"pattern":"+16505550123"},{"pattern":"+44207946*"}]}`)
		case "/v1/windows":
			fmt.Fprint(w, `{"items":[{"id":"d1k2"}]}`)
		}
	})
	for line, want := range map[string][]string{
		"ringthrough audit ":                          {"ls", "verify"},
		"ringthrough audit ver":                       {"verify"},
		"ringthrough entry import x --mode ":          {"merge", "replace"},
		"ringthrough completion ":                     {"bash", "fish", "zsh"},
		"ringthrough line preflight ":                 {"sales", "support-us"},
		"ringthrough line preflight su":               {"support-us"},
		"ringthrough entry add +16505550123 --line s": {"sales", "support-us"},
		"ringthrough entry rm +1":                     {"+16505550123"},
		"ringthrough window close ":                   {"d1k2"},
		"ringthrough token revoke ":                   {},
	} {
		t.Run(line, func(t *testing.T) {
			got := suggestions(t, line, env)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
	t.Run("a server that is away", func(t *testing.T) {
		away := map[string]string{"RINGTHROUGH_SERVER": "http://127.0.0.1:1", "RINGTHROUGH_TOKEN": "rt_x"}
		if got := suggestions(t, "ringthrough line preflight ", away); len(got) > 0 {
			t.Errorf("it suggests %q", got)
		}
	})
}

// suggestions are what the real program says a line may go on with.
func suggestions(t *testing.T, line string, env map[string]string) []string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "ringthrough")
	command.Env = append(os.Environ(), "COMP_LINE="+line)
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(string(out))
	slices.Sort(words)
	return words
}

// TestBash presses Tab in a real bash.
func TestBash(t *testing.T) {
	bash := peer.Command(t, "bash", "it is in every distribution")
	asked := make(chan string, 10)
	env := serving(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		fmt.Fprint(w, `{"items":[{"name":"support-us"}],"ready":true}`)
	})
	command := exec.Command(bash, "--norc", "--noprofile", "-i")
	command.Env = append(os.Environ(), "PS1=at your service> ", "TERM=dumb", "INPUTRC=/dev/null", "RINGTHROUGH_SERVER="+env["RINGTHROUGH_SERVER"], "RINGTHROUGH_TOKEN=rt_x")
	then := reactions{
		"at your service> ": typing("source <(ringthrough completion bash); echo ha''ve it\n"),
		"have it":           typing("ringthrough line prefl\tsup\t\n"),
		"is ready.":         typing("exit\n"),
	}
	seen, _, err := onTerminal(command, then)
	if err != nil || len(then) > 0 {
		t.Fatalf("%v; not seen: %v\n%s", err, then, seen)
	}
	close(asked)
	var paths []string
	for path := range asked {
		paths = append(paths, path)
	}
	if diff := cmp.Diff([]string{"/v1/lines", "/v1/lines/support-us/preflight"}, paths); diff != "" {
		t.Errorf("-want +got\n%s\n%s", diff, seen)
	}
}

func TestZsh(t *testing.T) {
	zsh := peer.Command(t, "zsh", "install the package zsh")
	command := exec.CommandContext(t.Context(), zsh, "-f", "-c",
		`autoload -U compinit && compinit -D -u && source <(ringthrough completion zsh) && print -r -- "$_comps[ringthrough]"`)
	out, err := command.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "bash_complete") || !strings.Contains(string(out), "-C ringthrough") {
		t.Errorf("%v: zsh says %s", err, out)
	}
}

func TestFish(t *testing.T) {
	fish := peer.Command(t, "fish", "install the package fish")
	for line, want := range map[string]string{
		"ringthrough token rev": "revoke\n",
		"ringthrough audit ":    "ls\nverify\n",
	} {
		command := exec.CommandContext(t.Context(), fish, "--no-config", "-c", `ringthrough completion fish | source; complete -C "$argv[1]" | sort`, line)
		out, err := command.CombinedOutput()
		if err != nil || string(out) != want {
			t.Errorf("%v: after %q fish suggests %q, want %q", err, line, out, want)
		}
	}
}

func TestCompletionScripts(t *testing.T) {
	for shell := range scripts {
		if o := command(t, nil, "completion", shell); o.stdout != scripts[shell] || o.code != 0 {
			t.Errorf("%s: it ends %+v", shell, o)
		}
	}
	o := command(t, nil, "completion", "tcsh")
	if !strings.Contains(o.stderr, `must be one of "bash","zsh","fish"`) || o.code != 2 {
		t.Errorf("it ends %+v", o)
	}
}
