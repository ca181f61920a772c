package main

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/deploy/test/program"
)

// linked are the modules that the go command says the program is built from.
func linked(t *testing.T) []string {
	t.Helper()
	list := exec.CommandContext(t.Context(), peer.Command(t, "go", "install Go"), "list", "-deps",
		"-f", "{{with .Module}}{{if not .Main}}{{.Path}}@{{.Version}}{{end}}{{end}}", "./cmd/ringthrough")
	list.Dir, list.Env = peer.Tree(t), append(list.Environ(), "CGO_ENABLED=0")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	modules := strings.Fields(string(out))
	slices.Sort(modules)
	return slices.Compact(modules)
}

func TestBillNamesWhatIsLinked(t *testing.T) {
	path := program.Build(t)
	var text, again bytes.Buffer
	for _, to := range []*bytes.Buffer{&text, &again} {
		if err := write(to, path); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(text.Bytes(), again.Bytes()) {
		t.Error("the same program has two bills")
	}
	var bom cyclonedx.BOM
	if err := cyclonedx.NewBOMDecoder(&text, cyclonedx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatalf("read the bill: %v", err)
	}
	if name := bom.Metadata.Component.Name; name != "github.com/ringthrough/ringthrough" || bom.SpecVersion != cyclonedx.SpecVersion1_6 {
		t.Errorf("it is the bill of %s, in CycloneDX %s", name, bom.SpecVersion)
	}
	var named []string
	for _, c := range *bom.Components {
		if c.Name != "std" {
			named = append(named, c.Name+"@"+c.Version)
		}
	}
	slices.Sort(named)
	if diff := cmp.Diff(linked(t), named); diff != "" {
		t.Error("modules", diff)
	}
}

func TestWhatIsNoProgram(t *testing.T) {
	if err := write(new(bytes.Buffer), "main.go"); err == nil || !strings.Contains(err.Error(), "main.go") {
		t.Errorf("a source file: %v", err)
	}
}
