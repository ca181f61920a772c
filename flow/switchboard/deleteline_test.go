package switchboard_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ringthrough/ringthrough/flow"
	"github.com/ringthrough/ringthrough/flow/store"
	"github.com/ringthrough/ringthrough/flow/switchboard"
)

func TestDeleteLine(t *testing.T) {
	everyLine := createEntry("e2", "+442079460000")
	onlyHere := createEntry("e3", "+442079460001", "support-us")
	r := newRig(t)
	r.edit(everyLine, onlyHere, putWindow("w", flow.ModeListed, nil))

	if _, err := r.Edit(t.Context(), ops, "", deleteLine("support-us")); !errors.Is(err, switchboard.ErrInUse) {
		t.Fatalf("while an entry names it: %v", err)
	}
	still := createEntry("e3", "+442079460001", "support-us")
	still.Op = store.OpUpdate
	if _, err := r.Edit(t.Context(), ops, "", still, deleteLine("support-us")); err == nil || errors.Is(err, switchboard.ErrInUse) {
		t.Fatalf("while an entry is to name it: %v, want a problem with the entry", err)
	}
	closing := putWindow("w", flow.ModeListed, func(w *flow.Window) { w.ClosesAt = noon })
	r.edit(deleteEntry("e3"), closing, deleteLine("support-us"))
	if a := r.ring(); a.Decision.Reason != flow.ReasonLineUnknown {
		t.Errorf("once it is gone: %s", a.Decision.Reason)
	}
	w, err := r.gate.Window(t.Context(), "w")
	if err != nil || w.State(noon) != "closed" {
		t.Errorf("its window is %s, %v", w.State(noon), err)
	}
	r.edit(putLine(usLine()))
	if open := r.Snapshot().Live("support-us"); open.CountOpen(flow.ModeListed, noon) != 0 {
		t.Error("the window is open on the line that came in its place")
	}
}

// Taking the line off its last entry and deleting it may be one edit.
func TestDeleteLineThatEntriesNoLongerName(t *testing.T) {
	r := newRig(t)
	r.edit(createEntry("e2", "+442079460000", "support-us"))
	moved := createEntry("e2", "+442079460000")
	moved.Op = store.OpUpdate
	r.edit(moved, deleteLine("support-us"))
	if _, ok := r.Snapshot().Line("support-us"); ok {
		t.Error("the line is still there")
	}
}

func TestDeleteLineCountsAllEntries(t *testing.T) {
	r := newRig(t)
	var changes []store.Change
	for i := range 2345 {
		lines := []string{"support-us"}
		if i%2 == 0 {
			lines = nil
		}
		changes = append(changes, createEntry(fmt.Sprintf("n%d", i), fmt.Sprintf("+4420%08d", 70000000+i), lines...))
	}
	r.edit(changes...)
	_, err := r.Edit(t.Context(), ops, "", deleteLine("support-us"))
	if !errors.Is(err, switchboard.ErrInUse) || !strings.Contains(err.Error(), "entries: 1172, of which the first is +442070000001") {
		t.Errorf("got %v", err)
	}
}
