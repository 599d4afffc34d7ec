"""Reading: from the front page through a discussion of several pages to the archive, and by old addresses."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.factories import make_article, make_comment, make_guest
from tests.journeys.conftest import LiveSite
from tests.journeys.newsroom import comments_under
from tests.journeys.pages import button, comment, link_to, sidebar, word

pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]
LENGTH = 230  # comments: three pages


def test_a_reader_reads_an_article_and_its_discussion_to_the_end(arrive: Arrive, site: LiveSite, script: bool) -> None:
    headline = f"Neem MKB-klanten serieus, {'met' if script else 'zonder'} script"
    with site.inside():
        article = make_article(headline)
        first = make_comment(article, "Opmerking 0.")
        for number in range(1, LENGTH):
            make_comment(article, f"Opmerking {number}.", make_guest("Koen"), parent=first if number < 5 else None)
    page = arrive()
    page.goto("/")
    page.get_by_role("link", name=headline, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(headline)
    moment = word("%(date_and_time)s", date_and_time="22 november 2026 14:05")
    expect(page.get_by_role("main")).to_contain_text(
        word("By %(authors)s, posted on %(moment)s", authors="Ed", moment=moment)
    )
    expect(page.get_by_role("heading", name=word("%(num)s comment", "%(num)s comments", num=LENGTH))).to_be_visible()
    read: list[str] = []
    for number in range(3):
        if number:
            page.locator("#discussion").get_by_role("link", name=word("More comments")).click()
            expect(page).to_have_url(re.compile(r"\?from=\d+#discussion$"))
        read += page.locator("article.comment .comment__body").all_inner_texts()
    assert read == [f"Opmerking {number}." for number in range(LENGTH)]
    page.locator("#discussion").get_by_role("link", name=word("Read the discussion from its beginning")).click()
    expect(comment(page, "Opmerking 0.")).to_be_visible()
    assert page.context.cookies() == []


def test_a_deep_link_opens_the_page_that_holds_the_comment(arrive: Arrive, site: LiveSite) -> None:
    with site.inside():
        number = comments_under(site.places["article"])[-1]
    page = arrive()
    page.goto(f"/comments/{number}")
    expect(page).to_have_url(re.compile(rf"{site.places['article']}\?from=\d+#comment-{number}$"))
    expect(page.locator(f"#comment-{number}")).to_be_in_viewport()


def test_the_sidebar_leads_to_the_latest_comment_and_the_archive(arrive: Arrive, site: LiveSite, script: bool) -> None:
    headline = f"Kabel geknapt, {'met' if script else 'zonder'} script"
    with site.inside():
        make_comment(make_article(headline, tags=["Glasvezel"]), "Bij ons ook " + "storing " * 20, make_guest("Koen"))
    page = arrive()
    page.goto(site.places["standing page"])
    latest = sidebar(page).get_by_role("link").filter(has_text=headline)
    expect(latest).to_contain_text(re.compile(r"Koen: Bij ons ook storing[a-z ]+…"))
    latest.click()
    expect(page).to_have_url(re.compile(r"/archives/.*#comment-\d+$"))
    expect(comment(page, "Bij ons ook")).to_be_in_viewport()
    link_to(page.get_by_role("banner"), "Question of the day").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(word("Question of the day"))
    page.get_by_role("main").get_by_role("link", name="Stuur je facturen per post?").click()
    expect(page.get_by_role("main")).to_contain_text(word("The poll is closed."))
    page.goto(site.places["month"])
    page.get_by_role("main").get_by_role("link", name=headline, exact=True).click()
    page.get_by_role("link", name="Glasvezel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Glasvezel")
    page.get_by_role("main").get_by_role("link", name="Ed", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ed")


def test_an_old_anchor_leads_to_the_comment_that_bore_the_number(arrive: Arrive, site: LiveSite, script: bool) -> None:
    old = 70411 if script else 70412  # as the old site numbered it
    with site.inside():
        article = make_article("Bedankt voor het succes")
        comments = [make_comment(article, f"Felicitatie {number}.") for number in range(120)]
        comments[110].source, comments[110].source_id = "wordpress", str(old)
        url, first, wanted = article.url, comments[0].id, comments[110].id
    page = arrive()
    page.goto(f"{url}#comment-{old}")
    if script:
        expect(page).to_have_url(re.compile(rf"{url}\?from=\d+#comment-{wanted}$"))
        expect(page.locator(f"#comment-{wanted}")).to_be_in_viewport()
    else:
        expect(page.locator(f"#comment-{first}")).to_be_attached()


def test_a_comment_that_is_on_the_page_is_not_asked_for(arrive: Arrive, site: LiveSite, script: bool) -> None:
    with site.inside():
        article = make_article("Kort nieuws")
        url, here = article.url, make_comment(article).id
    page = arrive()
    page.goto(f"{url}#comment-{here}")
    expect(page.locator(f"#comment-{here}")).to_be_in_viewport()
    expect(page).to_have_url(f"{url}#comment-{here}")


def test_a_visitor_chooses_another_language_and_stays_where_they_are(arrive: Arrive, site: LiveSite) -> None:
    page = arrive()
    page.goto("/polls/?page=1")
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    page.get_by_role("button", name="English").click()
    expect(page).to_have_url("/polls/?page=1")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("heading", level=1)).to_have_text("Question of the day")
    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Nederlands").click()
    expect(page.locator("html")).to_have_attribute("lang", "nl")
    expect(button(sidebar(page), "Vote")).to_be_visible()
