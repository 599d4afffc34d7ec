"""Every page as everybody must be able to use it: WCAG 2.2 A and AA, light and dark, on a narrow screen, with nothing from elsewhere."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.journeys.conftest import LiveSite
from tests.journeys.pages import fill_in_sign_in

pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
PUBLIC = (
    "front",
    "older front",
    "article",
    "deep discussion",
    "closed discussion",
    "section",
    "author",
    "tag",
    "month",
    "standing page",
    "polls",
    "poll",
    "closed poll",
    "reply",
)
WORK = {
    "/account/": "ann",
    "/desk/": "ed",
    "/desk/articles/new": "ed",
    "scheduled": "ed",
    "draft": "ed",
    "published": "ed",
    "/moderation/": "mo",
    "/moderation/log/": "mo",
    "hide": "mo",
    "article": "mo",
}


@pytest.fixture
def script() -> bool:
    """With script: the inspection is one."""
    return True


@pytest.mark.parametrize("place", PUBLIC)
def test_everybody_can_use_a_public_page(arrive: Arrive, site: LiveSite, place: str) -> None:
    page = arrive()
    answer = page.goto(site.places[place], wait_until="networkidle")
    assert answer is not None
    assert answer.status == 200
    assert inspected(page) == []
    assert page.context.cookies() == []


@pytest.mark.parametrize("path", ["/account/login", "/niets/hier", "/archives/99999/weg/"])
def test_everybody_can_use_the_page_of_a_door_or_a_wall(arrive: Arrive, site: LiveSite, path: str) -> None:
    page = arrive()
    page.goto(path)
    assert inspected(page) == []


@pytest.mark.parametrize("place", WORK)
def test_everybody_can_use_a_page_of_work(arrive: Arrive, site: LiveSite, place: str) -> None:
    page = arrive()
    path = site.places.get(place, place)
    page.goto(f"/account/login?next={path}")
    fill_in_sign_in(page, WORK[place])
    page.wait_for_url(f"{site.url}{path}")
    assert inspected(page) == []


def inspected(page: Page) -> list[str]:
    """Return what is wrong with the page as it stands, in light, in dark and at 320 pixels wide (WCAG 2.2, 1.4.10)."""
    wrong = [f"light: {found}" for found in violations(page, {"type": "tag", "values": STANDARD})]
    page.emulate_media(color_scheme="dark")
    page.evaluate("Promise.all(document.getAnimations().map((animation) => animation.finished))")
    wrong += [f"dark: {found}" for found in violations(page, {"type": "rule", "values": ["color-contrast"]})]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 320, "height": 640})
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > 320:
        wrong.append(f"at 320 pixels the page is {width} wide: {page.evaluate(WIDEST)}")
    return wrong


def violations(page: Page, only: dict[str, Any]) -> list[str]:
    """Return each rule that is broken, with the elements that break it."""
    found = Axe().run(page, options={"runOnly": only, "resultTypes": ["violations"]}).response["violations"]
    return [f"{rule['id']}: {[node['html'][:160] for node in rule['nodes'][:3]]} {rule['help']}" for rule in found]


# The elements that reach furthest beyond the screen.
WIDEST = """() => [...document.querySelectorAll('body *')]
  .filter((element) => element.getBoundingClientRect().right > 320.5)
  .map((element) => `${element.tagName}.${element.className} ${Math.round(element.getBoundingClientRect().right)}`)
  .slice(-5)"""
