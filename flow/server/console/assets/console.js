"use strict";
// What the pages do beyond what the server has written: times in the
// browser's own zone, countdowns, and news of calls. Without it every page
// still works.
(() => {
  const zone = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
  const exact = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit" });

  function localise(root) {
    for (const t of root.querySelectorAll("time[data-to]")) {
      const at = new Date(t.dateTime);
      t.title = t.textContent;
      t.textContent = (t.dataset.to === "second" ? exact : zone).format(at);
      delete t.dataset.to;
    }
  }

  // A countdown is <span data-until="RFC 3339">; the server's text in it says
  // when, and stays where there is no script.
  function count() {
    for (const c of document.querySelectorAll("[data-until]")) {
      const left = Math.max(0, Math.round((new Date(c.dataset.until) - Date.now() - skew) / 1000));
      const h = Math.floor(left / 3600), m = Math.floor(left / 60) % 60, s = left % 60;
      c.textContent = (h > 0 ? h + ":" + String(m).padStart(2, "0") : m) + ":" + String(s).padStart(2, "0");
    }
  }

  // The browser's clock may be wrong; the server says what time it is.
  const said = document.querySelector("meta[name=server-time]");
  const skew = said ? new Date(said.content) - Date.now() : 0;

  document.addEventListener("htmx:load", e => { localise(e.target); count(); });
  document.addEventListener("htmx:configRequest", e => {
    if ((e.detail.triggeringEvent?.type || "").startsWith("sse:")) e.detail.headers["Ringthrough-Background"] = "1";
  });
  // What can't be taken comes with a status of its own, and is shown.
  document.addEventListener("htmx:beforeSwap", e => {
    if ([409, 412, 422].includes(e.detail.xhr.status)) { e.detail.shouldSwap = true; e.detail.isError = false; }
  });
  document.addEventListener("submit", e => {
    const sure = e.submitter?.dataset.sure;
    if (sure && !confirm(sure)) e.preventDefault();
  });
  // What is to be copied can be copied by hand where the browser won't.
  for (const button of document.querySelectorAll("[data-copy]")) {
    const from = document.getElementById(button.dataset.copy);
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", () => navigator.clipboard.writeText(from.value).then(
      () => { document.getElementById(from.id + "-copied").textContent = "Copied."; }, () => from.select()));
  }
  document.addEventListener("dragover", e => { if (e.target.closest?.("[data-drop]")) e.preventDefault(); });
  document.addEventListener("drop", e => {
    const place = e.target.closest?.("[data-drop]");
    if (!place || !e.dataTransfer.files.length) return;
    e.preventDefault();
    const input = place.querySelector("input[type=file]");
    input.files = e.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  // A list of time zones is long; the browser has it.
  for (const list of document.querySelectorAll("datalist[data-zones]")) {
    list.replaceChildren(...(Intl.supportedValuesOf?.("timeZone") || []).concat("UTC").map(zone => new Option("", zone)));
  }
  // A page that hears no news any more must not look as if it did.
  const stale = document.getElementById("stale");
  document.addEventListener("htmx:sseOpen", () => { stale.hidden = true; });
  for (const lost of ["htmx:sseError", "htmx:sseClose"]) document.addEventListener(lost, () => {
    if (!stale.hidden) return;
    stale.querySelector("b").textContent = exact.format(new Date());
    stale.hidden = false;
  });
  localise(document);
  count();
  setInterval(count, 1000);
})();
