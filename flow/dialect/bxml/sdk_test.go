package bxml

import (
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

// Bandwidth's own verbs write the same documents, and xmllint reads them.
func TestRepliesBeforeJudges(t *testing.T) {
	documents := map[string][]byte{}
	var said []dialecttest.Said
	for _, s := range suites() {
		for _, r := range s.Replies(t) {
			r.Name = "dial-" + s.Hook.Options["dial"] + "-" + r.Name
			if r.Act != "nothing" {
				documents[r.Name] = []byte(r.Body)
			}
			said = append(said, r)
		}
	}
	said = append(said,
		wrong("an attribute that it doesn't have", `<Response><Forward to="+15125550123" transferCompleteUrl="https://x"/></Response>`),
		wrong("a word for a number", `<Response><Forward to="+15125550123" callTimeout="25s"/></Response>`),
		wrong("a callee without its verb", `<Response><PhoneNumber>+15125550123</PhoneNumber></Response>`),
		wrong("a verb inside another", `<Response><Transfer><Redirect redirectUrl="https://x"/></Transfer></Response>`),
		wrong("another verb", `<Response><Dial>+15125550123</Dial></Response>`),
	)
	peer.XMLLint(t, documents)
	var judged int
	peer.Node(t, "reply_bxml.js", said, &judged)
	if judged != len(said) {
		t.Errorf("%d of %d replies were judged", judged, len(said))
	}
}

func wrong(name, body string) dialecttest.Said {
	return dialecttest.Said{Name: name, Status: 200, ContentType: contentType, Body: body, Wrong: true}
}
