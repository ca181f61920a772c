package genesys_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// module is a folder of Terraform as HashiCorp's own HCL library reads it.
// Evaluating it is done as the language's documentation says; what a resource
// has only after it was made is unknown.
type module struct {
	dir    string
	blocks []*hclsyntax.Block
}

func loadModule(t *testing.T, dir string) module {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.tf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no .tf files in %s: %v", dir, err)
	}
	m := module{dir: dir}
	for _, file := range files {
		parsed, diags := hclparse.NewParser().ParseHCLFile(file)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		body := parsed.Body.(*hclsyntax.Body)
		if len(body.Attributes) > 0 {
			t.Fatalf("%s has arguments outside of blocks", file)
		}
		m.blocks = append(m.blocks, body.Blocks...)
	}
	return m
}

// of are the blocks of a type, by their labels with dots between.
func (m module) of(kind string) map[string]*hclsyntax.Block {
	found := map[string]*hclsyntax.Block{}
	for _, b := range m.blocks {
		if b.Type == kind {
			found[strings.Join(b.Labels, ".")] = b
		}
	}
	return found
}

// locals are the expressions of all blocks locals.
func (m module) locals() map[string]hclsyntax.Expression {
	found := map[string]hclsyntax.Expression{}
	for _, b := range m.blocks {
		if b.Type == "locals" {
			for name, a := range b.Body.Attributes {
				found[name] = a.Expr
			}
		}
	}
	return found
}

// plan is what a module comes to with some variables.
type plan struct {
	resources map[string]values // by address, as in genesyscloud_flow.front[0]
	outputs   map[string]cty.Value
	refusals  []string // error messages of validations and preconditions
}

// values are the arguments of a block, and its blocks by type.
type values struct {
	arguments map[string]cty.Value
	blocks    map[string][]values
}

func (m module) plan(t *testing.T, given map[string]cty.Value) plan {
	t.Helper()
	p := plan{resources: map[string]values{}, outputs: map[string]cty.Value{}}
	ctx := &hcl.EvalContext{Functions: hclFunctions(t), Variables: map[string]cty.Value{
		"path": cty.ObjectVal(map[string]cty.Value{"module": cty.StringVal(m.dir)}),
	}}
	for address := range m.of("resource") {
		kind, _, _ := strings.Cut(address, ".")
		ctx.Variables[kind] = cty.DynamicVal
	}
	ctx.Variables["var"] = m.variables(t, given)
	for _, name := range slices.Sorted(maps.Keys(m.of("variable"))) {
		p.ask(t, ctx, m.of("variable")[name].Body.Blocks, "validation")
	}
	if len(p.refusals) > 0 {
		return p
	}
	ctx.Variables["local"] = m.evaluateLocals(t, ctx)
	for address, b := range m.of("resource") {
		p.expand(t, ctx, address, b)
	}
	for name, b := range m.of("output") {
		p.outputs[name] = evaluate(t, b.Body.Attributes["value"].Expr, ctx)
	}
	return p
}

func (m module) variables(t *testing.T, given map[string]cty.Value) cty.Value {
	t.Helper()
	all := map[string]cty.Value{}
	for name, b := range m.of("variable") {
		want, defaults, diags := typeexpr.TypeConstraintWithDefaults(b.Body.Attributes["type"].Expr)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		value, ok := given[name]
		if !ok {
			standard := b.Body.Attributes["default"]
			if standard == nil {
				t.Fatalf("variable %s is required", name)
			}
			value = evaluate(t, standard.Expr, nil)
		}
		if defaults != nil && !value.IsNull() {
			value = defaults.Apply(value)
		}
		converted, err := convert.Convert(value, want)
		if err != nil {
			t.Fatalf("variable %s: %v", name, err)
		}
		all[name] = converted
	}
	return cty.ObjectVal(all)
}

// evaluateLocals evaluates what depends on nothing first.
func (m module) evaluateLocals(t *testing.T, ctx *hcl.EvalContext) cty.Value {
	t.Helper()
	left, done := m.locals(), map[string]cty.Value{}
	for len(left) > 0 {
		inner, ready := ctx.NewChild(), map[string]cty.Value{}
		inner.Variables = map[string]cty.Value{"local": cty.ObjectVal(done)}
		for name, e := range left {
			waits := slices.ContainsFunc(e.Variables(), func(v hcl.Traversal) bool {
				_, known := done[second(v)]
				return v.RootName() == "local" && !known
			})
			if !waits {
				ready[name] = evaluate(t, e, inner)
			}
		}
		if len(ready) == 0 {
			t.Fatalf("locals that depend on each other: %v", slices.Collect(maps.Keys(left)))
		}
		for name, value := range ready {
			done[name] = value
			delete(left, name)
		}
	}
	return cty.ObjectVal(done)
}

// second is the name behind the root's, as in var.NAME.
func second(v hcl.Traversal) string {
	if len(v) > 1 {
		if a, ok := v[1].(hcl.TraverseAttr); ok {
			return a.Name
		}
	}
	return ""
}

// expand evaluates a resource once for each of its count or for_each.
func (p *plan) expand(t *testing.T, ctx *hcl.EvalContext, address string, b *hclsyntax.Block) {
	t.Helper()
	instances := map[string]map[string]cty.Value{address: nil}
	switch {
	case b.Body.Attributes["count"] != nil:
		n, _ := evaluate(t, b.Body.Attributes["count"].Expr, ctx).AsBigFloat().Int64()
		instances = map[string]map[string]cty.Value{}
		for i := range n {
			instances[fmt.Sprintf("%s[%d]", address, i)] = nil
		}
	case b.Body.Attributes["for_each"] != nil:
		instances = map[string]map[string]cty.Value{}
		for it := evaluate(t, b.Body.Attributes["for_each"].Expr, ctx).ElementIterator(); it.Next(); {
			key, value := it.Element()
			each := cty.ObjectVal(map[string]cty.Value{"key": key, "value": value})
			instances[fmt.Sprintf("%s[%q]", address, key.AsString())] = map[string]cty.Value{"each": each}
		}
	}
	for name, variables := range instances {
		inner := ctx.NewChild()
		inner.Variables = variables
		p.resources[name] = valuesOf(t, b.Body, inner)
		for _, l := range b.Body.Blocks {
			if l.Type == "lifecycle" {
				p.ask(t, inner, l.Body.Blocks, "precondition")
			}
		}
	}
}

// ask evaluates conditions, and keeps the messages of those that don't hold.
func (p *plan) ask(t *testing.T, ctx *hcl.EvalContext, blocks hclsyntax.Blocks, kind string) {
	t.Helper()
	for _, b := range blocks {
		if b.Type == kind && evaluate(t, b.Body.Attributes["condition"].Expr, ctx).False() {
			p.refusals = append(p.refusals, evaluate(t, b.Body.Attributes["error_message"].Expr, ctx).AsString())
		}
	}
}

// metaArguments are Terraform's own, in every resource.
func metaArguments() []string { return []string{"count", "for_each", "depends_on", "provider"} }

func valuesOf(t *testing.T, body *hclsyntax.Body, ctx *hcl.EvalContext) values {
	t.Helper()
	v := values{map[string]cty.Value{}, map[string][]values{}}
	for name, a := range body.Attributes {
		if !slices.Contains(metaArguments(), name) {
			v.arguments[name] = evaluate(t, a.Expr, ctx)
		}
	}
	for _, b := range body.Blocks {
		if b.Type != "lifecycle" {
			v.blocks[b.Type] = append(v.blocks[b.Type], valuesOf(t, b.Body, ctx))
		}
	}
	return v
}

func evaluate(t *testing.T, e hclsyntax.Expression, ctx *hcl.EvalContext) cty.Value {
	t.Helper()
	v, diags := e.Value(ctx)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return v
}

// text is a text that is known.
func text(t *testing.T, v cty.Value) string {
	t.Helper()
	if v == cty.NilVal || !v.IsWhollyKnown() || v.IsNull() || v.Type() != cty.String {
		t.Fatalf("%#v is no text", v)
	}
	return v.AsString()
}

// texts is a map of texts that are known.
func texts(t *testing.T, v cty.Value) map[string]string {
	t.Helper()
	all := map[string]string{}
	if v == cty.NilVal || !v.CanIterateElements() {
		t.Fatalf("%#v is no map", v)
	}
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		all[key.AsString()] = text(t, value)
	}
	return all
}

// hclFunctions are those of Terraform that the module uses.
func hclFunctions(t *testing.T) map[string]function.Function {
	t.Helper()
	contents := func(path string) []byte {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	sum := func(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }
	return map[string]function.Function{
		"jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc, "replace": stdlib.ReplaceFunc,
		"regex": stdlib.RegexFunc, "contains": stdlib.ContainsFunc, "can": tryfunc.CanFunc, "toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
		"file":       ofText(func(path string) string { return string(contents(path)) }),
		"filesha256": ofText(func(path string) string { return sum(contents(path)) }),
		"sha256":     ofText(func(s string) string { return sum([]byte(s)) }),
		"length":     ofAnything(cty.Number, func(v cty.Value) cty.Value { return length(v) }),
		"one":        ofAnything(cty.DynamicPseudoType, func(cty.Value) cty.Value { return cty.DynamicVal }),
		"alltrue":    ofAnything(cty.Bool, allTrue),
	}
}

func ofText(f func(string) string) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "text", Type: cty.String}}, Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.StringVal(f(args[0].AsString())), nil
		},
	})
}

func ofAnything(result cty.Type, f func(cty.Value) cty.Value) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true}}, Type: function.StaticReturnType(result),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f(args[0]), nil },
	})
}

func length(v cty.Value) cty.Value {
	if v.Type() == cty.String {
		return cty.NumberIntVal(int64(len([]rune(v.AsString()))))
	}
	return v.Length()
}

func allTrue(v cty.Value) cty.Value {
	for it := v.ElementIterator(); it.Next(); {
		if _, one := it.Element(); one.False() {
			return cty.False
		}
	}
	return cty.True
}
