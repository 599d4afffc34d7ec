"""Approving, hiding and restoring comments. Each act is a row; replies stay where they are."""

from forum import clock, signals
from forum.accounts import policy
from forum.accounts.models import User
from forum.comments import operations as comments
from forum.comments.models import Comment, State
from forum.errors import AlreadyDone, NotAllowed, ReasonNeeded
from forum.extensions import db
from forum.moderation.models import ModerationAction, Verb


def hide_comment(comment: Comment, moderator: User, reason: str) -> ModerationAction:
    """Take a comment from public view and return the act. Its place and its replies stay; the log shows the reason.

    Raises NotAllowed (no moderator, or one's own comment), ReasonNeeded, AlreadyDone.
    """
    _begin(comment, moderator)
    if not reason.strip():
        raise ReasonNeeded()
    if comment.hidden_at is not None:
        raise AlreadyDone()
    if comment.is_visible:
        comments.count(comment, -1)
    comment.hidden_at = clock.now()
    return _done(comment, moderator, Verb.HIDE, reason.strip())


def restore_comment(comment: Comment, moderator: User, reason: str = "") -> ModerationAction:
    """Give a hidden comment its place back and return the act. Raises NotAllowed, AlreadyDone."""
    _begin(comment, moderator)
    if comment.hidden_at is None:
        raise AlreadyDone()
    comment.hidden_at = comment.held_at = None
    if comment.is_visible:
        comments.count(comment, +1)
    return _done(comment, moderator, Verb.RESTORE, reason.strip())


def approve_comment(comment: Comment, moderator: User) -> ModerationAction:
    """Let a held comment through and return the act. Raises NotAllowed, AlreadyDone."""
    _begin(comment, moderator)
    if comment.state != State.HELD:
        raise AlreadyDone()
    comment.held_at = None
    comments.count(comment, +1)
    return _done(comment, moderator, Verb.APPROVE, "")


def _begin(comment: Comment, moderator: User) -> None:
    """Ask whether the moderator may, wait for one's turn in the discussion, and see the comment as it is by then.

    Of two moderators at once one acts, the other is told that it has been done.
    """
    policy.require(policy.may_moderate(moderator))
    if comment.user_id == moderator.id:
        raise NotAllowed()
    comments.lock(comment.discussion)
    db.session.refresh(comment)


def _done(comment: Comment, moderator: User, verb: Verb, reason: str) -> ModerationAction:
    action = ModerationAction(
        verb=verb.value, comment_id=comment.id, moderator_id=moderator.id, reason=reason, acted_at=clock.now()
    )
    db.session.add(action)
    db.session.flush()
    comments.touched(comment.discussion)
    (signals.comment_hidden if verb == Verb.HIDE else signals.comment_shown).send(comment)
    return action
