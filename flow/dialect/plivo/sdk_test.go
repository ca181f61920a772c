package plivo

import (
	"testing"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
	"github.com/ringthrough/ringthrough/flow/dialect/dialecttest"
)

// Plivo's own builder makes the same documents, and xmllint reads them.
func TestRepliesBeforeJudges(t *testing.T) {
	documents := map[string][]byte{}
	said := suite().Replies(t)
	for _, r := range said {
		documents[r.Name] = []byte(r.Body)
	}
	said = append(said,
		wrong("an attribute that it doesn't have", `<Response><Dial answerOnBridge="true"><Number>15125550123</Number></Dial></Response>`),
		wrong("a verb inside another", `<Response><Dial><Redirect>https://ivr.example.com</Redirect></Dial></Response>`),
		wrong("a noun without its verb", `<Response><Number>15125550123</Number></Response>`),
		wrong("another verb", `<Response><Forward to="+15125550123"/></Response>`),
	)
	peer.XMLLint(t, documents)
	var judged int
	peer.Node(t, "reply_plivo.js", said, &judged)
	if judged != len(said) {
		t.Errorf("%d of %d replies were judged", judged, len(said))
	}
}

func wrong(name, body string) dialecttest.Said {
	return dialecttest.Said{Name: name, Status: 200, ContentType: "application/xml", Body: body, Wrong: true}
}
