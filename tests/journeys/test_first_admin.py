"""The first hour of an empty site: the link that `--empty` prints makes its admin, once, and the page on which the site says who it is."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories import PASSWORD
from tests.journeys.conftest import PATIENCE, LiveSite, serving
from tests.journeys.inspection import inspect
from tests.journeys.pages import button, link_to, word

pytestmark = pytest.mark.browser


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[LiveSite]:
    """A site that was started with `--empty` on a database that did not exist."""
    with serving(tmp_path_factory.mktemp("empty"), "--empty") as site:
        yield site


def test_the_printed_link_makes_the_first_admin_once(arrive: Callable[..., Page], site: LiveSite, script: bool) -> None:
    printed = re.search(rf"{site.url}(/account/first-admin/\S+)", site.log.read_text(encoding="utf-8"))
    assert printed is not None
    page, other = arrive(), arrive()
    page.goto("/")
    expect(page.get_by_role("main")).to_contain_text(word("Nothing has been published here yet."))
    page.goto(printed.group(1))
    if script:
        assert inspect(page) == []
    page.get_by_label(word("Name")).fill("Rashid")
    page.get_by_label(word("E-mail")).fill("rashid@example.org")
    page.get_by_label(word("Password")).fill(PASSWORD)
    page.get_by_role("button", name=word("Make the account")).click()
    expect(page).to_have_url("/desk/setup/")
    expect(link_to(page.get_by_role("banner"), "Moderation")).to_be_visible()
    expect(page.get_by_role("banner").get_by_role("link", name="Rashid")).to_be_visible()

    # What the site says of itself, and whether its letters arrive
    page.get_by_label(word("Name of the site")).fill("De Proef")
    page.get_by_label(word("Imprint")).fill("Proef BV, Oosterlee")
    button(page, "Send me a test letter").click()
    expect(page.get_by_role("status")).to_contain_text("rashid@example.org")
    expect(page.get_by_label(word("Imprint"))).to_have_value("Proef BV, Oosterlee")
    page.get_by_label(word("Address for readers and authorities")).fill("redactie@proef.example")
    button(page, "Save").click()
    expect(page).to_have_url("/desk/")
    page.goto("/")
    expect(page.get_by_role("contentinfo")).to_contain_text("Proef BV, Oosterlee")
    expect(link_to(page.get_by_role("contentinfo"), "redactie@proef.example")).to_be_visible()
    until = time.monotonic() + 6 * PATIENCE / 1000  # the worker may be starting still
    while not list((site.home.instance / "mail").glob("*.eml")) and time.monotonic() < until:
        time.sleep(0.1)
    page.goto("/desk/setup/")
    expect(page.get_by_role("status")).to_contain_text(re.compile(r"vertrok op .* uur"))

    # A setting that is changed is seen by everybody, and can be taken back
    other.goto("/")
    page.goto("/desk/settings/")
    page.get_by_label(word("Line under the name")).fill("Nieuws zonder omwegen")
    button(page, "Save").click()
    expect(page.get_by_label(word("Line under the name"))).to_have_value("Nieuws zonder omwegen")
    other.reload()
    expect(other.get_by_role("contentinfo")).to_contain_text("Nieuws zonder omwegen")
    page.goto("/desk/settings/log/")
    button(page.get_by_role("row").filter(has_text="Nieuws zonder omwegen"), "Take back").click()
    other.reload()
    expect(other.get_by_role("contentinfo")).not_to_contain_text("Nieuws zonder omwegen")

    other.goto(printed.group(1))
    expect(other.get_by_role("main")).to_contain_text("404")
