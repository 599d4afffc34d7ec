"""The journeys of a reader without a mouse, at 400 %: every stop of the Tab key is seen, and the focus is never lost."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from forum.articles.models import Article
from forum.extensions import db
from tests.factories import make_article, make_comment, make_guest, make_poll
from tests.journeys.conftest import LiveSite
from tests.journeys.inspection import NARROW
from tests.journeys.newsroom import number_of
from tests.journeys.pages import arrived, button, comment_form, link_to, word

pytestmark = [pytest.mark.browser, pytest.mark.look]
Arrive = Callable[..., Page]
MOST_STOPS = 150

# Where the focus is, whether one sees it there, and by which sign (WCAG 2.2, 2.4.7 and 2.4.11).
FOCUS = """() => {
  const at = document.activeElement;
  const box = at.getBoundingClientRect();
  const style = getComputedStyle(at);
  const [x, y] = [Math.max(box.left, 0) + 2, (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2];
  const top = document.elementFromPoint(x, y);
  return {
    what: at.outerHTML.slice(0, 120),
    isPage: at === document.body || at === document.documentElement,
    inSight: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.left < innerWidth && box.right > 0,
    uncovered: top !== null && (at.contains(top) || top.contains(at) || at.labels?.[0]?.contains(top)),
    marked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1,
  };
}"""


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the focus is there; each stop on the way can be seen."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop: dict[str, Any] = page.evaluate(FOCUS)
        if stop["isPage"]:
            continue  # past the last stop the browser's own bar comes
        assert stop["inSight"], f"the focus is out of sight: {stop['what']}"
        assert stop["uncovered"], f"something lies over the focus: {stop['what']}"
        assert stop["marked"], f"nothing shows the focus: {stop['what']}"
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab never comes to {wanted}")


@pytest.fixture
def url(site: LiveSite) -> str:
    """An article with a comment under it."""
    with site.inside():
        article = make_article("Zonder muis gelezen", "Het bericht.")
        make_comment(article, "De eerste.", make_guest("Koen"))
        return article.url


def test_a_reader_skips_to_the_text_and_answers_somebody(
    arrive: Arrive, site: LiveSite, url: str, script: bool
) -> None:
    page = arrive(viewport=NARROW)
    page.goto(url)
    tab_to(page, link_to(page, "Skip to the content"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    reply = link_to(page, "Reply to %(name)s", name="Koen")
    tab_to(page, reply)
    page.keyboard.press("Enter")
    form = comment_form(page, "Koen")
    words = form.get_by_label(word("Your comment"))
    if script:
        expect(words).to_be_focused()
        tab_to(page, link_to(form, "Cancel"))
        page.keyboard.press("Enter")
        expect(reply).to_be_focused()  # given up, and back where it was
        page.keyboard.press("Enter")
        expect(words).to_be_focused()
    else:
        expect(words).to_be_visible()
        tab_to(page, words)
    page.keyboard.type("Zonder muis.")
    name = form.get_by_label(word("Name"))
    if name.input_value() == "":
        tab_to(page, name)
        page.keyboard.type("Bart")
    tab_to(page, button(form, "Post reply"))
    page.keyboard.press("Enter")
    mine = page.locator(f"#comment-{arrived(page)}")
    expect(mine).to_be_in_viewport()
    tab_to(page, mine.get_by_role("link").first)  # one reads on from there


def test_a_refused_comment_has_the_focus_on_what_is_wrong(arrive: Arrive, site: LiveSite, url: str) -> None:
    page = arrive(viewport=NARROW)
    page.goto(url)
    form = comment_form(page)
    tab_to(page, form.get_by_label(word("Your comment")))
    page.keyboard.insert_text("x" * 10_001)
    tab_to(page, form.get_by_label(word("Name")))
    page.keyboard.type("Bart")
    tab_to(page, button(form, "Post comment"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_be_focused()
    expect(page.get_by_role("alert").first).to_be_in_viewport()
    tab_to(page, comment_form(page).get_by_label(word("Your comment")))


def test_a_vote_is_cast_and_its_result_has_the_focus(arrive: Arrive, site: LiveSite, script: bool) -> None:
    with site.inside():
        poll = make_poll("Lees je zonder muis?", day=None)
        url = f"/polls/{poll.id}/"
    page = arrive(viewport=NARROW)
    page.goto(url)
    ballot = page.get_by_role("main").locator("form").filter(has=page.get_by_role("radio")).first
    tab_to(page, ballot.get_by_role("radio").first)
    page.keyboard.press("Space")
    tab_to(page, button(ballot, "Vote"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text(word("Your vote has been counted."))
    if script:
        expect(page.get_by_role("main").locator(".results").first).to_be_focused()
    tab_to(page, page.get_by_role("main").get_by_role("link").first)


def test_a_discussion_is_walked_by_lists_and_names(arrive: Arrive, site: LiveSite, url: str) -> None:
    with site.inside():
        article = db.session.get_one(Article, number_of(url))
        first = make_comment(article, "Wie begint?", make_guest("Bart"))
        make_comment(article, "Ik.", make_guest("Anna"), parent=first)
    page = arrive()
    page.goto(url)
    discussion = page.locator("#discussion")
    inner = discussion.get_by_role("list").get_by_role("listitem").get_by_role("list").get_by_role("article")
    expect(inner.filter(has_text="Ik.")).to_have_count(1)
    expect(inner.get_by_role("heading", name="Anna")).to_be_visible()
    page.goto(site.places["deep discussion"])  # past the deepest list the words say whom a comment answers
    answered = page.locator("#discussion").get_by_role("link", name=word("in reply to %(name)s", name="Bart")).first
    expect(answered).to_have_attribute("href", re.compile(r"#comment-\d+$"))
