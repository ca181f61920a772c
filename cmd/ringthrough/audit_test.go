package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	oneHash     = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	anotherHash = "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

func TestAuditVerify(t *testing.T) {
	const holds = `{"ok":true,"records":40,"head":"` + oneHash + `","broken":0,"problem":""}`
	const table = "RECORDS  HEAD\n40       40:" + oneHash + "\n"
	const rest = `{"ok":true,"records":40,"pruned":60,"erased":2,"head":"` + oneHash + `","broken":0,"problem":""}`
	const less = "RECORDS  HEAD\n40       100:" + oneHash + "\n\nRecords up to 60 were deleted, as retention is configured.\nOf 2 only the digest was checked: a number was erased from them.\n"
	for _, tt := range []struct {
		name, body, expect string
		stderr             string
	}{
		{"what is left of one", rest, "100:" + oneHash, ""},
		{"what is left, with another head", rest, "100:" + anotherHash, "ringthrough: error: the audit is broken: record 100 is not the one that was noted\n"},
		{"the chain holds", holds, "", ""},
		{"the head is the one that was noted", holds, "40:" + oneHash, ""},
		{"in capitals", holds, "40:" + strings.ToUpper(oneHash), ""},
		{"another head", holds, "40:" + anotherHash, "ringthrough: error: the audit is broken: record 40 is not the one that was noted\n"},
		{"the end was cut off", holds, "41:" + oneHash, "ringthrough: error: the audit is broken: it had 41 records, and has 40\n"},
		{"a head that others follow can't be compared", holds, "38:" + anotherHash,
			"ringthrough: error: the chain holds, but the head that was noted is not its last any more: 2 records came after it\nhint: the server tells the last hash alone: note the new head after each check, while nothing else is going on\n"},
		{"a broken chain", `{"ok":false,"records":40,"head":"` + oneHash + `","broken":7,"problem":"its hash doesn't fit"}`, "",
			"ringthrough: error: the audit is broken at record 7: its hash doesn't fit\nhint: somebody has written to the database past ringthrough: compare it with a backup\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := []string{"audit", "verify"}
			if tt.expect != "" {
				args = append(args, "--expect", tt.expect)
			}
			want := outcome{stdout: table, stderr: tt.stderr}
			if tt.body == rest {
				want.stdout = less
			}
			if tt.stderr != "" {
				want.code = 1
			}
			if diff := cmp.Diff(want, command(t, saying(t, tt.body), args...), cmp.AllowUnexported(outcome{})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestAuditLists(t *testing.T) {
	env := saying(t, `{"items":[
		{"id":2,"at":"2026-01-01T00:00:00Z","actor":"eve","role":"viewer","from":"192.0.2.1","action":"create","kind":"entry","key":"","note":"the role is not enough","refused":true},
		{"id":1,"at":"2026-01-01T00:00:00Z","actor":"bob","role":"editor","from":"192.0.2.2","action":"update","kind":"entry","key":"d1k2","before":{"label":"a"},"after":{"label":"b"},"note":"ticket 7","refused":false}]}`)
	for _, args := range []string{"audit", "audit ls"} {
		o := command(t, env, strings.Fields(args)...)
		for _, want := range []string{
			"192.0.2.1  refused create  entry  -     (the role is not enough)\n",
			`bob  192.0.2.2  update          entry  d1k2  label "a" → "b" (ticket 7)` + "\n",
		} {
			if !strings.Contains(o.stdout, want) {
				t.Errorf("%q is not in\n%s", want, o.stdout)
			}
		}
	}
}

// FuzzHead: what is read as a head is written as it was, and nothing else is.
func FuzzHead(f *testing.F) {
	for _, seed := range []string{"", ":", "0:", "40:" + oneHash, "-1:" + oneHash, "1:" + oneHash + "00", "x:" + oneHash, "007:" + oneHash} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var h chainHead
		if h.UnmarshalText([]byte(text)) != nil {
			return
		}
		var again chainHead
		if err := again.UnmarshalText([]byte(h.String())); err != nil || again != h || len(h.hash) != 64 || h.id < 0 {
			t.Errorf("%q is read as %v, and that as %v, %v", text, h, again, err)
		}
	})
}
