package console

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// What stands in assets/vendor is what npm has, byte for byte.
func TestVendoredFilesAreTheirAuthors(t *testing.T) {
	modules := filepath.Join(peer.SDK(t), "node_modules")
	for ours, theirs := range map[string]string{
		"htmx.min.js": "htmx.org/dist/htmx.min.js", "sse.min.js": "htmx-ext-sse/dist/sse.min.js",
		"uPlot.iife.min.js": "uplot/dist/uPlot.iife.min.js", "uPlot.min.css": "uplot/dist/uPlot.min.css",
	} {
		want, err := os.ReadFile(peer.File(t, filepath.Join(modules, filepath.FromSlash(theirs)), peer.Everything))
		if err != nil {
			t.Fatal(err)
		}
		got, err := files.ReadFile("assets/vendor/" + ours)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not npm's %s", ours, theirs)
		}
	}
}

func TestAssetsAreSmallAndKept(t *testing.T) {
	a := newAssets()
	for bundle := range bundles {
		t.Run(bundle, func(t *testing.T) {
			r := httptest.NewRequest("GET", a.url(bundle), nil)
			r.Header.Set("Accept-Encoding", "br, gzip")
			r.SetPathValue("name", strings.TrimPrefix(a.url(bundle), "/assets/"))
			w := httptest.NewRecorder()
			a.ServeHTTP(w, r)
			if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Body.Len() > 40<<10 {
				t.Fatalf("status %d, %s, %d bytes", w.Code, w.Header().Get("Cache-Control"), w.Body.Len())
			}
			zipped, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			plain, err := io.ReadAll(zipped)
			if err != nil || !bytes.Equal(plain, joined(bundles[bundle])) {
				t.Errorf("what is unpacked is another thing: %v", err)
			}
		})
	}
}
