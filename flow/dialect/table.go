// Package dialect lists the dialects that are spoken: one folder and one line
// in the table each. It knows no hook and no configuration.
package dialect

import (
	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/dialect/bxml"
	"github.com/ringthrough/ringthrough/flow/dialect/connect"
	"github.com/ringthrough/ringthrough/flow/dialect/flat"
	"github.com/ringthrough/ringthrough/flow/dialect/freeswitch"
	"github.com/ringthrough/ringthrough/flow/dialect/jambonz"
	"github.com/ringthrough/ringthrough/flow/dialect/kamailio"
	"github.com/ringthrough/ringthrough/flow/dialect/ncco"
	"github.com/ringthrough/ringthrough/flow/dialect/plivo"
	"github.com/ringthrough/ringthrough/flow/dialect/sip302"
	"github.com/ringthrough/ringthrough/flow/dialect/svaml"
	"github.com/ringthrough/ringthrough/flow/dialect/swml"
	"github.com/ringthrough/ringthrough/flow/dialect/twiml"
)

// All lists the dialects. The caller owns the slice.
func All() []flow.Dialect {
	return []flow.Dialect{
		flat.Dialect(),
		twiml.Dialect(),
		plivo.Dialect(),
		bxml.Dialect(),
		jambonz.Dialect(),
		ncco.Dialect(),
		swml.Dialect(),
		svaml.Dialect(),
		connect.Dialect(),
		freeswitch.Dialect(),
		kamailio.Dialect(),
		sip302.Dialect(),
	}
}

// ByName is the dialect called name, as a hook's configuration writes it.
func ByName(name string) (flow.Dialect, bool) {
	for _, d := range All() {
		if d.Name == name {
			return d, true
		}
	}
	return flow.Dialect{}, false
}
