// The reply form opens under the comment that it answers.

import { enhance } from "../enhance.js";
import { fetchFragment } from "../fragment.js";

export default function reply(link) {
  const comment = link.closest(".comment");
  let opening = false;

  const open = () => {
    const next = comment.nextElementSibling;
    return next?.matches(".comment-form") ? next : null;
  };

  link.addEventListener("click", async (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (opening) return;
    opening = true;
    try {
      let form = open();
      if (!form) {
        form = await fetchFragment(link.href);
        comment.after(form);
        form.querySelector("[data-part=cancel]")?.addEventListener("click", (click) => {
          click.preventDefault();
          form.remove();
          link.focus();
        });
        enhance(form);
      }
      form.querySelector("textarea").focus();
    } catch {
      location.assign(link.href);
    }
    opening = false;
  });
}
