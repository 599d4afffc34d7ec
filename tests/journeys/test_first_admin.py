"""The first hour of an empty site: the link that `--empty` prints makes its admin, once."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories import PASSWORD
from tests.journeys.conftest import LiveSite, serving
from tests.journeys.pages import link_to, word

pytestmark = pytest.mark.browser


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[LiveSite]:
    """A site that was started with `--empty` on a database that did not exist."""
    with serving(tmp_path_factory.mktemp("empty"), "--empty") as site:
        yield site


def test_the_printed_link_makes_the_first_admin_once(arrive: Callable[..., Page], site: LiveSite) -> None:
    printed = re.search(rf"{site.url}(/account/first-admin/\S+)", site.log.read_text(encoding="utf-8"))
    assert printed is not None
    page, other = arrive(), arrive()
    page.goto("/")
    expect(page.get_by_role("main")).to_contain_text(word("Nothing has been published here yet."))
    page.goto(printed.group(1))
    page.get_by_label(word("Name")).fill("Rashid")
    page.get_by_label(word("E-mail")).fill("rashid@example.org")
    page.get_by_label(word("Password")).fill(PASSWORD)
    page.get_by_role("button", name=word("Make the account")).click()
    expect(page).to_have_url("/desk/")
    expect(link_to(page.get_by_role("banner"), "Moderation")).to_be_visible()
    expect(page.get_by_role("banner").get_by_role("link", name="Rashid")).to_be_visible()
    other.goto(printed.group(1))
    expect(other.get_by_role("main")).to_contain_text("404")
