"""Taking in comments and keeping the list of a discussion in order."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy import case, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from forum import clock, signals, text, versions
from forum.accounts import policy
from forum.accounts.models import Actor, Guest, User
from forum.accounts.names import refuse_lookalike
from forum.articles.models import Article, Kind
from forum.articles.queries import protected_names
from forum.comments import queries, screening
from forum.comments.models import (
    DEEPEST,
    MOST_COMMENTS,
    PIECE,
    Comment,
    CommentDraft,
    CommentRevision,
    Discussion,
    DiscussionVisit,
    Mode,
    guest_key,
)
from forum.errors import (
    AlreadyDone,
    CommentsClosed,
    EditTooLate,
    InvalidComment,
    NotAllowed,
    ParentGone,
    SignInNeeded,
    TooFast,
)
from forum.extensions import db
from forum.polls.models import Poll
from forum.settings import queries as settings

DOUBLE_WITHIN = timedelta(minutes=10)
LONGEST_DRAFT = 200_000  # characters
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@signals.article_created.connect
def _open_for_article(article: Article) -> None:
    mode = settings.site().discussion_mode if article.kind == Kind.ARTICLE else Mode.CLOSED.value
    db.session.add(Discussion(article_id=article.id, mode=mode))
    db.session.flush()


@signals.article_published.connect
def _set_closing(article: Article) -> None:
    """Let the discussion close some days after the article appears, where the site or an editor asks for it."""
    discussion = queries.of_article(article.id)
    if discussion is not None and discussion.closes_at is None:
        discussion.closes_at = _closing(discussion.close_after_days, article.published_at)
        db.session.flush()


@signals.poll_created.connect
def _open_for_poll(poll: Poll) -> None:
    db.session.add(Discussion(poll_id=poll.id))
    db.session.flush()


@signals.user_leaving.connect
def _let_go(user: User, blank_comments: bool) -> None:
    """Take the name off the comments of who leaves and, where that is wanted, the words too. Replies keep their places."""
    with force_locale(current_app.config["LANGUAGE"]):
        nameless = gettext("Former reader")
    theirs = select(Comment).where(Comment.user_id == user.id)
    found = select(Discussion).where(Discussion.id.in_(theirs.with_only_columns(Comment.discussion_id)))
    for discussion in db.session.scalars(found.order_by(Discussion.id)).all():
        lock(discussion)
        for comment in db.session.scalars(theirs.where(Comment.discussion_id == discussion.id)).all():
            comment.author_name, comment.user_id = nameless, None
            comment.author_email = comment.claim_key = None
            if blank_comments:
                comment.removed_at = comment.removed_at or clock.now()
                comment.body = comment.body_html = ""
                comment.interest = None
                db.session.execute(delete(CommentRevision).where(CommentRevision.comment_id == comment.id))
        db.session.flush()
        recount(discussion)
        touched(discussion)
    db.session.flush()


def piece(number: int) -> str:
    """Return the n-th piece of a path: four digits in base 36, which sort as their numbers do. Raises CommentsClosed past the last."""
    if not 0 < number <= MOST_COMMENTS:
        raise CommentsClosed()
    digits = ""
    for _ in range(PIECE):
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits


def place(parent_path: str | None, own_piece: str) -> tuple[str, int]:
    """Return path and depth of a comment below this parent (None: a root); at depth 250 it hangs beside its parent."""
    path = (parent_path or "")[: (DEEPEST - 1) * PIECE] + own_piece
    return path, len(path) // PIECE - 1


def double_key(discussion: Discussion, author: Actor, parent: Comment | None, body: str, key: str | None) -> str | None:
    """Return under which key a comment is kept, by which a second send of its form is known however late; None without one."""
    if not key:
        return None
    what = [f"key:{key}", str(discussion.id), str(parent.id if parent else 0), _who(author), text.normalised(body)]
    return hashlib.sha256("\x00".join(what).encode()).hexdigest()


def _who(author: Actor) -> str:
    return f"user:{author.id}" if isinstance(author, User) else f"guest:{author.name.casefold()}|{author.email or ''}"


def may_comment(discussion: Discussion, author: Actor) -> None:
    """Raise CommentsClosed or SignInNeeded unless this author may add to the discussion now."""
    if not discussion.is_open(clock.now()) or not queries.subject_is_public(discussion):
        raise CommentsClosed()
    if discussion.mode == Mode.MEMBERS and not isinstance(author, User):
        raise SignInNeeded()


def sent_before(
    discussion: Discussion, author: Actor, body: str, parent: Comment | None = None, key: str | None = None
) -> Comment | None:
    """Return the comment that is there already when this one is a second send of it."""
    return _double(discussion, author, body, parent, double_key(discussion, author, parent, body, key))


def post_comment(
    discussion: Discussion,
    author: Actor,
    body: str,
    parent: Comment | None = None,
    key: str | None = None,
    trap: str = "",
    interest: str = "",
) -> Comment:
    """Take in a comment and return it; a double send returns the comment that there is already.

    It is visible at once or held, as screening decides. Raises CommentsClosed, SignInNeeded, ParentGone (the parent is of
    another discussion, or is not visible), InvalidComment (empty, too long, a guest without a name), NameTaken (a guest who
    looks like somebody here).
    """
    may_comment(discussion, author)
    if parent is not None and (parent.discussion_id != discussion.id or not parent.is_visible):
        raise ParentGone()
    name = author.name if isinstance(author, User) else text.clean_name(author.name)
    if not name:
        raise InvalidComment(_l("Give a name with at least one letter or digit."))
    if isinstance(author, Guest):
        refuse_lookalike(name, protected_names())
    token_key = guest_key(author.token) if isinstance(author, Guest) else None
    site = settings.site()
    screening.fit(body, site)
    html = text.comment_html(body)
    reasons = screening.screen(screening.Submission(author, name, body, html, trap, token_key), site)
    number = _next_number(discussion)
    now = clock.now()
    kept_under = double_key(discussion, author, parent, body, key)
    known = _double(discussion, author, body, parent, kept_under)
    if known is not None:
        return known
    _keep_pace(discussion, author, now)
    path, depth = place(parent.path if parent else None, piece(number))
    comment = Comment(
        discussion_id=discussion.id,
        parent_id=parent.id if parent else None,
        root_id=(parent.root_id or parent.id) if parent else None,
        path=path,
        depth=depth,
        user_id=author.id if isinstance(author, User) else None,
        author_name=name,
        author_email=(author.email or None) if isinstance(author, Guest) else None,
        guest_key=token_key,
        interest=text.clean_name(interest)[:80] or None,
        body=body,
        body_html=html,
        render_version=text.RENDER_VERSION,
        created_at=now,
        held_at=now if reasons else None,
        hold_reasons=" ".join(reasons) or None,
        double_key=kept_under,
    )
    try:
        with db.session.begin_nested():
            db.session.add(comment)
    except IntegrityError:
        known = _double(discussion, author, body, parent, kept_under)
        if known is None:
            raise
        return known
    if not reasons:
        count(comment, +1)
    touched(discussion)
    signals.comment_posted.send(comment)
    return comment


def edit_comment(comment: Comment, author: Actor, body: str) -> Comment:
    """Give a comment other words, screened again, and return it; what it said before is kept for moderators.

    Raises NotAllowed (another's), EditTooLate, InvalidComment. The same words change nothing.
    """
    _require_own(comment, author)
    lock(comment.discussion)
    db.session.refresh(comment)
    site = settings.site()
    if not comment.is_editable(clock.now(), site.edit_minutes):
        raise EditTooLate()
    if body == comment.body:
        return comment
    screening.fit(body, site)
    html = text.comment_html(body)
    submission = screening.Submission(author, comment.author_name, body, html, "", comment.guest_key)
    reasons = [] if comment.held_at else screening.screen(submission, site)
    screening.words(submission, site)
    now = clock.now()
    db.session.add(CommentRevision(comment_id=comment.id, body=comment.body, replaced_at=now))
    comment.body, comment.body_html, comment.render_version = body, html, text.RENDER_VERSION
    comment.edited_at = now
    if reasons:
        count(comment, -1)
        comment.held_at, comment.hold_reasons = now, " ".join(reasons)
    db.session.flush()
    touched(comment.discussion)
    return comment


def remove_comment(comment: Comment, author: Actor) -> None:
    """Take one's own comment away; where it was answered a placeholder stays. Raises NotAllowed, AlreadyDone."""
    _require_own(comment, author)
    lock(comment.discussion)
    db.session.refresh(comment)
    if comment.removed_at is not None:
        raise AlreadyDone()
    if comment.is_visible:
        count(comment, -1)
    comment.removed_at = clock.now()
    db.session.flush()
    touched(comment.discussion)


def _require_own(comment: Comment, author: Actor) -> None:
    if not comment.is_by(author):
        raise NotAllowed()


def _keep_pace(discussion: Discussion, author: Actor, now: datetime) -> None:
    """Raise TooFast in slow mode while the author's last comment here is younger than that allows; the desk keeps no pace."""
    if not discussion.slow_seconds or (isinstance(author, User) and author.is_staff):
        return
    theirs = Comment.user_id == author.id if isinstance(author, User) else Comment.guest_key == guest_key(author.token)
    last = db.session.scalar(
        select(Comment.created_at)
        .where(Comment.discussion_id == discussion.id, theirs)
        .order_by(Comment.created_at.desc())
        .limit(1)
    )
    if last is not None:
        wait = (last + timedelta(seconds=discussion.slow_seconds) - now).total_seconds()
        if wait > 0:
            raise TooFast(int(wait) + 1)


def set_rules(
    discussion: Discussion,
    editor: User,
    mode: Mode,
    reason: str = "",
    close_after_days: int | None = None,
    slow_seconds: int = 0,
) -> None:
    """Say who may write in a discussion, until when, and how fast. Raises NotAllowed.

    `close_after_days` counts from the moment the article appears (None: as the site says, 0: never). A closed discussion says
    since when and why.
    """
    policy.require(policy.may_publish(editor))
    was_closed = discussion.mode == Mode.CLOSED
    discussion.mode, discussion.slow_seconds = mode.value, slow_seconds
    if mode == Mode.CLOSED:
        discussion.closed_at = discussion.closed_at if was_closed and discussion.closed_at else clock.now()
        discussion.closed_reason = " ".join(reason.split())[:200] or None
    else:
        discussion.closed_at = discussion.closed_reason = None
    about = queries.subject(discussion)
    if discussion.close_after_days != close_after_days:
        discussion.close_after_days = close_after_days
        discussion.closes_at = _closing(close_after_days, about.published_at if isinstance(about, Article) else None)
    db.session.flush()
    touched(discussion)


def _closing(own_days: int | None, published_at: datetime | None) -> datetime | None:
    days = settings.site().close_after_days if own_days is None else own_days
    return published_at + timedelta(days=days) if days and published_at is not None else None


def give_expertise(member: User, editor: User, line: str) -> None:
    """Let a member's comments carry this line, which the desk verified; "" takes it away. Raises NotAllowed."""
    policy.require(policy.may_publish(editor))
    member.expertise = text.clean_name(line)[:120] or None
    db.session.flush()
    for discussion in db.session.scalars(
        select(Discussion).where(Discussion.id.in_(select(Comment.discussion_id).where(Comment.user_id == member.id)))
    ):
        touched(discussion)


def save_draft(member: User, discussion: Discussion, parent_id: int, body: str, key: str) -> None:
    """Keep what a member is writing here; without words the draft goes. Longer than the site takes is kept all the same."""
    draft = db.session.get(CommentDraft, (member.id, discussion.id, parent_id))
    if not body.strip():
        if draft is not None:
            db.session.delete(draft)
    elif len(body) <= LONGEST_DRAFT:
        draft = draft or CommentDraft(user_id=member.id, discussion_id=discussion.id, parent_id=parent_id)
        draft.body, draft.key, draft.saved_at = body, key[:64], clock.now()
        db.session.add(draft)
    db.session.flush()


def visit(member: User, discussion: Discussion, until: datetime) -> None:
    """Remember that a member has seen a discussion until this moment; never earlier than before, never later than now."""
    until = min(until, clock.now())
    row = db.session.get(DiscussionVisit, (member.id, discussion.id))
    if row is None:
        db.session.add(DiscussionVisit(user_id=member.id, discussion_id=discussion.id, seen_at=until))
    else:
        row.seen_at = max(row.seen_at, until)
    db.session.flush()


def carry_over(
    discussion: Discussion,
    author_name: str,
    body: str,
    created_at: datetime,
    parent: Comment | None = None,
    *,
    body_format: str = "markdown",
    user_id: int | None = None,
    hold_reason: str | None = None,
    comment_id: int | None = None,
    source: str | None = None,
    source_id: str | None = None,
    source_digest: str | None = None,
) -> Comment:
    """Place a comment that was written elsewhere, and return it: visible, or held for this reason.

    The road of imports and of the demonstration: no form, no limit, no screening, no signal. `body_format` is "markdown" or
    "html"; either is sanitised. `comment_id` asks for that number, which must be free.
    """
    path, depth = place(parent.path if parent else None, piece(_next_number(discussion)))
    comment = Comment(
        id=comment_id,
        discussion_id=discussion.id,
        parent_id=parent.id if parent else None,
        root_id=(parent.root_id or parent.id) if parent else None,
        path=path,
        depth=depth,
        user_id=user_id,
        author_name=author_name[:200],
        body=body,
        body_format=body_format,
        body_html=text.imported_comment_html(body) if body_format == "html" else text.comment_html(body),
        render_version=text.RENDER_VERSION,
        created_at=created_at,
        held_at=clock.now() if hold_reason else None,
        hold_reasons=hold_reason,
        source=source,
        source_id=source_id,
        source_digest=source_digest,
    )
    db.session.add(comment)
    db.session.flush()
    if comment.is_visible:
        count(comment, +1)
    touched(discussion)
    return comment


def carry_over_all(discussion: Discussion, written: Sequence[Comment]) -> None:
    """Take in comments that were written elsewhere, thousands at a time, parents before replies; `settle` comes after it.

    They are rows with numbers of their own (`id`, `parent_id`), their words, moments and source; each is rendered here.
    """
    for comment in written:
        is_html = comment.body_format == "html"
        comment.discussion_id = discussion.id
        comment.path = _aside(comment.id)
        comment.body_html = text.imported_comment_html(comment.body) if is_html else text.comment_html(comment.body)
        comment.render_version = text.RENDER_VERSION
    db.session.add_all(written)
    db.session.flush()


def settle(discussion: Discussion) -> None:
    """Put a discussion in order and count it anew, after an import added to it or changed what stands in it."""
    rebuild_paths(discussion)
    recount(discussion)
    touched(discussion)


def count(comment: Comment, change: int) -> None:
    """Add a comment that became visible (+1), or take away one that no longer is (-1), in what counts it."""
    if comment.parent_id is not None:
        db.session.execute(
            update(Comment).where(Comment.id == comment.parent_id).values(reply_count=Comment.reply_count + change)
        )
    root = comment.root_id or comment.id
    db.session.execute(update(Comment).where(Comment.id == root).values(branch_count=Comment.branch_count + change))
    others = (Comment.discussion_id == comment.discussion_id, queries.visible(), Comment.id != comment.id)
    last = db.session.scalar(
        select(Comment.created_at).where(*others).order_by(Comment.created_at.desc(), Comment.id.desc()).limit(1)
    )
    if change > 0:
        last = max(last or comment.created_at, comment.created_at)
    wrote_more = db.session.scalar(select(Comment.id).where(*others, queries.same_writer(comment)).limit(1)) is not None
    db.session.execute(
        update(Discussion)
        .where(Discussion.id == comment.discussion_id)
        .values(
            comment_count=Discussion.comment_count + change,
            reader_count=Discussion.reader_count + (0 if wrote_more else change),
            last_comment_at=last,
        )
    )


def recount(discussion: Discussion) -> None:
    """Work out anew what is counted in a discussion: its visible comments and who wrote them, by branch and by parent."""
    reply, below = aliased(Comment), aliased(Comment)
    replies = select(func.count()).where(reply.parent_id == Comment.id, queries.visible(reply)).scalar_subquery()
    branch = select(func.count()).where(below.root_id == Comment.id, queries.visible(below)).scalar_subquery()
    itself = case((queries.visible(), 1), else_=0)
    apart = {"synchronize_session": False}
    inside = Comment.discussion_id == discussion.id
    for statement in (
        update(Comment).where(inside, Comment.reply_count != replies).values(reply_count=replies),
        update(Comment).where(inside, Comment.root_id.is_(None)).values(branch_count=itself + branch),
        update(Comment).where(inside, Comment.root_id.is_not(None), Comment.branch_count != 0).values(branch_count=0),
    ):
        db.session.execute(statement, execution_options=apart)
    comments, readers, last = db.session.execute(queries.totals().where(inside)).one()
    own = update(Discussion).where(Discussion.id == discussion.id)
    db.session.execute(
        own.values(comment_count=comments, reader_count=readers, last_comment_at=last), execution_options=apart
    )
    db.session.expire_all()


def touched(discussion: Discussion) -> None:
    """Say that pages which show this discussion, or its latest comments, have changed."""
    versions.bump(version_of(discussion), versions.SIDEBAR)


def version_of(discussion: Discussion) -> str:
    """Return the name of the version that grows with each change of a discussion."""
    return versions.article(discussion.article_id) if discussion.article_id else versions.poll(discussion.poll_id or 0)


def lock(discussion: Discussion) -> None:
    """Wait for one's turn: until our commit nobody else adds to this discussion or changes what is counted in it.

    Always taken before any comment is touched, so that two never wait for each other in a circle.
    """
    db.session.execute(select(Discussion.id).where(Discussion.id == discussion.id).with_for_update())


def rebuild_paths(discussion: Discussion) -> int:
    """Give every comment of a discussion its path anew, the oldest first among its siblings; return how many moved.

    For an import that adds old comments between those that are there.
    """
    lock(discussion)
    rows = list(
        db.session.execute(
            select(Comment.id, Comment.parent_id, Comment.path, Comment.root_id)
            .where(Comment.discussion_id == discussion.id)
            .order_by(Comment.created_at, Comment.id)
        )
    )
    children: dict[int | None, list[int]] = {}
    for comment_id, parent_id, _path, _root in rows:
        children.setdefault(parent_id, []).append(comment_id)
    number = {row.id: index for index, row in enumerate(rows, start=1)}
    wanted: dict[int, tuple[str, int, int | None]] = {}
    waiting: list[tuple[int, str | None, int | None]] = [(root, None, None) for root in children.get(None, [])]
    while waiting:
        comment_id, parent_path, root_id = waiting.pop()
        path, depth = place(parent_path, piece(number[comment_id]))
        wanted[comment_id] = path, depth, root_id
        waiting.extend((child, path, root_id or comment_id) for child in children.get(comment_id, []))
    moved = [row for row in rows if (wanted[row.id][0], wanted[row.id][2]) != (row.path, row.root_id)]
    if moved:  # out of the way first, for paths are unique; all in one go, for there may be thousands
        in_the_way = [{"id": row.id, "path": _aside(row.id)} for row in moved if row.path != _aside(row.id)]
        if in_the_way:
            db.session.execute(update(Comment), in_the_way)
        names = ("id", "path", "depth", "root_id")
        db.session.execute(update(Comment), [dict(zip(names, (row.id, *wanted[row.id]), strict=True)) for row in moved])
        db.session.expire_all()
    discussion.last_piece = len(rows)
    db.session.flush()
    if moved:
        touched(discussion)
    return len(moved)


def _aside(comment_id: int) -> str:
    """Return a path that no comment in its place has."""
    return f"~{comment_id}"


def _next_number(discussion: Discussion) -> int:
    """Return the number of the next comment. The discussion's row is the lock of its list: until our commit nobody else adds."""
    number: int | None = db.session.scalar(
        update(Discussion)
        .where(Discussion.id == discussion.id)
        .values(last_piece=Discussion.last_piece + 1)
        .returning(Discussion.last_piece)
    )
    if number is None:  # the discussion went away while its comment was written
        raise CommentsClosed()
    return number


def _double(
    discussion: Discussion, author: Actor, body: str, parent: Comment | None, kept_under: str | None
) -> Comment | None:
    """Return the comment of which this is a second send: from the same form, or the same words in the same place by the same
    author in the last ten minutes. Who goes Back is given the form anew, with another key.
    """
    if kept_under is not None:
        known = db.session.scalar(select(Comment).where(Comment.double_key == kept_under))
        if known is not None:
            return known
    recent = select(Comment).where(
        Comment.discussion_id == discussion.id,
        Comment.created_at > clock.now() - DOUBLE_WITHIN,
        Comment.user_id == author.id if isinstance(author, User) else Comment.user_id.is_(None),
        Comment.parent_id == parent.id if parent else Comment.parent_id.is_(None),
        Comment.removed_at.is_(None),
    )
    words = text.normalised(body)
    for comment in db.session.scalars(recent.order_by(Comment.created_at.desc())):
        if not isinstance(author, User):
            name = text.clean_name(author.name).casefold()
            if (comment.author_name.casefold(), comment.author_email) != (name, author.email or None):
                continue
        if text.normalised(comment.body) == words:
            return comment
    return None
