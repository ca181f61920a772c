package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/retention"
)

func TestRetentionSettings(t *testing.T) {
	days := func(n int) flow.Duration { return flow.Duration(time.Duration(n) * 24 * time.Hour) }
	three, none := days(3), flow.Duration(0)
	for text, want := range map[string]retention.Config{
		"":                                       {},
		"retention: {calls: 400d}":               {Calls: days(400)},
		"retention:\n  candidates: 72h\n":        {Candidates: &three},
		"retention: {candidates: 0}":             {Candidates: &none},
		"retention: {audit: 2y, revisions: 52w}": {Audit: days(730), Revisions: days(364)},
		"retention: {calls: 0, candidates: 3d, audit: 0, revisions: 0}": {Candidates: &three},
	} {
		var s settings
		if err := readYAML([]byte(text), &s); err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, s.Retention); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	var s settings
	if readYAML([]byte("retention: {call: 30d}"), &s) == nil || readYAML([]byte("retention: {calls: 30 days}"), &s) == nil {
		t.Error("an unknown key or a span that is none was taken")
	}
}
