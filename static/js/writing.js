// What makes writing easier: marks at a press, a count, the server's preview, a quotation, a name, and one's own name kept.

import { fetchFragment } from "./fragment.js";

const NAME = "forum:name";

/** Put marks around what is selected, or at the place of writing. */
function wrap(body, before, after) {
  const { selectionStart: from, selectionEnd: to, value } = body;
  body.setRangeText(before + value.slice(from, to) + after, from, to, "end");
  if (from === to) body.selectionStart = body.selectionEnd = from + before.length;
  changed(body);
}

/** Let everything that listens know that the words are others. */
function changed(body) {
  body.focus();
  body.dispatchEvent(new Event("input", { bubbles: true }));
}

const MARKS = {
  strong: (body) => wrap(body, "**", "**"),
  em: (body) => wrap(body, "*", "*"),
  link: (body) => wrap(body, "[", "](https://)"),
  list: (body) => lines(body, "- "),
  quote: (body, selected) => {
    if (!selected) return lines(body, "> ");
    const quoted = selected.split("\n").map((line) => `> ${line}`).join("\n");
    body.setRangeText(`${body.value && !body.value.endsWith("\n") ? "\n\n" : ""}${quoted}\n\n`, body.value.length, body.value.length, "end");
    return changed(body);
  },
};

function lines(body, mark) {
  const { selectionStart: from, selectionEnd: to, value } = body;
  const start = value.lastIndexOf("\n", from - 1) + 1;
  const marked = value.slice(start, to).split("\n").map((line) => mark + line).join("\n");
  body.setRangeText(marked, start, to, "end");
  changed(body);
}

function toolbar(form, body) {
  const bar = form.querySelector("[data-part=toolbar]");
  if (!bar) return;
  bar.hidden = false;
  let selected = "";
  // The selection in the page is gone as soon as the button has the focus.
  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    const inside = selection.anchorNode?.parentElement?.closest(".comment__body, .prose");
    if (inside && !selection.isCollapsed) selected = selection.toString().trim();
  });
  for (const button of bar.querySelectorAll("[data-mark]")) {
    button.addEventListener("click", () => {
      MARKS[button.dataset.mark](body, selected);
      if (button.dataset.mark === "quote") selected = "";
    });
  }
  const people = bar.querySelector("select");
  const names = [...document.querySelectorAll(".comments .comment__author")].map((each) => each.textContent.trim());
  for (const name of [...new Set(names)].sort((one, other) => one.localeCompare(other))) people.add(new Option(name, name));
  people.hidden = people.options.length < 2;
  people.addEventListener("change", () => {
    const { selectionStart: from, selectionEnd: to } = body;
    body.setRangeText(`@${people.value} `, from, to, "end");
    people.selectedIndex = 0;
    changed(body);
  });
}

function count(form, body) {
  const place = form.querySelector("[data-part=count]");
  if (!place) return;
  const most = Number(place.dataset.most);
  const show = () => {
    const length = [...body.value].length;
    place.hidden = length === 0;
    place.replaceChildren(place.dataset.words.replace("0", length));
    place.classList.toggle("field__error", length > most);
  };
  body.addEventListener("input", show);
  show();
}

function preview(form) {
  const button = form.querySelector("[value=preview]");
  const place = form.querySelector("[data-part=preview]");
  button?.addEventListener("click", async (event) => {
    event.preventDefault();
    const words = new URLSearchParams(new FormData(form));
    words.set("ask", "preview");
    try {
      const made = await fetchFragment(form.action, { method: "POST", body: words });
      place.replaceChildren(...made.querySelector("[data-part=preview]").childNodes);
      place.hidden = false;
    } catch {
      form.noValidate = true;
      form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "ask", value: "preview" }));
      form.submit();
    }
  });
}

function rememberName(form) {
  const { author_name: name, author_email: email } = form.elements;
  const tick = form.querySelector("[data-part=remember]");
  if (!name || !tick) return;
  tick.hidden = false;
  const box = tick.querySelector("input");
  try {
    const kept = JSON.parse(localStorage.getItem(NAME));
    box.checked = Boolean(kept);
    name.value ||= kept?.name ?? "";
    email.value ||= kept?.email ?? "";
    form.addEventListener("submit", () => {
      if (box.checked) localStorage.setItem(NAME, JSON.stringify({ name: name.value, email: email.value }));
      else localStorage.removeItem(NAME);
    });
  } catch {
    tick.hidden = true;
  }
}

/** Bring the toolbar, the count, the preview and the remembered name of this form to life. */
export function easeWriting(form, body) {
  toolbar(form, body);
  count(form, body);
  preview(form);
  rememberName(form);
}
