"""At the desk: signing in, writing, looking, publishing, and two editors in one text."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from forum.articles.models import Revision
from forum.extensions import db
from tests.factories import make_article
from tests.journeys.conftest import LiveSite
from tests.journeys.pages import button, fill_in_sign_in, link_to, sign_in, word

pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]


def test_somebody_signs_in_comes_back_where_they_were_and_signs_out(arrive: Arrive, site: LiveSite) -> None:
    ann = arrive()
    ann.goto(site.places["section"])
    sign_in(ann, "ann", "niet-het-wachtwoord")
    expect(ann.get_by_role("alert")).to_be_visible()
    expect(link_to(ann.get_by_role("banner"), "Your account")).to_have_count(0)
    fill_in_sign_in(ann, "ann")
    expect(ann).to_have_url(site.places["section"])
    ann.get_by_role("banner").get_by_role("link", name="Ann").click()
    expect(ann.get_by_role("main")).to_contain_text("ann@example.org")
    button(ann.get_by_role("main"), "Sign out").click()
    expect(link_to(ann.get_by_role("banner"), "Sign in")).to_be_visible()
    ann.goto("/account/")
    expect(ann).to_have_url(re.compile("/account/login"))


def test_a_reader_is_sent_from_the_desk_to_sign_in_and_not_let_in(arrive: Arrive, site: LiveSite) -> None:
    ann = arrive()
    ann.goto("/desk/")
    fill_in_sign_in(ann, "ann")
    expect(ann).to_have_url("/desk/")
    expect(ann.get_by_role("main")).to_contain_text("403")


def test_an_editor_writes_looks_and_publishes(arrive: Arrive, site: LiveSite, script: bool) -> None:
    headline = f"Netbeheerder belooft beterschap, {'met' if script else 'zonder'} script"
    ed, reader = arrive(), arrive()
    ed.goto("/")
    sign_in(ed, "ed")
    link_to(ed.get_by_role("banner"), "Desk").click()
    link_to(ed.get_by_role("main"), "New article").click()
    ed.get_by_label(word("Headline")).fill(headline)
    ed.get_by_label(word("Standfirst")).fill("Na de storing van vrijdag.")
    ed.get_by_label(word("Body")).fill("## Wat er misging\n\nEen **certificaat** verliep.")
    ed.get_by_label(word("Section"), exact=True).select_option(label="Markt")
    ed.get_by_label(word("Tags, separated by commas")).fill("Stroom, Storing")
    button(ed, "Preview").click()
    preview = ed.get_by_role("region", name=word("Preview"))
    expect(preview.get_by_role("heading", name=headline)).to_be_visible()
    expect(preview.get_by_role("heading", name="Wat er misging")).to_be_visible()
    expect(preview.locator("strong")).to_have_text("certificaat")
    expect(ed.get_by_label(word("Body"))).to_have_value("## Wat er misging\n\nEen **certificaat** verliep.")
    reader.goto("/")
    expect(reader.get_by_role("link", name=headline)).to_have_count(0)
    button(ed, "Save and publish").click()
    expect(ed).to_have_url(re.compile(r"/archives/\d+/netbeheerder-belooft-beterschap-"))
    expect(ed.get_by_role("main")).to_contain_text(word("By %(authors)s", authors="Ed"))
    reader.reload()
    reader.get_by_role("link", name=headline, exact=True).click()
    expect(reader.get_by_role("main")).to_contain_text("Een certificaat verliep.")
    expect(reader.get_by_role("link", name="Storing", exact=True)).to_be_visible()
    expect(reader.get_by_role("link", name="Markt", exact=True).first).to_be_visible()


def test_an_editor_withdraws_an_article_and_its_readers_are_told(arrive: Arrive, site: LiveSite) -> None:
    with site.inside():
        article = make_article("Klopt bij nader inzien niet")
        url, edit_url = article.url, f"/desk/articles/{article.id}/"
    ed, reader = arrive(), arrive()
    ed.goto(url)
    sign_in(ed, "ed")
    link_to(ed.get_by_role("main"), "Edit").click()
    expect(ed).to_have_url(edit_url)
    button(ed, "Withdraw").click()
    expect(ed).to_have_url(edit_url)
    reader.goto(url)
    expect(reader.get_by_role("main")).to_contain_text(word("This article has been withdrawn by the editors."))


def test_of_two_editors_in_one_text_neither_loses_a_word(arrive: Arrive, site: LiveSite) -> None:
    with site.inside():
        number = make_article("Twee pennen", "Zoals het was.", published=False).id
    ed, adam = arrive(), arrive()
    for page, name in ((ed, "ed"), (adam, "adam")):
        page.goto(f"/desk/articles/{number}/")
        fill_in_sign_in(page, name)
        expect(page.get_by_label(word("Body"))).to_have_value("Zoals het was.")
    ed.get_by_label(word("Body")).fill("Wat Ed ervan maakte.")
    button(ed, "Save").click()
    expect(ed.get_by_label(word("Body"))).to_have_value("Wat Ed ervan maakte.")
    expect(ed.get_by_role("alert")).to_have_count(0)
    adam.get_by_label(word("Body")).fill("Wat Adam ervan maakte.")
    button(adam, "Save").click()
    expect(adam.get_by_role("main")).to_contain_text(
        word("Somebody else has saved this in the meantime. Your text is still here.")
    )
    expect(adam.get_by_label(word("Body"))).to_have_value("Wat Adam ervan maakte.")
    adam.get_by_text(word("Show their version")).click()
    expect(adam.get_by_text("Wat Ed ervan maakte.")).to_be_visible()
    button(adam, "Save").click()
    expect(adam.get_by_role("alert")).to_have_count(0)
    expect(adam.get_by_label(word("Body"))).to_have_value("Wat Adam ervan maakte.")
    with site.inside():
        bodies = list(
            db.session.scalars(select(Revision.body).where(Revision.article_id == number).order_by(Revision.number))
        )
    assert bodies == ["Zoals het was.", "Wat Ed ervan maakte.", "Wat Adam ervan maakte."]
