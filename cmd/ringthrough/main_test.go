package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// FuzzParse: whatever is typed, it is a command, help, or misuse.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"entry add +16505550123 --line a --expires 72h", "line set a --target number:+15125550123@Mo-Fr 08:00-18:00 --no-enabled",
		"--help", "calls outcome x code_received", "token create --role admin --name x -o json", "-o", "--", "entry -- --", "--limit=-1", "-f", "serve --listen",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		var said strings.Builder
		s := &session{stdout: &said, stderr: io.Discard, env: func(string) (string, bool) { return "", false }, now: time.Now}
		command, err := s.parse(strings.Fields(line))
		switch {
		case err != nil && !errors.As(err, new(misuseError)):
			t.Errorf("%q gives %v, which is no misuse", line, err)
		case err == nil && command == nil && said.Len() == 0:
			t.Errorf("%q does nothing", line)
		}
	})
}

func TestSettingsComeFromFlagsBeforeTheEnvironment(t *testing.T) {
	env := environment(func(name string) (string, bool) {
		v, ok := map[string]string{"RINGTHROUGH_SERVER": "from-env", "RINGTHROUGH_DATA": "", "RINGTHROUGH_CA": "env.pem"}[name]
		return v, ok
	})
	s := &session{stdout: io.Discard, stderr: io.Discard, env: env, now: time.Now}
	if _, err := s.parse([]string{"line", "ls", "--ca", "flag.pem"}); err != nil {
		t.Fatal(err)
	}
	want := globals{Server: "from-env", CA: "flag.pem", Output: "table"}
	if diff := cmp.Diff(want, s.flags); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestCredential(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{tokenFile: "rt_local\n", "other": "  rt_file \r\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	other, local := filepath.Join(dir, "other"), filepath.Join(dir, tokenFile)
	for _, tt := range []struct {
		name, server, flag string
		env                map[string]string
		want               credential
	}{
		{"the local one", "http://127.0.0.1:8080", "", nil, credential{"rt_local", local}},
		{"the local one by name", "http://localhost", "", nil, credential{"rt_local", local}},
		{"never sent to another machine by itself", "https://route.example.com", "", nil, credential{"", local + " is for a server on this machine only"}},
		{"a name that only begins local", "http://localhost.example.com", "", nil, credential{"", local + " is for a server on this machine only"}},
		{"every interface is not this machine", "http://0.0.0.0:8080", "", nil, credential{"", local + " is for a server on this machine only"}},
		{"the flag before all", "http://[::1]", "rt_flag", map[string]string{"RINGTHROUGH_TOKEN": "rt_env"}, credential{"rt_flag", "--token"}},
		{"a flag that names a file", "http://x", "file:" + other, nil, credential{"rt_file", "--token " + other}},
		{"the variable before the file's", "http://x", "", map[string]string{"RINGTHROUGH_TOKEN": "rt_env", "RINGTHROUGH_TOKEN_FILE": other}, credential{"rt_env", "RINGTHROUGH_TOKEN"}},
		{"the file's variable before the local one", "http://127.0.0.1", "", map[string]string{"RINGTHROUGH_TOKEN_FILE": other}, credential{"rt_file", "RINGTHROUGH_TOKEN_FILE " + other}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			base, err := readServer(tt.server)
			if err != nil {
				t.Fatal(err)
			}
			s := &session{env: func(name string) (string, bool) { return tt.env[name], true }, flags: globals{Token: tt.flag, Data: dir}}
			got, err := s.credential(isLocal(base))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(credential{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestReadServer(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", "http://127.0.0.1:8080"},
		{"127.0.0.1:9", "http://127.0.0.1:9"},
		{"[::1]:9", "http://[::1]:9"},
		{"localhost", "http://localhost"},
		{"https://route.example.com/ring", "https://route.example.com/ring"},
		{"ftp://x", ""},
		{"http://", ""},
		{"http://user:secret@x", ""},
		{"http://x?y", ""},
		{"http://x#y", ""},
		{"http://x:port", ""},
	} {
		u, err := readServer(tt.text)
		switch {
		case tt.want == "" && (err == nil || !errors.As(err, new(misuseError)) || strings.Contains(err.Error(), "secret")):
			t.Errorf("%q gives %v, %v; want misuse", tt.text, u, err)
		case tt.want != "" && (err != nil || u.String() != tt.want):
			t.Errorf("%q gives %v, %v; want %s", tt.text, u, err, tt.want)
		}
	}
}
