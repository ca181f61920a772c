package editing

import (
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/store/form"
)

// Outcome is what becomes of a call whose outcome is set, and the audit record
// of it.
func Outcome(was store.Call, o store.OutcomeOf) (store.Call, store.AuditRecord, error) {
	is := was
	is.Outcome, is.OutcomeBy, is.Note = o.Outcome, o.Author.Name, o.Note
	before, err := form.JSON(outcomeRecord{was.Outcome, was.Note})
	if err != nil {
		return store.Call{}, store.AuditRecord{}, err
	}
	after, err := form.JSON(outcomeRecord{is.Outcome, is.Note})
	return is, store.AuditRecord{
		At: form.Millis(o.At), Actor: o.Author.Name, Role: o.Author.Role, From: o.Author.From,
		Action: "outcome", Kind: store.KindCall, Key: was.ID, Before: before, After: after,
	}, err
}

// outcomeRecord is what the audit keeps of a call whose outcome is set.
type outcomeRecord struct {
	Outcome store.Outcome `json:"outcome"`
	Note    string        `json:"note"`
}
