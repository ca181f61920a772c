package main

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExport(t *testing.T) {
	for _, tt := range []struct{ args, call string }{
		{"entry export", "GET /v1/export?format=csv"},
		{"entry export -", "GET /v1/export?format=csv"},
		{"entry export FILE", "GET /v1/export?format=csv"},
		{"entry export --format json FILE", "GET /v1/export?format=json"},
		{"export", "GET /v1/export?format=yaml"},
		{"export -f FILE --format csv", "GET /v1/export?format=csv"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			var calls []string
			env := serving(t, func(w http.ResponseWriter, r *http.Request) {
				calls = append(calls, r.Method+" "+r.RequestURI)
				fmt.Fprint(w, "what there is\n")
			})
			file := filepath.Join(t.TempDir(), "out")
			o := command(t, env, strings.Fields(strings.ReplaceAll(tt.args, "FILE", file))...)
			want := outcome{stdout: "what there is\n"}
			if strings.Contains(tt.args, "FILE") {
				want.stdout = file + " is written: 14 bytes\n"
				wantFile(t, file, "what there is\n")
			}
			if diff := cmp.Diff(want, o, cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if diff := cmp.Diff([]string{tt.call}, calls); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// wantFile holds a file to its text, and to its being nobody else's.
func wantFile(t *testing.T, file, text string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil || string(b) != text {
		t.Errorf("the file holds %q, %v", b, err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
}

func TestAnExportThatBreaksOffLeavesTheFileAlone(t *testing.T) {
	file := write(t, "list.csv", "the old one\n")
	env := serving(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, "half")
	})
	o := command(t, env, "entry", "export", file)
	if !strings.Contains(o.stderr, "the answer broke off: unexpected EOF") || o.code != 1 {
		t.Errorf("it ends %+v", o)
	}
	wantFile(t, file, "the old one\n")
	left, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWhereAnExportGoes(t *testing.T) {
	env := serving(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "new\n") })
	t.Run("through a link", func(t *testing.T) {
		file := write(t, "list.csv", "old\n")
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(file, link); err != nil {
			t.Fatal(err)
		}
		if o := command(t, env, "entry", "export", link); o.code != 0 {
			t.Fatal(o.stderr)
		}
		wantFile(t, file, "new\n")
		if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("the link is now %v, %v", info.Mode(), err)
		}
	})
	t.Run("to a device, which stays one", func(t *testing.T) {
		if o := command(t, env, "entry", "export", os.DevNull); o.code != 0 {
			t.Fatal(o.stderr)
		}
		if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
			t.Errorf("%s is now %v, %v", os.DevNull, info.Mode(), err)
		}
	})
	t.Run("to where there is no directory", func(t *testing.T) {
		o := command(t, env, "export", "-f", filepath.Join(t.TempDir(), "no", "where"))
		if !strings.Contains(o.stderr, "ringthrough: error: write export: ") || !strings.Contains(o.stderr, "hint: "+notWritable) || o.code != 1 {
			t.Errorf("it ends %+v", o)
		}
	})
	t.Run("onto a directory", func(t *testing.T) {
		o := command(t, env, "export", "-f", t.TempDir())
		if !strings.Contains(o.stderr, "hint: "+notWritable) || o.code != 1 {
			t.Errorf("it ends %+v", o)
		}
	})
}
