"""Acts of power over comments: who may, with which reason, what they leave behind, and that each happens once."""

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from forum import signals, versions
from forum.accounts.models import RoleName
from forum.comments.models import Comment, Discussion, Mode, State
from forum.comments.operations import post_comment
from forum.errors import AlreadyDone, NotAllowed, ReasonNeeded
from forum.moderation.models import ModerationAction
from forum.moderation.operations import approve_comment, hide_comment, restore_comment
from tests.at_once import in_threads
from tests.factories import discussion_of, make_article, make_comment, make_guest, make_user

REASON = "Beledigend of op de persoon"


@pytest.fixture
def mo(session):
    return make_user("mo")


@pytest.fixture
def discussion(session, now):
    return discussion_of(make_article(published_at=now.moment - timedelta(days=1)))


@pytest.fixture
def comment(discussion):
    return make_comment(discussion)


def hold(discussion, body="Koop nu", parent=None):
    return post_comment(discussion, make_guest(), body, parent, trap="gevuld")


ACTS = {
    "hide": lambda comment, moderator: hide_comment(comment, moderator, REASON),
    "restore": lambda comment, moderator: restore_comment(comment, moderator, "Toch niet."),
    "approve": approve_comment,
}


def ready_for(act, discussion, moderator):
    """A comment on which this act can be done."""
    if act == "approve":
        return hold(discussion)
    comment = make_comment(discussion)
    if act == "restore":
        hide_comment(comment, moderator, REASON)
    return comment


def test_a_hidden_comment_leaves_view_and_keeps_its_place_and_words(comment, mo, now):
    path, body = comment.path, comment.body
    hide_comment(comment, mo, REASON)
    assert (comment.state, comment.hidden_at) == (State.HIDDEN, now.moment)
    assert (comment.path, comment.body) == (path, body)


def test_replies_stay_under_a_hidden_comment(discussion, comment, mo):
    reply = make_comment(discussion, "Waarom?", parent=comment)
    hide_comment(comment, mo, REASON)
    assert (reply.state, reply.parent_id) == (State.VISIBLE, comment.id)
    assert reply.path.startswith(comment.path)
    assert (discussion.comment_count, comment.reply_count) == (1, 1)


def test_a_restored_comment_is_as_it_was(discussion, comment, mo):
    hide_comment(comment, mo, REASON)
    restore_comment(comment, mo)
    assert (comment.state, comment.hidden_at) == (State.VISIBLE, None)
    assert discussion.comment_count == 1


def test_an_approved_comment_is_seen_and_counted(discussion, comment, mo):
    held = hold(discussion, parent=comment)
    approve_comment(held, mo)
    assert (held.state, held.held_at, held.hold_reasons) == (State.VISIBLE, None, "trap")
    assert (discussion.comment_count, comment.reply_count) == (2, 1)


def test_hiding_takes_a_reply_from_what_counts_it(discussion, comment, mo):
    reply = make_comment(discussion, "Waarom?", parent=comment)
    hide_comment(reply, mo, REASON)
    assert (discussion.comment_count, comment.reply_count) == (1, 0)
    restore_comment(reply, mo)
    assert (discussion.comment_count, comment.reply_count) == (2, 1)


def test_a_held_comment_that_is_hidden_was_not_counted_and_is_counted_once_when_it_is_restored(discussion, mo):
    held = hold(discussion)
    hide_comment(held, mo, REASON)
    assert (held.state, discussion.comment_count) == (State.HIDDEN, 0)
    restore_comment(held, mo)
    assert (held.state, discussion.comment_count) == (State.VISIBLE, 1)


@pytest.mark.parametrize("act", ACTS)
def test_every_act_leaves_a_row(session, discussion, mo, now, act):
    comment = ready_for(act, discussion, mo)
    action = ACTS[act](comment, mo)
    assert (action.verb, action.comment_id, action.moderator_id, action.acted_at) == (
        act,
        comment.id,
        mo.id,
        now.moment,
    )
    assert action.reason == {"hide": REASON, "restore": "Toch niet.", "approve": ""}[act]
    assert session.scalars(select(ModerationAction).order_by(ModerationAction.id.desc())).first() is action


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_nothing_is_hidden_without_a_reason(comment, mo, reason):
    with pytest.raises(ReasonNeeded):
        hide_comment(comment, mo, reason)
    assert comment.is_visible


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("name", ["ann", "cas", "ed"])
def test_only_a_moderator_acts(session, discussion, mo, act, name):
    comment = ready_for(act, discussion, mo)
    before = comment.state, len(session.scalars(select(ModerationAction)).all())
    with pytest.raises(NotAllowed):
        ACTS[act](comment, make_user(name))
    assert (comment.state, len(session.scalars(select(ModerationAction)).all())) == before


@pytest.mark.parametrize("act", ACTS)
def test_an_admin_may_act_too(discussion, mo, act):
    comment = ready_for(act, discussion, mo)
    assert ACTS[act](comment, make_user("adam")).verb == act


def test_a_moderator_who_may_no_longer_come_in_acts_no_longer(comment, mo):
    mo.active = False
    with pytest.raises(NotAllowed):
        hide_comment(comment, mo, REASON)


@pytest.mark.parametrize("act", ACTS)
def test_nobody_acts_on_their_own_comment(discussion, mo, act):
    comment = ready_for(act, discussion, mo)
    own = make_user("mia", [RoleName.MODERATOR])
    comment.user_id = own.id
    with pytest.raises(NotAllowed):
        ACTS[act](comment, own)


@pytest.mark.parametrize("act", ACTS)
def test_what_is_done_is_done_once(session, discussion, mo, act):
    comment = ready_for(act, discussion, mo)
    ACTS[act](comment, mo)
    acts, count = len(session.scalars(select(ModerationAction)).all()), discussion.comment_count
    with pytest.raises(AlreadyDone):
        ACTS[act](comment, make_user("mia", [RoleName.MODERATOR]))
    assert (len(session.scalars(select(ModerationAction)).all()), discussion.comment_count) == (acts, count)


@pytest.mark.parametrize("act", ["restore", "approve"])
def test_what_is_visible_needs_no_restoring_or_approving(comment, mo, act):
    with pytest.raises(AlreadyDone):
        ACTS[act](comment, mo)


def test_what_is_hidden_is_not_approved(discussion, mo):
    held = hold(discussion)
    hide_comment(held, mo, REASON)
    with pytest.raises(AlreadyDone):
        approve_comment(held, mo)


@pytest.mark.parametrize("act", ACTS)
def test_of_moderators_at_once_one_acts_and_the_others_are_told(app, session, discussion, mo, act):
    number, root = ready_for(act, discussion, mo).id, make_comment(discussion, "Iets anders.").id
    moderators = [make_user(f"mo{index}", [RoleName.MODERATOR]).id for index in range(6)]
    session.commit()
    before = len(session.scalars(select(ModerationAction)).all())

    def do(index):
        session.get(Comment, root)
        ACTS[act](session.get(Comment, number), session.get(type(mo), moderators[index]))
        session.commit()
        return "acted"

    answers = in_threads(app, do, len(moderators))
    assert answers.count("acted") == 1
    assert {type(answer) for answer in answers} == {str, AlreadyDone}
    session.expire_all()
    assert len(session.scalars(select(ModerationAction)).all()) == before + 1
    assert discussion.comment_count == {"hide": 1, "restore": 2, "approve": 2}[act]


def test_a_moderator_who_looked_before_another_acted_counts_right(session, discussion, mo):
    held = hold(discussion)
    assert held.state == State.HELD
    # Somebody else lets it through, which this session has not seen yet.
    session.execute(text("UPDATE comment SET held_at = NULL"))
    session.execute(text("UPDATE discussion SET comment_count = 1"))
    hide_comment(held, mo, REASON)
    session.refresh(discussion)
    assert (held.state, discussion.comment_count) == (State.HIDDEN, 0)


def test_who_hides_and_who_answers_never_wait_for_each_other_in_a_circle(app, session, discussion, comment, mo):
    number, parent, moderator = discussion.id, comment.id, mo.id
    began = threading.Event()

    def act(index):
        if index == 0:
            began.wait()
            hide_comment(session.get(Comment, parent), session.get(type(mo), moderator), REASON)
        else:
            there, root = session.get(Discussion, number), session.get(Comment, parent)
            post_comment(there, make_guest("Carla"), "Eerst dit.")
            began.set()
            time.sleep(0.2)  # time for the moderator to take what the reply needs
            post_comment(there, make_guest("Carla"), "Waarom?", root)
        session.commit()

    assert in_threads(app, act, 2) == [None, None]
    session.expire_all()
    assert (comment.state, comment.reply_count, discussion.comment_count) == (State.HIDDEN, 1, 2)


def test_a_closed_discussion_is_moderated_like_any_other(discussion, comment, mo):
    discussion.mode = Mode.CLOSED
    hide_comment(comment, mo, REASON)
    assert comment.state == State.HIDDEN


@pytest.mark.parametrize("act", ACTS)
def test_an_act_makes_page_and_sidebar_new(session, discussion, mo, act):
    comment = ready_for(act, discussion, mo)
    session.commit()
    names = [versions.article(discussion.article_id), versions.SIDEBAR]
    before = versions.current(names)
    ACTS[act](comment, mo)
    session.commit()
    assert versions.current(names) == {name: number + 1 for name, number in before.items()}


@pytest.mark.parametrize(
    ("act", "signal"),
    [("hide", signals.comment_hidden), ("restore", signals.comment_shown), ("approve", signals.comment_shown)],
)
def test_others_hear_of_an_act(discussion, mo, act, signal):
    comment = ready_for(act, discussion, mo)
    heard = []
    listener = heard.append
    with signal.connected_to(listener):
        ACTS[act](comment, mo)
    assert heard == [comment]
