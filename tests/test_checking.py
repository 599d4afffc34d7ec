"""`forum check` finds each kind of thing that is stored twice and not alike."""

import pytest
from sqlalchemy import text

from forum import checking, clock
from forum.comments.models import DEEPEST
from forum.comments.operations import post_comment, rebuild_paths, recount
from forum.moderation.operations import approve_comment, hide_comment, restore_comment
from forum.polls.operations import cast_vote
from tests.factories import discussion_of, make_article, make_comment, make_guest, make_poll, make_thread, make_user


@pytest.fixture
def site(session):
    """A site in which everything happened once, and all of it was counted."""
    mo, article = make_user("mo"), make_article()
    root = make_comment(article)
    reply = make_comment(article, "Waarom?", parent=root)
    hidden = make_comment(article, "Onzin.", parent=reply)
    hide_comment(hidden, mo, "Beledigend")
    back = make_comment(article, "Toch niet.", parent=root)
    hide_comment(back, mo, "Beledigend")
    restore_comment(back, mo)
    for body in ("Koop nu", "Koop hier"):
        held = post_comment(discussion_of(article), make_guest(), body, root, trap="gevuld")
    approve_comment(held, mo)
    make_comment(article, "Weg.", removed_at=None)
    poll = make_poll("Welke?", ["Glas", "Koper", "Kabel"], max_choices=2)
    for name in ("Bart", "Carla"):
        cast_vote(poll, poll.choices[:2], make_guest(name))
    poll.vote_count += 5
    poll.carried_count = 5
    poll.choices[2].vote_count = poll.choices[2].carried_count = 5
    session.commit()


def test_a_site_that_counted_right_is_right(site):
    assert checking.everything() == []


def test_an_empty_site_is_right(session):
    assert checking.everything() == []


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        ("UPDATE discussion SET comment_count = 9 WHERE id = 1", "discussion 1: counts 9 comments, 5 are visible"),
        ("UPDATE discussion SET comment_count = 1 WHERE id = 2", "discussion 2: counts 1 comments, 0 are visible"),
        (
            "UPDATE discussion SET reader_count = 3 WHERE id = 1",
            "discussion 1: counts 3 writers of visible comments, 1 there are",
        ),
        (
            "UPDATE discussion SET last_comment_at = NULL WHERE id = 2 OR id = 1",
            "discussion 1: its last comment is said to be of None",
        ),
        (
            "UPDATE comment SET branch_count = 1 WHERE id = 1",
            "comment 1: counts 1 comments in its branch, 4 are visible",
        ),
        ("UPDATE comment SET reply_count = 0 WHERE id = 1", "comment 1: counts 0 replies, 3 are visible"),
        ("UPDATE comment SET reply_count = 1 WHERE id = 2", "comment 2: counts 1 replies, 0 are visible"),
        ("UPDATE comment SET path = '00010009' WHERE id = 3", "comment 3: its place does not follow from its parent"),
        ("UPDATE comment SET depth = 4 WHERE id = 2", "comment 2: its place does not follow from its parent"),
        ("UPDATE comment SET parent_id = NULL WHERE id = 3", "comment 3: its place does not follow from its parent"),
        ("UPDATE comment SET root_id = 2 WHERE id = 3", "comment 3: its place does not follow from its parent"),
        ("UPDATE poll SET vote_count = 8", "poll 1: counts 8 voters, 7 are recorded"),
        ("UPDATE poll SET carried_count = 4", "poll 1: counts 7 voters, 6 are recorded"),
        ("UPDATE choice SET vote_count = 3 WHERE id = 1", "choice 1: counts 3 votes, 2 are recorded"),
        ("UPDATE choice SET carried_count = 4 WHERE id = 3", "choice 3: counts 5 votes, 4 are recorded"),
    ],
)
def test_each_kind_of_wrong_count_or_place_is_found(session, site, spoil, sentence):
    session.execute(text(spoil))
    session.commit()
    assert any(found.startswith(sentence) for found in checking.everything())


def test_a_comment_that_was_hidden_past_the_counting_is_found(session, site):
    session.execute(text("UPDATE comment SET hidden_at = created_at WHERE id = 2"))
    session.commit()
    assert checking.everything() == [
        "discussion 1: counts 5 comments, 4 are visible",
        "comment 1: counts 3 replies, 2 are visible",
        "comment 1: counts 4 comments in its branch, 3 are visible",
    ]


def test_a_vote_that_went_missing_is_found(session, site):
    session.execute(text("DELETE FROM vote_answer WHERE vote_id = 1"))
    session.execute(text("DELETE FROM vote WHERE id = 1"))
    session.commit()
    assert checking.everything() == [
        "poll 1: counts 7 voters, 6 are recorded",
        "choice 1: counts 2 votes, 1 are recorded",
        "choice 2: counts 2 votes, 1 are recorded",
    ]


def test_a_parent_in_another_discussion_is_found(session, site):
    other = make_comment(make_article("Een ander artikel"))
    session.execute(text(f"UPDATE comment SET parent_id = {other.id}, root_id = {other.id} WHERE id = 2"))
    session.commit()
    assert "comment 2: its place does not follow from its parent" in checking.everything()


def test_a_branch_deeper_than_250_is_right(session):
    article = make_article()
    make_thread(article, [None, *range(DEEPEST + 3)])
    assert checking.everything() == []


def test_what_was_put_in_order_again_is_right(session, site):
    discussion = discussion_of(make_article("Een ander artikel"))
    for comment in make_thread(discussion, [None, 0, 1, None, 3, 0]):
        comment.created_at = clock.now().replace(microsecond=999999 - comment.id)
    session.flush()
    assert rebuild_paths(discussion) > 0
    recount(discussion)
    assert checking.everything() == []
