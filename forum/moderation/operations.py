"""Approving, hiding and restoring comments, suspending and reinstating people. Each act is a row; replies stay where they are."""

from datetime import datetime

from flask import current_app
from flask_babel import force_locale, format_date

from forum import clock, mail, signals
from forum.accounts import operations as accounts
from forum.accounts import policy
from forum.accounts.models import RoleName, User
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


def may_suspend(user: User, moderator: User) -> bool:
    """Tell whether this moderator may suspend and reinstate this person: nobody oneself, and only an admin who works here."""
    if user.id == moderator.id or not policy.may_moderate(moderator):
        return False
    works_here = user.is_staff or RoleName.CONTRIBUTOR.value in user.role_names
    return policy.may_administer(moderator) or not works_here


def suspend_user(user: User, moderator: User, until: datetime, reason: str) -> ModerationAction:
    """Keep somebody out until a moment to come, tell them by letter until when and why (Regulation (EU) 2022/2065, article 17).

    Return the act. Raises NotAllowed, ReasonNeeded, InvalidAccount for a moment that is past.
    """
    policy.require(may_suspend(user, moderator))
    if not reason.strip():
        raise ReasonNeeded()
    accounts.suspend(user, until)
    language = current_app.config["LANGUAGE"]
    with force_locale(language):
        day = format_date(until, "d MMMM y")
    mail.send(user.email, "suspended", language, name=user.name, reason=reason.strip(), day=day)
    return _done_to(user, moderator, Verb.SUSPEND, reason, until)


def reinstate_user(user: User, moderator: User, reason: str = "") -> ModerationAction:
    """Let a suspended person in again before the day, and return the act. Raises NotAllowed, AlreadyDone."""
    policy.require(may_suspend(user, moderator))
    accounts.reinstate(user)
    mail.send(user.email, "reinstated", current_app.config["LANGUAGE"], name=user.name)
    return _done_to(user, moderator, Verb.REINSTATE, reason, None)


def _done_to(user: User, moderator: User, verb: Verb, reason: str, until: datetime | None) -> ModerationAction:
    action = ModerationAction(
        verb=verb.value,
        user_id=user.id,
        moderator_id=moderator.id,
        reason=reason.strip(),
        until=until,
        acted_at=clock.now(),
    )
    db.session.add(action)
    db.session.flush()
    return action


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
