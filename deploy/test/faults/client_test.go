package faults

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// askWait is how long an answer is waited for, and lookupWait that of a lookup:
// one that takes that long has failed.
const (
	askWait    = time.Minute
	lookupWait = 10 * time.Second
)

var clients = &http.Client{
	Timeout:   askWait,
	Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 30 * time.Second},
}

// answer is what a replica has said; its status is 0 where it said nothing.
type answer struct {
	status int
	header http.Header
	body   []byte
	wrong  error
}

// done reports whether what was asked for is done for certain, and refused
// whether it is certainly not. Neither: nobody knows.
func (a answer) done() bool    { return a.status/100 == 2 }
func (a answer) refused() bool { return a.status/100 == 4 }

func (a answer) String() string {
	if a.wrong != nil {
		return a.wrong.Error()
	}
	return http.StatusText(a.status) + " " + cut(string(a.body), 600)
}

// into reads a JSON answer.
func (a answer) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("%v in %s", err, a)
	}
}

// ask asks a replica. Headers are pairs of a name and a value.
func ask(ctx context.Context, r *replica, token, method, path, body string, headers ...string) answer {
	req, err := http.NewRequestWithContext(ctx, method, r.url(path), strings.NewReader(body))
	if err != nil {
		return answer{wrong: err}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := clients.Do(req)
	if err != nil {
		return answer{wrong: err}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{wrong: err} // the end of an answer is part of it
	}
	return answer{status: resp.StatusCode, header: resp.Header, body: text}
}

// askAbout asks a replica about a call.
func askAbout(ctx context.Context, r *replica, token, caller, call string) answer {
	ctx, cancel := context.WithTimeout(ctx, lookupWait)
	defer cancel()
	return ask(ctx, r, token, http.MethodPost, "/v1/lookup", `{"ani":"`+caller+`","dnis":"`+lineAt+`","call_id":"`+call+`"}`)
}

// adminToken is the token that the first start on an empty store leaves.
func (r *replica) adminToken(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(r.data, "admin.token"))
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(text))
}
