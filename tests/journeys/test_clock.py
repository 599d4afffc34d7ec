"""What midnight brings, though nothing fires: the next question of the day, and an article that was planned."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from forum import clock
from tests.factories import make_article, make_poll
from tests.journeys.conftest import LiveSite, serving
from tests.journeys.pages import sidebar

pytestmark = pytest.mark.browser
MIDNIGHT = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)  # in Amsterdam
nights = itertools.count()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[LiveSite]:
    """A site whose clock may be moved."""
    with serving(tmp_path_factory.mktemp("clock"), prepare=lambda _: make_article("Oud nieuws")) as site:
        yield site


def test_at_midnight_the_next_question_and_the_planned_article_appear(
    arrive: Callable[..., Page], site: LiveSite
) -> None:
    midnight = MIDNIGHT + timedelta(days=2 * next(nights))  # each time a later night: the clock never goes back
    site.set_clock(midnight - timedelta(seconds=30))
    with site.inside():
        make_poll("De vraag van gisteren?", day=clock.today())
        make_poll("De vraag van morgen?", day=clock.today() + timedelta(days=1))
        url = make_article(f"Pas na {midnight:%d %m}", published_at=midnight).url
    page = arrive()
    page.goto("/")
    expect(sidebar(page)).to_contain_text("De vraag van gisteren?")
    expect(page.get_by_role("link", name=f"Pas na {midnight:%d %m}")).to_have_count(0)
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == 404
    site.set_clock(midnight)
    page.goto("/")
    expect(sidebar(page)).to_contain_text("De vraag van morgen?")
    page.get_by_role("link", name=f"Pas na {midnight:%d %m}").click()
    expect(page).to_have_url(url)
