// Asking the server for a piece of a page.

/** Return the element of the fragment at this address. Rejects when the answer is not a whole and good one. */
export async function fetchFragment(url, options = {}) {
  const response = await fetch(url, { ...options, headers: { "X-Fragment": "1" }, signal: AbortSignal.timeout(15_000) });
  if (!response.ok) throw new Error(`answer ${response.status}`);
  const template = document.createElement("template");
  template.innerHTML = await response.text();
  const element = template.content.firstElementChild;
  if (!element || template.content.querySelector("main")) throw new Error("a page, not a fragment");
  return element;
}
