// The point of a picture that stays in sight is chosen by pointing at it; what is seen of it in lists follows the numbers.

const percent = (part, whole) => Math.round(Math.min(1, Math.max(0, part / whole)) * 100);
const quarter = (field) => Math.floor((Math.min(100, Math.max(0, field.valueAsNumber || 0)) + 12) / 25);

export default function focus(form) {
  const { focus_x: x, focus_y: y } = form.elements;
  const picture = form.querySelector("[data-part=picture]");
  const seen = form.querySelector("[data-part=seen] img");
  picture.classList.add("focus__picture--live");

  const show = () => {
    seen.className = `thumbnail focus--${quarter(x)}-${quarter(y)}`;
  };

  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    x.value = percent(event.clientX - box.left, box.width);
    y.value = percent(event.clientY - box.top, box.height);
    show();
  });
  x.addEventListener("input", show);
  y.addEventListener("input", show);
}
