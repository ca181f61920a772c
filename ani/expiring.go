package ani

import (
	"iter"
	"time"
)

// Expiring yields the entries for line that are switched on and expire after
// now and before until, in no particular order. It looks at every entry.
func (l *List) Expiring(line string, now, until time.Time) iter.Seq[Item] {
	from, to := now.UnixMilli(), until.UnixMilli()
	return func(yield func(Item) bool) {
		for i := range l.All {
			if r := i.record(); r.enabled && r.expiresAt > from && r.expiresAt < to && i.AppliesTo(line) && !yield(i) {
				return
			}
		}
	}
}

// ExpiresAt is when the entry stops matching; zero where it never does.
func (i Item) ExpiresAt() time.Time {
	if i.IsZero() || i.record().expiresAt == maxMillis {
		return time.Time{}
	}
	return time.UnixMilli(i.record().expiresAt).UTC()
}
