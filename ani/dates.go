package ani

import "time"

// State is what the entry does at now; StateDisabled for the zero Item.
func (i Item) State(now time.Time) State {
	if i.IsZero() {
		return StateDisabled
	}
	return i.record().state(now.UnixMilli())
}

// NotBefore is when the entry begins to match; zero where it always has.
func (i Item) NotBefore() time.Time {
	if i.IsZero() || i.record().notBefore == minMillis {
		return time.Time{}
	}
	return time.UnixMilli(i.record().notBefore).UTC()
}
