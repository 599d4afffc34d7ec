"""Reading discussions: a page of one in tree order, where a comment stands in it, the latest comments."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    String,
    and_,
    case,
    cast,
    distinct,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import joinedload

from forum import clock, versions
from forum.accounts.models import Mute, User
from forum.articles.models import Article, Kind
from forum.articles.queries import public
from forum.comments.models import PIECE, Comment, CommentDraft, CommentRevision, Discussion, DiscussionVisit
from forum.extensions import db
from forum.polls.models import Poll

CONTEXT_BEFORE = 20  # comments above one that is looked up, when its branch's root is too far away


class Order(enum.StrEnum):
    """In which order a discussion is read. All but the first are flat lists."""

    TALK = "talk"  # the tree, oldest first
    NEWEST = "newest"
    VALUED = "valued"  # by how many found it worthwhile, then the newest
    DISCUSSED = "discussed"  # the roots, by the size of their branch
    UNREAD = "unread"  # what came after a moment, the oldest first


# What each order sorts by, the id last so that no two are equal; each has its index.
_SORT: dict[Order, tuple[Any, ...]] = {
    Order.TALK: (Comment.path,),
    Order.NEWEST: (Comment.created_at, Comment.id),
    Order.VALUED: (Comment.valued_count, Comment.created_at, Comment.id),
    Order.DISCUSSED: (Comment.branch_count, Comment.id),
    Order.UNREAD: (Comment.created_at, Comment.id),
}
_DESCENDING = frozenset({Order.NEWEST, Order.VALUED, Order.DISCUSSED})
_AFTER_EVERY_DIGIT = "~"  # in a path


@dataclass(frozen=True)
class Page:
    """Some comments of a discussion in the order that was asked for, and the ids at which the pages beside it begin."""

    rows: Sequence[Row[*tuple[Any, ...]]]
    has_previous: bool
    previous_from: int | None  # None with has_previous: the first page
    next_from: int | None


@dataclass(frozen=True)
class Reader:
    """Who reads: one's own held comments are shown to oneself."""

    user_id: int | None = None
    guest_key: str | None = None


def of_article(article_id: int) -> Discussion | None:
    """Return the discussion under an article or page."""
    return _watched(db.session.scalar(select(Discussion).where(Discussion.article_id == article_id)))


def of_poll(poll_id: int) -> Discussion | None:
    """Return the discussion under a poll."""
    return _watched(db.session.scalar(select(Discussion).where(Discussion.poll_id == poll_id)))


def subject(discussion: Discussion) -> Article | Poll:
    """Return what the discussion is about."""
    found = (
        db.session.get(Article, discussion.article_id)
        if discussion.article_id
        else db.session.get(Poll, discussion.poll_id)
    )
    assert found is not None  # noqa: S101  the foreign keys see to it
    return found


def subject_is_public(discussion: Discussion) -> bool:
    """Tell whether readers see what the discussion is about at this moment."""
    about = subject(discussion)
    if isinstance(about, Article):
        return about.is_published(clock.now())
    return about.day is None or about.day <= clock.today()


def page(
    discussion: Discussion,
    size: int,
    start: Comment | None = None,
    reader: Reader | None = None,
    order: Order = Order.TALK,
    branch: Comment | None = None,
    since: datetime | None = None,
) -> Page:
    """Return `size` comments in this order from `start` on (None: from the first), of the whole discussion or one branch.

    One keyset query for the page, one more for what stands before it. The tree holds every place; held comments are left
    out, but for the reader's own and those that were answered while they could be seen. Flat orders hold what can be read.
    `since` (for UNREAD): only what came after this moment.
    """
    keys, descending = _SORT[order], order in _DESCENDING
    conditions = [Comment.discussion_id == discussion.id]
    conditions.append(_shown_to(reader) if order == Order.TALK else _readable_by(reader))
    if order == Order.DISCUSSED:
        conditions[1:] = [Comment.root_id.is_(None), Comment.branch_count > 0]
    if branch is not None:
        conditions += [Comment.path >= branch.path, Comment.path < branch.path + _AFTER_EVERY_DIGIT]
    if order == Order.UNREAD and since is not None:
        conditions.append(Comment.created_at > since)
    wanted = _rows().where(*conditions).order_by(*(key.desc() if descending else key for key in keys)).limit(size + 1)
    if start is None:
        rows = db.session.execute(wanted).all()
        return Page(rows[:size], False, None, rows[size].id if len(rows) > size else None)
    here = tuple_(*(literal(getattr(start, key.key), key.type) for key in keys))
    place = tuple_(*keys)
    rows = db.session.execute(wanted.where(place <= here if descending else place >= here)).all()
    before = (
        select(Comment.id)
        .where(*conditions, place > here if descending else place < here)
        .order_by(*(key if descending else key.desc() for key in keys))
    )
    previous = db.session.scalars(before.limit(size + 1)).all()
    return Page(
        rows=rows[:size],
        has_previous=bool(previous),
        previous_from=previous[size - 1] if len(previous) > size else None,
        next_from=rows[size].id if len(rows) > size else None,
    )


def row_of(comment: Comment) -> Row[*tuple[Any, ...]]:
    """Return one comment, however it stands, as a row of a page."""
    return db.session.execute(_rows().where(Comment.id == comment.id)).one()


def branches_beside(
    discussion: Discussion, first_path: str, last_path: str, reader: Reader | None = None
) -> tuple[int | None, int | None]:
    """Return the roots of the branch before the one that holds the first path, and of the branch after that of the last."""
    root = func.coalesce(Comment.root_id, Comment.id)
    shown = select(root).where(Comment.discussion_id == discussion.id, _shown_to(reader)).limit(1)
    before = shown.where(Comment.path < first_path[:PIECE]).order_by(Comment.path.desc())
    after = shown.where(Comment.path > last_path[:PIECE] + _AFTER_EVERY_DIGIT).order_by(Comment.path)
    return db.session.scalar(before), db.session.scalar(after)


def news(discussion: Discussion, since: datetime, reader: Reader | None = None, most: int = 200) -> Sequence[int]:
    """Return the ids of what came after this moment and can be read, in tree order; of more than `most` the oldest."""
    came = (
        select(Comment.id, Comment.path)
        .where(Comment.discussion_id == discussion.id, Comment.created_at > since, _readable_by(reader))
        .order_by(Comment.created_at, Comment.id)
        .limit(most)
    )
    return [row.id for row in sorted(db.session.execute(came), key=lambda row: row.path)]


def draft_of(discussion: Discussion, user_id: int, parent_id: int) -> CommentDraft | None:
    """Return what a member was writing here, as a reply to this comment (0: to none)."""
    return db.session.get(CommentDraft, (user_id, discussion.id, parent_id))


def revisions(comment_ids: Sequence[int]) -> dict[int, list[CommentRevision]]:
    """Return what each of these comments said before it was changed, the oldest first."""
    found: dict[int, list[CommentRevision]] = {}
    wanted = select(CommentRevision).where(CommentRevision.comment_id.in_(comment_ids)).order_by(CommentRevision.id)
    for revision in db.session.scalars(wanted):
        found.setdefault(revision.comment_id, []).append(revision)
    return found


def last_visit(discussion: Discussion, user_id: int) -> datetime | None:
    """Return until which moment this member has seen the discussion."""
    found = select(DiscussionVisit.seen_at).where(
        DiscussionVisit.discussion_id == discussion.id, DiscussionVisit.user_id == user_id
    )
    return db.session.scalar(found)


def names_of(comment_ids: set[int]) -> dict[int, str]:
    """Return the author's name of each of these comments, for "in reply to" where the comment is not on the page."""
    if not comment_ids:
        return {}
    found = select(Comment.id, func.coalesce(User.name, Comment.author_name)).outerjoin(
        User, User.id == Comment.user_id
    )
    seen = Comment.hidden_at.is_(None) & Comment.removed_at.is_(None) & Comment.held_at.is_(None)
    return dict(db.session.execute(found.where(Comment.id.in_(comment_ids), seen)).all())


def page_start(comment: Comment, size: int, reader: Reader | None = None) -> int | None:
    """Return the id of the comment at which the page begins that shows this one to its reader; None: the discussion's first page does.

    The branch's root where it stands on the same page, else the twenty before it.
    """
    before = select(Comment.id).where(
        Comment.discussion_id == comment.discussion_id, Comment.path < comment.path, _shown_to(reader)
    )
    nearest = db.session.scalars(before.order_by(Comment.path.desc()).limit(size)).all()
    if len(nearest) < size:
        return None
    reach = nearest[: size - 1]  # from where a page still holds the comment itself
    if comment.root_id is None or not reach:
        return comment.id
    return comment.root_id if comment.root_id in reach else reach[min(CONTEXT_BEFORE, len(reach)) - 1]


def by_source_id(discussion: Discussion, source_id: str) -> Comment | None:
    """Return the comment of this discussion that had this id in the old system."""
    found = select(Comment).where(Comment.discussion_id == discussion.id, Comment.source_id == source_id).limit(1)
    return db.session.scalar(found)


def counts(article_ids: Sequence[int]) -> dict[int, int]:
    """Return the number of visible comments of each of these articles."""
    versions.depends_on(versions.SIDEBAR)
    found = select(Discussion.article_id, Discussion.comment_count).where(Discussion.article_id.in_(article_ids))
    return {article_id: count for article_id, count in db.session.execute(found) if article_id is not None}


def latest(limit: int, reader: Reader | None = None) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the newest visible comments on published articles, newest first: id, name, HTML, and the article's headline.

    Without those of people whom this reader muted.
    """
    versions.depends_on(versions.SIDEBAR)
    wanted = (
        select(
            Comment.id,
            func.coalesce(User.name, Comment.author_name).label("author_name"),
            Comment.body_html,
            Article.headline,
        )
        .join(Discussion, Discussion.id == Comment.discussion_id)
        .join(Article, Article.id == Discussion.article_id)
        .outerjoin(User, User.id == Comment.user_id)
        .where(visible(), public())
        .order_by(Comment.created_at.desc(), Comment.id.desc())
        .limit(limit)
    )
    if reader is not None and reader.user_id is not None:
        muted = or_(Mute.muted_id == Comment.user_id, Comment.user_id.is_(None) & (Mute.guest_key == Comment.guest_key))
        wanted = wanted.where(~exists().where(Mute.user_id == reader.user_id, muted))
    return db.session.execute(wanted).all()


def by_member(user: User) -> Select[Comment]:
    """Return what everybody can read of this member's, under what everybody can see, the newest first."""
    versions.depends_on(versions.SIDEBAR)
    under = or_(
        Discussion.article_id.in_(select(Article.id).where(or_(public(), public(Kind.PAGE)))),
        Discussion.poll_id.in_(select(Poll.id).where(or_(Poll.day.is_(None), Poll.day <= clock.today()))),
    )
    wanted = (
        select(Comment).join(Discussion, Discussion.id == Comment.discussion_id).options(joinedload(Comment.discussion))
    )
    return wanted.where(Comment.user_id == user.id, visible(), under).order_by(
        Comment.created_at.desc(), Comment.id.desc()
    )


def held() -> Select[Comment]:
    """Return the comments that wait for a moderator, the longest waiting first."""
    waiting = Comment.held_at.is_not(None) & Comment.hidden_at.is_(None) & Comment.removed_at.is_(None)
    return select(Comment).options(joinedload(Comment.discussion)).where(waiting).order_by(Comment.held_at, Comment.id)


def last_of_guest(guest_key: str) -> Comment | None:
    """Return what this guest wrote last, for the name that their form begins with."""
    return db.session.scalar(select(Comment).where(Comment.guest_key == guest_key).order_by(Comment.id.desc()).limit(1))


def visible(comment: type[Comment] = Comment) -> ColumnElement[bool]:
    """Return the condition under which everybody may read a comment."""
    return and_(comment.held_at.is_(None), comment.hidden_at.is_(None), comment.removed_at.is_(None))


def same_writer(comment: Comment) -> ColumnElement[bool]:
    """Return the condition under which a comment is by who wrote this one: the account, the guest's cookie, else the name."""
    if comment.user_id is not None:
        return Comment.user_id == comment.user_id
    if comment.guest_key is not None:
        return and_(Comment.guest_key == comment.guest_key, Comment.user_id.is_(None))
    nobody = (Comment.user_id.is_(None), Comment.guest_key.is_(None))
    return and_(Comment.author_name == comment.author_name, *nobody)


def totals() -> Select[int, int, datetime | None]:
    """Return how many comments are visible, how many people wrote those (see same_writer), and the moment of the last."""
    writer = case(
        (Comment.user_id.is_not(None), "user:" + cast(Comment.user_id, String)),
        (Comment.guest_key.is_not(None), "guest:" + Comment.guest_key),
        else_="name:" + Comment.author_name,
    )
    last: ColumnElement[datetime | None] = func.max(Comment.created_at)
    return select(func.count(Comment.id), func.count(distinct(writer)), last).where(visible())


def _rows() -> Select[*tuple[Any, ...]]:
    return select(
        Comment.id,
        Comment.parent_id,
        Comment.root_id,
        Comment.path,
        Comment.depth,
        Comment.user_id,
        Comment.guest_key,
        func.coalesce(User.name, Comment.author_name).label("author_name"),
        User.expertise,
        Comment.interest,
        Comment.body_html,
        Comment.created_at,
        Comment.edited_at,
        Comment.held_at,
        Comment.hidden_at,
        Comment.removed_at,
        Comment.reply_count,
        Comment.branch_count,
        Comment.valued_count,
    ).outerjoin(User, User.id == Comment.user_id)


def _shown_to(reader: Reader | None) -> ColumnElement[bool]:
    """Return the condition under which a comment has a place in the tree that this reader sees."""
    there = or_(Comment.removed_at.is_(None), Comment.reply_count > 0)
    return and_(there, or_(Comment.held_at.is_(None), Comment.reply_count > 0, *_own(reader)))


def _readable_by(reader: Reader | None) -> ColumnElement[bool]:
    """Return the condition under which this reader can read a comment's words."""
    there = and_(Comment.hidden_at.is_(None), Comment.removed_at.is_(None))
    return and_(there, or_(Comment.held_at.is_(None), *_own(reader)))


def _own(reader: Reader | None) -> list[ColumnElement[bool]]:
    own: list[ColumnElement[bool]] = []
    if reader is not None and reader.user_id is not None:
        own.append(Comment.user_id == reader.user_id)
    if reader is not None and reader.guest_key is not None:
        own.append(Comment.guest_key == reader.guest_key)
    return own


def _watched(discussion: Discussion | None) -> Discussion | None:
    if discussion is not None and discussion.closes_at is not None and discussion.closes_at > clock.now():
        versions.holds_until(discussion.closes_at)
    return discussion
