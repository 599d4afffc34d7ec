// A branch that was folded stays folded on this device.

const KEPT = "forum:folded";
const MOST = 500;

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEPT)) ?? [];
  } catch {
    return [];
  }
}

const idOf = (branch) => branch.parentElement.querySelector(".comment").id;

export default function branches(list) {
  const folded = new Set(read());
  const meant = /^#comment-\d+$/.test(location.hash) ? document.getElementById(location.hash.slice(1)) : null;
  for (const branch of list.querySelectorAll(".branch")) {
    if (folded.has(idOf(branch)) && !branch.contains(meant)) branch.open = false;
  }
  // "toggle" does not rise to the list; it is met on its way down.
  list.addEventListener(
    "toggle",
    (event) => {
      if (!event.target.matches(".branch")) return;  // what somebody wrote who is muted folds too
      const id = idOf(event.target);
      const kept = read().filter((other) => other !== id);
      if (!event.target.open) kept.push(id);
      try {
        localStorage.setItem(KEPT, JSON.stringify(kept.slice(-MOST)));
      } catch {
        // No room or not allowed: it folds all the same.
      }
    },
    true,
  );
}
