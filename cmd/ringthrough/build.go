package main

import (
	"encoding/json"
	"fmt"
	"runtime/debug"
)

// Set by the linker for releases: -X main.version=….
var (
	version string
	commit  string
	date    string
)

// build says which program this is.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Date    string `json:"date"`
	Go      string `json:"go"`
}

// thisBuild is what the linker was told, else what the go command noted.
func thisBuild() build {
	b := build{Version: version, Commit: commit, Date: date}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b.orUnknown()
	}
	b.Go = info.GoVersion
	noted := map[string]string{}
	for _, s := range info.Settings {
		noted[s.Key] = s.Value
	}
	fill(&b.Version, info.Main.Version)
	fill(&b.Commit, noted["vcs.revision"])
	fill(&b.Date, noted["vcs.time"])
	return b.orUnknown()
}

func (b build) orUnknown() build {
	fill(&b.Version, "(devel)")
	fill(&b.Commit, "unknown")
	fill(&b.Date, "unknown")
	return b
}

func fill(s *string, with string) {
	if *s == "" {
		*s = with
	}
}

func (b build) String() string {
	return fmt.Sprintf("ringthrough %s (commit %s, built %s, %s)", b.Version, b.Commit, b.Date, b.Go)
}

type versionCmd struct{}

// Run says what this program is; it asks no server.
func (versionCmd) Run(s *session) error {
	body, err := json.Marshal(thisBuild())
	if err != nil {
		return fmt.Errorf("write build: %w", err)
	}
	return show(s, body, func(t *table, b build) { t.line(b.String()) })
}
