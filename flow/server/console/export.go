package console

import (
	"fmt"
	"net/http"
	"net/url"
)

// export sends the list on to the browser as the API gives it, however long
// that takes: nothing of it is kept.
func (v *visit) export(format string) error {
	v.patiently()
	to := "/v1/export?" + url.Values{"format": {format}}.Encode()
	r, err := http.NewRequestWithContext(v.r.Context(), http.MethodGet, to, nil)
	if err != nil {
		return fmt.Errorf("ask the API: %w", err)
	}
	name := "ringthrough-" + v.board.Now().UTC().Format("2006-01-02") + "." + format
	out := &relay{ResponseWriter: v.w, name: name}
	v.api(v.who.token(), v.from(), out, r)
	if out.refused != nil {
		return out.refused.refusal()
	}
	return nil
}

// relay hands on what the API answers, as a file to be saved; a refusal it
// keeps back, for a page to show.
type relay struct {
	http.ResponseWriter
	name    string
	begun   bool
	refused *recorder
}

// Unwrap is what http.ResponseController asks of a writer.
func (r *relay) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// WriteHeader decides which of the two it is.
func (r *relay) WriteHeader(status int) {
	if r.begun || r.refused != nil {
		return
	}
	if status/100 != 2 {
		r.refused = &recorder{header: http.Header{}, status: status}
		return
	}
	r.begun = true
	r.Header().Set("Content-Disposition", "attachment; filename="+r.name)
	r.ResponseWriter.WriteHeader(status)
}

func (r *relay) Write(b []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	if r.refused != nil {
		return r.refused.Write(b)
	}
	return r.ResponseWriter.Write(b)
}
