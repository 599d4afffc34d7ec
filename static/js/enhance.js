// Brings each element with data-enhance="name" to life with enhance/name.js.

const wellFormed = /^[a-z]+(-[a-z]+)*$/;
const met = new WeakSet();

/** Enhance this element and what stands in it, each once; also called for what an enhancement puts into the page. */
export function enhance(part) {
  const inside = [...part.querySelectorAll("[data-enhance]")];
  for (const element of part.matches?.("[data-enhance]") ? [part, ...inside] : inside) {
    const name = element.dataset.enhance;
    if (met.has(element) || !wellFormed.test(name)) continue;
    met.add(element);
    import(`./enhance/${name}.js`).then(
      (module) => module.default(element),
      () => {}, // the plain link or form is still there
    );
  }
}
