"""Following, being told, and the letters.

A comment's own transaction writes one job, which finds who is to be told. They have it in the site at once; a letter waits ten
minutes, so that edits and removals count, and gathers what comes in a burst. What a letter says is read just before it leaves.
"""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, literal, select, update
from sqlalchemy.exc import IntegrityError

from forum import clock, jobs, mail, signals, text
from forum.accounts import mutes, policy
from forum.accounts.models import STAFF, Role, RoleName, User, roles_users
from forum.articles.models import Article, Author, Byline
from forum.comments import queries as comments
from forum.comments.models import Comment, Discussion, State
from forum.errors import CommentsClosed, ParentGone
from forum.extensions import db
from forum.following import queries
from forum.following.models import Follow, Follower, Notice, Pace, Reason
from forum.following.queries import MAILING

RIPE_AFTER = timedelta(minutes=10)
LONGEST_BURST = timedelta(hours=1)  # a discussion that does not pause is told of after so long
LETTERS_AT = time(7, 0)  # of the day, or of Monday, in the site's zone
KEPT = timedelta(days=90)
MOST_IN_LETTER = 20
QUOTED = 400  # characters of each comment


# Following


def follower_of(user: User, language: str | None = None) -> Follower:
    """Return the follower that this member is, made where there is none: told in the site, and who works here by mail too."""
    known = queries.of_user(user)
    if known is not None:
        return known
    works_here = policy.may_write(user) or policy.may_moderate(user)
    return _added(
        Follower(
            user_id=user.id,
            language=language or current_app.config["LANGUAGE"],
            pace=(Pace.HOURLY if works_here else Pace.NEVER).value,
        ),
        select(Follower).where(Follower.user_id == user.id),
    )


def confirm_guest(address: str, guest_key: str, language: str) -> Follower:
    """Return the guest with this address, which they have just proved to be theirs; replies to this cookie's comments are theirs."""
    address = mail.plain_address(address).lower()
    found = select(Follower).where(Follower.address == address)
    follower = db.session.scalar(found)
    if follower is None:
        new = Follower(address=address, guest_key=guest_key, language=language, pace=Pace.DIRECT.value)
        follower = _added(new, found)
    follower.guest_key, follower.language = guest_key, language
    mail.forgive(address)
    db.session.flush()
    return follower


def follow(follower: Follower, discussion: Discussion, top: Comment | None = None) -> None:
    """Follow a discussion, or the branch below this comment; twice is once.

    Raises CommentsClosed for what is not public, ParentGone for a comment of elsewhere or one that cannot be read.
    """
    if not comments.subject_is_public(discussion):
        raise CommentsClosed()
    if top is not None and (top.discussion_id != discussion.id or not top.is_visible):
        raise ParentGone()
    try:
        with db.session.begin_nested():
            db.session.add(
                Follow(
                    follower_id=follower.id,
                    discussion_id=discussion.id,
                    top_id=top.id if top else None,
                    created_at=clock.now(),
                )
            )
    except IntegrityError:
        return


def unfollow(follower: Follower, follow_id: int) -> None:
    """Follow this no more; twice is once."""
    db.session.execute(delete(Follow).where(Follow.id == follow_id, Follow.follower_id == follower.id))


def choose(follower: Follower, pace: Pace, wants_replies: bool, language: str) -> None:
    """Let letters come so often, and be told of replies to one's own comments or not. It takes back a "no more of this mail"."""
    follower.pace, follower.wants_replies, follower.language = pace.value, wants_replies, language
    if pace != Pace.NEVER:
        mail.accept(queries.address_of(follower), MAILING)
    follower.due_at = None
    db.session.flush()
    if queries.unmailed(follower):
        _expect_letter(follower)


def forget(follower: Follower) -> None:
    """Let somebody be told of nothing any more, and forget their address where it was a guest's."""
    db.session.delete(follower)
    db.session.flush()


def _added(follower: Follower, found: Any) -> Follower:
    follower.token, follower.created_at = secrets.token_urlsafe(32), clock.now()
    follower.wants_replies = True
    try:
        with db.session.begin_nested():
            db.session.add(follower)
    except IntegrityError:  # somebody else was first
        return db.session.scalars(found).one()  # type: ignore[no-any-return]
    return follower


# Who is told


@signals.comment_posted.connect
def _posted(comment: Comment) -> None:
    jobs.enqueue("tell", {"comment": comment.id}, key=f"tell {comment.id}", title=f"tell {comment.id}")


@signals.comment_shown.connect
def _shown(comment: Comment) -> None:
    jobs.enqueue("tell", {"comment": comment.id}, title=f"tell {comment.id}")


@jobs.handles("tell")
def tell(task: jobs.Task) -> None:
    """Tell whoever is to be told of a comment: of one that waits the moderators, of one that can be read everybody else."""
    comment = db.session.get(Comment, task.payload["comment"])
    if comment is None or comment.state not in {State.HELD, State.VISIBLE}:
        return
    if comment.state == State.HELD:
        told = dict.fromkeys((follower_of(user).id for user in _moderators()), Reason.HELD)
    else:
        # What moderators were told while it waited is no news to them as moderators.
        db.session.execute(delete(Notice).where(Notice.comment_id == comment.id, Notice.reason == Reason.HELD.value))
        told = _readers_of(comment)
    there = set(db.session.scalars(select(Notice.follower_id).where(Notice.comment_id == comment.id)))
    followers = select(Follower).where(Follower.id.in_(told.keys() - there)).order_by(Follower.id)
    for follower in db.session.scalars(followers).all():
        if _is_author(follower, comment):
            continue
        reason = told[follower.id]
        db.session.add(Notice(follower_id=follower.id, comment_id=comment.id, reason=reason.value, told_at=clock.now()))
        db.session.flush()
        _expect_letter(follower)


def _readers_of(comment: Comment) -> dict[int, Reason]:
    """Return the ids of followers that this comment concerns, each with the nearest reason, without who mutes or is muted."""
    here = Follow.discussion_id == comment.discussion_id
    branch = select(Follow.follower_id).join(Comment, Comment.id == Follow.top_id)
    branch = branch.where(here, Comment.id != comment.id, literal(comment.path).startswith(Comment.path))
    whole = select(Follow.follower_id).where(here, Follow.top_id.is_(None))
    told: dict[int, Reason] = {}
    told |= dict.fromkeys((follower_of(user).id for user in _over_article(comment)), Reason.ARTICLE)
    told |= dict.fromkeys(db.session.scalars(whole), Reason.DISCUSSION)
    told |= dict.fromkeys(db.session.scalars(branch), Reason.BRANCH)
    answered = _answered(comment)
    if answered is not None:
        told[answered.id] = Reason.REPLY
    me = literal(comment.user_id, Follower.user_id.type), literal(comment.guest_key, Follower.guest_key.type)
    muted = mutes.either_way(Follower.user_id, Follower.guest_key, *me)
    for silent in db.session.scalars(select(Follower.id).where(Follower.id.in_(told), muted)):
        del told[silent]
    return told


def _answered(comment: Comment) -> Follower | None:
    """Return who wrote what this comment answers, if they want to be told."""
    parent = db.session.get(Comment, comment.parent_id) if comment.parent_id else None
    if parent is None:
        return None
    if parent.user_id is not None:
        follower: Follower | None = follower_of(db.session.get_one(User, parent.user_id))
    elif parent.guest_key is not None:
        follower = db.session.scalar(select(Follower).where(Follower.guest_key == parent.guest_key).limit(1))
    else:
        follower = None
    return follower if follower is not None and follower.wants_replies else None


def _over_article(comment: Comment) -> list[User]:
    """Return the accounts of who stands over the article."""
    about = db.session.get_one(Discussion, comment.discussion_id)
    over = select(User).join(Author, Author.user_id == User.id).join(Byline, Byline.author_id == Author.id)
    found = over.join(Article, Article.id == Byline.article_id).where(Article.id == about.article_id)
    return [user for user in db.session.scalars(found.order_by(User.id)).unique() if user.is_active]


def _moderators() -> list[User]:
    found = select(roles_users.c.user_id).join(Role, Role.id == roles_users.c.role_id)
    found = found.where(Role.name.in_({RoleName.MODERATOR.value, RoleName.ADMIN.value} & STAFF))
    users = db.session.scalars(select(User).where(User.id.in_(found)).order_by(User.id))
    return [user for user in users if policy.may_moderate(user)]


def _is_author(follower: Follower, comment: Comment) -> bool:
    if follower.user_id is not None:
        return follower.user_id == comment.user_id
    return follower.guest_key is not None and follower.guest_key == comment.guest_key


# What was read


def see(follower: Follower, notice: Notice | None = None) -> None:
    """Note that somebody read one notice, or all of them."""
    unread = update(Notice).where(Notice.follower_id == follower.id, Notice.seen_at.is_(None))
    if notice is not None:
        unread = unread.where(Notice.id == notice.id)
    db.session.execute(unread.values(seen_at=clock.now()))


# The letters


def _expect_letter(follower: Follower, due_at: datetime | None = None) -> None:
    """See to it that a letter will be written to who has something waiting: one job for each letter."""
    pace = Pace(follower.pace)
    if pace == Pace.NEVER or follower.due_at is not None:
        return
    follower.due_at = due_at or next_letter(pace, clock.now())
    due = follower.due_at.isoformat()
    payload = {"follower": follower.id, "due": due}
    jobs.enqueue("told", payload, run_at=follower.due_at, key=f"told {follower.id} {due}", title=f"told {follower.id}")


def next_letter(pace: Pace, now: datetime) -> datetime:
    """Return when the next letter at this pace leaves: ten minutes from now, on the hour, or at seven of a day or of Monday."""
    if pace == Pace.DIRECT:
        return now + RIPE_AFTER
    if pace == Pace.HOURLY:
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    day = now.astimezone(clock.zone()).date()
    while True:
        moment = datetime.combine(day, LETTERS_AT, clock.zone()).astimezone(UTC)
        if moment > now and (pace == Pace.DAILY or day.weekday() == 0):
            return moment
        day += timedelta(days=1)


@jobs.handles("told")
def write_letter(task: jobs.Task) -> None:
    """Write one letter of what waits and is ten minutes old; of a burst that goes on it waits for the end, an hour at most."""
    follower = db.session.get(Follower, task.payload["follower"], with_for_update=True)
    if follower is None or follower.due_at is None or follower.due_at.isoformat() != task.payload["due"]:
        return  # gone, or another pace was chosen since
    follower.due_at = None
    waiting = queries.unmailed(follower)
    now = clock.now()
    if not waiting or follower.pace == Pace.NEVER.value:
        return
    ripe = [notice for notice in waiting if notice.told_at <= now - RIPE_AFTER]
    goes_on = follower.pace == Pace.DIRECT.value and len(ripe) < len(waiting)
    if not ripe or (goes_on and waiting[0].told_at > now - LONGEST_BURST):
        _expect_letter(follower, waiting[-1].told_at + RIPE_AFTER if goes_on else None)
        return
    _send(follower, ripe)
    for notice in ripe:
        notice.mailed_at = now
    db.session.flush()
    if len(ripe) < len(waiting):
        _expect_letter(follower)


def _send(follower: Follower, told: list[Notice]) -> None:
    held = [notice for notice in told if notice.reason == Reason.HELD.value]
    read = [notice for notice in told if notice.reason != Reason.HELD.value]
    manage = "/account/following/" if follower.user_id is not None else f"/following/{follower.token}/"
    links = {f"c{notice.comment_id}": f"/comments/{notice.comment_id}" for notice in read[:MOST_IN_LETTER]}
    mail.send(
        queries.address_of(follower),
        "told",
        follower.language,
        links={**links, "manage": manage, "inbox": "/account/inbox/", "queue": "/moderation/"},
        mailing=MAILING,
        key=f"told letter {told[0].id}",
        follower=follower.id,
        notices=[notice.id for notice in (*held, *read[:MOST_IN_LETTER])],
        more=max(0, len(read) - MOST_IN_LETTER),
    )


@mail.writes("told")
def words(_to: str, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what a letter says of its notices at this moment: those that can still be read; None when none is left."""
    follower = db.session.get(Follower, given["follower"])
    if follower is None or Pace(follower.pace) == Pace.NEVER:
        return None
    still = queries.notices(follower).where(Notice.id.in_(given["notices"])).order_by(None).order_by(Notice.id)
    found = [row for row in db.session.scalars(still) if comments.subject_is_public(row.comment.discussion)]
    if not found:
        return None
    return {
        "name": follower.user.name if follower.user is not None else "",
        "is_member": follower.user_id is not None,
        "held_count": sum(notice.reason == Reason.HELD.value for notice in found),
        "more_count": given["more"],
        "items": [_item(notice) for notice in found if notice.reason != Reason.HELD.value],
    }


def _item(notice: Notice) -> dict[str, Any]:
    comment = notice.comment
    about = comments.subject(comment.discussion)
    return {
        "link": f"c{comment.id}",
        "reason": notice.reason,
        "author": comments.names_of({comment.id}).get(comment.id, comment.author_name),
        "title": about.headline if isinstance(about, Article) else about.question,
        "quote": text.excerpt(comment.body_html, QUOTED),
    }


@jobs.handles("notice-cleaning", daily=time(4, 30))
def clean(_task: jobs.Task) -> None:
    """Forget what somebody was told of a quarter of a year ago."""
    db.session.execute(delete(Notice).where(Notice.told_at < clock.now() - KEPT))
