package bxml

import (
	"fmt"
	"time"

	"github.com/ringthrough/ringthrough/flow"
)

// result reads a transferComplete event, whose answer says how the call goes
// on: https://dev.bandwidth.com/docs/voice/webhooks/transferComplete. Bandwidth
// sends it only where the caller is still there. The causes are those of that
// page, which warns that there are others: they end the leg as well.
//
// The page shows a busy callee with an answerTime. So a leg was answered where
// it has one and somebody hung up, and in no other case.
//
// Unverified: what comes where the callee hangs up while hearing the
// announcement. It is taken for answered.
func result(r flow.Request, _ *flow.Hook) (flow.Report, error) {
	e, err := read(r)
	switch {
	case err != nil:
		return flow.Report{}, err
	case e.EventType != "transferComplete":
		return flow.Report{}, flow.ErrNotACall
	}
	switch e.Cause {
	case "hangup":
		if e.AnswerTime == "" {
			return ended(flow.ResultNoAnswer), nil
		}
		return flow.Report{Result: flow.ResultAnswered, Ended: true, Duration: e.duration()}, nil
	case "busy":
		return ended(flow.ResultBusy), nil
	case "timeout", "cancel", "rejected":
		return ended(flow.ResultNoAnswer), nil
	case "":
		return flow.Report{}, fmt.Errorf("%w: the event has no cause", flow.ErrMalformed)
	default:
		return ended(flow.ResultFailed), nil
	}
}

func ended(r flow.Result) flow.Report { return flow.Report{Result: r, Ended: true} }

// duration is how long the leg lasted once it was answered, and 0 where the
// times can't be: the result counts without.
func (e event) duration() time.Duration {
	from, err := time.Parse(time.RFC3339, e.AnswerTime)
	to, err2 := time.Parse(time.RFC3339, e.EventTime)
	d := to.Sub(from)
	if err != nil || err2 != nil || d < 0 || d > 24*time.Hour {
		return 0
	}
	return d
}
