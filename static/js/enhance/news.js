// New since last time: marked where it stands, walked through by a link; and while the page is open, asked for politely.

import { fetchFragment } from "../fragment.js";

const FIRST = 30_000; // milliseconds between two questions; longer each time that nothing is new
const SLOWEST = 300_000;

export default function news(place) {
  const { url, until, since, seenUrl } = place.dataset;
  const name = `forum:seen:${url}`;
  let ids = [];

  const read = () => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null;
    }
  };

  // The next new one after the comment where the reader is; the first again after the last.
  const next = () => {
    const here = document.activeElement?.closest(".comment")?.id ?? location.hash.slice(1);
    return ids[(ids.indexOf(here) + 1) % ids.length];
  };

  const show = (fragment) => {
    const link = fragment.querySelector("a");
    place.replaceChildren(...(link ? [link] : []));
    ids = link ? fragment.dataset.ids.split(" ").map((id) => `comment-${id}`) : [];
    for (const id of ids) document.getElementById(id)?.classList.add("comment--new");
    link?.addEventListener("click", (event) => {
      const comment = document.getElementById(next());
      if (!comment) return; // on another page: the link leads there
      event.preventDefault();
      comment.tabIndex = -1;
      comment.focus({ preventScroll: true });
      comment.scrollIntoView({ block: "center" });
    });
  };

  const before = since || read();
  if (before && until && before < until) fetchFragment(`${url}?since=${before}`).then(show, () => {});

  const leave = () => {
    if (document.visibilityState !== "hidden" || !until) return;
    try {
      if (seenUrl) navigator.sendBeacon(seenUrl, new URLSearchParams({ until }));
      else if (!(read() > until)) localStorage.setItem(name, until);
    } catch {
      // No room or not allowed: nothing is marked next time.
    }
  };
  document.addEventListener("visibilitychange", leave);

  // Whether there is more: the browser asks with the ETag that it was given; with jitter, so that not all ask at once.
  let pause = FIRST;
  const ask = async () => {
    if (document.visibilityState === "visible") {
      try {
        const fragment = await fetchFragment(`${url}?since=${until || place.dataset.now}`);
        if (fragment.querySelector("a")) {
          pause = FIRST;
          if (!place.querySelector("a") || fragment.dataset.ids !== place.dataset.ids) show(fragment);
          place.dataset.ids = fragment.dataset.ids;
        } else pause = Math.min(SLOWEST, pause * 1.5);
      } catch {
        pause = SLOWEST;
      }
    }
    setTimeout(ask, pause * (0.8 + 0.4 * Math.random()));
  };
  const first = Number(place.dataset.pause) || FIRST;
  pause = first;
  setTimeout(ask, first * (0.8 + 0.4 * Math.random()));
  for (const sign of ["keydown", "pointerdown", "scroll"]) {
    addEventListener(sign, () => (pause = Math.min(pause, first)), { passive: true });
  }
}
