"""Letting an account go: comments keep their places, without the name or without words."""

import pytest
from sqlalchemy import func, select

from forum import checking
from forum.accounts.models import RoleName, User
from forum.accounts.operations import InvalidAccount, delete_user
from forum.comments.models import Comment, State
from forum.extensions import db
from tests.accounts.pages import is_signed_in, send, sign_in
from tests.factories import PASSWORD, discussion_of, make_article, make_comment, make_user


@pytest.fixture
def talk(app):
    """Ann wrote, Bart replied."""
    article = make_article()
    first = make_comment(article, "Anns woorden.", make_user("ann"))
    return article, first, make_comment(article, "Een antwoord.", parent=first)


def gone():
    return db.session.scalar(select(func.count()).select_from(User).where(User.email == "ann@example.org")) == 0


def test_who_leaves_may_let_the_comments_stay_without_a_name(client, talk):
    article, first, _reply = talk
    sign_in(client, "ann@example.org")
    answer = send(client, "/account/leave", comments="keep", password=PASSWORD)
    assert answer.location == "/account/login"
    assert gone()
    assert not is_signed_in(client)
    db.session.refresh(first)
    assert first.state == State.VISIBLE
    assert first.author_name == "Voormalige lezer"
    assert first.user_id is None
    page = client.get(article.url).text
    assert "Anns woorden." in page
    assert ">Ann<" not in page


def test_who_leaves_may_take_the_words_along_and_replies_stay(client, talk):
    article, first, reply = talk
    sign_in(client, "ann@example.org")
    send(client, "/account/leave", comments="blank", password=PASSWORD)
    db.session.expire_all()
    assert first.body == first.body_html == ""
    assert first.state == State.REMOVED
    assert db.session.get(Comment, reply.id).state == State.VISIBLE
    assert discussion_of(article).comment_count == 1
    assert checking.everything() == []
    assert "Een antwoord." in client.get(article.url).text


@pytest.mark.parametrize(
    "fields", [{"password": "niet dit", "comments": "keep"}, {"password": PASSWORD, "comments": "alles"}, {}]
)
def test_nobody_leaves_by_mistake(client, talk, fields):
    sign_in(client, "ann@example.org")
    assert send(client, "/account/leave", **fields).status_code == 422
    assert not gone()


def test_the_only_admin_stays(app):
    adam = make_user("adam")
    with pytest.raises(InvalidAccount):
        delete_user(adam, blank_comments=False)
    make_user("eve", [RoleName.ADMIN])
    delete_user(adam, blank_comments=False)


def test_an_editor_leaves_and_the_articles_stay(client, talk):
    article, _first, _reply = talk
    delete_user(make_user("ed"), blank_comments=True)
    assert client.get(article.url).status_code == 200
