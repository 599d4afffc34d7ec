// An old address of a comment that stands on another page of its discussion is asked of the server.

const ASKED = "forum:asked";

export default function permalink(section) {
  const look = () => {
    const id = /^#comment-(\d+)$/.exec(location.hash)?.[1];
    if (!id) return;
    try {
      const asked = sessionStorage.getItem(ASKED) === id;
      sessionStorage.removeItem(ASKED);
      // Asked just now and sent back here: it is nowhere, and asking again would go round for ever.
      if (asked || document.getElementById(`comment-${id}`)) return;
      sessionStorage.setItem(ASKED, id);
    } catch {
      return; // without a memory we cannot know that we do not go round
    }
    const address = `/comments/${id}?discussion=${section.dataset.discussion}`;
    // Asked first, for a number that is nowhere must not take the reader from the page.
    fetch(address, { redirect: "manual" }).then(
      (answer) => answer.type === "opaqueredirect" && location.replace(address),
      () => {},
    );
  };
  window.addEventListener("hashchange", look);
  look();
}
