package server

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/klauspost/compress/gzhttp"
)

//go:embed docs/page.html docs/style.css
var docsFiles embed.FS

// docsPolicy lets the docs page load its own style sheet and nothing else.
const docsPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// serveDocument serves the OpenAPI document of all that is registered by now,
// and a page for people that is made of it. Both are written once.
func (a *api) serveDocument(mux *http.ServeMux) {
	doc := a.huma.OpenAPI()
	// huma names its own error in every document; inOurWords lets none out.
	delete(doc.Components.Schemas.Map(), "ErrorModel")
	delete(doc.Components.Schemas.Map(), "ErrorDetail")
	asJSON := must(marshal(doc))
	mux.HandleFunc("GET /openapi.json", constant("application/openapi+json", append(asJSON, '\n')))
	mux.HandleFunc("GET /openapi.yaml", constant("application/openapi+yaml", must(doc.YAML())))
	mux.Handle("GET /docs", gzhttp.GzipHandler(constant("text/html; charset=utf-8", docsPage(doc))))
	mux.HandleFunc("GET /docs/style.css", constant("text/css; charset=utf-8", must(docsFiles.ReadFile("docs/style.css"))))
}

// must is for what only depends on the program itself.
func must(b []byte, err error) []byte {
	if err != nil {
		panic(fmt.Sprintf("API document: %v", err))
	}
	return b
}

func constant(contentType string, b []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		h.Set("Content-Type", contentType)
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", docsPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		_, _ = w.Write(b) // the client may have gone
	}
}

// docsPage is the document for people.
func docsPage(doc *huma.OpenAPI) []byte {
	t := template.Must(template.ParseFS(docsFiles, "docs/page.html"))
	var b bytes.Buffer
	if err := t.Execute(&b, docsOf(doc)); err != nil {
		panic(fmt.Sprintf("docs page: %v", err))
	}
	return b.Bytes()
}

// docsView is what the page shows.
type docsView struct {
	Title, Version, Description string
	Groups                      []docsGroup
	Schemas                     []docsSchema
}

type docsGroup struct {
	Name  string
	Calls []docsCall
}

type docsCall struct {
	ID, Method, Path, Summary string
	Role                      any
	Params                    []docsRow
	Body                      docsType
	Replies                   []docsReply
}

type docsReply struct {
	Status, Text string
	Type         docsType
}

type docsSchema struct {
	Name string
	Rows []docsRow
}

// docsRow is a parameter or a field.
type docsRow struct {
	Name, In string
	Required bool
	Type     docsType
	Text     string
}

// docsType is a type in words, and the schema that it leads to, if any.
type docsType struct{ Words, Schema string }

func docsOf(doc *huma.OpenAPI) docsView {
	v := docsView{Title: doc.Info.Title, Version: doc.Info.Version, Description: doc.Info.Description}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		for _, op := range operationsOf(doc.Paths[path]) {
			v.add(op)
		}
	}
	schemas := doc.Components.Schemas.Map()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		v.Schemas = append(v.Schemas, docsSchema{name, fieldRows(schemas[name])})
	}
	return v
}

func operationsOf(p *huma.PathItem) []*huma.Operation {
	all := []*huma.Operation{p.Get, p.Post, p.Put, p.Patch, p.Delete}
	return slices.DeleteFunc(all, func(op *huma.Operation) bool { return op == nil })
}

// add puts op into the group of its tag; paths come sorted, so a group's calls
// come together.
func (v *docsView) add(op *huma.Operation) {
	if n := len(v.Groups); n == 0 || v.Groups[n-1].Name != op.Tags[0] {
		v.Groups = append(v.Groups, docsGroup{Name: op.Tags[0]})
	}
	c := docsCall{ID: op.OperationID, Method: op.Method, Path: op.Path, Summary: op.Summary, Role: op.Metadata[roleKey]}
	for _, p := range op.Parameters {
		c.Params = append(c.Params, docsRow{p.Name, p.In, p.Required, typeOf(p.Schema), p.Description})
	}
	if op.RequestBody != nil {
		c.Body = contentType(op.RequestBody.Content)
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		c.Replies = append(c.Replies, docsReply{status, r.Description, contentType(r.Content)})
	}
	group := &v.Groups[len(v.Groups)-1]
	group.Calls = append(group.Calls, c)
}

func contentType(content map[string]*huma.MediaType) docsType {
	for _, name := range slices.Sorted(maps.Keys(content)) {
		if s := content[name].Schema; s != nil {
			return typeOf(s)
		}
	}
	return docsType{}
}

func fieldRows(s *huma.Schema) []docsRow {
	var rows []docsRow
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		rows = append(rows, docsRow{Name: name, Required: slices.Contains(s.Required, name), Type: typeOf(p), Text: p.Description})
	}
	return rows
}

// typeOf says a schema in words.
func typeOf(s *huma.Schema) docsType {
	switch {
	case s.Ref != "":
		name := s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		return docsType{name, name}
	case s.Type == huma.TypeArray:
		of := typeOf(s.Items)
		return docsType{"list of " + of.Words, of.Schema}
	case len(s.Enum) > 0:
		return docsType{Words: strings.Trim(strings.Join(strings.Fields(fmt.Sprint(s.Enum)), " | "), "[]")}
	case s.Format == "date-time":
		return docsType{Words: "time"}
	default:
		return docsType{Words: s.Type}
	}
}
