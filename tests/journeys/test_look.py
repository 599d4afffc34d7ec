"""How the paper looks: nothing shifts while it comes in, its colours are the reader's, large letters fit, and paper gets the words."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import LiveSite
from tests.journeys.pages import word

pytestmark = [pytest.mark.browser, pytest.mark.look]
Arrive = Callable[..., Page]
PLACES = ("front", "article", "deep discussion", "section", "polls", "poll")
# Counts what moves by itself, from the very beginning of a page.
MOVING = (
    "window.moved = 0; (function look() { moved += document.getAnimations().length; requestAnimationFrame(look); })();"
)
GROUND = "getComputedStyle(document.documentElement).backgroundColor"
# What moved while the page came in, without anybody's doing (Layout Instability, W3C WICG).
SHIFTED = """() => new Promise((done) => {
  let shifted = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) shifted += entry.value; })
    .observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => done(shifted), 300);
})"""


@pytest.fixture
def script() -> bool:
    """With script: what is measured is measured by one, and the colours are remembered by one."""
    return True


def test_nothing_shifts_and_two_files_are_asked_for(arrive: Arrive, site: LiveSite) -> None:
    for place in PLACES:
        page = arrive(viewport={"width": 390, "height": 800})
        page.add_init_script(MOVING)
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.resource_type))  # type: ignore[misc]
        page.goto(site.places[place], wait_until="networkidle")
        assert page.evaluate(SHIFTED) == 0, place
        assert page.evaluate("moved") == 0, place
        assert sorted(set(asked) - {"document", "image", "other"}) == ["script", "stylesheet"], place
        assert len(asked) - asked.count("image") - asked.count("other") == 3, place


def test_the_colours_are_those_of_the_system_until_the_reader_chooses(arrive: Arrive, site: LiveSite) -> None:
    page = arrive(color_scheme="light")
    page.goto("/")
    day = page.evaluate(GROUND)
    page.emulate_media(color_scheme="dark")
    night = page.evaluate(GROUND)
    assert day != night
    page.get_by_role("radio", name=word("light")).check()
    assert page.evaluate(GROUND) == day
    page.goto(site.places["article"])  # on every page, and before it is painted
    assert page.evaluate(GROUND) == day
    expect(page.get_by_role("radio", name=word("light"))).to_be_checked()
    page.get_by_role("radio", name=word("automatic")).check()
    assert page.evaluate(GROUND) == night
    assert page.evaluate("localStorage.getItem('forum:theme')") is None
    assert page.context.cookies() == []


def test_letters_of_twice_the_size_fit(arrive: Arrive, site: LiveSite) -> None:
    page = arrive(viewport={"width": 640, "height": 800}, bypass_csp=True)
    for place in PLACES:
        page.goto(site.places[place])
        page.add_style_tag(content=":root { --size-root: 200%; }")
        assert page.evaluate("document.documentElement.scrollWidth") <= 640, place


def test_paper_gets_the_words_and_nothing_to_press(arrive: Arrive, site: LiveSite) -> None:
    page = arrive(color_scheme="dark")
    page.goto(site.places["article"])
    page.emulate_media(media="print")
    assert page.evaluate(GROUND) == "rgb(255, 255, 255)"
    for gone in ("nav a", ".sidebar", ".footer", "button", "textarea", "summary", "[data-enhance=reply]"):
        assert page.locator(gone).evaluate_all("found => found.filter((each) => each.checkVisibility()).length") == 0, (
            gone
        )
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".comment__body").first).to_be_visible()
