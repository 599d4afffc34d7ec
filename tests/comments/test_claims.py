"""What was written elsewhere under an address is claimed by who proves that it is theirs."""

import pytest
from sqlalchemy import select

from forum.accounts.operations import delete_user
from forum.comments.claims import address_in, claim, claim_key, is_claimable, make_token
from forum.comments.models import Comment
from forum.extensions import db
from tests.accounts.pages import letters, link_in, send
from tests.factories import make_article, make_comment, make_guest, make_user, sign_in

OLD = "kees@oud.example"


def imported(article, body, address=OLD, name="Kees"):
    return make_comment(article, body, make_guest(name), claim_key=claim_key(address), source="oud", source_id=body)


@pytest.fixture
def article(app):
    article = make_article()
    imported(article, "Eerste.")
    imported(article, "Tweede.", "KEES@Oud.example")
    imported(article, "Van een ander.", "piet@oud.example", "Piet")
    make_comment(article, "Van een gast.", make_guest("Kees", email=OLD))
    return article


def carried_by(user):
    db.session.expire_all()
    return set(db.session.scalars(select(Comment.body).where(Comment.user_id == user.id)))


def test_of_an_address_only_a_keyed_hash_is_kept(app, make_site):
    assert claim_key(OLD) == claim_key(" KEES@oud.example ")
    assert "kees" not in claim_key(OLD)
    assert claim_key("") is claim_key("zomaar iets") is None
    here = claim_key(OLD)
    with make_site(PASSWORD_SALT="een ander zout").app_context():
        assert claim_key(OLD) != here


def test_who_has_the_address_claims_at_once_and_the_comments_carry_the_name(client, article):
    user = sign_in(client, "ann")
    user.email = OLD
    answer = send(client, "/account/earlier", email=OLD)
    assert (answer.status_code, answer.location) == (303, "/account/")
    assert "2 reacties dragen nu je naam" in client.get("/account/").text
    assert carried_by(user) == {"Eerste.", "Tweede."}
    assert client.get(article.url).text.count(">Ann<") >= 2
    assert letters() == []
    assert "0 reacties" in client.get(send(client, "/account/earlier", email=OLD).location).text


def test_another_address_is_proven_with_a_letter_that_goes_there(client, article):
    user = sign_in(client, "ann")
    send(client, "/account/earlier", email=OLD)
    assert carried_by(user) == set()
    (letter,) = letters()
    assert letter["To"] == OLD
    path = link_in(letter)
    assert client.get(path).status_code == 200
    assert carried_by(user) == set()  # the link only asks
    client.post(path)
    assert carried_by(user) == {"Eerste.", "Tweede."}


def test_no_answer_tells_whether_anything_stands_under_an_address(client, article):
    sign_in(client, "ann")
    answers = []
    for address in (OLD, "niemand@oud.example", "adam@example.org"):
        make_user("adam")
        answer = send(client, "/account/earlier", email=address)
        answers.append((answer.status_code, answer.location, client.get("/account/").text))
    assert len(set(answers)) == 1
    assert [letter["To"] for letter in letters()] == [OLD]


def test_a_link_is_its_owners_only(client, article):
    ann, cas = make_user("ann"), make_user("cas")
    token = make_token(ann, OLD)
    assert address_in(token, ann) == OLD
    assert address_in(token, cas) is None
    sign_in(client, "cas")
    assert client.post(f"/account/earlier/{token}").status_code == 404
    assert carried_by(cas) == set()


@pytest.mark.parametrize("address", ["", "geen adres"])
def test_what_is_no_address_comes_back(client, app, address):
    sign_in(client, "ann")
    assert send(client, "/account/earlier", email=address).status_code == 422


def test_what_somebody_has_is_nobody_elses_also_after_they_left(app, article):
    ann, cas = make_user("ann"), make_user("cas")
    assert claim(ann, OLD) == 2
    assert claim(cas, OLD) == 0
    delete_user(ann, blank_comments=False)
    assert not is_claimable(OLD)
