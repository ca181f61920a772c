package plivo

import (
	"fmt"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/form"
)

// result reads the request to the action of <Dial>, whose answer says how the
// call goes on: https://www.plivo.com/docs/voice/xml/dial. It is made once the
// leg is over.
//
// Unverified: that DialBLegDuration, which the callback URL is told, comes to
// the action too. Duration is that of the caller's leg, and not read.
func result(r flow.Request, _ *flow.Hook) (flow.Report, error) {
	f, err := form.Read(r, "DialStatus", "DialBLegDuration")
	if err != nil {
		return flow.Report{}, err
	}
	switch f["DialStatus"] {
	case "completed":
		return flow.Report{Result: flow.ResultAnswered, Ended: true, Duration: f.Seconds("DialBLegDuration")}, nil
	case "busy":
		return ended(flow.ResultBusy), nil
	case "no-answer", "timeout", "cancel":
		return ended(flow.ResultNoAnswer), nil
	case "failed":
		return ended(flow.ResultFailed), nil
	case "":
		return flow.Report{}, fmt.Errorf("%w: the form has no DialStatus", flow.ErrMalformed)
	default:
		return flow.Report{}, fmt.Errorf("%w: DialStatus is a word that nobody knows", flow.ErrMalformed)
	}
}

func ended(r flow.Result) flow.Report { return flow.Report{Result: r, Ended: true} }
