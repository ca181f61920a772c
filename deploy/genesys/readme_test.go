package genesys_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

// What the page names is there.
func TestPageNamesWhatIsThere(t *testing.T) {
	page := readText(t, "README.md")
	for _, link := range regexp.MustCompile(`\]\(([^#)][^)]*)\)`).FindAllStringSubmatch(page, -1) {
		if _, err := os.Stat(filepath.FromSlash(link[1])); err != nil {
			t.Error(err)
		}
	}
	m := loadModule(t, moduleDir)
	for _, name := range regexp.MustCompile("`([a-z]+(?:_[a-z]+)+)(?: = [^`]*)?`").FindAllStringSubmatch(page, -1) {
		other := []string{"config_timeout_seconds", "ringthrough_announce", "ani_unparseable", "not_listed", "line_unknown"}
		if m.of("variable")[name[1]] == nil && !slices.Contains(append(other, tableColumns(t)...), name[1]) {
			t.Errorf("the page names %s", name[1])
		}
	}
	_, tasks := loadFlow(t, substituted(t))
	for _, name := range []string{"Ask ringthrough", "Tell the person"} {
		if !slices.ContainsFunc(all(t, tasks), func(s step) bool { return s.name() == name }) || !strings.Contains(page, "*"+name+"*") {
			t.Errorf("the page or the flow doesn't know the step %s", name)
		}
	}
	if tasks["normal"].name != "Normal IVR" {
		t.Error("the flow has another name for the normal IVR than the page")
	}
}

// Archy's options in the page are the flow's placeholders, with the names that
// the actions and the module's defaults have.
func TestPageOptions(t *testing.T) {
	_, rest, _ := strings.Cut(readText(t, "README.md"), "```yaml\n")
	block, _, _ := strings.Cut(rest, "```")
	var options map[string]string
	if err := yaml.Unmarshal([]byte(block), &options); err != nil {
		t.Fatal(err)
	}
	m := loadModule(t, moduleDir)
	standard := func(name string) string {
		return text(t, evaluate(t, m.of("variable")[name].Body.Attributes["default"].Expr, nil))
	}
	want := map[string]string{
		"flow_name": standard("flow_name"), "default_language": standard("default_language"),
		"integration_name": standard("integration_name"), "table_name": standard("table_name"),
		"lookup_action": read(t, lookupFile).Name, "result_action": read(t, resultFile).Name,
		"normal_flow": "Main IVR", "last_resort_queue": "Reception",
	}
	if diff := cmp.Diff(want, options); diff != "" {
		t.Errorf("-module +page\n%s", diff)
	}
	substitutions := m.plan(t, given(nil)).resources["genesyscloud_flow.front[0]"].arguments["substitutions"].AsValueMap()
	if got := slices.Sorted(maps.Keys(options)); !slices.Equal(got, slices.Sorted(maps.Keys(substitutions))) {
		t.Errorf("the page gives %v", got)
	}
}
