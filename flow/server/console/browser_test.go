package console_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/ringthrough/ringthrough/deploy/test/peer"
)

// browser is a real Chromium with a profile of its own.
type browser struct {
	t   testing.TB
	ctx context.Context
	url string
}

// browserWait is how long a page may take to show something on a busy
// machine.
const browserWait = 30 * time.Second

// browser signs in with the token of role; with none it stays at the sign-in
// page. What the page reports as an error, a script that the policy refuses
// too, fails the test.
func (r *rig) browser(role string) *browser {
	r.t.Helper()
	path := peer.Command(r.t, "chromium", peer.Everything)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("lang", "en-GB"))
	allocator, cancel := chromedp.NewExecAllocator(context.WithoutCancel(r.t.Context()), options...)
	r.t.Cleanup(cancel)
	ctx, cancelTab := chromedp.NewContext(allocator)
	r.t.Cleanup(cancelTab)
	b := &browser{r.t, ctx, r.url}
	b.listen()
	b.goTo("/sign-in")
	if role != "" {
		b.run(chromedp.SendKeys(chromedp.CSS("#token"), role), chromedp.Submit(chromedp.CSS("#token")))
		b.sees(`nav[aria-label="Pages"]`)
	}
	return b
}

// listen fails the test for what a page complains of.
func (b *browser) listen() {
	err := chromedp.Listen(b.ctx, func(event any) {
		switch e := event.(type) {
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.Text, "the server responded with a status of 4") {
				b.t.Errorf("the browser logs: %s (%s)", e.Entry.Text, e.Entry.URL)
			}
		case *runtime.EventExceptionThrown:
			b.t.Errorf("a script fails: %s", e.ExceptionDetails.Text)
		}
	})
	if err == nil {
		_, err = chromedp.Call(b.ctx, log.Enable, cdp.Empty{})
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// run takes steps that give nothing.
func (b *browser) run(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browserWait)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("browser: %v\n%s", err, b.text())
	}
}

// value is what a script gives, once it is there.
func value[T any](b *browser, script string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browserWait)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("browser: %v", err)
	}
	return v
}

// text is what the page shows, for the message of a test that fails.
func (b *browser) text() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`)) // it is only to help
	return text
}

func (b *browser) goTo(path string) {
	b.t.Helper()
	b.run(chromedp.Navigate(b.url + path))
}

// sees waits until an element that the selector names can be seen.
func (b *browser) sees(selector string) {
	b.t.Helper()
	b.run(chromedp.WaitVisible(chromedp.CSS(selector)))
}

// reads waits until an element that the selector names has a text in it. A
// page that is just being left can't be asked, and is asked again.
func (b *browser) reads(selector, text string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, browserWait)
	defer cancel()
	script := fmt.Sprintf(`[...document.querySelectorAll(%s)].some(e => e.innerText.includes(%s))`, quoted(selector), quoted(text))
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		if there, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script)); err == nil && there {
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			b.t.Fatalf("%s doesn't come to say %q\n%s", selector, text, b.text())
		}
	}
}

// quoted is s as a script has it.
func quoted(s string) string {
	b, _ := json.Marshal(s) // a string always has a JSON form
	return string(b)
}

// click presses the button or follows the link that bears a text.
func (b *browser) click(text string) {
	b.t.Helper()
	xpath := `//*[self::a or self::button or self::summary][normalize-space(.)="` + text + `"]`
	b.run(chromedp.Click(xpath, chromedp.NodeVisible))
}

func (b *browser) fill(selector, value string) {
	b.t.Helper()
	b.run(chromedp.Evaluate[chromedp.Void](`document.querySelector(`+quoted(selector)+`).value = ""`), chromedp.SendKeys(chromedp.CSS(selector), value))
}

// looks are the ways in which every page is looked at.
var looks = []struct {
	name   string
	width  int64
	height int64
	dark   bool
}{
	{"narrow-light", 360, 740, false}, {"narrow-dark", 360, 740, true},
	{"wide-light", 2560, 1440, false}, {"wide-dark", 2560, 1440, true},
}

// judge looks at the page as it is, in both widths and both themes: nothing
// may be wider than the screen, and axe-core may find no serious fault. It
// keeps a screenshot of each look in the folder of
// RINGTHROUGH_SCREENSHOTS, where that is set.
func (b *browser) judge(name string) {
	b.t.Helper()
	for _, look := range looks {
		theme := "light"
		if look.dark {
			theme = "dark"
		}
		b.run(chromedp.EmulateViewport(look.width, look.height))
		b.prefer(theme)
		if over := value[int](b, `document.documentElement.scrollWidth - window.innerWidth`); over > 0 {
			b.t.Errorf("%s, %s: the page is %d px wider than the screen", name, look.name, over)
		}
		b.axe(name + ", " + look.name)
		b.keep(name + "-" + look.name)
	}
	b.run(chromedp.EmulateViewport(1280, 900))
}

// prefer sets what the browser's user prefers.
func (b *browser) prefer(theme string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	if err != nil {
		b.t.Fatal(err)
	}
}

// screenshots names the folder that judge keeps its screenshots in, as WebP
// of screenshotQuality. Those of deploy/console are made by
//
//	RINGTHROUGH_SCREENSHOTS=DIR go test ./flow/server/console -run TestEveryPageInTheBrowser
const (
	screenshots       = "RINGTHROUGH_SCREENSHOTS"
	screenshotQuality = 40
)

// axe has axe-core (https://github.com/dequelabs/axe-core) look for faults
// that keep people with a handicap out.
func (b *browser) axe(where string) {
	b.t.Helper()
	source, err := os.ReadFile(filepath.Join(peer.SDK(b.t), "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		peer.Missing(b.t, "axe-core is not installed: "+peer.Everything)
	}
	b.run(chromedp.Evaluate[chromedp.Void](string(source)))
	faults := value[[]string](b, `axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.filter(v => v.impact === "serious" || v.impact === "critical").map(v => v.id + ": " + v.help + " " + v.nodes.map(n => n.html + " " + n.failureSummary).join(" | ")))`)
	for _, fault := range faults {
		b.t.Errorf("%s: %s", where, fault)
	}
}

func (b *browser) keep(name string) {
	b.t.Helper()
	dir := os.Getenv(screenshots)
	if dir == "" {
		return
	}
	shot, err := chromedp.Call(b.ctx, cdppage.CaptureScreenshot, cdppage.CaptureScreenshotParams{
		Format: cdppage.CaptureScreenshotFormatWebp, Quality: new(int64(screenshotQuality)), CaptureBeyondViewport: new(true), FromSurface: new(true),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".webp"), shot.Data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
