"""A discussion as its readers see it: the page of one in any order, and each comment on it. Made for templates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from flask import request
from flask_babel import format_datetime, gettext, ngettext
from markupsafe import Markup
from sqlalchemy import Row as DatabaseRow

from forum import clock, text, web
from forum.accounts.queries import desk_ids
from forum.articles.models import Article
from forum.comments import queries, worth
from forum.comments.models import Comment, Discussion, Mode, Summary
from forum.comments.queries import Order
from forum.extensions import db
from forum.moderation.queries import reasons

EXCERPT = 160  # characters of a highlighted comment
INDENT_CAP = 5  # lists nest so deep, then run flat with "in reply to"


@dataclass
class Row:
    """A comment as a template shows it."""

    id: int
    anchor: str
    state: str
    author_name: str
    author_url: str | None
    badge: str | None
    expertise: str | None
    interest: str | None
    created_at: datetime
    edited_at: datetime | None
    body_html: Markup
    permalink: str
    reply_url: str | None
    hide_url: str | None
    restore_url: str | None
    is_mine: bool
    own_url: str | None  # where its author may change it or take it away
    is_editable: bool
    is_new: bool
    reason: str | None
    reply_count: int
    branch_url: str | None  # where this comment stands alone with everything below it
    level: int = 0
    deeper: bool = False
    closes: int = 0
    parent_name: str | None = None  # said only where the place does not show it
    parent_url: str | None = None
    root_url: str | None = None
    previous_url: str | None = None  # the branch before this one
    next_url: str | None = None
    valued_count: int = 0
    is_valued: bool = False  # by who reads
    value_url: str | None = None  # None: not theirs to value
    is_muted: bool = False  # folded for who reads
    more_url: str | None = None  # everything else that can be done about it


@dataclass(frozen=True)
class Subject:
    """What a discussion is about: a title and its address."""

    title: str
    url: str


@dataclass(frozen=True)
class OrderLink:
    """One of the orders in which a discussion can be read."""

    name: str
    words: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class DiscussionPage:
    """A page of a discussion as a template shows it."""

    id: int
    count: int
    tally: str
    last_at: datetime | None
    rows: list[Row]
    order: str
    orders: list[OrderLink]
    branch_of: str | None  # whose branch is shown alone
    since: datetime | None
    first_new_url: str | None
    new_count: int
    notice: str | None
    keep_url: str | None  # to come back to, for who has neither account nor script
    previous_url: str | None
    next_url: str | None
    first_url: str
    is_open: bool
    closed_reason: str | None
    post_url: str
    page_size: int
    most: int  # characters in a comment
    slow_seconds: int
    seen_url: str | None  # where a member says that all of it was read
    until: str | None  # the moment of the last comment, as addresses write it
    since_words: str | None  # the moment of `since`, as addresses write it
    rules_url: str | None = None  # where an editor says who may write
    summary: dict[str, Any] | None = None  # where the discussion stands: html, written_at
    highlights: tuple[dict[str, str], ...] = ()  # what the editors put above it: url, author_name, excerpt, reason
    summary_url: str | None = None  # for editors

    @property
    def follow_url(self) -> str:
        """Return where somebody says that they want to be told of what comes here."""
        return f"/discussions/{self.id}/follow"


@dataclass(frozen=True)
class Asked:
    """What the address asks of a discussion; what it asks in vain is in `notice`."""

    order: Order
    branch: Comment | None
    start: Comment | None
    since: datetime | None
    notice: str | None

    def address(self, base: str, **changes: object) -> str:
        """Return the address of another page of the same reading; None leaves a part out."""
        parts: dict[str, object] = {
            "order": self.order.value if self.order != Order.TALK else None,
            "branch": self.branch.id if self.branch else None,
            "since": since_in_address(self.since),
            **changes,
        }
        query = urlencode({name: value for name, value in parts.items() if value is not None})
        return f"{base}?{query}" if query else base


def since_in_address(since: datetime | None) -> str | None:
    """Return a moment as it stands in an address: in UTC, to the microsecond, so that nothing is new twice."""
    return since.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ") if since else None


def since_asked(raw: str) -> datetime | None:
    """Return the moment of `?since=`; None for what is none."""
    try:
        return datetime.strptime(raw, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def asked(discussion: Discussion) -> Asked:
    """Return what the address asks: `?order=`, `?branch=`, `?since=` and `?from=`; what is none of ours is said, not obeyed."""
    notice = None
    raw_order = request.args.get("order", Order.TALK.value)
    order = Order(raw_order) if raw_order in list(Order) else Order.TALK
    if order != raw_order:
        notice = gettext("This order is not known here. You are reading the conversation from its beginning.")
    raw_since = request.args.get("since", "")
    since = since_asked(raw_since) if raw_since else None
    if raw_since and since is None:
        notice = gettext("The moment in this address is none. Nothing is marked as new.")
    branch, start = _comment(discussion, "branch"), _comment(discussion, "from")
    if branch is None and "branch" in request.args:
        notice = gettext("The branch in this address is not here. You are reading the whole conversation.")
    elif start is None and request.args.get("from"):
        notice = gettext("The place in this address is not here. You are reading from the beginning.")
    if branch is not None and order not in {Order.TALK, Order.NEWEST, Order.VALUED}:
        order = Order.TALK
    return Asked(order, branch, start, since, notice)


def _comment(discussion: Discussion, name: str) -> Comment | None:
    raw = request.args.get(name, "")
    found = db.session.get(Comment, int(raw)) if raw.isdecimal() and len(raw) < 10 else None
    return found if found is not None and found.discussion_id == discussion.id else None


def subject_of(discussion: Discussion) -> Subject:
    """Return what the discussion is about, as a link."""
    about = queries.subject(discussion)
    if isinstance(about, Article):
        return Subject(about.headline, about.url)
    return Subject(about.question, f"/polls/{about.id}/")


def discussion_page(discussion: Discussion, author_ids: frozenset[int] = frozenset()) -> DiscussionPage:
    """Return the page of a discussion that the address asks for.

    `author_ids`: the accounts of who stands over the article, for the badge.
    """
    base = subject_of(discussion).url
    size = web.site().settings.comments_per_page
    wanted, who, reader = asked(discussion), web.viewer(), web.reader()
    seen = wanted.since
    if seen is None and who is not None and who.user is not None:
        seen = queries.last_visit(discussion, who.user.id)
    page = queries.page(discussion, size, wanted.start, reader, wanted.order, wanted.branch, seen)
    new = queries.news(discussion, seen, reader) if seen is not None else []
    is_open = discussion.is_open(clock.now())
    takes_words = is_open and (discussion.mode != Mode.MEMBERS or (who is not None and who.is_signed_in))
    rows = rows_for(discussion, page.rows, takes_words, author_ids, wanted.order, frozenset(new))
    if wanted.order == Order.TALK and wanted.branch is None and rows:
        _lead_to_branches(
            rows, page.rows, queries.branches_beside(discussion, page.rows[0].path, page.rows[-1].path, reader)
        )
    previous = None
    if page.has_previous:
        previous = wanted.address(base, **{"from": page.previous_from})
    here = {row.id for row in rows}
    first_new = next(iter(new), None)
    first_new_url = None
    if first_new is not None:
        first_new_url = f"#comment-{first_new}" if first_new in here else _found_at(first_new, wanted.since)
    return DiscussionPage(
        id=discussion.id,
        count=discussion.comment_count,
        tally=_tally(discussion),
        last_at=discussion.last_comment_at,
        rows=rows,
        order=wanted.order.value,
        orders=_orders(wanted, base) if discussion.comment_count > 1 else [],
        branch_of=wanted.branch.author_name if wanted.branch is not None and wanted.branch.is_visible else None,
        since=seen,
        first_new_url=first_new_url,
        new_count=len(new),
        notice=wanted.notice,
        keep_url=_to_keep(discussion, wanted, base) if wanted.order == Order.UNREAD and wanted.since is None else None,
        previous_url=f"{previous}#discussion" if previous else None,
        next_url=f"{wanted.address(base, **{'from': page.next_from})}#discussion" if page.next_from else None,
        first_url=f"{base}#discussion",
        is_open=takes_words,
        closed_reason=None if takes_words else _closed_reason(discussion, is_open),
        post_url=f"/discussions/{discussion.id}/comments",
        page_size=size,
        summary=_summary(discussion),
        highlights=_highlights(discussion),
        summary_url=f"/discussions/{discussion.id}/summary" if who is not None and who.can_publish else None,
        most=web.site().settings.comment_length,
        slow_seconds=discussion.slow_seconds,
        seen_url=f"/discussions/{discussion.id}/seen" if who is not None and who.is_signed_in else None,
        until=since_in_address(discussion.last_comment_at),
        since_words=since_in_address(seen),
        rules_url=f"/desk/discussions/{discussion.id}/" if who is not None and who.can_publish else None,
    )


def _summary(discussion: Discussion) -> dict[str, Any] | None:
    known = db.session.get(Summary, discussion.id)
    if known is None:
        return None
    return {"html": Markup(text.comment_html(known.body)), "written_at": known.written_at}  # noqa: S704


def _highlights(discussion: Discussion) -> tuple[dict[str, str], ...]:
    return tuple(
        {
            "url": f"/comments/{row.id}",
            "author_name": row.author_name,
            "excerpt": text.excerpt(row.body_html, EXCERPT),
            "reason": row.reason,
        }
        for row in worth.highlights(discussion)
    )


def rows_for(
    discussion: Discussion,
    found: Sequence[DatabaseRow[*tuple[Any, ...]]],
    takes_words: bool,
    author_ids: frozenset[int],
    order: Order = Order.TALK,
    new: frozenset[int] = frozenset(),
) -> list[Row]:
    """Return comments as rows; those of the tree know how the lists around them open and close.

    A row of the tree nests in the nearest of its ancestors that is on the page; one whose parent is not the row that holds
    it says to whom it replies.
    """
    who = web.viewer()
    reader = web.reader()
    moderates = who is not None and who.can_moderate
    editable_since = clock.now() - timedelta(minutes=web.site().settings.edit_minutes)
    desk = desk_ids() if any(row.user_id for row in found) else frozenset()
    why = reasons(row.id for row in found if row.hidden_at is not None)
    names = {row.id: row.author_name for row in found if _state(row) == "visible"}
    names |= queries.names_of({row.parent_id for row in found if row.parent_id} - {row.id for row in found})
    here = {row.id for row in found}
    member = reader.user_id if reader is not None else None
    valued = worth.valued_by(member, here) if member is not None else frozenset()
    muted = worth.muted_by(member) if member is not None else (frozenset(), frozenset())
    ancestors: list[DatabaseRow[*tuple[Any, ...]]] = []
    rows: list[Row] = []
    for row in found:
        while ancestors and not row.path.startswith(ancestors[-1].path):
            ancestors.pop()
        state = _state(row)
        mine = reader is not None and (
            (row.user_id is not None and row.user_id == reader.user_id)
            or (row.guest_key is not None and row.guest_key == reader.guest_key)
        )
        readable = state == "visible" or (state == "held" and mine)
        shown = Row(
            id=row.id,
            anchor=f"comment-{row.id}",
            state=state,
            author_name=row.author_name if readable else "",
            author_url=f"/readers/{quote(row.author_name, safe='')}/" if readable and row.user_id else None,
            badge=_badge(row, author_ids, desk) if readable else None,
            expertise=row.expertise if readable else None,
            interest=row.interest if readable else None,
            created_at=row.created_at,
            edited_at=row.edited_at if readable else None,
            body_html=Markup(row.body_html if readable else ""),  # noqa: S704  made by text.py
            permalink=f"/comments/{row.id}",
            reply_url=f"/discussions/{discussion.id}/comments/new?parent={row.id}"
            if takes_words and state == "visible"
            else None,
            hide_url=f"/moderation/comments/{row.id}/hide" if moderates and state == "visible" else None,
            restore_url=f"/moderation/comments/{row.id}/restore" if moderates and state == "hidden" else None,
            is_mine=mine,
            own_url=f"/comments/{row.id}/edit" if mine and readable else None,
            is_editable=mine and row.created_at > editable_since,
            is_new=row.id in new and not mine,
            reason=why.get(row.id) if state == "hidden" else None,
            reply_count=row.reply_count,
            branch_url=f"?branch={row.id}#comment-{row.id}" if row.reply_count else None,
            level=min(len(ancestors), INDENT_CAP) if order == Order.TALK else 0,
        )
        holds_it = ancestors[-1].id if 0 < len(ancestors) <= INDENT_CAP else None
        _lead_up(shown, row, here, names, is_nested=holds_it is not None and holds_it == row.parent_id)
        if state == "visible":
            shown.valued_count, shown.more_url = row.valued_count, f"/comments/{row.id}/more"
            if member is not None and not mine:
                shown.is_valued, shown.value_url = row.id in valued, f"/comments/{row.id}/value"
                shown.is_muted = row.user_id in muted[0] or (row.user_id is None and row.guest_key in muted[1])
        rows.append(shown)
        if order == Order.TALK:
            ancestors.append(row)
    _nest(rows)
    return rows


def _lead_up(
    shown: Row, row: DatabaseRow[*tuple[Any, ...]], here: set[int], names: dict[int, str], *, is_nested: bool
) -> None:
    """Let a row lead to what it answers and to the root of its branch; nesting alone says whom it answers where it can."""
    if row.parent_id is not None:
        shown.parent_url = _place(row.parent_id, here)
        if not is_nested:
            shown.parent_name = names.get(row.parent_id)
    if row.root_id is not None and row.root_id != row.parent_id:
        shown.root_url = _place(row.root_id, here)


def _nest(rows: list[Row]) -> None:
    """Tell each row whether a list opens below it, and how many close after it."""
    for index, shown in enumerate(rows):
        following = rows[index + 1].level if index + 1 < len(rows) else 0
        shown.deeper = following > shown.level
        shown.closes = max(0, shown.level - following)


def _lead_to_branches(
    rows: list[Row], found: Sequence[DatabaseRow[*tuple[Any, ...]]], beside: tuple[int | None, int | None]
) -> None:
    """Let each row lead to the roots of the branches before and after its own; `beside` are those outside the page."""
    here = {row.id for row in rows}
    roots = list(dict.fromkeys(row.root_id or row.id for row in found))
    in_line = [beside[0], *roots, beside[1]]
    around = dict(zip(roots, zip(in_line, in_line[2:], strict=False), strict=True))
    for shown, row in zip(rows, found, strict=True):
        before, after = around[row.root_id or row.id]
        shown.previous_url = _place(before, here) if before is not None else None
        shown.next_url = _place(after, here) if after is not None else None


def _place(comment_id: int, here: set[int]) -> str:
    return f"#comment-{comment_id}" if comment_id in here else f"/comments/{comment_id}"


def _found_at(comment_id: int, since: datetime | None) -> str:
    moment = since_in_address(since)
    return f"/comments/{comment_id}?since={moment}" if moment else f"/comments/{comment_id}"


def _orders(wanted: Asked, base: str) -> list[OrderLink]:
    words = {
        Order.TALK: gettext("Conversation"),
        Order.NEWEST: gettext("Newest"),
        Order.VALUED: gettext("Most valued"),
        Order.DISCUSSED: gettext("Most discussed"),
        Order.UNREAD: gettext("Unread"),
    }
    links = []
    for order, name in words.items():
        value = order.value if order != Order.TALK else None
        address = wanted.address(base, order=value, branch=None)
        links.append(OrderLink(order.value, name, f"{address}#discussion", order == wanted.order and not wanted.branch))
    return links


def _to_keep(discussion: Discussion, wanted: Asked, base: str) -> str | None:
    """Return the address at which a later visit finds only what came after the comments that are here now."""
    moment = since_in_address(discussion.last_comment_at)
    return f"{wanted.address(base, since=moment)}#discussion" if moment else None


def _tally(discussion: Discussion) -> str:
    """Return who wrote and when the last comment came: "van 48 lezers, de laatste op 22 november om 14:05"."""
    if discussion.last_comment_at is None:
        return ""
    about = queries.subject(discussion)
    year = (about.published_at or about.created_at).year if isinstance(about, Article) else None
    pattern = "d MMMM" if discussion.last_comment_at.astimezone(clock.zone()).year == year else "d MMMM y"
    return gettext(
        "by %(readers)s, the last on %(day)s at %(time)s",
        readers=ngettext("%(num)s reader", "%(num)s readers", discussion.reader_count),
        day=format_datetime(discussion.last_comment_at, pattern),
        time=format_datetime(discussion.last_comment_at, "HH:mm"),
    )


def _state(row: DatabaseRow[*tuple[Any, ...]]) -> str:
    if row.removed_at is not None:
        return "removed"
    if row.hidden_at is not None:
        return "hidden"
    return "held" if row.held_at is not None else "visible"


def _badge(row: DatabaseRow[*tuple[Any, ...]], author_ids: frozenset[int], desk: frozenset[int]) -> str | None:
    if row.user_id is None:
        return None
    if row.user_id in author_ids:
        return "author"
    return "desk" if row.user_id in desk else "expert" if row.expertise else None


def _closed_reason(discussion: Discussion, is_open: bool) -> str:
    """Return since when and why nobody, or not everybody, can comment."""
    if is_open:
        return gettext("Only members can comment here. Sign in to join.")
    if discussion.mode == Mode.CLOSED and discussion.closed_at is not None:
        since = clock.in_words(discussion.closed_at)
        if discussion.closed_reason:
            return gettext(
                "The desk closed this discussion on %(moment)s: %(reason)s",
                moment=since,
                reason=discussion.closed_reason,
            )
        return gettext("The desk closed this discussion on %(moment)s.", moment=since)
    if discussion.closes_at is not None and discussion.closes_at <= clock.now():
        moment = clock.in_words(discussion.closes_at)
        return gettext("This discussion closed by itself on %(moment)s, some days after the article.", moment=moment)
    return gettext("Comments are closed here.")
