"""Signing in and out, one's own page, and the link that makes the first admin."""

import re

import pytest
from justhtml import JustHTML
from sqlalchemy import delete, func, select

from forum.accounts import first_admin, operations
from forum.accounts.models import RoleName, User, roles_users
from forum.extensions import db
from tests.conftest import Visitor
from tests.factories import PASSWORD, make_article, make_user, sign_in


def token_in(page):
    """The token of the form on this page."""
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


def try_to_sign_in(client, email, password, **more):
    form = {"email": email, "password": password, "csrf_token": token_in(client.get("/account/login").text), **more}
    return client.post("/account/login", data=form)


def without_what_was_typed(page, email):
    """A page as it is for everybody: without its token and what was typed into it."""
    page = re.sub(r'(name="csrf_token"[^>]*value=)"[^"]*"', r"\1", page)
    return page.replace(email, "")


def users():
    db.session.commit()
    return db.session.scalar(select(func.count(User.id)))


# Signing in


def test_who_signs_in_finds_their_name_and_their_ways(client, app):
    sign_in(client, "mo")
    page = client.get("/account/")
    JustHTML(page.text, strict=True)
    assert "Mo" in page.text
    assert 'href="/moderation/"' in page.text
    assert 'href="/desk/"' not in page.text
    assert 'action="/account/logout"' in page.text


@pytest.mark.parametrize("email", ["ANN@example.org", "Ann@Example.ORG"])
def test_an_address_is_the_same_however_it_is_written(client, app, email):
    make_user("ann")
    assert try_to_sign_in(client, email, PASSWORD).status_code == 302


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, app):
    make_user("ann")
    answers = []
    for email, password in (
        ("ann@example.org", "verkeerd-wachtwoord"),
        ("niemand@example.org", "verkeerd-wachtwoord"),
        ("niemand@example.org", PASSWORD),
    ):
        answer = try_to_sign_in(client, email, password)
        answers.append((answer.status_code, without_what_was_typed(answer.text, email)))
        JustHTML(answer.text, strict=True)
        assert client.get("/account/").status_code == 302
    assert len(set(answers)) == 1
    assert 'role="alert"' in answers[0][1]


def test_an_account_that_is_closed_lets_nobody_in(client, app):
    ann = make_user("ann")
    sign_in(client, "ann")
    ann.active = False
    db.session.commit()
    assert client.get("/account/").status_code == 302
    other = app.test_client()
    assert try_to_sign_in(other, "ann@example.org", PASSWORD).status_code == 200
    assert other.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("", ""),
        ("geen adres", "x"),
        ("ann@example.org", ""),
        ("'--@example.org", "x"),
        ("a" * 5000, "b" * 5000),
        ("é@é", "🙂"),
    ],
)
def test_whatever_is_typed_the_form_comes_back(client, app, email, password):
    make_user("ann")
    answer = try_to_sign_in(client, email, password)
    assert answer.status_code == 200
    JustHTML(answer.text, strict=True)
    assert not re.search(r'type="password"[^>]*value="[^"]', answer.text)


def test_a_form_without_its_token_signs_nobody_in(client, app):
    make_user("ann")
    for token in (None, "", "nonsense"):
        form = {"email": "ann@example.org", "password": PASSWORD} | ({} if token is None else {"csrf_token": token})
        answer = client.post("/account/login", data=form)
        assert answer.status_code == 400
        JustHTML(answer.text, strict=True)
        assert 'href="/account/login"' in answer.text
    assert client.get("/account/").status_code == 302


def test_too_many_wrong_passwords_have_to_wait_and_the_right_one_too(make_site, app):
    make_user("ann")
    site = make_site(RATE_LIMITS=True)
    site.test_client_class = Visitor
    visitor = site.test_client()
    for _ in range(5):
        assert "minuten" not in try_to_sign_in(visitor, "ann@example.org", "verkeerd").text
    answer = try_to_sign_in(visitor, "ANN@example.org", PASSWORD)
    assert answer.status_code == 429
    assert re.search(r"[Ww]acht 15 minuten", answer.text)
    assert visitor.get("/account/").status_code == 302


def test_the_form_offers_what_a_password_keeper_needs(client, app):
    page = client.get("/account/login").text
    JustHTML(page, strict=True)
    assert re.search(r'<input[^>]*autocomplete="username"', page)
    assert re.search(r'<input[^>]*autocomplete="current-password"', page)


# Cookies


@pytest.mark.parametrize("secure", [False, True])
def test_the_cookies_of_who_is_signed_in_are_not_for_scripts_or_other_sites(make_site, app, secure):
    make_user("ann")
    address = "https://www.example.nl" if secure else "http://localhost"
    site = make_site(SITE_URL=address)
    site.test_client_class = Visitor
    visitor = site.test_client()
    page = visitor.get("/account/login", base_url=address)
    form = {"email": "ann@example.org", "password": PASSWORD, "csrf_token": token_in(page.text), "remember": "y"}
    answer = visitor.post("/account/login", data=form, base_url=address)
    assert answer.status_code == 302
    cookies = [*page.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")]
    assert cookies
    for cookie in cookies:
        name, _, rest = cookie.partition("=")
        assert "HttpOnly" in rest
        assert "SameSite=Lax" in rest
        assert "Path=/" in rest
        assert "Domain" not in rest
        assert ("Secure" in rest, name.startswith("__Host-")) == (secure, secure), cookie


def test_signing_in_gives_another_session_than_one_had(client, app):
    make_user("ann")
    client.get("/account/login")
    before = client.get_cookie("session").value
    try_to_sign_in(client, "ann@example.org", PASSWORD)
    assert client.get_cookie("session").value != before
    client.set_cookie("session", before)
    assert client.get("/account/").status_code == 302


# Signing out


def test_signing_out_is_a_button_not_a_link(client, app):
    article = make_article()
    sign_in(client, "ann")
    for method in ("GET", "HEAD"):
        assert client.open("/account/logout", method=method).status_code == 405
    assert client.get("/account/").status_code == 200
    answer = client.post("/account/logout")
    assert (answer.status_code, answer.location) == (302, "/")
    assert client.get("/account/").status_code == 302
    page = client.get(article.url)
    assert ">Ann</a>" not in page.text
    assert page.data == app.test_client().get(article.url).data


def test_signing_out_twice_is_no_harm(client, app):
    assert client.post("/account/logout").status_code == 302


# The first admin


@pytest.fixture
def link(app):
    return f"/account/first-admin/{first_admin.make_token()}"


def fill_in(client, link, **changes):
    form = {"name": "Baas", "email": "baas@example.org", "password": PASSWORD, **changes}
    return client.post(link, data={**form, "csrf_token": token_in(client.get(link).text)})


def test_the_link_makes_the_first_admin_once(client, app, link):
    page = client.get(link)
    assert page.status_code == 200
    JustHTML(page.text, strict=True)
    assert "no-store" in page.headers["Cache-Control"]
    answer = fill_in(client, link)
    assert (answer.status_code, answer.location) == (303, "/desk/setup/")
    assert client.get("/desk/").status_code == 200
    baas = db.session.scalar(select(User).where(User.email == "baas@example.org"))
    assert baas.role_names == {"admin"}
    for visitor in (client, app.test_client()):
        assert visitor.get(link).status_code == 404
        assert visitor.post(link, data={"name": "Twee"}).status_code == 404
    assert client.get(f"/account/first-admin/{first_admin.make_token()}").status_code == 404
    assert users() == 1


@pytest.mark.parametrize(
    "token", ["x", "ImZpcnN0LWFkbWluIg.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb", "%00", "%ff", "a" * 4000]
)
def test_a_link_that_is_forged_is_dead(client, app, token):
    assert client.get(f"/account/first-admin/{token}").status_code == 404
    assert client.post(f"/account/first-admin/{token}", data={}).status_code == 404


def test_a_link_that_is_old_is_dead(client, app, link, monkeypatch):
    monkeypatch.setattr(first_admin, "LINK_WORKS_FOR", -1)
    assert client.get(link).status_code == 404


def test_a_link_does_not_come_back_to_life_for_a_reader(client, app, link):
    make_user("ann")
    assert client.get(link).status_code == 200  # there is an account, but no admin
    adam = make_user("adam")
    assert client.get(link).status_code == 404
    operations.create_user("eva@example.org", "Eva", PASSWORD, [RoleName.ADMIN])
    db.session.execute(delete(roles_users).where(roles_users.c.user_id == adam.id))
    assert client.get(link).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "!!!"},
        {"email": ""},
        {"email": "geen adres"},
        {"email": "x" * 300 + "@example.org"},
        {"password": ""},
        {"password": "kort"},
        {"name": '"><script>alert(1)</script>', "password": "kort"},
    ],
    ids=str,
)
def test_the_first_admin_needs_a_name_an_address_and_a_password(client, app, link, changes):
    answer = fill_in(client, link, **changes)
    assert answer.status_code == 422
    JustHTML(answer.text, strict=True)
    assert 'role="alert"' in answer.text
    assert "<script>alert" not in answer.text
    assert PASSWORD not in answer.text
    assert users() == 0


def test_the_first_admin_needs_the_token_of_the_form(client, app, link):
    form = {"name": "Baas", "email": "baas@example.org", "password": PASSWORD}
    assert client.post(link, data=form).status_code in {400, 422}
    assert users() == 0
