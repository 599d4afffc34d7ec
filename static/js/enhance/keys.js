// A discussion by keyboard: j and k walk the comments, n and p the new ones, o folds, u goes up, r answers, ? tells all this.

const OFF = "forum:keys-off";

const isTyping = (event) =>
  event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable], dialog");

function go(comment) {
  if (!comment) return false;
  for (let fold = comment.closest(".branch:not([open])"); fold; fold = fold.parentElement.closest(".branch:not([open])")) {
    fold.open = true;
  }
  comment.tabIndex = -1;
  comment.focus({ preventScroll: true });
  comment.scrollIntoView({ block: "nearest" });
  return true;
}

export default function keys(dialog) {
  const discussion = dialog.closest(".discussion");
  const use = dialog.querySelector("input");
  const here = () => document.activeElement?.closest(".comment") ?? null;
  const shown = (chosen) => [...discussion.querySelectorAll(`.comments ${chosen}`)].filter((each) => each.checkVisibility());

  // Of those that are chosen, the one after (or before) where the reader is, wherever that is.
  const beside = (chosen, back) => {
    const all = shown(".comment");
    const from = here() ? all.indexOf(here()) : back ? all.length : -1;
    const rest = back ? all.slice(0, Math.max(0, from)).reverse() : all.slice(from + 1);
    return rest.find((each) => each.matches(chosen));
  };
  const page = (rel) => discussion.querySelector(`.paging a[rel=${rel}]`)?.click();

  const acts = {
    j: () => go(beside(".comment", false)) || page("next"),
    k: () => go(beside(".comment", true)) || page("prev"),
    n: () => go(beside(".comment--new", false)) || discussion.querySelector("[data-enhance=news] a")?.click(),
    p: () => go(beside(".comment--new", true)),
    o: () => {
      const branch = here()?.parentElement.querySelector(":scope > .branch");
      if (branch) branch.open = !branch.open;
    },
    u: () => go(here()?.closest("ol")?.closest("li")?.querySelector(".comment")),
    r: () => here()?.querySelector("[data-enhance=reply]")?.click(),
    "?": () => dialog.showModal(),
  };

  try {
    use.checked = localStorage.getItem(OFF) === null;
    use.addEventListener("change", () => (use.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
  } catch {
    // Not allowed: the choice holds as long as the page.
  }

  document.addEventListener("keydown", (event) => {
    const act = Object.hasOwn(acts, event.key) && acts[event.key];
    if (!act || isTyping(event) || (!use.checked && event.key !== "?")) return;
    event.preventDefault();
    act();
  });
}
