"""The demonstration newsroom comes into an empty site, and goes without a trace."""

import json

import pytest
from sqlalchemy import func, select

from forum import checking
from forum.accounts.models import User
from forum.articles.models import Article, Section
from forum.comments.models import Comment, Discussion
from forum.demo import operations as demo
from forum.extensions import db
from forum.media.models import Media
from forum.polls.models import Poll
from forum.settings.queries import site
from tests.factories import make_article, make_comment, make_user


@pytest.fixture
def passwords(app):
    made = demo.load()
    db.session.commit()
    return made


def count(model, *conditions):
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


def test_the_newsroom_is_what_the_readme_promises(passwords):
    assert count(Article, Article.kind == "article", Article.published_at.is_not(None)) >= 12
    assert count(Section) == 3
    assert count(Comment) > 100
    assert db.session.scalar(select(func.max(Discussion.comment_count))) == 150
    assert count(Poll, Poll.day.is_not(None)) == 10
    assert {account.role for account, _ in passwords} == {"reader", "contributor", "editor", "moderator", "admin"}
    assert len({password for _, password in passwords}) == 5
    assert site().name == "De Patchkast"
    assert checking.everything() == []


def test_removed_it_leaves_what_is_not_its_own_and_nothing_else(passwords, tmp_path):
    article = db.session.scalars(select(Article).where(Article.kind == "article").order_by(Article.id)).first()
    make_comment(article, "Mijn eigen woorden, die niemand kwijt mag raken.")
    own = make_article("Een artikel van onszelf", editor=make_user("ed"))
    make_comment(own)
    db.session.commit()
    said = demo.remove(tmp_path)
    db.session.commit()
    assert db.session.scalars(select(Article.headline)).all() == ["Een artikel van onszelf"]
    assert count(Comment) == count(Discussion) == count(User) == 1
    for model in (Section, Poll, Media):
        assert count(model) == 0, model
    assert site().name == "Forum"
    assert "5 accounts" in said[-1]
    assert checking.everything() == []
    (file,) = tmp_path.iterdir()
    assert json.loads(file.read_text(encoding="utf-8"))[0]["text"] == "Mijn eigen woorden, die niemand kwijt mag raken."
    assert file.name in said[0]


def test_only_a_site_with_nothing_in_it_begins_with_the_demonstration(app, tmp_path):
    assert demo.is_wanted()
    make_user("ann")
    assert not demo.is_wanted()


def test_a_site_that_began_without_it_or_removed_it_stays_without(app):
    demo.decline()
    assert not demo.is_wanted()
