package dialecttest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow"
)

// describeCall lists what is set in c, a line each.
func describeCall(c flow.Call, err error) string {
	if errors.Is(err, flow.ErrNotACall) {
		return "asks nothing\n"
	}
	var b strings.Builder
	if err != nil {
		fmt.Fprintf(&b, "error: %v\n", err)
		if !errors.Is(err, flow.ErrMalformed) {
			b.WriteString("error is neither ErrMalformed nor ErrNotACall\n")
		}
		return b.String()
	}
	line(&b, "ani", number(c.ANI, c.ANIFault))
	line(&b, "dnis", number(c.DNIS, c.DNISFault))
	line(&b, "diverter", c.Diverter.String())
	line(&b, "id", quoted(c.ID))
	line(&b, "attestation", c.Attestation.String())
	if c.Carries != nil {
		line(&b, "carries", carried(c.Carries))
	}
	return b.String()
}

func line(b *strings.Builder, name, value string) {
	if value != "" {
		fmt.Fprintf(b, "%s: %s\n", name, value)
	}
}

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return fmt.Sprintf("%q", s)
}

// number is n, or the fault that stands in its place.
func number(n ani.Number, fault error) string {
	switch {
	case !n.IsZero() && fault != nil:
		return fmt.Sprintf("%s AND ALSO %v", n, fault)
	case n.IsZero() && fault == nil:
		return "NEITHER A NUMBER NOR A FAULT"
	case fault != nil:
		return fault.Error()
	default:
		return n.String()
	}
}

// carried lists the kinds of the standard targets that the call can be
// directed to.
func carried(carries func(flow.Target) bool) string {
	kinds := []string{}
	for _, kind := range flow.Kinds() {
		if carries(target(kind)) {
			kinds = append(kinds, string(kind))
		}
	}
	return strings.Join(kinds, " ")
}

func describeReport(r flow.Report, err error) string {
	if errors.Is(err, flow.ErrNotACall) {
		return "reports nothing\n"
	}
	if err != nil {
		return fmt.Sprintf("error: %v\n", err)
	}
	var b strings.Builder
	line(&b, "result", string(r.Result))
	line(&b, "ended", fmt.Sprint(r.Ended))
	line(&b, "duration", r.Duration.String())
	return b.String()
}

// describeReply shows a reply nearly as on the wire. A newline that ends the
// body shows as an empty line.
func describeReply(r flow.Reply) string {
	status := r.Status
	if status == 0 {
		status = 200
	}
	return fmt.Sprintf("%d\nContent-Type: %s\n\n%s\n", status, r.ContentType, r.Body)
}
