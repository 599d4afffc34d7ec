"""An account from its first day on: made, confirmed, guarded with codes and a passkey, moved to another address, and found back."""

import re
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from urllib.parse import urlsplit

import pytest
from passlib.totp import TOTP
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import AFTERNOON, PATIENCE, LiveSite, serving
from tests.journeys.newsroom import fill
from tests.journeys.pages import button, link_to, word

pytestmark = pytest.mark.browser

A_PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}
FIRST, SECOND = "vier losse woorden achter elkaar", "heel andere woorden dan eerst"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[LiveSite]:
    """A site by its name: a passkey belongs to a name, never to a number (WebAuthn, 5.1.2)."""
    with serving(tmp_path_factory.mktemp("accounts"), prepare=fill) as site:
        site.url = f"http://localhost:{site.port}"
        yield site


@pytest.fixture
def script() -> bool:
    """A passkey needs script; the rest is walked without it in tests/accounts."""
    return True


def letter_to(site: LiveSite, address: str) -> str:
    """Wait for the newest letter to this address, take it away, and return the path of its link."""
    folder = site.home.instance / "mail"
    until = time.monotonic() + 6 * PATIENCE / 1000  # the worker may be starting still
    while time.monotonic() < until:
        for file in sorted(folder.glob("*.eml"), key=lambda each: each.stat().st_mtime, reverse=True):
            letter = message_from_bytes(file.read_bytes(), policy=policy.default)
            body = letter.get_body(("plain",))
            assert body is not None
            link = re.search(r"https?://\S+/account/\S+", body.get_content())
            if letter["To"] == address and link is not None:
                file.unlink()
                return urlsplit(link[0]).path
        time.sleep(0.1)
    raise AssertionError(f"no letter came to {address}")


def sign_in(page: Page, address: str, password: str) -> None:
    page.goto("/account/login")
    page.get_by_label(word("E-mail")).fill(address)
    page.get_by_label(word("Password"), exact=True).fill(password)
    button(page, "Sign in").click()


def type_code(page: Page, code: str) -> None:
    page.get_by_label(word("Code")).fill(code)
    button(page.get_by_role("main"), "Sign in").click()


def sign_out(page: Page) -> None:
    page.goto("/account/")
    button(page, "Sign out").click()
    expect(link_to(page.get_by_role("banner"), "Sign in")).to_be_visible()


def is_here(page: Page) -> None:
    expect(page.get_by_role("banner").get_by_role("link", name="Wilma")).to_be_visible()


def test_an_account_is_made_guarded_moved_and_found_back(arrive: Callable[..., Page], site: LiveSite) -> None:
    page = arrive()

    # Made and confirmed
    page.goto("/account/login")
    link_to(page, "Make an account").click()
    page.get_by_label(word("Name")).fill("Wilma")
    page.get_by_label(word("E-mail")).fill("wilma@example.org")
    page.get_by_label(word("Password")).fill(FIRST)
    button(page, "Make the account").click()
    expect(page).to_have_url("/account/login")
    page.goto(letter_to(site, "wilma@example.org"))
    button(page, "Confirm").click()
    expect(page).to_have_url("/account/login")
    sign_in(page, "wilma@example.org", FIRST)
    is_here(page)

    # Codes from an app, of which none works twice
    page.goto("/account/codes")
    button(page, "Begin").click()
    expect(page.get_by_role("img", name=word("QR code for your app"))).to_be_visible()
    app = TOTP(key=page.locator("code.secret").inner_text().replace("-", ""), format="base32")
    page.get_by_label(word("The code that the app shows now")).fill(app.generate(AFTERNOON.timestamp() - 30).token)
    button(page, "Turn the codes on").click()
    expect(button(page, "Turn the codes off")).to_be_visible()
    sign_out(page)
    sign_in(page, "wilma@example.org", FIRST)
    code = app.generate(AFTERNOON.timestamp()).token
    type_code(page, code)
    is_here(page)
    other = arrive(user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    sign_in(other, "wilma@example.org", FIRST)
    type_code(other, code)
    expect(other).to_have_url(re.compile("/account/code"))
    expect(other.get_by_role("alert")).to_be_visible()
    type_code(other, app.generate(AFTERNOON.timestamp() + 30).token)
    is_here(other)

    # Codes on paper, for later
    page.goto("/account/recovery-codes")
    button(page, "Make new codes").click()
    expect(page.locator("code.secret")).to_have_count(10)
    on_paper = page.locator("code.secret").first.inner_text()

    # A passkey
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": A_PHONE})
    page.goto("/account/passkeys")
    page.get_by_label(word("Name of the new passkey")).fill("telefoon")
    button(page, "Add a passkey").click()
    button(page, "Make the passkey").click()
    expect(page.locator(".passkey__name")).to_have_text("telefoon")
    sign_out(page)
    page.goto("/account/login")
    link_to(page, "Sign in with a passkey").click()
    button(page, "Go on").click()
    button(page, "Use the passkey").click()
    is_here(page)

    # Another address, confirmed there; the other browser was signed in under the old one
    page.goto("/account/email")
    page.get_by_label(word("New address")).fill("wilma@elders.example")
    button(page, "Send the letter").click()
    page.goto(letter_to(site, "wilma@elders.example"))
    button(page, "Confirm").click()
    expect(page.get_by_role("main")).to_contain_text("wilma@elders.example")
    other.goto("/account/")
    expect(other).to_have_url(re.compile("/account/login"))

    # A session that another browser ends
    sign_in(other, "wilma@elders.example", FIRST)
    other.locator("input[value=authenticator]").check()
    button(other, "Go on").click()
    link_to(other, "Sign in with a recovery code").click()
    other.get_by_label(word("Recovery code")).fill(on_paper)
    button(other.get_by_role("main"), "Sign in").click()
    is_here(other)
    page.goto("/account/sessions/")
    row = page.get_by_role("row").filter(has_text="Firefox, Linux")
    button(row, "End").click()
    expect(row).to_have_count(0)
    other.goto("/account/")
    expect(other).to_have_url(re.compile("/account/login"))

    # A password that was forgotten; the passkey still follows the new one
    sign_out(page)
    page.goto("/account/login")
    link_to(page, "Password forgotten").click()
    page.get_by_label(word("E-mail")).fill("wilma@elders.example")
    button(page, "Send the letter").click()
    page.goto(letter_to(site, "wilma@elders.example"))
    page.get_by_label(word("Password")).fill(SECOND)
    button(page, "Set the password").click()
    expect(page).to_have_url("/account/login")
    sign_in(page, "wilma@elders.example", SECOND)
    page.locator("input[value=webauthn]").check()
    button(page, "Go on").click()
    button(page, "Go on").click()
    button(page, "Use the passkey").click()
    is_here(page)
