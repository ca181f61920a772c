package signin

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// jambonz signs the time and the raw body, not the URL.
// https://docs.jambonz.org/webhooks/securing
type jambonz struct{ keys [][]byte }

func (j jambonz) Verify(r *Request, now time.Time) error {
	if err := posted(r); err != nil {
		return err
	}
	header, err := only(r.Header, "Jambonz-Signature")
	if err != nil {
		return err
	}
	stamp, given, err := jambonzHeader(header)
	if err != nil {
		return err
	}
	at, err := unixTime(stamp)
	if err != nil {
		return err
	}
	text := stamp + "." + string(r.Body)
	if !anyFits(given, signatures(sha256.New, hex.EncodeToString, j.keys, text)) {
		return unfit()
	}
	return fresh(at, now)
}

// jambonzHeader takes "t=1794999988,v1=…,v1=…" apart. Other versions are left
// out.
func jambonzHeader(header string) (stamp string, given []string, err error) {
	items := strings.Split(header, ",")
	if len(items) > maxSignatures+1 {
		return "", nil, refused("Jambonz-Signature holds too many signatures")
	}
	for _, item := range items {
		switch name, value, _ := strings.Cut(item, "="); {
		case name == "t" && stamp != "":
			return "", nil, refused("Jambonz-Signature holds two timestamps")
		case name == "t":
			stamp = value
		case name == "v1":
			given = append(given, value)
		}
	}
	return stamp, given, nil
}
