// Brings each element with data-enhance="name" to life with the enhancement of that name (main.js names them).

export const enhancements = {};
const met = new WeakSet();

/** Enhance this element and what stands in it, each once; also called for what an enhancement puts into the page. */
export function enhance(part) {
  const inside = [...part.querySelectorAll("[data-enhance]")];
  for (const element of part.matches?.("[data-enhance]") ? [part, ...inside] : inside) {
    const bring = enhancements[element.dataset.enhance];
    if (met.has(element) || !bring) continue;
    met.add(element);
    try {
      bring(element);
    } catch (error) {
      reportError(error); // the plain link or form is still there
    }
  }
}
