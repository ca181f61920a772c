package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"path"
	"strings"
)

//go:embed assets templates
var files embed.FS

// bundles are what browsers load, each made of the files that stand in it. A
// page loads few things, so that it opens fast on a telephone.
var bundles = map[string][]string{
	"console.css": {"assets/console.css", "assets/vendor/uPlot.min.css"},
	"console.js":  {"assets/vendor/htmx.min.js", "assets/vendor/sse.min.js", "assets/console.js"},
	"chart.js":    {"assets/vendor/uPlot.iife.min.js", "assets/chart.js"},
	"icon.svg":    {"assets/icon.svg"},
}

var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// assets serves the bundles under names that have a hash of what is in them,
// so that a browser may keep them for ever.
type assets struct {
	hashed map[string]string // bundle → name with its hash
	byName map[string]asset
}

type asset struct {
	contentType   string
	plain, zipped []byte
}

func newAssets() *assets {
	a := &assets{hashed: map[string]string{}, byName: map[string]asset{}}
	for bundle, parts := range bundles {
		a.add(bundle, joined(parts))
	}
	return a
}

func joined(parts []string) []byte {
	var b bytes.Buffer
	for _, name := range parts {
		part, err := files.ReadFile(name)
		if err != nil {
			panic(fmt.Sprintf("console asset: %v", err)) // it is part of the program
		}
		b.Write(part)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func (a *assets) add(bundle string, plain []byte) {
	sum := sha256.Sum256(plain)
	ext := path.Ext(bundle)
	name := strings.TrimSuffix(bundle, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	var zipped bytes.Buffer
	w, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression) // the level is a valid one
	_, _ = w.Write(plain)                                      // a buffer takes everything
	_ = w.Close()
	a.hashed[bundle] = "/assets/" + name
	a.byName[name] = asset{contentTypes[ext], plain, zipped.Bytes()}
}

// url is where a bundle is.
func (a *assets) url(bundle string) string { return a.hashed[bundle] }

func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, ok := a.byName[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", found.contentType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	body := found.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = found.zipped
	}
	_, _ = w.Write(body) // the browser may have gone
}
