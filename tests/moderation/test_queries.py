"""What moderators did, as readers and moderators look back on it."""

from forum.extensions import db
from forum.moderation import queries
from forum.moderation.operations import hide_comment, restore_comment
from tests.factories import make_article, make_comment, make_user


def test_a_hidden_comments_reason_is_that_of_the_last_time(session):
    article, mo = make_article(), make_user("mo")
    comment, other, never = make_comment(article), make_comment(article, "Ook."), make_comment(article, "Nee.")
    hide_comment(comment, mo, "Reclame")
    restore_comment(comment, mo, "Vergissing")
    hide_comment(comment, mo, "Beledigend")
    hide_comment(other, mo, "Niet over het onderwerp")
    wanted = iter([comment.id, other.id, never.id])
    assert queries.reasons(wanted) == {comment.id: "Beledigend", other.id: "Niet over het onderwerp"}
    assert queries.reasons([other.id]) == {other.id: "Niet over het onderwerp"}
    assert queries.reasons([]) == {}


def test_the_log_holds_every_act_the_newest_first(session):
    article, mo = make_article(), make_user("mo")
    comment = make_comment(article)
    first = hide_comment(comment, mo, "Reclame")
    second = restore_comment(comment, mo)
    assert db.session.execute(queries.log()).all() == [
        (second, "Mo", comment, None),
        (first, "Mo", comment, None),
    ]


def test_the_log_outlives_the_moderator(session):
    comment, mo = make_comment(make_article()), make_user("mo")
    act = hide_comment(comment, mo, "Reclame")
    session.delete(mo)
    session.commit()
    assert db.session.execute(queries.log()).all() == [(act, None, comment, None)]
