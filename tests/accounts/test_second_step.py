"""After the password: codes that work once, recovery codes, and the desk's duty to have a second step."""

import pytest

from forum.accounts import operations
from forum.accounts.second_step import RecoveryCodes
from forum.extensions import db
from forum.settings import operations as settings
from tests.accounts.pages import code_of, is_signed_in, send, sign_in, turn_codes_on
from tests.factories import PASSWORD, make_article, make_user


@pytest.fixture
def ann(client, now):
    """At a moment that stands still: Ann, with an app that makes codes, signed in nowhere."""
    ann = make_user("ann")
    sign_in(client, ann.email)
    turn_codes_on(client, ann)
    client.post("/account/logout")
    return ann


def test_after_the_password_comes_a_code(client, ann):
    asked = sign_in(client, ann.email, next="/polls/")
    assert asked.location == "/account/code?next=/polls/"
    assert not is_signed_in(client)
    assert send(client, "/account/code", code="000000").status_code == 200
    assert not is_signed_in(client)
    assert send(client, asked.location, code=code_of(ann)).location == "/polls/"
    assert is_signed_in(client)


def test_no_code_works_twice(app, client, ann):
    sign_in(client, ann.email)
    code = code_of(ann)
    send(client, "/account/code", code=code)
    other = app.test_client()
    sign_in(other, ann.email)
    assert send(other, "/account/code", code=code).status_code == 200
    assert not is_signed_in(other)
    db.session.refresh(ann)
    assert send(other, "/account/code", code=code_of(ann, -30)).status_code == 200, "nor does an older one"
    assert send(other, "/account/code", code=code_of(ann, 30)).status_code == 302


def test_the_code_that_set_the_app_up_signs_nobody_in(client, ann):
    sign_in(client, ann.email)
    assert send(client, "/account/code", code=code_of(ann, -30)).status_code == 200


def test_a_code_without_a_password_opens_nothing(client, ann):
    assert client.get("/account/code").status_code == 302
    assert client.get("/account/recovery").status_code == 302
    assert not is_signed_in(client)


def test_codes_are_guessed_a_few_times_only(make_site, client, ann):
    browser = make_site(RATE_LIMITS=True).test_client()
    db.session.commit()
    sign_in(browser, "ann@example.org")
    for _ in range(11):
        answer = send(browser, "/account/code", code="000000")
    assert answer.status_code == 429


def test_staying_signed_in_survives_the_second_step(client, ann):
    sign_in(client, ann.email, remember="y")
    send(client, "/account/code", code=code_of(ann))
    assert client.get_cookie("session").expires is not None


def test_recovery_codes_are_shown_once_and_each_works_once(app, client, ann):
    sign_in(client, ann.email)
    send(client, "/account/code", code=code_of(ann))
    shown = send(client, "/account/recovery-codes", generate_new_codes="1").text
    codes = [part.split("<")[0] for part in shown.split('<code class="secret">')[1:]]
    assert len(codes) == 10
    assert codes[0] not in client.get("/account/recovery-codes?show_codes=1").text
    db.session.refresh(ann)
    assert codes[0] not in str(ann.mf_recovery_codes)
    for expected in (302, 200):
        other = app.test_client()
        sign_in(other, ann.email)
        assert send(other, "/account/recovery", code=codes[0].upper()).status_code == expected
    assert send(other, "/account/recovery", code=codes[1]).status_code == 302
    db.session.refresh(ann)
    assert len(ann.mf_recovery_codes) == 8


def test_new_recovery_codes_end_the_old_ones(app):
    with app.test_request_context():
        ann, codes = make_user("ann"), RecoveryCodes(app)
        old, new = codes.create_recovery_codes(ann), codes.create_recovery_codes(ann)
        db.session.flush()
        assert not codes.check_recovery_code(ann, old[0])
        assert codes.check_recovery_code(ann, new[0])
        assert not codes.check_recovery_code(make_user("ed"), new[0])


def test_codes_are_turned_off_again(client, ann):
    sign_in(client, ann.email)
    send(client, "/account/code", code=code_of(ann))
    send(client, "/account/codes", setup="disable")
    client.post("/account/logout")
    assert sign_in(client, ann.email).location == "/"


def test_whoever_lost_everything_is_let_in_by_the_operator(client, ann):
    operations.drop_second_step(ann)
    assert sign_in(client, ann.email).location == "/"


def test_the_picture_of_the_code_needs_nothing_that_the_pages_forbid(client):
    sign_in(client, make_user("ann").email)
    shown = send(client, "/account/codes", setup="authenticator").text
    assert "<svg" in shown
    assert "style=" not in shown
    assert "data:" not in shown


@pytest.mark.parametrize("path", ["/account/email", "/account/codes", "/account/passkeys", "/account/recovery-codes"])
def test_what_a_borrowed_browser_must_not_change_asks_for_the_password_again(client, path):
    ann = make_user("ann")
    sign_in(client, ann.email)
    with client.session_transaction() as kept:
        kept["fs_paa"] -= 3601
    asked = client.get(path)
    assert asked.location.startswith("/account/verify?next=")
    assert send(client, asked.location, to="/account/verify", password="niet dit", next=path).status_code == 200
    assert send(client, asked.location, to="/account/verify", password=PASSWORD, next=path).location == path
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("name", ["ed", "mo", "adam"])
def test_the_desk_needs_a_second_step_where_the_site_asks_it(client, now, name):
    user = make_user(name)
    make_article()
    settings.change(staff_needs_second_factor=True)
    sign_in(client, user.email)
    assert client.get("/").location == "/account/?needed=1"
    assert client.post("/language", data={"language": "en"}).status_code == 403
    assert "/account/codes" in client.get("/account/").text
    turn_codes_on(client, user)
    assert client.get("/").status_code == 200


def test_a_reader_needs_none_and_neither_does_the_desk_where_nobody_asks(client):
    ed, ann = make_user("ed"), make_user("ann")
    sign_in(client, ed.email)
    assert client.get("/").status_code == 200
    client.post("/account/logout")
    settings.change(staff_needs_second_factor=True)
    sign_in(client, ann.email)
    assert client.get("/").status_code == 200
