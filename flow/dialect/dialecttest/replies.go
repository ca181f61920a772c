package dialecttest

import (
	"testing"

	"github.com/ringthrough/ringthrough/flow"
)

// Said is a reply as a judge outside is shown it, one line of JSON each.
type Said struct {
	Name        string `json:"name"`
	Act         string `json:"act"` // what the dialect was told; "whisper" where it was asked for one
	Status      int    `json:"status"`
	ContentType string `json:"content_type"`
	Body        string `json:"body"`
	Wrong       bool   `json:"wrong"` // the judge must refuse it: else it judges nothing
}

// Replies are the replies to the standard instructions, to those of the
// suite, and the whisper of the nasty announcement.
func (s Suite) Replies(t *testing.T) []Said {
	t.Helper()
	var all []Said
	for _, c := range append(Cases(s.Hook), s.Also...) {
		if s.carries(c.Instruction.Target) && s.carries(c.Instruction.Backup) {
			all = append(all, said(c.Name, string(c.Instruction.Act), s.Dialect.Encode(c.Instruction, &s.Hook)))
		}
	}
	if s.Dialect.Whisper != nil {
		all = append(all, said("whisper", "whisper", s.Dialect.Whisper(NastyAnnounce, &s.Hook)))
	}
	if len(all) == 0 {
		t.Error("the dialect replies to nothing")
	}
	return all
}

func said(name, act string, r flow.Reply) Said {
	if r.Status == 0 {
		r.Status = 200
	}
	return Said{Name: name, Act: act, Status: r.Status, ContentType: r.ContentType, Body: string(r.Body)}
}
