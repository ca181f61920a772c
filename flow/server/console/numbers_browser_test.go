package console_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ringthrough/ringthrough/ani"
	"github.com/ringthrough/ringthrough/flow/store"
)

func TestNumbersInABrowser(t *testing.T) {
	r := newRig(t).withLine()
	r.lists(func(e *ani.Entry) {
		e.Label, e.Source, e.Lines = "Meta, Dublin, second number of the registration", "ticket 4711", []string{"support-us"}
		e.ExpiresAt = r.now().Add(72 * time.Hour)
	}, "+353155501*")
	r.lists(func(e *ani.Entry) { e.Enabled = false }, "+442071838750-+442071838759")
	r.lists(func(e *ani.Entry) { e.NotBefore = r.now().Add(time.Hour) }, "+442071838760")
	r.lists(func(e *ani.Entry) { e.ExpiresAt = r.now().Add(-time.Hour) }, "+442071838761")
	r.ring(caller)
	b := r.browser("editor")
	b.goTo("/numbers")
	b.judge("numbers")

	b.run(chromedp.SendKeys(chromedp.CSS("#q"), "dublin"))
	b.reads("#numbers-found", "1 number")
	if at := value[string](b, `location.search`); at != "?q=dublin&state=&line=" {
		t.Errorf("the address says %s", at)
	}
	b.run(chromedp.SendKeys(chromedp.CSS("#q"), " nobody"))
	b.reads("#numbers-list", "No number matches")
	b.run(chromedp.NavigateBack())
	b.reads("#numbers-found", "1 number")

	b.goTo("/numbers/new")
	b.judge("number-new")
	b.fill("#f-pattern", "020 7946 0001")
	b.click("Put it on the list")
	b.reads(".wrong", "has no country code")
	b.judge("number-wrong")
	b.fill("#f-pattern", "+44 20 7946 0001")
	b.run(chromedp.Click(chromedp.CSS("input[value='7d']")))
	b.click("Put it on the list")
	b.reads(".said", "+442079460001 is on the list, until")
	b.click("+442079460001")
	b.sees("#f-label")
	b.judge("number")
	b.click("Switch off")
	b.reads(".said", "is switched off")
	b.click("Delete this number…")
	b.click("Delete")
	b.reads(".said", "is off the list")

	viewer := r.browser("viewer")
	viewer.goTo("/numbers/entry-1")
	viewer.judge("number-viewer")
}

func TestALostRaceInTwoBrowsers(t *testing.T) {
	r := newRig(t).withLine()
	first, second := r.browser("editor"), r.browser("admin")
	first.goTo("/numbers/entry-1")
	second.goTo("/numbers/entry-1")
	second.fill("#f-label", "Meta, as the admin calls it")
	second.click("Save")
	second.reads(".said", "is saved")
	first.fill("#f-label", "Meta, as the editor calls it")
	first.click("More: a beginning, the carrier’s word, a note")
	first.fill("#f-note", "named in the mail of Monday")
	first.click("Save")
	first.reads("h2", "They differ in 2 fields")
	first.judge("number-conflict")
	first.click("Put the two together by hand")
	first.fill("#f-label", "Meta, as both call it")
	first.click("Save")
	first.reads(".said", "is saved")
	if e := r.entry("entry-1"); e.Label != "Meta, as both call it" || e.Note != "named in the mail of Monday" {
		t.Errorf("kept %+v", e)
	}
}

func TestImportAndRestoreInABrowser(t *testing.T) {
	r := newRig(t).withLine()
	r.lists(func(e *ani.Entry) { e.Label = "Meta call 2" }, "+353155501*")
	good := r.board.Snapshot().Revision
	b := r.browser("admin")
	b.goTo("/numbers")
	b.click("Import")
	b.sees("#f-file")
	b.judge("import")
	file := filepath.Join(t.TempDir(), "numbers-of-monday.csv")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("pattern,label,lines\nnobody,Meta call 1,\n+442079460001,Meta call 3,nowhere\n")
	b.run(chromedp.SetUploadFiles(chromedp.CSS("#f-file"), []string{file}))
	b.click("Show what it would change")
	b.reads("h1", "can’t be imported")
	b.judge("import-bad")
	b.click("Choose the file again")
	b.sees("#f-file")
	drop(b, "pattern,label,lines\n+16505550123,Meta call 1 of Monday,support-us\n+442079460001,Meta call 3,support-us\n")
	b.run(chromedp.Click(chromedp.CSS("input[value=replace]")))
	b.click("Show what it would change")
	b.reads("h2", "1 added, 1 changed, 1 deleted")
	b.judge("import-preview")
	b.click("Import now")
	b.reads(".said", "is imported: 1 added, 1 changed, 1 deleted")

	b.click("History")
	b.reads("h1", "History")
	b.judge("history")
	b.click(fmt.Sprintf("Revision %d", r.board.Snapshot().Revision))
	b.reads("h2", "What it changed")
	b.judge("revision")
	b.goTo(fmt.Sprintf("/history/compare?from=%d&to=%d", good-1, good+1))
	b.judge("compare")
	b.goTo(fmt.Sprintf("/history/%d", good))
	b.click("Go back to this…")
	b.reads("h2", "Going back makes this change")
	b.judge("restore")
	b.click("Go back now")
	b.reads(".said", fmt.Sprintf("as they were at revision %d", good))
	if n := r.board.Snapshot().List.Len(); n != 2 {
		t.Errorf("%d numbers, want 2", n)
	}
}

// drop drops a file on the page's place for one.
func drop(b *browser, text string) {
	b.t.Helper()
	dropped := value[string](b, fmt.Sprintf(`(() => {
		const data = new DataTransfer();
		data.items.add(new File([%q], "dropped.csv", {type: "text/csv"}));
		document.querySelector("[data-drop]").dispatchEvent(new DragEvent("drop", {dataTransfer: data, bubbles: true, cancelable: true}));
		return document.querySelector("#f-file").files[0]?.name || "";
	})()`, text))
	if dropped != "dropped.csv" {
		b.t.Fatalf("the file that was dropped is %q", dropped)
	}
}

func TestALongListInABrowser(t *testing.T) {
	r := newRig(t).withLine()
	changes := make([]store.Change, 60)
	for i := range changes {
		e := ani.NewEntry()
		e.ID, e.Label = fmt.Sprint("id-", i), fmt.Sprint("Meta call ", i)
		e.Pattern, _ = ani.ParsePattern(fmt.Sprintf("+4420794600%02d", i)) // it is a number
		changes[i] = store.Change{Op: store.OpCreate, Kind: store.KindEntry, Key: e.ID, Entry: &e}
	}
	r.edit(changes...)
	b := r.browser("viewer")
	b.goTo("/numbers")
	b.click("Next 50")
	b.sees(`a[href="/numbers?"]`)
	b.click("To the beginning")
	b.reads("#numbers-found", "50 numbers on this page")
}
