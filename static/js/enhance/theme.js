// Light, dark or as the system has it: chosen here, remembered on this device, set before the page is first painted.

const KEY = "forum:theme";
const page = document.documentElement;

function chosen() {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === "light" || theme === "dark" ? theme : "system";
  } catch {
    return "system";
  }
}

function choose(theme) {
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Not allowed to remember: it holds for this page.
  }
}

function show(theme) {
  if (theme === "system") delete page.dataset.theme;
  else page.dataset.theme = theme;
}

show(chosen());

export default function theme(form) {
  const { theme: choices } = form.elements;
  choices.value = chosen();

  form.addEventListener("change", () => {
    choose(choices.value);
    show(choices.value);
  });

  window.addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    choices.value = chosen();
    show(choices.value);
  });
}
