// Command sbom writes the bill of materials of a Go program, as CycloneDX 1.6
// in JSON: the modules that the compiler has noted in the program itself, which
// are those that are linked and no others.
//
//	go run ./deploy/sbom PROGRAM ringthrough.cdx.json
package main

import (
	"bytes"
	"cmp"
	"debug/buildinfo"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/CycloneDX/cyclonedx-go"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: sbom PROGRAM FILE")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom: error:", err)
		os.Exit(1)
	}
}

func run(program, file string) error {
	var text bytes.Buffer
	if err := write(&text, program); err != nil {
		return err
	}
	return os.WriteFile(file, text.Bytes(), 0o644) //nolint:gosec // it is published, and where it goes is for whoever runs this to say
}

func write(to io.Writer, program string) error {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return fmt.Errorf("read what %s is made of: %w", program, err)
	}
	encoder := cyclonedx.NewBOMEncoder(to, cyclonedx.BOMFileFormatJSON).SetPretty(true)
	if err := encoder.EncodeVersion(bill(info), cyclonedx.SpecVersion1_6); err != nil {
		return fmt.Errorf("write the bill of materials: %w", err)
	}
	return nil
}

// bill has the same text for the same program: no time, no random number.
func bill(info *debug.BuildInfo) *cyclonedx.BOM {
	program := component(&info.Main, cyclonedx.ComponentTypeApplication)
	library := component(&debug.Module{Path: "std", Version: info.GoVersion}, cyclonedx.ComponentTypeLibrary)
	components, needed := []cyclonedx.Component{library}, []string{library.BOMRef}
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		c := component(module, cyclonedx.ComponentTypeLibrary)
		components, needed = append(components, c), append(needed, c.BOMRef)
	}
	bom := cyclonedx.NewBOM()
	bom.Metadata = &cyclonedx.Metadata{Component: &program}
	bom.Components = &components
	bom.Dependencies = &[]cyclonedx.Dependency{{Ref: program.BOMRef, Dependencies: &needed}}
	return bom
}

// component names a module as package URLs do:
// https://github.com/package-url/purl-spec.
func component(m *debug.Module, kind cyclonedx.ComponentType) cyclonedx.Component {
	version := cmp.Or(m.Version, "(devel)")
	purl := "pkg:golang/" + m.Path + "@" + version
	c := cyclonedx.Component{BOMRef: purl, Type: kind, Name: m.Path, Version: version, PackageURL: purl}
	if m.Sum != "" {
		c.Properties = &[]cyclonedx.Property{{Name: "ringthrough:go.sum", Value: m.Sum}}
	}
	return c
}
