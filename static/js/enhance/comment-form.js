// No word is lost: what is typed is kept on this device until the page shows the comment.

import { easeWriting } from "../writing.js";

const AGAIN_AFTER = 3_000; // milliseconds until words that met no server go again; then longer each time
const LAST_PAUSE = 60_000;
const KEEP_EVERY = 2_000; // milliseconds without a key after which a member's words go to the server
const KEEP_FOR = 30 * 24 * 3_600_000; // milliseconds after which an unsent text is forgotten
const PREFIX = "forum:draft:";
const SENT = "forum:sent"; // what this tab sent last: Back, and the same words again, is the same comment
const SAME_FOR = 600_000; // milliseconds; without a key the server judges it so for as long

const words = (text) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

const randomKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

function read(name) {
  try {
    const draft = JSON.parse(localStorage.getItem(name));
    return draft && Date.now() - draft.at < KEEP_FOR ? draft : null;
  } catch {
    return null;
  }
}

function write(name, draft) {
  try {
    if (draft) localStorage.setItem(name, JSON.stringify({ ...draft, at: Date.now() }));
    else localStorage.removeItem(name);
  } catch {
    // No room or not allowed: the form works as it does without script.
  }
}

/** Return the key under which this tab sent the same words here a moment ago, or null. */
function sentBefore(name, body) {
  try {
    const sent = JSON.parse(sessionStorage.getItem(SENT));
    return sent?.name === name && sent.body === body && Date.now() - sent.at < SAME_FOR ? sent.key : null;
  } catch {
    return null;
  }
}

function rememberSent(name, body, key) {
  try {
    sessionStorage.setItem(SENT, JSON.stringify({ name, body, key, at: Date.now() }));
  } catch {
    // No room or not allowed: the form works as it does without script.
  }
}

/** Tell whether the comment that this page was opened at is the one in the draft: every word shown was typed. */
function isShown(draft) {
  if (!draft.sent || !/^#comment-\d+$/.test(location.hash)) return false;
  const body = document.getElementById(location.hash.slice(1))?.querySelector(".comment__body");
  if (!body) return false;
  const typed = new Set(words(draft.body));
  return words(body.textContent).every((word) => typed.has(word));
}

/** Forget every draft of this discussion that the page shows as a comment, also those of reply forms that are not open. */
function forgetShown(discussion) {
  try {
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith(discussion)) continue;
      const draft = read(name);
      if (!draft || isShown(draft)) write(name, null);
    }
  } catch {
    // Without storage there is nothing to forget.
  }
}

function keepOnServer(form) {
  const { body, key, parent_id: parent } = form.elements;
  const words = new URLSearchParams({ body: body.value, key: key.value, parent_id: parent?.value ?? "" });
  fetch(form.dataset.draft, { method: "POST", body: words, keepalive: true }).catch(() => {});
}

/** Send the words; while the server is away they wait, and go again with the same key, so that they arrive once. */
async function send(form, waits) {
  for (let pause = AGAIN_AFTER; ; pause = Math.min(pause * 2, LAST_PAUSE)) {
    let answer;
    try {
      const words = new URLSearchParams(new FormData(form));
      answer = await fetch(form.action, { method: "POST", body: words, headers: { "X-Fragment": "1" } });
    } catch {
      answer = null; // nobody there
    }
    if (answer?.status === 201) {
      location.assign(answer.headers.get("location"));
      return;
    }
    if (answer && answer.status !== 503 && answer.status !== 502 && answer.status !== 504) {
      form.submit(); // refused: the server's own page says why, with every word in the form
      return;
    }
    waits.hidden = false;
    await new Promise((resolve) => {
      setTimeout(resolve, pause);
      addEventListener("online", resolve, { once: true });
    });
  }
}

export default function commentForm(form) {
  const { body, key, parent_id: parent } = form.elements;
  easeWriting(form, body);
  if (!key) return; // a comment that is changed: it is kept already
  const button = form.querySelector("[type=submit]");
  const discussion = `${PREFIX}${new URL(form.action).pathname}:`;
  const name = discussion + (parent?.value ?? "");

  forgetShown(discussion);
  const draft = read(name);
  if (draft && !body.value) {
    body.value = draft.body;
    form.querySelector("[data-part=draft]")?.removeAttribute("hidden");
  }

  // The same words keep the same key, so that a second try after a lost answer is still one comment.
  // Words that changed after a try get a new one: the first try may have arrived, and these are others.
  if (draft && draft.body === body.value) key.value = draft.key;
  if (!key.value) key.value = randomKey();
  let tried = Boolean(draft?.sent);

  let onServer;
  const keep = () => {
    write(name, body.value.trim() ? { body: body.value, key: key.value, sent: tried } : null);
    // A member goes on with it on another device.
    clearTimeout(onServer);
    if (form.dataset.draft) onServer = setTimeout(() => keepOnServer(form), KEEP_EVERY);
  };

  body.addEventListener("input", () => {
    form.querySelector("[data-part=draft]")?.setAttribute("hidden", "");
    if (tried) key.value = randomKey();
    tried = false;
    keep();
  });

  body.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  const ready = () => {
    delete form.dataset.sending;
    button.removeAttribute("aria-disabled");
  };

  form.addEventListener("submit", (event) => {
    if (form.dataset.sending) {
      event.preventDefault();
      return;
    }
    key.value = sentBefore(name, body.value) ?? key.value;
    rememberSent(name, body.value, key.value);
    tried = true;
    keep();
    event.preventDefault();
    clearTimeout(onServer);
    form.dataset.sending = "1";
    button.setAttribute("aria-disabled", "true");
    send(form, form.querySelector("[data-part=waits]"));
  });

  window.addEventListener("pageshow", (event) => {
    if (event.persisted) ready(); // back again, out of the browser's memory
  });
}
