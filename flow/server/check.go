package server

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

type checkQuery struct {
	Number string `query:"number" required:"true" maxLength:"256" doc:"as it is written"`
	Region string `query:"region" doc:"two letters, such as GB: where the number would be dialled if it has no country code"`
}

func (a *api) registerCheck() {
	handle(a, a.operation(store.RoleViewer, "check-number", http.MethodGet, "/v1/check", "Tell whether a number may be activated"), a.check)
}

// check knows nothing but the number: what is on the list or on a line plays
// no part.
func (a *api) check(_ context.Context, in *checkQuery) (*reply[ani.Checked], error) {
	if in.Region != "" && !phonenumbers.GetSupportedRegions()[strings.ToUpper(in.Region)] {
		return nil, ani.Problems{{Field: "region", Text: fmt.Sprintf("%q is no region: use its two letters, such as US or GB", in.Region)}}
	}
	return &reply[ani.Checked]{ani.Check(in.Number, in.Region)}, nil
}
