"""The discussion on a page, writing a comment, and finding one by its number."""

import secrets
from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, abort, make_response, redirect, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from forum import clock, limits, text, versions, web
from forum.accounts import policy
from forum.accounts.models import Actor, Guest, User
from forum.articles.models import Article
from forum.comments import operations, queries
from forum.comments.forms import CommentForm, EditForm
from forum.comments.models import Comment, Discussion, guest_key
from forum.comments.reading import Row, rows_for, since_asked, since_in_address, subject_of
from forum.errors import ForumError, ParentGone, SignedOut, TooFast, with_retry
from forum.extensions import db, may_write

bp = Blueprint("comments", __name__)


@bp.post("/discussions/<id:discussion_id>/comments")
def create(discussion_id: int) -> ResponseReturnValue:
    """Take in a comment and lead its author to it; what cannot be placed comes back with every word in the form."""
    form = CommentForm()
    if request.form.get("ask") == "preview":
        may_write.set(False)
        return _form_page(_met(discussion_id), form, status=200, preview=_preview(form.body.data or ""))
    if not form.validate():
        may_write.set(False)
        return _form_page(_met(discussion_id), form, status=422)
    try:
        discussion = _met(discussion_id)
        author = web.author(form.author_name.data or "", (form.author_email.data or "").strip() or None)
        if isinstance(author, Guest) and "author_name" not in request.form:  # the form was made for a member
            raise SignedOut()
        comment = _take(discussion, author, form)
        db.session.commit()
    except Exception as error:  # closed, withdrawn, too fast, database locked: the words go back to their writer
        refusal = web.refused(error)
        return _form_page(_met(discussion_id), form, refusal)
    if web.wants_fragment():  # the script goes there itself
        return web.remember_guest(make_response("", 201, {"Location": f"/comments/{comment.id}"}), author)
    return web.remember_guest(make_response(redirect(address_of(comment), 303)), author)


@bp.get("/discussions/<id:discussion_id>/comments/new")
def new(discussion_id: int) -> ResponseReturnValue:
    """The form of a comment or reply as a page of its own, or as the fragment that a script puts in place."""
    discussion = _met(discussion_id)
    if not queries.subject_is_public(discussion) and not policy.may_publish(web.actor()):
        abort(404)
    form = comment_form(request.args.get("parent", ""), discussion)
    form.key.data = form.key.data or secrets.token_hex(16)  # by which a double send of it is known
    if _parent_row(discussion, form) is None:
        form.parent_id.data = ""
    try:
        operations.may_comment(discussion, web.author())
    except ForumError as refusal:  # better said before somebody writes than after
        return _form_page(discussion, form, refusal)
    return _form_page(discussion, form, status=200)


@bp.get("/comments/<id:comment_id>/edit")
def edit_form(comment_id: int) -> ResponseReturnValue:
    """One's own comment: to change it while that may be, and to take it away."""
    comment = _own(comment_id)
    form = EditForm(formdata=None)
    form.body.data = comment.body
    return _edit_page(comment, form)


@bp.post("/comments/<id:comment_id>/edit")
def edit(comment_id: int) -> ResponseReturnValue:
    """Give one's own comment other words."""
    form = EditForm()
    words = form.body.data or ""
    if request.form.get("ask") == "preview":
        may_write.set(False)
        return _edit_page(_own(comment_id), form, preview=_preview(words))
    try:
        comment = _own(comment_id)
        take_turn(web.author())
        operations.edit_comment(comment, web.author(), words)
        db.session.commit()
    except Exception as error:  # too late, too long, busy: the new words stay in the form
        return _edit_page(_own(comment_id), form, web.refused(error))
    return redirect(address_of(comment), 303)


@bp.post("/comments/<id:comment_id>/remove")
def remove(comment_id: int) -> ResponseReturnValue:
    """Take one's own comment away, and lead to where it stood."""
    comment = _own(comment_id)
    operations.remove_comment(comment, web.author())
    db.session.commit()
    stays = (
        comment if comment.reply_count else db.session.get(Comment, comment.parent_id) if comment.parent_id else None
    )
    return redirect(address_of(stays) if stays else f"{subject_of(comment.discussion).url}#discussion", 303)


@bp.post("/discussions/<id:discussion_id>/draft")
def save_draft(discussion_id: int) -> ResponseReturnValue:
    """Keep what a member is writing, for their other devices. Asked by the script of the form while they type."""
    member, discussion = web.require_user(), _met(discussion_id)
    raw = request.form.get("parent_id", "")
    parent_id = int(raw) if raw.isdecimal() and len(raw) < 10 else 0
    operations.save_draft(member, discussion, parent_id, request.form.get("body", ""), request.form.get("key", ""))
    db.session.commit()
    return "", 204


@bp.post("/discussions/<id:discussion_id>/seen")
def seen(discussion_id: int) -> ResponseReturnValue:
    """Remember until which moment a member has seen the discussion: what comes later is new on each of their devices."""
    member, discussion = web.require_user(), _met(discussion_id)
    until = since_asked(request.form.get("until", ""))
    if until is not None:
        operations.visit(member, discussion, until)
        db.session.commit()
    if web.wants_fragment():
        return "", 204
    return redirect(f"{subject_of(discussion).url}#discussion", 303)


@bp.get("/discussions/<id:discussion_id>/news")
@web.kept
def news(discussion_id: int) -> ResponseReturnValue:
    """Whether something came after `?since=`, as a link to the first of it: the fragment that an open page asks for."""
    discussion = _met(discussion_id)
    if not queries.subject_is_public(discussion):
        abort(404)
    versions.depends_on(operations.version_of(discussion))
    since = since_asked(request.args.get("since", ""))
    found = queries.news(discussion, since, web.reader()) if since else []
    first_url = f"/comments/{found[0]}?since={since_in_address(since)}" if found else None
    response = web.page("comments/_news.html", count=len(found), first_url=first_url, ids=found)
    response.add_etag()
    return response.make_conditional(request)


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
    return redirect(address_of(comment, request.args.get("since", "")), 302)


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
    comment = operations.post_comment(
        discussion, author, body, parent, key, form.website.data or "", form.interest.data or ""
    )
    if isinstance(author, User):
        operations.save_draft(author, discussion, parent.id if parent else 0, "", "")
    return comment


def take_turn(author: Actor) -> None:
    """Count a comment of this author and of where it comes from. Raises TooFast."""
    if isinstance(author, User) and (policy.may_moderate(author) or policy.may_publish(author)):
        return
    limits.take("comment from address", web.client_block())
    if isinstance(author, User):
        limits.take("comment by member", f"user:{author.id}")
    elif web.guest_token() is not None:
        limits.take("comment by guest", f"guest:{author.token}")


def address_of(comment: Comment, since: str = "") -> str:
    """Return the address of the page that holds this comment, with its anchor; `since` marks there what came later."""
    start = queries.page_start(comment, web.site().settings.comments_per_page, web.reader())
    parts = {"from": start, "since": since_in_address(since_asked(since))}
    query = urlencode({name: value for name, value in parts.items() if value is not None})
    return f"{subject_of(comment.discussion).url}{f'?{query}' if query else ''}#comment-{comment.id}"


def comment_form(parent_id: str = "", discussion: Discussion | None = None) -> CommentForm:
    """Return a form: a guest who wrote before finds their name in it, a member what they were writing on another device."""
    form = CommentForm(formdata=None)
    form.parent_id.data = parent_id
    who = web.viewer()
    if who is not None and who.user is None and who.token is not None:
        last = queries.last_of_guest(guest_key(who.token))
        form.author_name.data = last.author_name if last else ""
        form.author_email.data = (last.author_email or "") if last else ""
    if who is not None and who.user is not None and discussion is not None:
        number = int(parent_id) if parent_id.isdecimal() and len(parent_id) < 10 else 0
        draft = queries.draft_of(discussion, who.user.id, number)
        if draft is not None:
            form.body.data, form.key.data = draft.body, draft.key
    return form


def _own(comment_id: int) -> Comment:
    """Return a comment of who asks; another's is not found."""
    comment = db.get_or_404(Comment, comment_id)
    if comment.removed_at is not None or not comment.is_by(web.author()):
        abort(404)
    return comment


def _preview(body: str) -> Markup:
    """Return what readers would see of these words; of too many, nothing."""
    if len(body) > web.site().settings.comment_length:
        return Markup()
    return Markup(text.comment_html(body))  # noqa: S704  made by text.py


def _edit_page(
    comment: Comment, form: EditForm, refusal: ForumError | None = None, preview: Markup | None = None
) -> ResponseReturnValue:
    about = subject_of(comment.discussion)
    minutes = web.site().settings.edit_minutes
    response = web.page(
        "comments/edit.html",
        refusal.status if refusal else 200,
        discussion={"title": about.title, "url": about.url},
        comment_url=f"/comments/{comment.id}",
        is_editable=comment.is_editable(clock.now(), minutes),
        until=comment.created_at + timedelta(minutes=minutes),
        has_replies=comment.reply_count > 0,
        form=form,
        refusal=str(refusal) if refusal else None,
        preview=preview,
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return with_retry(response, refusal) if refusal else response


def _form_page(
    discussion: Discussion,
    form: CommentForm,
    refusal: ForumError | None = None,
    status: int | None = None,
    preview: Markup | None = None,
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
        preview=preview,
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
    return rows_for(discussion, [queries.row_of(parent)], False, frozenset())[0]


def _may_see(comment: Comment) -> bool:
    if comment.held_at is None or comment.reply_count:
        return True
    reader = web.reader()
    return reader is not None and (
        (comment.user_id is not None and comment.user_id == reader.user_id)
        or (comment.guest_key is not None and comment.guest_key == reader.guest_key)
        or policy.may_moderate(web.actor())
    )
