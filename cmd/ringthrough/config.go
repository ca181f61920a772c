package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/notice"
	"github.com/ringthrough/ringthrough/flow/retention"
	"github.com/ringthrough/ringthrough/flow/server"
)

// settings are how a server runs: flags over environment over the file of
// --config over defaults.
type settings struct {
	Listen      string               `yaml:"listen"`
	AdminListen string               `yaml:"admin_listen"`
	SIPListen   string               `yaml:"sip_listen"`
	Data        string               `yaml:"data"`
	Database    string               `yaml:"database"`
	TLSCert     string               `yaml:"tls_cert"`
	TLSKey      string               `yaml:"tls_key"`
	TLSClientCA string               `yaml:"tls_client_ca"`
	LogLevel    string               `yaml:"log_level"`
	LogFormat   string               `yaml:"log_format"`
	DrainDelay  flow.Duration        `yaml:"drain_delay"`
	Hooks       []server.HookConfig  `yaml:"hooks"`
	Notices     []notice.Config      `yaml:"notices"`
	Retention   retention.Config     `yaml:"retention"`
	Console     server.ConsoleConfig `yaml:"console"`
}

const (
	defaultListen = "127.0.0.1:8080"
	defaultData   = "ringthrough-data"
	databaseName  = "ringthrough.db" // in the data directory
)

// readSettings reads a configuration file. An unknown key is an error, and so
// is what of hooks, notices or the console can't be taken: that is found when
// the server is made.
func readSettings(path string) (settings, error) {
	var s settings
	if path == "" {
		return s, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return s, fmt.Errorf("read configuration: %w", err)
	}
	if err := readYAML(b, &s); err != nil {
		// Without the excerpt of the file: there may be a secret in it.
		return s, hinted(fmt.Errorf("read configuration %s: %s", path, yaml.FormatError(err, false, false)),
			"the keys are in the README under Configuration")
	}
	return s, nil
}

// readYAML reads text, and refuses keys that v doesn't have. The library
// panics over some tags, such as !x on a scalar where a list belongs.
func readYAML(text []byte, v any) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = errors.New("it can't be read as YAML: leave out tags, which are words with ! before them")
		}
	}()
	return yaml.UnmarshalWithOptions(text, v, yaml.Strict())
}

// under is s with what top sets put over it, and defaults for the rest.
func (s settings) under(top settings) settings {
	s.Listen = cmp.Or(top.Listen, s.Listen, defaultListen)
	s.AdminListen = cmp.Or(top.AdminListen, s.AdminListen)
	s.SIPListen = cmp.Or(top.SIPListen, s.SIPListen)
	s.Data = cmp.Or(top.Data, s.Data, defaultData)
	s.Database = cmp.Or(top.Database, s.Database, "sqlite:"+filepath.Join(s.Data, databaseName))
	s.TLSCert = cmp.Or(top.TLSCert, s.TLSCert)
	s.TLSKey = cmp.Or(top.TLSKey, s.TLSKey)
	s.TLSClientCA = cmp.Or(top.TLSClientCA, s.TLSClientCA)
	s.LogLevel = cmp.Or(top.LogLevel, s.LogLevel, "info")
	s.LogFormat = cmp.Or(top.LogFormat, s.LogFormat)
	s.DrainDelay = cmp.Or(top.DrainDelay, s.DrainDelay)
	return s
}

// logger writes JSON, or lines for people where out is a terminal.
func (s settings) logger(out io.Writer) (zerolog.Logger, error) {
	level, err := zerolog.ParseLevel(s.LogLevel)
	if err != nil || s.LogLevel == "" {
		return zerolog.Nop(), hinted(fmt.Errorf("log level %q is unknown", s.LogLevel), "use debug, info, warn or error")
	}
	file, isFile := out.(*os.File)
	switch {
	case s.LogFormat == "console", s.LogFormat == "" && isFile && isatty.IsTerminal(file.Fd()):
		out = zerolog.ConsoleWriter{Out: out, TimeFormat: time.TimeOnly}
	case s.LogFormat != "json" && s.LogFormat != "":
		return zerolog.Nop(), hinted(fmt.Errorf("log format %q is unknown", s.LogFormat), "use json or console")
	}
	return zerolog.New(out).Level(level).With().Timestamp().Logger(), nil
}
