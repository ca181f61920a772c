package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// credential is the token that is shown to the server, and where it was
// found. The zero secret: none was.
type credential struct {
	secret string
	from   string // for people; where the secret is empty, why
}

// tokenFile is what a server writes on its first start, in its data directory.
const tokenFile = "admin.token"

// maxSecretFile bounds what is read of a file that should hold a token.
const maxSecretFile = 4096

// credential finds the token: the flag's, the environment's, else the one
// that a server on this machine has left in its data directory. That one may
// do everything, so it is sent nowhere else by itself.
func (s *session) credential(local bool) (credential, error) {
	if s.flags.Token != "" {
		return readCredential(s.flags.Token, "--token")
	}
	if v := s.env.get("RINGTHROUGH_TOKEN"); v != "" {
		return readCredential(v, "RINGTHROUGH_TOKEN")
	}
	if v := s.env.get("RINGTHROUGH_TOKEN_FILE"); v != "" {
		return readCredential("file:"+v, "RINGTHROUGH_TOKEN_FILE")
	}
	path := filepath.Join(cmp.Or(s.flags.Data, defaultData), tokenFile)
	if !local {
		return credential{from: path + " is for a server on this machine only"}, nil
	}
	found, err := readCredential("file:"+path, "")
	if errors.Is(err, fs.ErrNotExist) {
		return credential{from: path + " isn't there"}, nil
	}
	return found, err
}

// readCredential is what value stands for: the token itself, or file: and
// where it is.
func readCredential(value, from string) (credential, error) {
	path, isFile := strings.CutPrefix(value, "file:")
	if isFile {
		text, err := readSecret(path)
		if err != nil {
			return credential{}, hinted(fmt.Errorf("read token: %w", err), "name a file that holds a token and can be read by you, or give the token with --token")
		}
		value, from = text, strings.TrimSpace(from+" "+path)
	}
	value = strings.TrimSpace(value)
	if value == "" || strings.ContainsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		return credential{}, hinted(fmt.Errorf("what %s holds is no token", from), "a token is one word, as \"ringthrough token create\" prints it")
	}
	return credential{value, from}, nil
}

func readSecret(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSecretFile))
	return string(b), err
}
