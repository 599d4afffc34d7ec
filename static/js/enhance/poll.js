// A vote without leaving the page: the results appear where the ballot stood.

import { fetchFragment } from "../fragment.js";

export default function poll(place) {
  const form = place.querySelector("form");
  if (!form) return;
  let sending = false;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending) return;
    sending = true;
    form.querySelector("[type=submit]").setAttribute("aria-disabled", "true");
    try {
      const results = await fetchFragment(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      place.replaceChildren(results);
      results.focus({ preventScroll: true });
    } catch {
      form.submit(); // the server's own page says what happened; a vote that was counted is not counted twice
    }
  });
}
