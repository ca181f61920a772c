package signin

import (
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"time"
)

// plivo is version 3 of https://www.plivo.com/docs/voice/concepts/signature-validation.
// The nonce is signed and the time isn't, so a request can be used again once
// its nonce is forgotten.
type plivo struct {
	keys [][]byte
	used memory
}

func (p *plivo) Verify(r *Request, now time.Time) error {
	if err := getOrPost(r); err != nil {
		return err
	}
	list, err := only(r.Header, "X-Plivo-Signature-V3")
	if err != nil {
		return err
	}
	nonce, err := only(r.Header, "X-Plivo-Signature-V3-Nonce")
	if err != nil {
		return err
	}
	given := strings.Split(list, ",")
	if len(given) > maxSignatures {
		return refused("X-Plivo-Signature-V3 holds too many signatures")
	}
	texts, err := plivoTexts(r, nonce)
	if err != nil {
		return err
	}
	if !anyFits(given, signatures(sha256.New, base64.StdEncoding.EncodeToString, p.keys, texts...)) {
		return unfit()
	}
	return p.used.admit(nonce, now)
}

// plivoTexts are what the vendor's SDKs sign: the one for Node decodes the
// query before it does, the one for Go doesn't.
func plivoTexts(r *Request, nonce string) ([]string, error) {
	params, err := form(r)
	if err != nil {
		return nil, err
	}
	address := splitAddress(r.URL)
	query := strings.TrimPrefix(address.query, "?")
	decoded, err := url.ParseQuery(query)
	if err != nil {
		return nil, refused("the query can't be read")
	}
	end := run(params, sorted) + "." + nonce
	return []string{
		address.base() + plivoQuery(undecoded(query), len(params) > 0) + end,
		address.base() + plivoQuery(decoded, len(params) > 0) + end,
	}, nil
}

// plivoQuery is the query as it is signed: by name, then by value. A "."
// parts it from the parameters of a form; without a query, those have a bare
// "?" before them.
func plivoQuery(query url.Values, withForm bool) string {
	text := ""
	if len(query) > 0 || withForm {
		text = "?" + strings.Join(pairs(query, "=", sorted), "&")
	}
	if len(query) > 0 && withForm {
		text += "."
	}
	return text
}

// undecoded is a query whose names and values are left as they stand.
func undecoded(query string) url.Values {
	values := url.Values{}
	for pair := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(pair, "="); pair != "" {
			values.Add(name, value)
		}
	}
	return values
}
