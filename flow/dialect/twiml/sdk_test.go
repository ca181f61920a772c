package twiml

import (
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

// The vendors' own builders make the same documents, and xmllint reads them.
func TestRepliesBeforeJudges(t *testing.T) {
	documents := map[string][]byte{}
	var said []dialecttest.Said
	for _, s := range suites() {
		for _, r := range s.Replies(t) {
			r.Name = s.Hook.Name + "-" + r.Name
			documents[r.Name] = []byte(r.Body)
			said = append(said, r)
		}
	}
	said = append(said,
		wrong("an attribute that it doesn't have", `<Response><Dial answerOnBridges="true"><Number>+15125550123</Number></Dial></Response>`),
		wrong("a word for a number", `<Response><Dial timeout="25s"><Number>+15125550123</Number></Dial></Response>`),
		wrong("a noun without its verb", `<Response><Number>+15125550123</Number></Response>`),
		wrong("a verb inside another", `<Response><Dial><Redirect>https://ivr.example.com</Redirect></Dial></Response>`),
		wrong("a text twice escaped", `<Response><Say>a &amp;amp; b</Say><Say`),
	)
	peer.XMLLint(t, documents)
	var judged int
	peer.Node(t, "reply_twiml.js", said, &judged)
	if judged != len(said) {
		t.Errorf("%d of %d replies were judged", judged, len(said))
	}
}

func wrong(name, body string) dialecttest.Said {
	return dialecttest.Said{Name: name, Status: 200, ContentType: "text/xml", Body: body, Wrong: true}
}
