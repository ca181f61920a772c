package signin_test

import (
	"strings"
	"testing"
)

func TestListsOfSignatures(t *testing.T) {
	plivo := find(t, "plivo: form, query in the URL")
	jambonz := find(t, "jambonz: fresh")
	standard := find(t, "standard-webhooks: fresh")
	stamp, v1, _ := strings.Cut(jambonz.Headers["Jambonz-Signature"], ",")
	many := func(other, sep, good string, n int) string { return strings.Repeat(other+sep, n) + good }
	for _, c := range []struct {
		name  string
		s     sample
		valid bool
	}{
		{"plivo: the last of eight", plivo.with("X-Plivo-Signature-V3", many("AAAA", ",", plivo.Headers["X-Plivo-Signature-V3"], 7)), true},
		{"plivo: the last of nine", plivo.with("X-Plivo-Signature-V3", many("AAAA", ",", plivo.Headers["X-Plivo-Signature-V3"], 8)), false},
		{"jambonz: the last of eight", jambonz.with("Jambonz-Signature", stamp+","+many("v1=00", ",", v1, 7)), true},
		{"jambonz: the last of nine", jambonz.with("Jambonz-Signature", stamp+","+many("v1=00", ",", v1, 8)), false},
		{"jambonz: another version beside it", jambonz.with("Jambonz-Signature", stamp+",v0=00,"+v1), true},
		{"jambonz: another version alone", jambonz.with("Jambonz-Signature", stamp+","+strings.Replace(v1, "v1", "v0", 1)), false},
		{"jambonz: two timestamps", jambonz.with("Jambonz-Signature", stamp+","+stamp+","+v1), false},
		{"jambonz: no timestamp", jambonz.with("Jambonz-Signature", v1), false},
		{"standard-webhooks: the last of eight", standard.with("Webhook-Signature", many("v1,AAAA", " ", standard.Headers["Webhook-Signature"], 7)), true},
		{"standard-webhooks: the last of nine", standard.with("Webhook-Signature", many("v1,AAAA", " ", standard.Headers["Webhook-Signature"], 8)), false},
		{"standard-webhooks: another version", standard.with("Webhook-Signature", strings.Replace(standard.Headers["Webhook-Signature"], "v1", "v2", 1)), false},
		{"standard-webhooks: another spelling of the time", standard.with("Webhook-Timestamp", "0"+standard.Headers["Webhook-Timestamp"]), false},
		{"standard-webhooks: a sign before the time", standard.with("Webhook-Timestamp", "+"+standard.Headers["Webhook-Timestamp"]), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.s.verify(t); (err == nil) != c.valid {
				t.Errorf("Verify: %v, want valid %t", err, c.valid)
			}
		})
	}
}
