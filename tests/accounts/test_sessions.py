"""Sessions are rows: seen, ended one by one, and over when the account changes."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from forum import clock
from forum.accounts import operations, sessions
from forum.accounts.models import RoleName, UserSession
from forum.accounts.protection import SESSION
from forum.extensions import db
from tests.accounts.pages import is_signed_in, sign_in
from tests.factories import make_user
from tests.trouble import impatient, locked

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (FIREFOX, "Firefox, Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile Safari/604.1",
            "Safari, iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36",
            "Chrome, Android",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Linux"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_a_device_is_told_in_words(user_agent, words):
    assert sessions.device(user_agent) == words


def test_a_session_is_found_by_its_token_which_is_not_kept(app, now):
    ann = make_user("ann")
    token = sessions.begin(ann, FIREFOX)
    known = sessions.find(ann, token)
    assert token not in known.token_hash
    assert known.last_seen_at.minute == 0
    assert sessions.find(make_user("ed"), token) is None
    assert sessions.find(ann, token + "x") is None


def test_a_session_that_is_not_seen_for_long_is_over(app, now):
    ann = make_user("ann")
    token = sessions.begin(ann, FIREFOX)
    now.moment += sessions.KEPT + timedelta(hours=1)
    assert sessions.find(ann, token) is None
    assert sessions.of(ann) == []
    operations.clean(None)
    assert db.session.scalars(select(UserSession)).all() == []


def test_an_account_that_is_never_confirmed_goes_and_frees_its_name(app, now):
    operations.sign_up("zoe@example.org", "Zoë", "x")
    kept = make_user("ann")
    now.moment += timedelta(days=8)
    operations.clean(None)
    db.session.expire_all()
    operations.sign_up("other@example.org", "Zoe", "x")
    assert kept.name == "Ann"


@pytest.mark.parametrize(
    "change",
    [
        lambda user: operations.grant(user, RoleName.EDITOR),
        lambda user: operations.revoke(user, RoleName.READER),
        lambda user: operations.suspend(user, clock.now() + timedelta(days=1)),
        operations.renew,
        operations.drop_second_step,
    ],
)
def test_what_changes_an_account_ends_its_sessions(client, change):
    ann = make_user("ann")
    sign_in(client, ann.email)
    assert is_signed_in(client)
    change(ann)
    assert not is_signed_in(client)


def test_granting_what_somebody_has_ends_nothing(client):
    ann = make_user("ann")
    sign_in(client, ann.email)
    operations.grant(ann, RoleName.READER)
    operations.revoke(ann, RoleName.EDITOR)
    assert is_signed_in(client)


def test_who_is_suspended_may_not_sign_in_until_reinstated(client):
    ann = make_user("ann")
    operations.suspend(ann, clock.now() + timedelta(days=1))
    assert sign_in(client, ann.email).status_code == 200
    operations.reinstate(ann)
    assert sign_in(client, ann.email).status_code == 302


def test_the_page_shows_ones_sessions_and_ends_any_of_them(app, client):
    ann = make_user("ann")
    other = app.test_client()
    other.environ_base["HTTP_USER_AGENT"] = FIREFOX
    sign_in(other, ann.email)
    sign_in(client, ann.email)
    page = client.get("/account/sessions/").text
    assert "Firefox, Windows" in page
    theirs = db.session.scalars(select(UserSession).order_by(UserSession.id)).first()
    assert client.post(f"/account/sessions/{theirs.id}/end").status_code == 303
    assert not is_signed_in(other)
    assert is_signed_in(client)
    assert "Firefox, Windows" not in client.get("/account/sessions/").text


def test_nobody_ends_anothers_session(app, client):
    ann, ed = make_user("ann"), make_user("ed")
    other = app.test_client()
    sign_in(other, ed.email)
    sign_in(client, ann.email)
    theirs = db.session.scalars(select(UserSession).where(UserSession.user_id == ed.id)).one()
    assert client.post(f"/account/sessions/{theirs.id}/end").status_code == 404
    assert is_signed_in(other)


def test_signing_out_everywhere_ends_all_of_them(app, client):
    ann = make_user("ann")
    other = app.test_client()
    for browser in (client, other):
        sign_in(browser, ann.email)
    assert client.post("/account/sessions/end").location == "/account/login"
    assert not is_signed_in(client)
    assert not is_signed_in(other)


def test_a_copied_cookie_is_worth_nothing_after_signing_out(client):
    ann = make_user("ann")
    sign_in(client, ann.email)
    copied = client.get_cookie("session").value
    client.post("/account/logout")
    client.set_cookie("session", copied)
    assert not is_signed_in(client)
    assert db.session.scalars(select(UserSession)).all() == []


def test_staying_signed_in_is_the_same_cookie_kept_for_longer(app, client):
    ann = make_user("ann")
    sign_in(client, ann.email)
    assert client.get_cookie("session").expires is None
    other = app.test_client()
    sign_in(other, ann.email, remember="y")
    assert other.get_cookie("session").expires is not None
    assert other.get_cookie("remember_token") is None
    db.session.execute(update(UserSession).values(last_seen_at=clock.now() - timedelta(days=91)))
    assert not is_signed_in(other)


def test_the_cookie_names_the_session_and_no_address(client):
    sign_in(client, make_user("ann").email)
    with client.session_transaction() as kept:
        names = ["_fresh", "_user_id", "csrf_token", "fs_cc", "fs_paa", "identity.auth_type", "identity.name", SESSION]
        assert set(kept) <= {*names, "_permanent"}


def test_the_hour_is_noted_by_looking_and_a_locked_database_hides_no_page(client, make_site, now):
    make_user("ann")
    browser = impatient(make_site).test_client()
    db.session.commit()
    sign_in(browser, "ann@example.org")
    before = db.session.scalar(select(UserSession.last_seen_at))
    now.moment += timedelta(hours=3)
    with locked():
        assert browser.get("/").status_code == 200
    db.session.expire_all()
    assert db.session.scalar(select(UserSession.last_seen_at)) == before
    db.session.rollback()
    assert browser.get("/").status_code == 200
    db.session.expire_all()
    assert db.session.scalar(select(UserSession.last_seen_at)) == before + timedelta(hours=3)
