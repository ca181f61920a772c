package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// manCmd prints the manual page, for those who make packages.
type manCmd struct{}

// Run writes the page in mdoc, as man(7) of every system reads it.
func (manCmd) Run(s *session, program *kong.Kong) error {
	date := s.now()
	if built, err := time.Parse(time.RFC3339, thisBuild().Date); err == nil {
		date = built
	}
	m := &manual{settings: map[string]string{"RINGTHROUGH_TOKEN": "The token.", "RINGTHROUGH_TOKEN_FILE": "File that holds the token."}}
	m.page(program.Model, date)
	_, err := io.WriteString(s.stdout, m.String())
	return err
}

// manual is a page in the making.
type manual struct {
	strings.Builder
	settings map[string]string // what each variable of the environment does
}

// page writes everything, in the order that man(1) readers expect.
func (m *manual) page(app *kong.Application, date time.Time) {
	m.line(".Dd", date.UTC().Format("January 2, 2006"))
	m.line(".Dt RINGTHROUGH 1")
	m.line(".Os")
	m.line(".Sh NAME")
	m.line(".Nm ringthrough")
	m.line(".Nd let WhatsApp's activation calls ring a person")
	m.line(".Sh SYNOPSIS")
	m.line(".Nm")
	m.line(".Ar command")
	m.line(".Op Ar argument ...")
	m.line(".Op Ar option ...")
	m.line(".Sh DESCRIPTION")
	m.text(app.Help)
	m.line(".Sh COMMANDS")
	m.line(".Bl -tag -width Ds")
	for _, command := range app.Leaves(true) {
		m.command(command)
	}
	m.line(".El")
	m.line(".Sh OPTIONS")
	m.text("Every command takes these.")
	m.flags(app.Flags)
	m.environment()
	m.WriteString(manualEnd)
}

// manualEnd is what the command line itself can't say.
const manualEnd = `.Sh FILES
.Bl -tag -width Ds
.It Pa /etc/ringthrough/config.yaml
What the packages'
.Xr systemd 1
unit serves with.
.It Pa /var/lib/ringthrough
Its data: the list, the journal, and
.Pa admin.token ,
which the first start writes.
.El
.Sh EXIT STATUS
0 if all went well, 1 for an error, 2 for a command line that can't be read.
.Sh EXAMPLES
What would become of a call:
.Pp
.Dl ringthrough explain --ani +16505550123 --dnis +18005550100
.Sh SEE ALSO
.Lk https://github.com/ringthrough/ringthrough
`

// command writes one command with its arguments and flags.
func (m *manual) command(command *kong.Node) {
	m.line(".It Xo")
	m.line(".Cm", escape(strings.TrimPrefix(command.FullPath(), "ringthrough ")))
	for _, argument := range command.Positional {
		m.line(".Ar", escape(strings.Trim(argument.Summary(), "<>")))
	}
	m.line(".Xc")
	m.text(command.Help)
	m.flags(slices.DeleteFunc(slices.Clone(command.Flags), func(f *kong.Flag) bool { return f.Name == "help" }))
}

// flags writes a list of flags, and notes which variables set them.
func (m *manual) flags(flags []*kong.Flag) {
	var shown []*kong.Flag
	for _, flag := range flags {
		if name := flag.Tag.Get("setting"); name != "" && m.settings[name] == "" {
			m.settings[name] = flag.Help
		}
		if !flag.Hidden {
			shown = append(shown, flag)
		}
	}
	if len(shown) == 0 {
		return
	}
	m.line(".Bl -tag -width Ds")
	for _, flag := range shown {
		m.line(".It", flagItem(flag))
		m.text(flag.Help)
	}
	m.line(".El")
}

func flagItem(flag *kong.Flag) string {
	item := `Fl \-` + escape(flag.Name)
	if flag.Short != 0 {
		item = "Fl " + string(flag.Short) + " , " + item
	}
	if flag.IsBool() {
		return item
	}
	return item + " Ar " + escape(strings.ReplaceAll(flag.FormatPlaceHolder(), `"`, ""))
}

func (m *manual) environment() {
	m.line(".Sh ENVIRONMENT")
	m.line(".Bl -tag -width Ds")
	var names []string
	for name := range m.settings {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		m.line(".It Ev", name)
		m.text(m.settings[name])
	}
	m.line(".El")
}

// text writes a paragraph: each sentence begins a line, as mdoc wants it.
func (m *manual) text(text string) {
	line := ""
	for word := range strings.FieldsSeq(text) {
		word = escape(word)
		if len(line)+len(word) >= 80 {
			m.line(line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
		if strings.HasSuffix(word, ".") {
			m.line(line)
			line = ""
		}
	}
	m.line(line)
}

func (m *manual) line(words ...string) {
	if line := strings.Join(words, " "); line != "" {
		fmt.Fprintln(m, line)
	}
}

// escape has text stand for itself: no escapes, no macros, and dashes that can
// be copied.
func escape(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		return `\&` + text
	}
	return text
}
