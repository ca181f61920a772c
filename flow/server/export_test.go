package server

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

func (r *rig) exporting(format string) string {
	r.t.Helper()
	a := r.do("viewer", http.MethodGet, "/v1/export?format="+format, "")
	if a.status != http.StatusOK {
		r.t.Fatalf("%d %s", a.status, a.body)
	}
	return a.body
}

func TestExport(t *testing.T) {
	r := newRig(t)
	if got := r.exporting("csv"); got != "pattern,label,source,lines,not_before,expires_at,enabled,min_attestation,note\n" {
		t.Errorf("an empty list is %q", got)
	}
	r.applying("", twoLines).counts(t)
	revision := strconv.FormatUint(r.board.Snapshot().Revision, 10)
	for _, tt := range []struct{ target, accept, contentType, part string }{
		{"/v1/export", "", "application/json", `"pattern":`},
		{"/v1/export", "text/html, application/yaml;q=0.9", "application/yaml", "pattern: "},
		{"/v1/export?format=json", "application/yaml", "application/json", `"pattern":`},
		{"/v1/export?format=yaml", "", "application/yaml", "pattern: "},
		{"/v1/export?format=csv", "", "text/csv; charset=utf-8", "\n+16505550123,,,sales,,,true,none,\n"},
	} {
		a := r.do("viewer", http.MethodGet, tt.target, "", "Accept", tt.accept)
		if a.status != http.StatusOK || a.header.Get("Content-Type") != tt.contentType || !strings.Contains(a.body, tt.part) ||
			a.header.Get("ETag") != `"`+revision+`"` || a.header.Get("X-Ringthrough-Revision") != revision {
			t.Errorf("%s: %d %v\n%s", tt.target, a.status, a.header, a.body)
		}
		if saved := a.header.Get("Content-Disposition"); (saved == `attachment; filename="entries.csv"`) != strings.HasSuffix(tt.target, "csv") {
			t.Errorf("%s: Content-Disposition %q", tt.target, saved)
		}
	}
	r.do("lookup", http.MethodGet, "/v1/export", "").wantProblem(t, http.StatusForbidden, "the token's role is lookup, and this needs viewer")
}

// gone is a client that goes away after a while.
type gone struct {
	*httptest.ResponseRecorder
	takes int
}

func (g *gone) Write(b []byte) (int, error) {
	if g.takes--; g.takes < 0 {
		return 0, errors.New("connection reset")
	}
	return g.ResponseRecorder.Write(b)
}

// An export that breaks off must not look whole, and lets go of the store.
func TestExportToAClientThatGoes(t *testing.T) {
	r := newRig(t)
	var file strings.Builder
	file.WriteString("pattern,note\n")
	for i := range 2000 {
		file.WriteString("+4420794" + strconv.Itoa(10000+i) + "," + strings.Repeat("x", 200) + "\n")
	}
	r.importing("", file.String()).counts(t)
	for range 2 * maxExports { // more than there is room for
		request := httptest.NewRequest(http.MethodGet, "/v1/export", nil)
		request.Header.Set("Authorization", "Bearer viewer")
		func() {
			defer func() {
				if fault := recover(); fault != http.ErrAbortHandler { //nolint:errorlint // that very value
					t.Errorf("it ended with %v", fault)
				}
			}()
			r.http.ServeHTTP(&gone{httptest.NewRecorder(), 1}, request)
		}()
	}
	if got := strings.Count(r.exporting("csv"), "\n"); got != 2001 {
		t.Errorf("the next one has %d lines", got)
	}
}
