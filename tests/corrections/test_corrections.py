"""A fault that a reader saw goes to the desk once, is settled once, and who sent it hears of it where their address is theirs."""

import re

import pytest
from sqlalchemy import select

from forum import mail
from forum.corrections import operations, queries
from forum.corrections.models import Correction, Outcome
from forum.errors import AlreadyDone, InvalidComment, NotAllowed, ReasonNeeded
from forum.extensions import db
from tests.factories import make_article, make_guest, make_user, sign_in
from tests.test_jobs import run


@pytest.fixture
def article(app):
    mail.outbox().clear()
    return make_article("Een kop")


def letters(app):
    run(app)
    return [(message["To"], message.get_body(("plain",)).get_content()) for message in mail.outbox()]


def send(client, article, body="Het was dinsdag.", **form):
    return client.post(f"/articles/{article.id}/corrections", data={"body": body, **form})


def test_a_member_sends_a_fault_hears_what_became_of_it_and_is_thanked(client, app, article):
    sign_in(client, "ann")
    assert "Fout gezien?" in client.get(article.url).text
    assert send(client, article, key="a", wants_thanks="y").status_code == 200
    assert send(client, article, key="a", wants_thanks="y").status_code == 200  # a double click
    (correction,) = db.session.scalars(select(Correction)).all()
    assert "Het was dinsdag." not in client.get(article.url).text
    desk = app.test_client()
    sign_in(desk, "ed")
    assert "Het was dinsdag." in desk.get("/desk/corrections/").text
    settled = {"outcome": "corrected", "answer": "Dank je!", "note": "Er stond woensdag."}
    assert desk.post(f"/desk/corrections/{correction.id}/", data=settled).status_code == 303
    assert desk.post(f"/desk/corrections/{correction.id}/", data=settled).status_code == 409
    page = app.test_client().get(article.url).text
    assert "Er stond woensdag." in page
    assert "Met dank aan Ann." in page
    ((to, words),) = letters(app)
    assert to == "ann@example.org"
    assert "Dank je!" in words
    assert "Postvak (1)" in client.get("/account/inbox/").text
    assert client.post("/account/corrections/").location == "/account/corrections/"
    assert "Dank je!" in client.get("/account/corrections/").text
    assert "Postvak (" not in client.get("/account/inbox/").text


def test_a_guest_hears_of_it_once_the_address_is_confirmed(client, app, article):
    send(client, article, author_name="Bart", author_email="Bart@post.example")
    correction = db.session.scalars(select(Correction)).one()
    ((to, words),) = letters(app)
    assert to == "bart@post.example"
    mail.outbox().clear()
    operations.settle(correction, make_user("ed"), Outcome.DECLINED, "Het was wel woensdag.")
    assert letters(app) == []
    link = re.search(r"http://[^/\s]+(/corrections/confirm/\S+)", words)[1]
    client.get(link)
    assert letters(app) == []  # who follows a link confirms nothing
    assert client.post(link).status_code == 200
    client.post(link)  # twice is once
    ((to, words),) = letters(app)
    assert to == "bart@post.example"
    assert "Het was wel woensdag." in words
    assert "Het was wel woensdag." not in client.get(article.url).text


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"body": ""}, "Schrijf eerst"),
        ({"body": "!!! ***"}, "Schrijf eerst"),
        ({"body": "x" * 2001}, "Hier passen"),
        ({"author_name": "Redactie"}, "naam"),
        ({"author_email": "geen adres"}, "mailadres"),
    ],
)
def test_what_cannot_be_sent_comes_back_with_every_word(client, article, form, sentence):
    answer = send(client, article, **{"body": "Het was dinsdag.", **form})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert (form.get("body") or "Het was dinsdag." if "body" not in form else form["body"]) in answer.text
    assert db.session.scalars(select(Correction)).all() == []


def test_what_screening_doubts_sends_no_letter_and_stands_last(client, app, article):
    send(client, article, "Koop nu.", author_email="wie@post.example", website="gevuld")
    send(client, article, "Het was dinsdag.")
    assert letters(app) == []
    assert [row.body for row in db.session.scalars(queries.waiting())] == ["Het was dinsdag.", "Koop nu."]
    assert queries.waiting_count() == 1


def test_too_many_in_a_row_are_told_to_wait_and_keep_their_words(make_site, app, article):
    address = f"/articles/{article.id}/corrections"
    db.session.commit()
    client = make_site(RATE_LIMITS=True).test_client()
    answers = [client.post(address, data={"body": f"Fout {number}."}) for number in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert "Fout 5." in answers[5].text


def test_only_editors_settle_and_a_refusal_needs_its_why(session, article):
    correction = operations.send_in(article, make_guest(), "Het was dinsdag.")
    for name in ("ann", "cas", "mo"):
        with pytest.raises(NotAllowed):
            operations.settle(correction, make_user(name), Outcome.CORRECTED, "")
    with pytest.raises(ReasonNeeded):
        operations.settle(correction, make_user("ed"), Outcome.DECLINED, " ")
    with pytest.raises(InvalidComment):
        operations.settle(correction, make_user("ed"), Outcome.CORRECTED, "x" * 2001)
    operations.settle(correction, make_user("ed"), Outcome.CORRECTED, "")
    with pytest.raises(AlreadyDone):
        operations.settle(correction, make_user("ed"), Outcome.DECLINED, "Toch niet.")


def test_an_article_that_is_not_public_takes_none(session):
    with pytest.raises(NotAllowed):
        operations.send_in(make_article(published=False), make_guest(), "Het was dinsdag.")
