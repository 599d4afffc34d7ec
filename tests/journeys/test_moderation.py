"""Moderating: hiding with a reason, restoring, and letting through what waits."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.factories import make_article, make_comment, make_guest
from tests.journeys.conftest import LiveSite
from tests.journeys.pages import arrived, button, comment, fill_in_sign_in, link_to, sidebar, sign_in, word

pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]


def test_a_moderator_hides_a_comment_with_a_reason_and_restores_it_while_replies_stay(
    arrive: Arrive, site: LiveSite, script: bool
) -> None:
    words = f"Jij bent een {'kluns' if script else 'knuppel'}."
    with site.inside():
        article = make_article("Ruzie op de lijn")
        insult = make_comment(article, words, make_guest("Piet"))
        answer = make_comment(article, "Zo praten we hier niet.", make_guest("Anna"), parent=insult).id
        url, number = article.url, insult.id
    mo, reader = arrive(), arrive()
    mo.goto(url)
    expect(link_to(mo.locator(f"#comment-{number}"), "Hide")).to_have_count(0)
    sign_in(mo, "mo")
    link_to(mo.locator(f"#comment-{number}"), "Hide").click()
    expect(mo.get_by_role("main")).to_contain_text(words)
    button(mo, "Hide").click()
    expect(mo.get_by_role("main")).to_contain_text(word("Give a reason."))
    mo.get_by_label(word("Insulting or aimed at the person")).check()
    button(mo, "Hide").click()
    assert arrived(mo) == number
    reason = word("Insulting or aimed at the person")
    told = word("This comment has been hidden by a moderator: %(reason)s", reason=reason)
    expect(mo.locator(f"#comment-{number}")).to_contain_text(told)

    reader.goto(url)
    expect(reader.locator(f"#comment-{number}")).to_contain_text(told)
    expect(reader.locator(f"li:has(> #comment-{number}) #comment-{answer}")).to_contain_text("Zo praten we hier niet.")
    expect(reader.get_by_role("heading", name=word("%(num)s comment", "%(num)s comments", num=1))).to_be_visible()
    expect(sidebar(reader)).not_to_contain_text(words)
    assert words not in reader.content()

    button(mo.locator(f"#comment-{number}"), "Restore").click()
    assert arrived(mo) == number
    reader.reload()
    expect(comment(reader, words)).to_be_visible()
    expect(reader.locator(f"li:has(> #comment-{number}) #comment-{answer}")).to_be_visible()
    expect(sidebar(reader)).to_contain_text(words)

    link_to(mo.get_by_role("banner"), "Moderation").click()
    link_to(mo.get_by_role("main"), "Log").click()
    acts = mo.get_by_role("row").filter(has_text=word("comment %(number)s by %(name)s", number=number, name="Piet"))
    expect(acts).to_have_count(2)
    expect(acts.nth(1)).to_contain_text(reason)
    expect(acts.nth(1)).to_contain_text("Mo")


def test_a_moderator_lets_a_held_comment_through(arrive: Arrive, site: LiveSite, script: bool) -> None:
    text = f"Lees https://een.nl, https://twee.nl en https://drie.nl {'eens' if script else 'maar'}"
    with site.inside():
        article = make_article("Drie bronnen")
        url, number = article.url, make_comment(article, text, make_guest("Henk")).id
    reader, mo = arrive(), arrive()
    reader.goto(url)
    expect(reader.locator(f"#comment-{number}")).to_have_count(0)
    mo.goto("/moderation/")
    fill_in_sign_in(mo, "mo")
    waiting = mo.get_by_role("listitem").filter(has=mo.locator(f"#comment-{number}"))
    expect(waiting).to_contain_text("Drie bronnen")
    expect(waiting).to_contain_text(word("Many links."))
    button(waiting, "Approve").click()
    expect(mo).to_have_url("/moderation/")
    expect(mo.locator(f"#comment-{number}")).to_have_count(0)
    reader.reload()
    expect(reader.locator(f"#comment-{number}")).to_contain_text("https://twee.nl")
