"""Being told, and being worth something: follow, receive, unsubscribe; value, mute, highlight; a fault that is put right."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from forum.comments.models import Comment
from forum.extensions import db
from forum.following.models import Notice
from tests.factories import make_article, make_comment, make_guest, make_user
from tests.journeys.conftest import AFTERNOON, LiveSite, serving
from tests.journeys.pages import arrived, button, comment, fill_in_sign_in, link_to, post, sidebar, word
from tests.post_office import PostOffice, post_office

pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostOffice]:
    """A mail server of the journey's own."""
    with post_office(tmp_path_factory.mktemp("office") / "post") as office:
        yield office


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, chromium: Browser, office: PostOffice) -> Iterator[LiveSite]:
    """A site that sends its letters through it."""

    def prepare(site: LiveSite) -> None:
        site.settings |= {name: str(value) for name, value in office.settings.items()}
        for name in ("ann", "ed"):
            make_user(name)

    with serving(tmp_path_factory.mktemp("told"), prepare=prepare) as site:
        yield site


def signed_in(page: Page, name: str, path: str) -> Page:
    page.goto(f"/account/login?next={path}")
    fill_in_sign_in(page, name)
    return page


def letter(office: PostOffice, to: str, words: str) -> Any:
    """Wait for a letter to this address with these words, and return it."""
    found: list[Any] = []

    def came() -> bool:
        found[:] = [
            each for each in office.letters() if each["To"] == to and words in each.get_body(("plain",)).get_content()
        ]
        return bool(found)

    until_true(came)
    return found[0]


def until_true(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.1)


def is_told_of(site: LiveSite, words: str) -> bool:
    """Tell whether somebody was told of the comment with these words."""
    with site.inside():
        found = select(func.count()).select_from(Notice).join(Comment, Comment.id == Notice.comment_id)
        return bool(db.session.scalar(found.where(Comment.body == words, Notice.reason == "discussion")))


def link_in(message: Any, start: str) -> str:
    found = re.search(rf"http://[^/\s]+({start}\S*)", message.get_body(("plain",)).get_content())
    assert found is not None
    return found[1]


def test_a_guest_follows_receives_a_letter_and_ends_it_with_one_press(
    arrive: Arrive, site: LiveSite, office: PostOffice, script: bool
) -> None:
    address = f"bart{int(script)}@post.example"
    site.set_clock(AFTERNOON)
    with site.inside():
        url = make_article(f"Wie volgt {script}").url
    bart = arrive()
    bart.goto(url)
    link_to(bart, "Follow this discussion").click()
    bart.get_by_label(word("E-mail")).fill(address)
    button(bart.get_by_role("main"), "Follow").click()
    expect(bart.get_by_role("status")).to_be_visible()
    bart.goto(link_in(letter(office, address, "/following/confirm/"), "/following/confirm/"))
    button(bart, "Yes, tell me").click()
    expect(bart.get_by_role("heading", name=word("What you follow"))).to_be_visible()

    anna = arrive()
    anna.goto(url)
    words = f"Een nieuw inzicht, {script}."
    post(anna, words, "Anna")
    until_true(lambda: is_told_of(site, words))  # before the clock moves: a letter leaves ten minutes after that
    site.set_clock(AFTERNOON + timedelta(minutes=11))
    message = letter(office, address, words)
    bart.goto(re.search(r"<http://[^/]+([^>]+)>", message["List-Unsubscribe"])[1])  # type: ignore[index]
    button(bart, "No more of this mail").click()
    expect(bart.get_by_role("main")).to_contain_text(word("You get no more mail from this list."))
    bart.goto(link_in(message, "/following/"))
    expect(bart.get_by_label(word("not by mail"))).to_be_checked()


def test_a_member_values_mutes_and_is_told_in_the_site(arrive: Arrive, site: LiveSite, script: bool) -> None:
    noisy = "Piet" if script else "Paul"
    site.set_clock(AFTERNOON)
    with site.inside():
        article = make_article(f"Wat waardevol is {script}")
        good = make_comment(article, "Zo zit het dus.", make_guest("Koen")).id
        mine = make_comment(article, "Wie weet dit?", make_user("ann")).id
        make_comment(article, "Ruis op de lijn.", make_guest(noisy))
        url = article.url
    ann = signed_in(arrive(), "ann", url)
    button(ann.locator(f"#comment-{good}"), "Worthwhile").click()
    assert arrived(ann) == good
    expect(ann.locator(f"#comment-{good}").get_by_role("button", pressed=True)).to_contain_text("1")

    noise = comment(ann, "Ruis op de lijn.")
    link_to(noise, "More").click()
    ann.get_by_role("button", name=word("Mute %(name)s", name=noisy)).click()
    expect(comment(ann, "Ruis op de lijn.").locator(".comment__body")).to_be_hidden()
    expect(sidebar(ann)).not_to_contain_text("Ruis op de lijn.")
    ann.locator(".comment__muted summary").click()
    expect(comment(ann, "Ruis op de lijn.").locator(".comment__body")).to_be_visible()

    koen = arrive()
    koen.goto(url)
    expect(koen.locator(f"#comment-{good}")).to_contain_text(f"{word('Worthwhile')} 1")
    expect(comment(koen, "Ruis op de lijn.").locator(".comment__body")).to_be_visible()
    koen.locator(f"#comment-{mine}").get_by_role("link", name=word("Reply to %(name)s", name="Ann")).click()
    form = koen.get_by_role("form", name=word("Reply to %(name)s", name="Ann"), exact=True)
    form.get_by_label(word("Your comment")).fill(f"Ik weet dit {script}.")
    form.get_by_label(word("Name")).fill("Koen")
    button(form, "Post reply").click()
    arrived(koen)

    def told() -> bool:
        ann.goto("/account/inbox/")
        return ann.get_by_text(f"Ik weet dit {script}.").count() == 1

    until_true(told)
    ann.locator(".inbox__open").first.click()
    arrived(ann)
    expect(ann.get_by_role("banner").get_by_role("link", name=word("Inbox"), exact=True)).to_be_visible()
    ann.locator(f"#comment-{mine}").get_by_role("link", name="Ann", exact=True).click()
    expect(ann.get_by_role("heading", level=1, name="Ann")).to_be_visible()
    expect(ann.get_by_role("main")).to_contain_text("Wie weet dit?")


def test_an_editor_highlights_summarises_and_puts_a_fault_right(arrive: Arrive, site: LiveSite, script: bool) -> None:
    site.set_clock(AFTERNOON)
    with site.inside():
        article = make_article(f"Een feit {script}")
        good = make_comment(article, "Ik was erbij.", make_guest("Koen")).id
        url = article.url
    reader = arrive()
    reader.goto(url)
    link_to(reader, "Seen a fault?").click()
    reader.get_by_label(word("What is wrong?")).fill(f"Het was dinsdag, {script}.")
    reader.get_by_role("textbox", name=word("Name")).fill("Wim")
    reader.get_by_label(word("You may thank me by name at the article")).check()
    button(reader, "Send it to the editors").click()
    expect(reader.get_by_role("status")).to_be_visible()

    ed = signed_in(arrive(), "ed", "/desk/corrections/")
    link_to(ed.get_by_role("main"), f"Een feit {script}").click()
    expect(ed.get_by_role("main")).to_contain_text(f"Het was dinsdag, {script}.")
    ed.get_by_label(word("What the article says of it")).fill("Er stond dat het woensdag was.")
    button(ed, "Settle it").click()
    ed.goto(url)
    link_to(ed.locator(f"#comment-{good}"), "More").click()
    ed.get_by_label(word("Why"), exact=True).fill("Een ooggetuige.")
    button(ed, "Put above the discussion").click()
    arrived(ed)
    link_to(ed, "Say where the discussion stands").click()
    ed.get_by_label(word("Where the discussion stands")).fill("Men is het **eens**.")
    button(ed, "Save").click()

    reader.goto(url)
    main = reader.get_by_role("main")
    expect(main).to_contain_text("Er stond dat het woensdag was.")
    expect(main).to_contain_text(word("With thanks to %(name)s.", name="Wim"))
    expect(reader.get_by_role("region", name=word("Highlighted by the editors"))).to_contain_text("Een ooggetuige.")
    expect(reader.get_by_role("region", name=word("Where the discussion stands"))).to_contain_text("Men is het eens.")
