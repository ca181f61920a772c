package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/alecthomas/kong"
	kongcompletion "github.com/jotaen/kong-completion"
	"github.com/posener/complete"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"${enum}."`
}

// Help says where the script goes.
func (completionCmd) Help() string {
	return `For good, put one of these lines into the file that the shell reads when it starts:

  ~/.bashrc                    source <(ringthrough completion bash)
  ~/.zshrc, after compinit     source <(ringthrough completion zsh)
  ~/.config/fish/config.fish   ringthrough completion fish | source

Names of lines and patterns are asked of the server, if it answers within a second.`
}

// completing has bash ask the program for its own words.
const completing = "complete -o default -o bashdefault -C ringthrough " + "ringthrough\n"

// scripts are what the shells run. Each calls ringthrough with the line that
// is typed in COMP_LINE, as bash's own complete -C does.
var scripts = map[string]string{
	"bash": completing,
	"zsh":  "#compdef ringthrough\nautoload -U +X bashcompinit && bashcompinit\n" + completing,
	"fish": `function __ringthrough_complete
    set -lx COMP_LINE (commandline -cp)
    set -lx COMP_POINT
    if test -z (commandline -ct | string collect)
        set COMP_LINE "$COMP_LINE "
    end
    ringthrough
end
complete -f -c ringthrough -a "(__ringthrough_complete)"
`,
}

// Run prints the script.
func (c *completionCmd) Run(s *session) error {
	_, err := fmt.Fprint(s.stdout, scripts[c.Shell])
	return err
}

// complete answers a shell that asks how a line may go on. It reports whether
// one has asked.
func (s *session) complete(parser *kong.Kong) bool {
	if s.env.get("COMP_LINE") == "" {
		return false
	}
	s.flags = globals{Server: s.env.get("RINGTHROUGH_SERVER"), Data: s.env.get("RINGTHROUGH_DATA"), CA: s.env.get("RINGTHROUGH_CA")}
	kongcompletion.Register(parser,
		kongcompletion.WithPredictor("file", complete.PredictFiles("*")),
		kongcompletion.WithPredictor("line", s.predict("name", nil, "v1", "lines")),
		kongcompletion.WithPredictor("pattern", s.predict("pattern", url.Values{"limit": {"1000"}}, "v1", "entries")),
		kongcompletion.WithPredictor("window", s.predict("id", url.Values{"state": {"open"}}, "v1", "windows")),
	)
	return true
}

// predictWait is how long somebody who has pressed Tab waits at most.
const predictWait = time.Second

// predict suggests what one field of the server's things holds. A server that
// doesn't say suggests nothing.
func (s *session) predict(field string, query url.Values, path ...string) complete.PredictFunc {
	return func(complete.Args) []string {
		ctx, cancel := context.WithTimeout(context.Background(), predictWait)
		defer cancel()
		client, err := s.connect()
		if err != nil {
			return nil
		}
		got, err := client.ask(ctx, request{method: http.MethodGet, path: path, query: query})
		if err != nil {
			return nil
		}
		listed, err := decode[page[map[string]json.RawMessage]](got.body)
		if err != nil {
			return nil
		}
		var values []string
		for _, item := range listed.Items {
			if value, err := decode[string](item[field]); err == nil {
				values = append(values, printable(value))
			}
		}
		return values
	}
}
