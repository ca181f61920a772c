package twiml

import (
	"fmt"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/form"
)

// result reads the request to the action of <Dial> or <Enqueue>. The call
// waits for the answer to it.
func result(r flow.Request, _ *flow.Hook) (flow.Report, error) {
	f, err := form.Read(r, "DialCallStatus", "DialCallDuration", "DialBridged", "QueueResult")
	switch {
	case err != nil:
		return flow.Report{}, err
	case f.Has("DialCallStatus"):
		return dialled(f)
	case f.Has("QueueResult"):
		return queued(f["QueueResult"])
	default:
		return flow.Report{}, fmt.Errorf("%w: the form has neither DialCallStatus nor QueueResult", flow.ErrMalformed)
	}
}

// dialled reads https://www.twilio.com/docs/voice/twiml/dial#dialcallstatus-values.
//
// Unverified: that DialBridged is false where the callee picked up and hung up
// while being told whose call it is. The caller has heard nothing but ringing,
// then, and the backup may be rung.
func dialled(f form.Fields) (flow.Report, error) {
	switch f["DialCallStatus"] {
	case "completed", "answered":
		if f["DialBridged"] == "false" {
			return ended(flow.ResultNoAnswer), nil
		}
		return flow.Report{Result: flow.ResultAnswered, Ended: true, Duration: f.Seconds("DialCallDuration")}, nil
	case "busy":
		return ended(flow.ResultBusy), nil
	case "no-answer", "canceled":
		return ended(flow.ResultNoAnswer), nil
	case "failed":
		return ended(flow.ResultFailed), nil
	case "queued", "initiated", "ringing", "in-progress":
		return flow.Report{}, nil
	default:
		return flow.Report{}, fmt.Errorf("%w: DialCallStatus is a word that nobody knows", flow.ErrMalformed)
	}
}

// queued reads https://www.twilio.com/docs/voice/twiml/enqueue#queueresult-values.
// A caller who was bridged is reported once both have hung up. QueueTime is how
// long the caller waited, and so no duration of an answered leg.
func queued(word string) (flow.Report, error) {
	switch word {
	case "bridged", "redirected-from-bridged":
		return ended(flow.ResultAnswered), nil
	case "hangup", "leave", "redirected":
		return ended(flow.ResultNoAnswer), nil
	case "queue-full":
		return ended(flow.ResultBusy), nil
	case "error", "system-error":
		return ended(flow.ResultFailed), nil
	case "bridging-in-process":
		return flow.Report{}, nil
	default:
		return flow.Report{}, fmt.Errorf("%w: QueueResult is a word that nobody knows", flow.ErrMalformed)
	}
}

func ended(r flow.Result) flow.Report { return flow.Report{Result: r, Ended: true} }
