"""The discussion on a page, writing a comment, and finding one by its number."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import Row as DatabaseRow

from forum import clock, limits, web
from forum.accounts import policy
from forum.accounts.models import Actor, User
from forum.accounts.queries import desk_ids
from forum.articles.models import Article
from forum.comments import operations, queries
from forum.comments.forms import CommentForm
from forum.comments.models import Comment, Discussion, Mode
from forum.errors import ForumError, ParentGone, TooFast, with_retry
from forum.extensions import db, may_write
from forum.moderation.queries import reasons

bp = Blueprint("comments", __name__)

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
    created_at: datetime
    body_html: Markup
    permalink: str
    reply_url: str | None
    hide_url: str | None
    restore_url: str | None
    is_mine: bool
    reason: str | None
    level: int = 0
    deeper: bool = False
    closes: int = 0
    parent_name: str | None = None
    parent_url: str | None = None


@dataclass(frozen=True)
class Subject:
    """What a discussion is about: a title and its address."""

    title: str
    url: str


@dataclass(frozen=True)
class DiscussionPage:
    """A page of a discussion as a template shows it."""

    id: int
    count: int
    rows: list[Row]
    previous_url: str | None
    next_url: str | None
    first_url: str
    is_open: bool
    closed_reason: str | None
    post_url: str
    page_size: int

    @property
    def follow_url(self) -> str:
        """Return where somebody says that they want to be told of what comes here."""
        return f"/discussions/{self.id}/follow"


@bp.post("/discussions/<id:discussion_id>/comments")
def create(discussion_id: int) -> ResponseReturnValue:
    """Take in a comment and lead its author to it; what cannot be placed comes back with every word in the form."""
    form = CommentForm()
    if not form.validate():
        may_write.set(False)
        return _form_page(_met(discussion_id), form, status=422)
    try:
        discussion = _met(discussion_id)
        author = web.author(form.author_name.data or "", (form.author_email.data or "").strip() or None)
        comment = _take(discussion, author, form)
        db.session.commit()
    except Exception as error:  # closed, withdrawn, too fast, database locked: the words go back to their writer
        refusal = web.refused(error)
        return _form_page(_met(discussion_id), form, refusal)
    return web.remember_guest(make_response(redirect(address_of(comment), 303)), author)


@bp.get("/discussions/<id:discussion_id>/comments/new")
def new(discussion_id: int) -> ResponseReturnValue:
    """The form of a comment or reply as a page of its own, or as the fragment that a script puts in place."""
    discussion = _met(discussion_id)
    if not queries.subject_is_public(discussion) and not policy.may_publish(web.actor()):
        abort(404)
    form = comment_form(request.args.get("parent", ""))
    form.key.data = secrets.token_hex(16)  # by which a double send of it is known
    if _parent_row(discussion, form) is None:
        form.parent_id.data = ""
    try:
        operations.may_comment(discussion, web.author())
    except ForumError as refusal:  # better said before somebody writes than after
        return _form_page(discussion, form, refusal)
    return _form_page(discussion, form, status=200)


@bp.get("/comments/<id:comment_id>")
def find(comment_id: int) -> ResponseReturnValue:
    """Lead to the page that holds this comment, at its anchor.

    `?discussion=` says on which page an old anchor was met: there the comment that bore this number in the old system is meant.
    """
    comment = db.session.get(Comment, comment_id)
    raw = request.args.get("discussion", "")
    if raw.isdecimal() and len(raw) < 10 and (comment is None or comment.discussion_id != int(raw)):
        discussion = db.session.get(Discussion, int(raw))
        comment = (queries.by_source_id(discussion, str(comment_id)) if discussion else None) or comment
    if comment is None or not queries.subject_is_public(comment.discussion) or not _may_see(comment):
        abort(404)
    return redirect(address_of(comment), 302)


def _met(discussion_id: int) -> Discussion:
    """Return a discussion that a reader may have met: what was never public is not found, what was withdrawn is."""
    discussion = db.get_or_404(Discussion, discussion_id)
    about = queries.subject(discussion)
    if isinstance(about, Article):
        was_public = about.published_at is not None and about.published_at <= clock.now()
    else:
        was_public = queries.subject_is_public(discussion)
    if not was_public and not policy.may_publish(web.actor()):
        abort(404)
    return discussion


def _take(discussion: Discussion, author: Actor, form: CommentForm) -> Comment:
    """Place the comment and return it. What was sent twice leads to the first, however fast the second came."""
    body, parent, key = form.body.data or "", _parent(form), (form.key.data or "")[:64]
    try:
        take_turn(author)
    except TooFast:
        known = operations.sent_before(discussion, author, body, parent, key)
        if known is None:
            raise
        return known
    return operations.post_comment(discussion, author, body, parent, key, form.website.data or "")


def take_turn(author: Actor) -> None:
    """Count a comment of this author and of where it comes from. Raises TooFast."""
    if isinstance(author, User) and (policy.may_moderate(author) or policy.may_publish(author)):
        return
    limits.take("comment from address", web.client_block())
    if isinstance(author, User):
        limits.take("comment by member", f"user:{author.id}")
    elif web.guest_token() is not None:
        limits.take("comment by guest", f"guest:{author.token}")


def address_of(comment: Comment) -> str:
    """Return the address of the page that holds this comment, with its anchor."""
    base = subject_of(comment.discussion).url
    start = queries.page_start(comment, web.site().settings.comments_per_page, web.reader())
    return f"{base}{f'?from={start.id}' if start else ''}#comment-{comment.id}"


def subject_of(discussion: Discussion) -> Subject:
    """Return what the discussion is about, as a link."""
    about = queries.subject(discussion)
    if isinstance(about, Article):
        return Subject(about.headline, about.url)
    return Subject(about.question, f"/polls/{about.id}/")


def comment_form(parent_id: str = "") -> CommentForm:
    """Return an empty form; a guest who wrote before finds their name in it."""
    form = CommentForm(formdata=None)
    form.parent_id.data = parent_id
    who = web.viewer()
    if who is not None and who.user is None and who.token is not None:
        last = queries.last_of_guest(operations.guest_key(who.token))
        form.author_name.data = last.author_name if last else ""
        form.author_email.data = (last.author_email or "") if last else ""
    return form


def discussion_page(
    discussion: Discussion, start_id: str | None = None, author_ids: frozenset[int] = frozenset()
) -> DiscussionPage:
    """Return the page of a discussion that begins at this comment; the first one for an id that is not in it.

    `author_ids`: the accounts of who stands over the article, for the badge.
    """
    base = subject_of(discussion).url
    size = web.site().settings.comments_per_page
    start = db.session.get(Comment, int(start_id)) if start_id and start_id.isdecimal() and len(start_id) < 10 else None
    if start is not None and start.discussion_id != discussion.id:
        start = None
    page = queries.page(discussion, size, start, web.reader())
    who = web.viewer()
    is_open = discussion.is_open(clock.now())
    takes_words = is_open and (discussion.mode != Mode.MEMBERS or (who is not None and who.is_signed_in))
    previous = None
    if page.has_previous:
        previous = f"{base}?from={page.previous_from}" if page.previous_from else base
    return DiscussionPage(
        id=discussion.id,
        count=discussion.comment_count,
        rows=rows_for(discussion, page.rows, takes_words, author_ids),
        previous_url=f"{previous}#discussion" if previous else None,
        next_url=f"{base}?from={page.next_from}#discussion" if page.next_from else None,
        first_url=f"{base}#discussion",
        is_open=takes_words,
        closed_reason=None if takes_words else _closed_reason(discussion, is_open),
        post_url=f"/discussions/{discussion.id}/comments",
        page_size=size,
    )


def rows_for(
    discussion: Discussion,
    found: Sequence[DatabaseRow[*tuple[Any, ...]]],
    takes_words: bool,
    author_ids: frozenset[int],
) -> list[Row]:
    """Return comments in tree order as rows that know how the lists around them open and close.

    A row nests in the nearest of its ancestors that is on the page; one whose parent is not the row that holds it says to
    whom it replies.
    """
    who = web.viewer()
    reader = web.reader()
    moderates = who is not None and who.can_moderate
    desk = desk_ids() if any(row.user_id for row in found) else frozenset()
    why = reasons(row.id for row in found if row.hidden_at is not None)
    names = {row.id: row.author_name for row in found if _state(row) == "visible"}
    names |= queries.names_of({row.parent_id for row in found if row.parent_id} - {row.id for row in found})
    here = {row.id for row in found}
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
            author_url=None,
            badge=_badge(row.user_id, author_ids, desk) if readable else None,
            created_at=row.created_at,
            body_html=Markup(row.body_html if readable else ""),  # noqa: S704  made by text.py
            permalink=f"/comments/{row.id}",
            reply_url=f"/discussions/{discussion.id}/comments/new?parent={row.id}"
            if takes_words and state == "visible"
            else None,
            hide_url=f"/moderation/comments/{row.id}/hide" if moderates and state == "visible" else None,
            restore_url=f"/moderation/comments/{row.id}/restore" if moderates and state == "hidden" else None,
            is_mine=mine,
            reason=why.get(row.id) if state == "hidden" else None,
            level=min(len(ancestors), INDENT_CAP),
        )
        nested_in_parent = bool(ancestors) and ancestors[-1].id == row.parent_id and len(ancestors) <= INDENT_CAP
        if row.parent_id is not None and not nested_in_parent and row.parent_id in names:
            shown.parent_name = names[row.parent_id]
            shown.parent_url = f"#comment-{row.parent_id}" if row.parent_id in here else f"/comments/{row.parent_id}"
        rows.append(shown)
        ancestors.append(row)
    for index, shown in enumerate(rows):
        following = rows[index + 1].level if index + 1 < len(rows) else 0
        shown.deeper = following > shown.level
        shown.closes = max(0, shown.level - following)
    return rows


def _form_page(
    discussion: Discussion, form: CommentForm, refusal: ForumError | None = None, status: int | None = None
) -> ResponseReturnValue:
    """Return the page of the form, with what was typed, what is answered, and the sentence of a refusal."""
    parent = _parent_row(discussion, form)
    if isinstance(refusal, ParentGone):
        form.parent_id.data = ""  # so that one click places it as a comment of its own
    about = subject_of(discussion)
    # A fragment is asked for by a script that has the page around it already.
    template = "comments/_form.html" if web.wants_fragment() else "comments/new.html"
    response = web.page(
        template,
        status or (refusal.status if refusal else 200),
        discussion={"id": discussion.id, "title": about.title, "url": about.url},
        parent=parent,
        form=form,
        refusal=str(refusal) if refusal else None,
        post_url=f"/discussions/{discussion.id}/comments",
        viewer=web.viewer(),
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return with_retry(response, refusal) if refusal else response


def _parent(form: CommentForm) -> Comment | None:
    raw = form.parent_id.data or ""
    if not raw:
        return None
    parent = db.session.get(Comment, int(raw)) if raw.isdecimal() and len(raw) < 10 else None
    if parent is None and request.method == "POST":
        raise ParentGone()
    return parent


def _parent_row(discussion: Discussion, form: CommentForm) -> Row | None:
    raw = form.parent_id.data or ""
    parent = db.session.get(Comment, int(raw)) if raw.isdecimal() and len(raw) < 10 else None
    if parent is None or parent.discussion_id != discussion.id or not parent.is_visible:
        return None
    page = queries.page(discussion, 1, parent)
    return rows_for(discussion, page.rows, False, frozenset())[0] if page.rows else None


def _state(row: DatabaseRow[*tuple[Any, ...]]) -> str:
    if row.removed_at is not None:
        return "removed"
    if row.hidden_at is not None:
        return "hidden"
    return "held" if row.held_at is not None else "visible"


def _badge(user_id: int | None, author_ids: frozenset[int], desk: frozenset[int]) -> str | None:
    if user_id is None:
        return None
    return "author" if user_id in author_ids else "desk" if user_id in desk else None


def _may_see(comment: Comment) -> bool:
    if comment.held_at is None or comment.reply_count:
        return True
    reader = web.reader()
    return reader is not None and (
        (comment.user_id is not None and comment.user_id == reader.user_id)
        or (comment.guest_key is not None and comment.guest_key == reader.guest_key)
        or policy.may_moderate(web.actor())
    )


def _closed_reason(discussion: Discussion, is_open: bool) -> str:
    if is_open:
        return gettext("Only members can comment here. Sign in to join.")
    if discussion.closes_at is not None and discussion.closes_at <= clock.now():
        return gettext("This discussion has been closed.")
    return gettext("Comments are closed here.")
