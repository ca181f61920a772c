package console_test

import (
	"encoding/json"
	"testing"

	"github.com/chromedp/chromedp"
)

// sendsForm makes a page send a form, or a file, as one of the page's own
// would be sent.
const sendsForm = `(path, fields, file) => {
	const form = document.createElement("form");
	Object.assign(form, {method: "post", action: path, hidden: true});
	for (let i = 0; i < fields.length; i += 2) {
		const field = document.createElement("textarea");
		field.name = fields[i];
		field.value = fields[i + 1];
		form.append(field);
	}
	if (file) {
		const input = Object.assign(document.createElement("input"), {type: "file", name: "file"}), carrier = new DataTransfer();
		carrier.items.add(new File([file], "numbers.csv", {type: "text/csv"}));
		input.files = carrier.files;
		form.enctype = "multipart/form-data";
		form.append(input);
	}
	document.body.append(form);
	delete document.body.dataset.page; // the next page has one of its own
	form.submit();
}`

// at looks at a page, and waits until it is there.
func (b *browser) at(s stop) {
	b.t.Helper()
	if s.post == nil && s.file == "" {
		b.goTo(s.path)
	} else {
		arguments, _ := json.Marshal([]any{s.path, append([]string{}, s.post...), s.file}) // they are texts
		b.run(chromedp.Evaluate[chromedp.Void](`(` + sendsForm + `)(...` + string(arguments) + `)`))
	}
	if s.template != "" {
		b.sees(`body[data-page="` + s.template + `"] h1`)
	}
}

// Every page is looked at in a real browser, at both widths and in both
// themes.
func TestEveryPageInTheBrowser(t *testing.T) {
	s := newStage(t)
	b := s.browser("admin")
	for _, stop := range s.stops() {
		t.Run(stop.name, func(t *testing.T) {
			b.t = t
			b.at(stop)
			value[int](b, `[...document.querySelectorAll("main details")].slice(0, 3).map(d => d.open = true).length`)
			b.judge("page-" + stop.name)
		})
	}
}
