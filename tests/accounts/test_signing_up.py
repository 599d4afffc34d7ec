"""Making an account, confirming it, signing in, setting a new password: and never a word on whether an address is known."""

import pytest
from sqlalchemy import func, select

from forum.accounts.models import User
from forum.accounts.queries import by_email
from forum.articles.models import Author
from forum.extensions import db
from tests.accounts.pages import STRONG, is_signed_in, letters, link_in, send, sign_in, text_of
from tests.factories import PASSWORD, discussion_of, make_article, make_user


def sign_up(browser, email="nieuw@example.org", name="Nieuwkomer", password=STRONG):
    return send(browser, "/account/register", email=email, name=name, password=password)


def newest():
    return letters()[-1]


def test_who_signs_up_and_confirms_may_sign_in(client):
    assert sign_up(client).location == "/account/login"
    assert "nieuw@example.org" in client.get("/account/login").text
    user = by_email("nieuw@example.org")
    assert user.name == "Nieuwkomer"
    assert user.role_names == {"reader"}
    assert user.confirmed_at is None
    link = link_in(newest())
    assert "/account/confirm" in sign_in(client, "nieuw@example.org", STRONG).text
    assert "/account/confirm" not in sign_in(client, "nieuw@example.org", "niet dit").text
    assert not is_signed_in(client)
    assert client.get(link).status_code == 200
    db.session.refresh(user)
    assert user.confirmed_at is None, "looking at the link changes nothing"
    assert client.post(link).location == "/account/login"
    db.session.refresh(user)
    assert user.confirmed_at is not None
    assert sign_in(client, "nieuw@example.org", STRONG).location == "/"
    assert is_signed_in(client)


def test_a_link_to_confirm_that_is_none_says_so_and_confirms_nothing(client):
    sign_up(client)
    link = link_in(newest())
    assert client.post(link[:-3] + "xyz").location == "/account/confirm"
    assert by_email("nieuw@example.org").confirmed_at is None


def test_the_letter_to_confirm_comes_once_more(client):
    sign_up(client)
    send(client, "/account/confirm", email="nieuw@example.org")
    assert len(letters()) == 2
    client.post(link_in(newest()))
    assert by_email("nieuw@example.org").confirmed_at is not None


@pytest.mark.parametrize(
    ("path", "known", "unknown"),
    [
        ("/account/reset", {"email": "ann@example.org"}, {"email": "zoe@example.org"}),
        ("/account/confirm", {"email": "ann@example.org"}, {"email": "zoe@example.org"}),
        (
            "/account/login",
            {"email": "ann@example.org", "password": "niet dit"},
            {"email": "zoe@example.org", "password": "niet dit"},
        ),
        (
            "/account/register",
            {"email": "ann@example.org", "password": STRONG, "name": "Iemand"},
            {"email": "zoe@example.org", "password": STRONG, "name": "Iemand"},
        ),
    ],
)
def test_no_answer_tells_whether_an_address_is_known(app, client, path, known, unknown):
    make_user("ann")
    answers = []
    for fields in (known, unknown):
        browser = app.test_client()
        answer = send(browser, path, **fields)
        said = answer.text or browser.get("/account/login").text
        said = said.replace(fields["email"], "…")
        answers.append((answer.status_code, answer.location, without_tokens(said)))
    assert answers[0] == answers[1]


def without_tokens(page):
    return "\n".join(line for line in page.splitlines() if "csrf_token" not in line)


def test_who_signs_up_again_is_written_to_and_nobody_is_made(client):
    make_user("ann")
    sign_up(client, "Ann@Example.org", "Iemand")
    assert db.session.scalar(select(func.count()).select_from(User)) == 1
    (letter,) = letters()
    assert letter["To"] == "ann@example.org"
    assert link_in(letter) == "/account/reset"


def test_who_signs_up_again_before_confirming_gets_the_link_to_confirm(client):
    sign_up(client)
    sign_up(client, name="Anders")
    assert link_in(newest()).startswith("/account/confirm/")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "Ann"}, "name"),
        ({"name": "\u0410nn"}, "name"),  # a Cyrillic A
        ({"name": "Redactie"}, "name"),
        ({"name": "De Oosterleeër"}, "name"),
        ({"name": "Rashid Niamat"}, "name"),
        ({"name": "x" * 41}, "name"),
        ({"email": "geen adres"}, "email"),
        ({"password": "kort"}, "password"),
        ({"password": "wachtwoord1"}, "password"),
        ({"password": "nieuw@example.org"}, "password"),
        ({"password": "a1 " * 100}, "password"),
    ],
)
def test_what_cannot_be_an_account_is_said_and_kept(client, changes, field):
    make_user("ann")
    db.session.add_all([Author(name="Rashid Niamat", slug="rn"), Author(name="De Oosterleeer", slug="do")])
    refused = sign_up(client, **changes)
    assert refused.status_code == 200
    assert f'aria-describedby="{field}-' in refused.text
    assert f'id="{field}-error"' in refused.text
    assert letters() == []
    assert by_email("nieuw@example.org") is None


def test_a_forgotten_password_is_set_anew_once_and_ends_every_session(app, client):
    ann = make_user("ann")
    other = app.test_client()
    sign_in(other, ann.email)
    assert is_signed_in(other)
    send(client, "/account/reset", email=ann.email)
    link = link_in(newest())
    assert client.get(link).status_code == 200
    assert send(client, link, password="kort").status_code == 200
    assert send(client, link, password=STRONG).location == "/account/login"
    assert newest()["To"] == ann.email, "the owner is told"
    assert not is_signed_in(other)
    assert client.get(link).location == "/account/reset", "it works once"
    assert sign_in(client, ann.email, PASSWORD).status_code == 200
    assert sign_in(client, ann.email, STRONG).status_code == 302


def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(app, client):
    ann = make_user("ann")
    other = app.test_client()
    for browser in (client, other):
        sign_in(browser, ann.email)
    assert send(client, "/account/password", password="niet dit", new_password=STRONG).status_code == 200
    assert is_signed_in(other)
    assert send(client, "/account/password", password=PASSWORD, new_password=STRONG).location == "/account/"
    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_a_new_address_counts_once_it_is_confirmed_there(app, client):
    ann = make_user("ann")
    other = app.test_client()
    for browser in (client, other):
        sign_in(browser, ann.email)
    send(client, "/account/reset", email=ann.email)
    reset = link_in(newest())
    send(client, "/account/email", email="ann@elders.example")
    letter = newest()
    assert letter["To"] == "ann@elders.example"
    link = link_in(letter)
    assert client.get(link).status_code == 200
    db.session.refresh(ann)
    assert ann.email == "ann@example.org"
    assert client.post(link).location == "/account/"
    db.session.refresh(ann)
    assert ann.email == "ann@elders.example"
    assert newest()["To"] == "ann@example.org", "the old address is told"
    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert app.test_client().get(reset).location == "/account/reset", "what was sent to the old address is dead"


def test_a_new_address_that_somebody_has_is_taken_in_silence(client):
    make_user("ed")
    sign_in(client, make_user("ann").email)
    shown = send(client, "/account/email", email="ed@example.org")
    assert "ed@example.org" in shown.text
    assert letters() == []


def test_letters_hold_no_link_of_a_user_and_a_name_only_harmless(client):
    sign_up(client, name="Kijk www.kwaad.example")
    assert "www.kwaad.example" not in text_of(newest())


def test_a_link_in_a_letter_stands_in_no_log(client, caplog):
    sign_up(client)
    link = link_in(newest())
    with caplog.at_level("INFO", logger="forum.access"):
        client.get(link)
    assert link.rsplit("/", 1)[1] not in caplog.text


@pytest.mark.parametrize("path", ["/account/register", "/account/reset", "/account/confirm"])
def test_who_asks_too_often_is_told_when_to_return_and_keeps_what_was_typed(make_site, app, path):
    browser = make_site(RATE_LIMITS=True).test_client()
    for _ in range(12):
        answer = send(browser, path, email="zoe@example.org", name="Zoë", password="kort")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "zoe@example.org" in answer.text


def test_a_guest_may_not_look_like_a_member(client):
    make_user("ann")
    article = make_article()
    where = f"/discussions/{discussion_of(article).id}/comments"
    for name in ("Ann", "ANN", "A\u200bnn", "Αnn", "Redactie", "Forum", "Redactie Forum"):
        refused = client.post(where, data={"body": "Dag allemaal.", "author_name": name})
        assert refused.status_code == 422, name
        assert "Dag allemaal." in refused.text
    assert client.post(where, data={"body": "Dag allemaal.", "author_name": "Annelies"}).status_code == 303
