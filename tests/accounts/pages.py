"""Going through the pages of an account the way a browser does: open the form, fill it in, send it; and reading the letters."""

import re
from email.message import EmailMessage
from urllib.parse import urlsplit

from flask_security.proxies import _security
from passlib.totp import TOTP
from sqlalchemy import select

from forum import clock, jobs, mail
from forum.extensions import db
from tests.factories import PASSWORD

STRONG = "vier losse woorden achter elkaar"


def token_on(page):
    """The token that the page's first form carries."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


def send(browser, path, to="", **fields):
    """Open the page at this path and send its form with these fields."""
    shown = browser.get(path)
    assert shown.status_code == 200, (shown.status_code, shown.headers.get("Location"))
    return browser.post(to or path, data={"csrf_token": token_on(shown.text), **fields})


def sign_in(browser, email, password=PASSWORD, **more):
    return send(browser, "/account/login", email=email, password=password, **more)


def is_signed_in(browser):
    return browser.get("/account/").status_code == 200


def letters() -> list[EmailMessage]:
    """The letters that were written, the oldest first."""
    found = select(jobs.Job).where(jobs.Job.kind == "mail", jobs.Job.finished_at.is_(None)).order_by(jobs.Job.id)
    return [mail.compose(job.payload) for job in db.session.scalars(found)]


def text_of(letter):
    return letter.get_body(("plain",)).get_content()


def link_in(letter):
    """The path behind the letter's link."""
    address = re.search(r"https?://\S+/account/\S+", text_of(letter))
    assert address is not None, text_of(letter)
    return urlsplit(address[0]).path


def code_of(user, seconds=0):
    """What the user's app shows so many seconds from now."""
    return code_from(user.tf_totp_secret, seconds)


def code_from(secret, seconds=0):
    return _security.totp_factory._totp.from_source(secret).generate(clock.now().timestamp() + seconds).token


def code_for_key(key, seconds=0):
    """What an app shows that was given the key by hand."""
    return (
        TOTP(key=key.replace("-", "").replace(" ", ""), format="base32")
        .generate(clock.now().timestamp() + seconds)
        .token
    )


def turn_codes_on(browser, user):
    """Set up an app with codes for who is signed in; its first code is used up by that."""
    shown = browser.get("/account/codes")
    asked = browser.post("/account/codes", data={"csrf_token": token_on(shown.text), "setup": "authenticator"})
    action = re.search(r'action="(/account/codes/[^"]+)"', asked.text)
    key = re.search(r'<code class="secret">([^<]+)<', asked.text)
    assert action is not None, asked.text
    assert key is not None
    done = browser.post(action[1], data={"csrf_token": token_on(asked.text), "code": code_for_key(key[1], -30)})
    assert done.status_code == 302, done.text
    db.session.refresh(user)
    assert user.has_codes
