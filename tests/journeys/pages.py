"""What people see and do on the pages, in the words of the site."""

import re
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from playwright.sync_api import Locator, Page, expect

from forum.translations import SOURCE
from tests.factories import PASSWORD

AT_A_COMMENT = re.compile(r"#comment-(\d+)$")


def _dutch() -> Catalog:
    path = SOURCE / "nl" / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Catalog(locale="nl")
    with path.open("rb") as text:
        return read_po(text, locale="nl")


_DUTCH = _dutch()


def word(message: str, plural: str = "", **values: Any) -> str:
    """Return this message as the Dutch pages show it; with `plural`, the form that goes with `num`."""
    found = _DUTCH.get(message)
    forms = found.string if found is not None and found.string else (message, plural)
    if isinstance(forms, str):
        forms = (forms,)
    chosen = forms[0] if not plural or values.get("num") == 1 else forms[1]
    return chosen % values if values else chosen


def comment(page: Page, text: str) -> Locator:
    """Return the comment with these words in it."""
    return page.locator("article.comment").filter(has_text=text)


def link_to(place: Page | Locator, message: str, **values: Any) -> Locator:
    """Return the link with exactly these words."""
    return place.get_by_role("link", name=word(message, **values), exact=True)


def button(place: Page | Locator, message: str) -> Locator:
    """Return the button with exactly these words."""
    return place.get_by_role("button", name=word(message), exact=True)


def comment_form(page: Page, reply_to: str = "") -> Locator:
    """Return the form of a comment, or of a reply to this name."""
    words = word("Reply to %(name)s", name=reply_to) if reply_to else word("Write a comment")
    return page.get_by_role("form", name=words, exact=True)


def fill_in(form: Locator, body: str, name: str = "Bart", email: str = "") -> None:
    """Write a comment as a guest does, without sending it."""
    form.get_by_label(word("Your comment")).fill(body)
    form.get_by_label(word("Name")).fill(name)
    if email:
        form.get_by_label(word("E-mail")).fill(email)


def post(page: Page, body: str, name: str = "Bart", email: str = "") -> int:
    """Place a comment as a guest, and return its number when the page shows it."""
    form = comment_form(page)
    fill_in(form, body, name, email)
    button(form, "Post comment").click()
    return arrived(page)


def arrived(page: Page) -> int:
    """Return the number of the comment at which the page was opened, once it is."""
    expect(page).to_have_url(AT_A_COMMENT)
    found = AT_A_COMMENT.search(page.url)
    assert found is not None
    return int(found.group(1))


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Sign in through the form, from the page where one is."""
    link_to(page.get_by_role("banner"), "Sign in").click()
    fill_in_sign_in(page, name, password)


def fill_in_sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fill in the form of the sign-in page and send it."""
    page.get_by_label(re.compile("mail", re.IGNORECASE)).fill(f"{name}@example.org")
    page.get_by_label(word("Password")).fill(password)
    page.get_by_role("main").get_by_role("button", name=word("Sign in")).click()


def sidebar(page: Page) -> Locator:
    """Return what stands beside the page."""
    return page.get_by_role("complementary", name=word("Question of the day and latest comments"))
