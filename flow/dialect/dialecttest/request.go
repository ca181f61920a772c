package dialecttest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httputil"
	"regexp"
	"strconv"
	"strings"

	"github.com/ringthrough/ringthrough/flow"
)

// parseRequest reads a section: request line, headers, an empty line, the
// body. The body is all that is left where no header says how long it is.
func parseRequest(raw []byte) (flow.Request, error) {
	raw = bytes.TrimSuffix(raw, []byte("\n"))
	if first, _, _ := bytes.Cut(raw, []byte("\n")); bytes.HasSuffix(first, []byte(" SIP/2.0")) {
		return sipRequest(raw), nil
	}
	head, body, _ := bytes.Cut(raw, []byte("\n\n"))
	req, err := http.ReadRequest(bufio.NewReader(io.MultiReader(bytes.NewReader(head), strings.NewReader("\n\n"))))
	if err != nil {
		return flow.Request{}, fmt.Errorf("read request: %w", err)
	}
	if len(req.TransferEncoding) > 0 {
		if body, err = joinChunks(body); err != nil {
			return flow.Request{}, fmt.Errorf("read chunks: %w", err)
		}
	}
	if length := req.Header.Get("Content-Length"); length != "" && length != strconv.Itoa(len(body)) {
		return flow.Request{}, fmt.Errorf("the body has %d bytes, Content-Length says %s", len(body), length)
	}
	mediaType, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	return flow.Request{
		Method: req.Method, RawQuery: req.URL.RawQuery, ContentType: mediaType,
		Header: req.Header.Get, Body: body,
	}, nil
}

// sipRequest is a SIP request whose lines end in a bare newline in a golden
// file.
func sipRequest(raw []byte) flow.Request {
	method, _, _ := strings.Cut(string(raw), " ")
	message := bytes.ReplaceAll(append(bytes.Clone(raw), '\n'), []byte("\n"), []byte("\r\n"))
	return flow.Request{Method: method, ContentType: "message/sip", Header: func(string) string { return "" }, Body: append(message, "\r\n"...)}
}

// joinChunks reads a chunked body, whose lines end in a bare newline in a
// golden file.
func joinChunks(body []byte) ([]byte, error) {
	wire := bytes.ReplaceAll(append(bytes.Clone(body), '\n'), []byte("\n"), []byte("\r\n"))
	return io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(wire)))
}

var manyDigits = regexp.MustCompile(`\d{6}`)

// discreet is an error where err may name a number: errors are logged.
func discreet(err error) error {
	if err != nil && manyDigits.MatchString(err.Error()) {
		return fmt.Errorf("the error may name a number: %w", err)
	}
	return nil
}
