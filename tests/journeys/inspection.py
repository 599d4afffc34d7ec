"""What may be wrong with a page as a browser shows it, found by machine; each finding is a line that says where."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from justhtml import JustHTML
from playwright.sync_api import Page

STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
NARROW = {"width": 320, "height": 256}  # what 1280 by 1024 is at 400 % (WCAG 2.2, 1.4.10)
AXE = Axe()

# What one can read and use: words, and the names of what takes the focus. Words for screen readers only count as well.
SEEN = """() => ({
  words: document.body.innerText.split(/\\s+/).filter(Boolean),
  controls: [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
    .filter((each) => each.checkVisibility({visibilityProperty: true})).length,
})"""
# The elements that reach beyond the screen and do not scroll by themselves, the innermost last.
BEYOND = """() => [...document.querySelectorAll('body *')]
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
  .map((element) => `${element.tagName}.${element.className} ${Math.round(element.getBoundingClientRect().right)}`)
  .slice(-5)"""
MOVES = """() => document.getAnimations().map((each) => each.effect.target?.className ?? 'something')
  .concat([...document.querySelectorAll('body *')].filter((element) => {
    const style = getComputedStyle(element);
    return (parseFloat(style.transitionDuration) > 0.01 && style.transitionProperty !== 'none')
      || parseFloat(style.animationDuration) > 0.01 || style.scrollBehavior === 'smooth';
  }).map((element) => `${element.tagName}.${element.className}`)).slice(0, 5)"""


def inspect(page: Page) -> list[str]:
    """Return what is wrong with the page that stands open: by axe, in its HTML, when it should be still, and on a narrow screen.

    The window is as it was afterwards.
    """
    return [*not_accessible(page), *not_still(page), *lost_when_narrow(page)]


def not_accessible(page: Page) -> list[str]:
    """Return each rule of WCAG 2.2 A and AA, and of best practice, that axe finds broken."""
    options = {"runOnly": {"type": "tag", "values": STANDARD}, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = AXE.run(page, options=options).response["violations"]
    return [f"{rule['id']}: {[node['html'][:160] for node in rule['nodes'][:3]]} {rule['help']}" for rule in found]


def not_valid(html: str) -> list[str]:
    """Return why a strict parser refuses this HTML, or that an id stands in it twice."""
    try:
        read = JustHTML(html, strict=True, sanitize=False)
    except Exception as error:
        return [f"html: {error}"]
    ids = [node.attrs["id"] for node in read.query("[id]")]
    return [f"html: the id {each} stands twice" for each in sorted(set(ids)) if ids.count(each) > 1]


def not_still(page: Page) -> list[str]:
    """Return what moves although the reader asked for less motion (WCAG 2.2, 2.3.3)."""
    page.emulate_media(reduced_motion="reduce")
    return [f"moves: {each}" for each in page.evaluate(MOVES)]


def lost_when_narrow(page: Page) -> list[str]:
    """Return what cannot be read or used at 400 % without scrolling sideways (WCAG 2.2, 1.4.10)."""
    usual, wide = page.viewport_size, page.evaluate(SEEN)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    narrow, width = page.evaluate(SEEN), page.evaluate("document.documentElement.scrollWidth")
    lost = sorted(set(wide["words"]) - set(narrow["words"]))
    wrong = [f"at 400 % these words are gone: {lost}"] if lost else []
    if narrow["controls"] < wide["controls"]:
        wrong.append(f"at 400 % {wide['controls'] - narrow['controls']} controls are gone")
    if width > NARROW["width"]:
        wrong.append(f"at 320 pixels the page is {width} wide: {page.evaluate(BEYOND)}")
    if usual is not None:
        page.set_viewport_size(usual)
    return wrong
