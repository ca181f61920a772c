package server

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/ani"
)

func TestCheck(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct{ name, query, raw, region string }{
		{"eligible", "number=%2B442079460000", "+442079460000", ""},
		{"a + that the query has lost", "number=+442079460000", " 442079460000", ""},
		{"national", "number=020%207946%200000&region=gb", "020 7946 0000", "gb"},
		{"freephone", "number=0800%20123%204567&region=GB", "0800 123 4567", "GB"},
		{"blocked", "number=%2B5351234567", "+5351234567", ""},
		{"no number", "number=anonymous", "anonymous", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			want, err := json.Marshal(ani.Check(c.raw, c.region))
			if err != nil {
				t.Fatal(err)
			}
			r.do("viewer", "GET", "/v1/check?"+c.query, "").want(t, 200, string(want))
		})
	}
	got := parsed(t, r.do("viewer", "GET", "/v1/check?number=%2B18005550100", "").body).(map[string]any)
	finding := got["findings"].([]any)[0].(map[string]any)
	if diff := cmp.Diff([]any{"+18005550100", "caution", "toll_free", "caution", 5}, []any{got["number"], got["verdict"], finding["code"], finding["severity"], len(got["checklist"].([]any))}); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, query := range []string{"", "?number="} {
		r.do("viewer", "GET", "/v1/check"+query, "").wantProblem(t, 422, badFields, "number", missing)
	}
	r.do("viewer", "GET", "/v1/check?number=1&region=Europe", "").wantProblem(t, 422, badFields, "region", `"Europe" is no region: use its two letters, such as US or GB`)
	r.do("lookup", "GET", "/v1/check?number=1", "").wantProblem(t, 403, "the token's role is lookup, and this needs viewer")
}
