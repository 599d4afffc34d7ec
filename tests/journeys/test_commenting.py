"""Reacting: a comment, a reply, one that waits, one that is refused, and what must never become two."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from forum.articles.models import Article
from forum.comments.models import Comment
from forum.extensions import db
from tests.factories import discussion_of, make_article, make_comment, make_guest
from tests.journeys.conftest import LiveSite
from tests.journeys.newsroom import comments_under, number_of
from tests.journeys.pages import arrived, button, comment, comment_form, fill_in, link_to, post, sidebar, sign_in, word

pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]


@pytest.fixture
def url(site: LiveSite) -> str:
    """An article that nobody has reacted to."""
    with site.inside():
        return make_article("Wie betaalt de glasvezel?").url


def placed(site: LiveSite, url: str) -> list[str]:
    """Return the bodies of all comments under the article at this address, in tree order."""
    with site.inside():
        return [db.session.get_one(Comment, number).body for number in comments_under(url)]


def test_a_guest_comments_with_a_name_and_an_address_that_stays_hidden(
    arrive: Arrive, site: LiveSite, url: str
) -> None:
    bart = arrive()
    bart.goto(url)
    number = post(bart, "Dat betalen *wij* allemaal.", "Bart de Vries", "bart@example.org")
    mine = bart.locator(f"#comment-{number}")
    expect(mine).to_be_in_viewport()
    expect(mine.locator(".comment__author")).to_have_text("Bart de Vries")
    expect(mine.locator(".comment__body em")).to_have_text("wij")
    expect(bart.get_by_role("heading", name=word("%(num)s comment", "%(num)s comments", num=1))).to_be_visible()
    expect(comment_form(bart).get_by_label(word("Name"))).to_have_value("Bart de Vries")
    expect(comment_form(bart).get_by_label(word("Your comment"))).to_have_value("")
    assert [(cookie["name"], cookie["httpOnly"]) for cookie in bart.context.cookies()] == [("forum_guest", True)]
    koen = arrive()
    koen.goto(url)
    expect(comment(koen, "Dat betalen wij allemaal.")).to_be_visible()
    assert "bart@example.org" not in koen.content()
    latest = sidebar(koen).get_by_role("link").filter(has_text="Bart de Vries: Dat betalen wij allemaal.").first
    expect(latest).to_be_visible()


def test_a_signed_in_reader_comments_under_their_own_name(arrive: Arrive, site: LiveSite, url: str) -> None:
    ann = arrive()
    ann.goto(url)
    sign_in(ann, "ann")
    expect(ann).to_have_url(url)
    form = comment_form(ann)
    expect(form).to_contain_text(word("You are writing as %(name)s.", name="Ann"))
    form.get_by_label(word("Your comment")).fill("Ik niet.")
    button(form, "Post comment").click()
    number = arrived(ann)
    expect(ann.locator(f"#comment-{number} .comment__author")).to_have_text("Ann")


def test_a_reply_stands_under_the_comment_that_it_answers(
    arrive: Arrive, site: LiveSite, url: str, script: bool
) -> None:
    with site.inside():
        article = db.session.get_one(Article, number_of(url))
        first = make_comment(article, "De provider.", make_guest("Koen")).id
        make_comment(article, "Niemand.", make_guest("Anna"))
    bart = arrive()
    bart.goto(url)
    link_to(bart.locator(f"#comment-{first}"), "Reply to %(name)s", name="Koen").click()
    form = comment_form(bart, "Koen")
    if script:
        expect(bart).to_have_url(url)
        expect(form.get_by_label(word("Your comment"))).to_be_focused()
    else:
        expect(bart).to_have_url(re.compile(rf"/discussions/\d+/comments/new\?parent={first}$"))
        expect(bart.locator(f"#comment-{first}")).to_contain_text("De provider.")
    fill_in(form, "En die rekent het door.")
    button(form, "Post reply").click()
    number = arrived(bart)
    expect(bart.locator(f"li:has(> #comment-{first}) > details > ol > li > #comment-{number}")).to_contain_text(
        "En die rekent het door."
    )
    assert placed(site, url) == ["De provider.", "En die rekent het door.", "Niemand."]


def test_a_reply_that_is_given_up_leaves_the_page_as_it_was(
    arrive: Arrive, site: LiveSite, url: str, script: bool
) -> None:
    with site.inside():
        article = db.session.get_one(Article, number_of(url))
        first = make_comment(article, "De provider.", make_guest("Koen")).id
    bart = arrive()
    bart.goto(url)
    link_to(bart.locator(f"#comment-{first}"), "Reply to %(name)s", name="Koen").click()
    link_to(comment_form(bart, "Koen"), "Cancel").click()
    expect(comment_form(bart, "Koen")).to_have_count(0)
    expect(bart.locator(f"#comment-{first}")).to_be_in_viewport()
    assert placed(site, url) == ["De provider."]


def test_who_wrote_a_held_comment_sees_it_marked_and_nobody_else_does(arrive: Arrive, site: LiveSite, url: str) -> None:
    henk = arrive()
    henk.goto(url)
    number = post(henk, "Zie https://een.nl en https://twee.nl en https://drie.nl", "Henk")
    own = henk.locator(f"#comment-{number}")
    expect(own).to_contain_text(word("Waiting for review. Only you can see this comment yet."))
    expect(own).to_contain_text("https://drie.nl")
    koen = arrive()
    koen.goto(url)
    expect(koen.locator("#discussion")).to_contain_text(word("No comments yet"))
    expect(koen.locator(f"#comment-{number}")).to_have_count(0)
    assert "drie.nl" not in koen.content()


def test_a_refused_comment_comes_back_with_every_word(arrive: Arrive, site: LiveSite, url: str) -> None:
    long = 'Dit is te lang. <b>&amp; "zo"</b>\n\n' + "x" * 10_000
    bart = arrive()
    bart.goto(url)
    form = comment_form(bart)
    fill_in(form, long, "Bart", "bart@example.org")
    button(form, "Post comment").click()
    expect(bart.get_by_role("alert")).to_contain_text("10000")
    form = comment_form(bart)
    assert form.get_by_label(word("Your comment")).input_value() == long
    expect(form.get_by_label(word("Name"))).to_have_value("Bart")
    expect(form.get_by_label(word("E-mail"))).to_have_value("bart@example.org")
    assert placed(site, url) == []
    form.get_by_label(word("Your comment")).fill("Korter.")
    button(form, "Post comment").click()
    number = arrived(bart)
    expect(bart.locator(f"#comment-{number}")).to_contain_text("Korter.")
    expect(comment_form(bart).get_by_label(word("Your comment"))).to_have_value("")


def test_a_discussion_that_closed_meanwhile_gives_the_words_back(arrive: Arrive, site: LiveSite, url: str) -> None:
    bart = arrive()
    bart.goto(url)
    form = comment_form(bart)
    fill_in(form, "Net te laat.")
    with site.inside():
        article = db.session.get_one(Article, number_of(url))
        discussion_of(article).mode = "closed"
    button(form, "Post comment").click()
    expect(bart.get_by_role("alert")).to_contain_text(
        word("This discussion is closed. You can copy your text; it cannot be placed here.")
    )
    expect(comment_form(bart).get_by_label(word("Your comment"))).to_have_value("Net te laat.")


def test_a_double_click_places_one_comment(arrive: Arrive, site: LiveSite, url: str) -> None:
    bart = arrive()
    bart.goto(url)
    form = comment_form(bart)
    fill_in(form, "Eén keer is genoeg.")
    button(form, "Post comment").dblclick()
    arrived(bart)
    expect(comment(bart, "Eén keer is genoeg.")).to_have_count(1)
    assert placed(site, url) == ["Eén keer is genoeg."]


def test_back_and_send_again_places_one_comment(arrive: Arrive, site: LiveSite, url: str) -> None:
    bart = arrive()
    bart.goto(url)
    number = post(bart, "Heb ik dit al verstuurd?")
    bart.go_back()
    form = comment_form(bart)
    if form.get_by_label(word("Your comment")).input_value() == "":
        fill_in(form, "Heb ik dit al verstuurd?")
    button(form, "Post comment").click()
    assert arrived(bart) == number
    assert placed(site, url) == ["Heb ik dit al verstuurd?"]


def test_back_to_the_page_of_a_reply_and_send_again_places_one_comment(
    arrive: Arrive, site: LiveSite, url: str
) -> None:
    with site.inside():
        article = db.session.get_one(Article, number_of(url))
        first, discussion = make_comment(article, "De provider.", make_guest("Koen")).id, discussion_of(article).id
    bart = arrive()
    bart.goto(f"/discussions/{discussion}/comments/new?parent={first}")
    fill_in(comment_form(bart, "Koen"), "Precies.")
    button(comment_form(bart, "Koen"), "Post reply").click()
    number = arrived(bart)
    bart.go_back()
    fill_in(comment_form(bart, "Koen"), "Precies.")
    button(comment_form(bart, "Koen"), "Post reply").click()
    assert arrived(bart) == number
    assert placed(site, url) == ["De provider.", "Precies."]


@pytest.mark.parametrize("script", [True], ids=["with script"])
def test_a_text_that_was_not_sent_is_there_after_a_reload(arrive: Arrive, site: LiveSite, url: str) -> None:
    bart = arrive()
    bart.goto(url)
    form = comment_form(bart)
    expect(form.locator("[name=key]")).not_to_have_value("")
    form.get_by_label(word("Your comment")).press_sequentially("Ik was nog bezig")
    other = bart.context.new_page()
    other.goto(url)
    expect(comment_form(other).get_by_label(word("Your comment"))).to_have_value("Ik was nog bezig")
    expect(comment_form(other)).to_contain_text(
        word("This is your own text that had not been sent yet. It is kept on this device only.")
    )


@pytest.mark.parametrize("script", [True], ids=["with script"])
def test_a_lost_answer_and_a_second_try_place_one_comment(arrive: Arrive, site: LiveSite, url: str) -> None:
    bart = arrive()
    bart.goto(url)
    form = comment_form(bart)
    fill_in(form, "De lijn viel weg.")
    expect(form.locator("[name=key]")).not_to_have_value("")
    sent: dict[str, str | float | bool] = {
        field: form.locator(f"[name={field}]").input_value() for field in ("body", "author_name", "key", "parent_id")
    }
    answer = bart.request.post(
        form.get_attribute("action") or "", form=sent, max_redirects=0
    )  # arrives; nobody hears of it
    assert answer.status == 303
    bart.context.clear_cookies()
    button(form, "Post comment").click()
    arrived(bart)
    assert placed(site, url) == ["De lijn viel weg."]
    with site.inside():
        assert discussion_of(db.session.get_one(Article, number_of(url))).comment_count == 1
