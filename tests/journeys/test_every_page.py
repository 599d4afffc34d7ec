"""Every page of the URL map as everybody must be able to use it: WCAG 2.2 A and AA, light and dark, narrow, in both languages.

The pages are those of tests/doors.py, which lists every address. A public page is looked at twice: by who is let in with the least
power, and by who has the most; once light and once dark, once in Dutch and once in English. The others are looked at once, each in
another of these ways. With `--long` everybody sees everything.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask_security.recoverable import generate_reset_password_token
from itsdangerous import URLSafeTimedSerializer
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from forum import clock, mail
from forum.accounts.models import Passkey
from forum.comments import claims
from forum.extensions import db
from forum.translations import languages
from tests.accounts.pages import sign_in as sign_in_with_password
from tests.accounts.pages import turn_codes_on
from tests.conftest import Visitor
from tests.doors import GETS, ROLES, furnish
from tests.factories import PASSWORD, discussion_of, make_article, make_comment, make_user
from tests.journeys.conftest import PATIENCE, LiveSite, Watch, serving
from tests.journeys.inspection import inspect, not_valid

pytestmark = [pytest.mark.browser, pytest.mark.look]
SCHEMES = ("light", "dark")
LANGUAGES = tuple(languages())


@dataclass(frozen=True)
class Look:
    """One look at a page: by whom, in which light and language."""

    role: str
    scheme: str
    language: str


def looks(number: int, roles: list[str]) -> list[Look]:
    """Return two looks that differ in everything, of a page for staff the one or the other; over all pages every combination occurs."""
    light, dark = (roles[0], roles[-1]) if number // 2 % 2 else (roles[-1], roles[0])
    first, second = LANGUAGES[:2] if number % 2 else LANGUAGES[1::-1]
    both = [Look(light, "light", first), Look(dark, "dark", second)]
    return both if roles[0] == "anonymous" else [both[number // 4 % 2]]


# Addresses that never are a page: they lead on to one.
LEADS_ON = {
    "/archives/<id:article_id>/",
    "/comments/<id:comment_id>",
    "/account/code-lost",
    "/account/passkeys-delete",
}


# Pages that are reached by doing something first. Each returns the answer that is looked at.


def go(page: Page, address: str) -> Response:
    answer = page.goto(address)
    assert answer is not None
    return answer


def after(page: Page, act: Callable[[], object]) -> Response:
    """Do something that opens a page, and return the answer that it is."""
    with page.expect_navigation() as arrival:
        act()
    return arrival.value


def press(page: Page, selector: str) -> Response:
    return after(page, page.locator(selector).first.click)


def with_password(page: Page, name: str) -> Response:
    page.goto("/account/login")
    page.locator("[name=email]").fill(f"{name}@example.org")
    page.locator("[name=password]").fill(PASSWORD)
    return press(page, "main [type=submit]")


def send_empty(page: Page, address: str, fill: str = "") -> Response:
    """Send the form of a page as it is, but for one field, past what the browser itself would refuse."""
    page.goto(address)
    form = page.locator("main form[method=post]:has(.form__deeds)").first
    form.evaluate("form => { form.noValidate = true }")
    if fill:
        form.locator(f"[name={fill}]").fill("")
    answer = after(page, form.locator("[type=submit]").first.click)
    expect(page.locator(".notice--wrong").first).to_be_focused()  # what is wrong is the first that one hears
    return answer


def first_letter(page: Page) -> Response:
    until = time.monotonic() + 6 * PATIENCE / 1000  # the worker may be starting still
    while time.monotonic() < until and not page.locator("main a[href^='/dev/mail/']").count():
        page.goto("/dev/mail")
    return press(page, "main a[href^='/dev/mail/']")


Way = Callable[[Page, dict[str, Any]], Response]
# By the rule of the URL map, or by what it is: who goes, and how.
ON_THE_WAY: dict[str, tuple[str, Way]] = {
    "/account/code": ("anonymous", lambda page, house: with_password(page, "tina")),
    "/account/second-step": ("anonymous", lambda page, house: with_password(page, "tom")),
    "/account/recovery": (
        "anonymous",
        lambda page, house: (with_password(page, "tina"), press(page, "a[href^='/account/recovery']"))[1],
    ),
    "/account/reset/<token>": ("anonymous", lambda page, house: go(page, f"/account/reset/{house['reset']}")),
    "/account/earlier/<token>": ("ann", lambda page, house: go(page, f"/account/earlier/{house['earlier']}")),
    "/following/confirm/<proof>": ("anonymous", lambda page, house: go(page, f"/following/confirm/{house['follow']}")),
    "/corrections/confirm/<proof>": (
        "anonymous",
        lambda page, house: go(page, f"/corrections/confirm/{house['proof']}"),
    ),
    "/dev/mail": ("anonymous", lambda page, house: go(page, "/dev/mail")),
    "/dev/mail/<name>": ("anonymous", lambda page, house: first_letter(page)),
    "the key of the codes": (
        "ann",
        lambda page, house: (page.goto("/account/codes"), press(page, "main [type=submit]"))[1],
    ),
    "the recovery codes": (
        "ann",
        lambda page, house: (page.goto("/account/recovery-codes"), press(page, "main [type=submit]"))[1],
    ),
    "the making of a passkey": (
        "ann",
        lambda page, house: (
            page.goto("/account/passkeys"),
            page.locator("main [name=name]").fill("telefoon"),
            press(page, "main .form [type=submit]"),
        )[2],
    ),
    "the use of a passkey": (
        "anonymous",
        lambda page, house: (page.goto("/account/passkey"), press(page, "main [type=submit]"))[1],
    ),
    "not allowed": ("ann", lambda page, house: go(page, "/desk/")),
    "not found": ("anonymous", lambda page, house: go(page, "/niets/hier")),
    "withdrawn": ("anonymous", lambda page, house: go(page, f"/archives/{house['withdrawn']}/teruggetrokken/")),
    "a refused comment": (
        "anonymous",
        lambda page, house: send_empty(page, f"/discussions/{house['discussion']}/comments/new"),
    ),
    "a refused account": ("anonymous", lambda page, house: send_empty(page, "/account/register")),
    "a refused sign-in": ("anonymous", lambda page, house: send_empty(page, "/account/login")),
    "a refused password": ("ann", lambda page, house: send_empty(page, "/account/password")),
    "a refused leave": ("ann", lambda page, house: send_empty(page, "/account/leave")),
    "a refused article": ("ed", lambda page, house: send_empty(page, "/desk/articles/new")),
    "a refused picture": ("ed", lambda page, house: send_empty(page, "/desk/media/")),
    "refused settings": ("adam", lambda page, house: send_empty(page, "/desk/settings/", "name")),
    "a refused section": ("adam", lambda page, house: send_empty(page, "/desk/settings/sections/")),
    "a refused hiding": (
        "mo",
        lambda page, house: send_empty(page, f"/moderation/comments/{house['visible']}/hide"),
    ),
    "a deep discussion": ("ann", lambda page, house: go(page, house["deep"])),
}
# Walked and looked at elsewhere: it takes a site without an admin.
ELSEWHERE = {"/account/first-admin/<token>": "tests/journeys/test_first_admin.py"}

PAGES = {
    rule: [role for role in ROLES if door.entry[role] == 200]
    for rule, door in GETS.items()
    if door.is_page and 200 in door.entry.values()
}
ALL = [*PAGES, *ON_THE_WAY]


def test_every_address_of_a_page_is_looked_at() -> None:
    pages = {rule for rule, door in GETS.items() if door.is_page}
    assert pages - set(PAGES) - set(ON_THE_WAY) - LEADS_ON - set(ELSEWHERE) == set()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[LiveSite]:
    """The furnished house of tests/doors.py."""

    def prepare(site: LiveSite) -> None:
        house = furnish()
        deep = make_article("Een diep gesprek", "Wie het laatst praat.", clock.now())
        parent = None
        for number in range(12):
            parent = make_comment(deep, f"Antwoord {number}.", parent=parent)
        discussion_of(deep).mode = "members"
        for name in ("tina", "tom"):
            browser, user = Visitor(site.app), make_user(name)
            sign_in_with_password(browser, user.email)
            turn_codes_on(browser, user)
        key = Passkey(user_id=make_user("tom").id, name="telefoon", usage="first", lastuse_datetime=clock.now())
        key.credential_id, key.public_key, key.sign_count, key.backup_state = b"1", b"2", 0, False
        key.device_type = "single_device"
        db.session.add(key)
        mail.send("ann@example.org", "test", "nl")
        ann = make_user("ann")

        def signed(salt: str, what: object) -> str:
            return str(URLSafeTimedSerializer(site.app.config["SECRET_KEY"], salt=salt).dumps(what))

        site.house = house | {
            "deep": deep.url,
            "reset": generate_reset_password_token(ann),
            "earlier": claims.make_token(ann, "ann@elders.example"),
            "follow": signed("follow", {"discussion": house["discussion"]}),
            "proof": signed("correction", house["correction"]),
        }

    with serving(tmp_path_factory.mktemp("every-page"), prepare=prepare) as site:
        yield site


class Visitors:
    """A browser for each that looks; who signs in does so once."""

    def __init__(self, site: LiveSite, chromium: Browser) -> None:
        self.site = site
        self.chromium = chromium
        self.watch = Watch(site)
        self.known: dict[str, Any] = {}
        self.contexts: dict[Look, BrowserContext] = {}

    def page(self, look: Look) -> Page:
        """Return a new page of this visitor's. Who is anonymous has a browser without cookies each time."""
        if look.role == "anonymous" or look not in self.contexts:
            if look in self.contexts:
                self.contexts.pop(look).close()
            self.contexts[look] = self.arrive(look)
        return self.contexts[look].new_page()

    def arrive(self, look: Look) -> BrowserContext:
        options: dict[str, Any] = {"base_url": self.site.url, "color_scheme": look.scheme}
        if look.role != "anonymous" and look.role not in self.known:
            door = self.chromium.new_context(**options)
            with_password(door.new_page(), look.role)
            self.known[look.role] = door.storage_state()
            door.close()
        context = self.chromium.new_context(storage_state=self.known.get(look.role), **options)
        context.set_default_timeout(PATIENCE)
        context.add_cookies([{"name": "forum_language", "value": look.language, "url": self.site.url}])
        self.watch.over(context)
        return context


@pytest.fixture(scope="module")
def visitors(site: LiveSite, chromium: Browser) -> Iterator[Visitors]:
    visitors = Visitors(site, chromium)
    yield visitors
    for context in visitors.contexts.values():
        context.close()


def seen(visitors: Visitors, look: Look, rule: str) -> list[str]:
    """Look at a page and return what is wrong with it."""
    page = visitors.page(look)
    if rule in ON_THE_WAY:
        answer = ON_THE_WAY[rule][1](page, visitors.site.house)
    else:
        answer = go(page, GETS[rule].address.format(**visitors.site.house))
        assert answer.status == 200
    assert urlsplit(answer.url).path == urlsplit(page.url).path
    page.wait_for_load_state()
    wrong = [*not_valid(answer.text()), *inspect(page), *visitors.watch.strange]
    if page.locator("html").get_attribute("lang") != look.language:
        wrong.append("another language than was chosen")
    visitors.watch.strange.clear()
    page.close()
    return [f"{look.scheme}, {look.language}, {look.role}: {each}" for each in wrong]


@pytest.mark.parametrize("rule", ALL)
def test_everybody_can_use_every_page(visitors: Visitors, rule: str) -> None:
    roles = PAGES[rule] if rule in PAGES else [ON_THE_WAY[rule][0]]
    assert [wrong for look in looks(ALL.index(rule), roles) for wrong in seen(visitors, look, rule)] == []


@pytest.mark.long
@pytest.mark.parametrize("rule", ALL)
def test_everybody_can_use_every_page_in_any_light_and_language(visitors: Visitors, rule: str) -> None:
    roles = PAGES[rule] if rule in PAGES else [ON_THE_WAY[rule][0]]
    every = (Look(*each) for each in product(dict.fromkeys((roles[0], roles[-1])), SCHEMES, LANGUAGES))
    assert [wrong for look in every for wrong in seen(visitors, look, rule)] == []
