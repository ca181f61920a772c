package packages_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

// packed is a file of a package, in nfpm's settings and in those of releases.
type packed struct {
	Src      string `yaml:"src"`
	Dst      string `yaml:"dst"`
	Type     string `yaml:"type"`
	Packager string `yaml:"packager"`
	Info     struct {
		Mode  int    `yaml:"mode"`
		Owner string `yaml:"owner"`
		Group string `yaml:"group"`
	} `yaml:"file_info"`
}

// packageSettings are what both files say of the packages.
type packageSettings struct {
	Section     string            `yaml:"section"`
	Description string            `yaml:"description"`
	Maintainer  string            `yaml:"maintainer"`
	License     string            `yaml:"license"`
	Homepage    string            `yaml:"homepage"`
	Scripts     map[string]string `yaml:"scripts"`
	Contents    []packed          `yaml:"contents"`
}

// TestReleasesPackTheSame holds the two settings together: the packages that
// are tested are those that are released.
func TestReleasesPackTheSame(t *testing.T) {
	var local packageSettings
	var release struct {
		Packages []packageSettings `yaml:"nfpms"`
	}
	readYAML(t, "nfpm.yaml", &local)
	readYAML(t, "../goreleaser.yaml", &release)
	if len(release.Packages) != 1 {
		t.Fatalf("a release has %d settings of packages", len(release.Packages))
	}
	local.rooted("deploy/packages")
	release.Packages[0].rooted("")
	if diff := cmp.Diff(local, release.Packages[0]); diff != "" {
		t.Error("-nfpm.yaml +goreleaser.yaml", diff)
	}
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
}

// rooted names sources from the top of the tree. The program itself is left
// out: a release packs it by itself.
func (s *packageSettings) rooted(folder string) {
	var kept []packed
	for _, file := range s.Contents {
		file.Src = strings.Replace(file.Src, "${STAGE}", "stage", 1)
		if file.Src != "" {
			file.Src = filepath.Join(folder, file.Src)
		}
		if file.Dst != "/usr/bin/ringthrough" {
			kept = append(kept, file)
		}
	}
	s.Contents = kept
	for when, script := range s.Scripts {
		s.Scripts[when] = filepath.Join(folder, script)
	}
}
