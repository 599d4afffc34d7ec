"""What moderators do: let through, hide with a reason, restore, and look back."""

from typing import Any

from flask import Blueprint, abort, make_response, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from forum import web
from forum.accounts import policy
from forum.accounts.models import User
from forum.comments import queries as comments
from forum.comments import screening
from forum.comments.models import Comment
from forum.comments.reading import Row, rows_for, subject_of
from forum.errors import ForumError, ReasonNeeded, with_retry
from forum.extensions import db, may_write
from forum.moderation import operations, queries
from forum.moderation.forms import HideForm

bp = Blueprint("moderation", __name__, url_prefix="/moderation")
PER_PAGE = 50


def _moderator() -> User:
    user = web.require_user()
    policy.require(policy.may_moderate(user))
    return user


@bp.get("/")
def queue() -> ResponseReturnValue:
    """The comments that wait, the longest waiting first, each with why."""
    _moderator()
    found = web.paged(comments.held(), web.page_number(), PER_PAGE, lambda number: f"/moderation/?page={number}")
    if found is None:
        abort(404)
    rows, paging = found
    return web.page("moderation/queue.html", held=[_held_row(comment) for comment in rows], paging=paging)


@bp.get("/log/")
def log() -> ResponseReturnValue:
    """Every act, the newest first."""
    _moderator()
    number = web.page_number()
    acts = db.session.execute(queries.log().limit(PER_PAGE + 1).offset((number - 1) * PER_PAGE)).all()
    paging = web.Paging(
        number,
        f"/moderation/log/?page={number - 1}" if number > 1 else None,
        f"/moderation/log/?page={number + 1}" if len(acts) > PER_PAGE else None,
    )
    actions = [
        {
            "verb": action.verb,
            "reason": action.reason,
            "moderator_name": name or "",
            "created_at": action.acted_at,
            **_target(comment, person),
        }
        for action, name, comment, person in acts[:PER_PAGE]
    ]
    return web.page("moderation/log.html", actions=actions, paging=paging)


def _target(comment: Comment | None, person: User | None) -> dict[str, str]:
    if comment is not None:
        words = gettext("comment %(number)s by %(name)s", number=comment.id, name=comment.author_name)
        return {"target_url": f"/comments/{comment.id}", "target_label": words}
    assert person is not None  # noqa: S101  the table's constraint sees to it
    return {"target_url": f"/moderation/people/{person.id}/", "target_label": person.name}


@bp.get("/comments/<id:comment_id>/hide")
def hide_form(comment_id: int) -> ResponseReturnValue:
    """Ask for the reason."""
    _moderator()
    return _hide_page(db.get_or_404(Comment, comment_id), HideForm(formdata=None))


@bp.post("/comments/<id:comment_id>/hide")
def hide(comment_id: int) -> ResponseReturnValue:
    """Hide a comment with its reason; without one the form comes back."""
    form = HideForm()
    if not form.validate():
        may_write.set(False)
        _moderator()
        return _hide_page(db.get_or_404(Comment, comment_id), form, status=422)
    try:
        moderator = _moderator()
        operations.hide_comment(db.get_or_404(Comment, comment_id), moderator, form.sentence())
        db.session.commit()
    except Exception as error:  # no reason, done already, database locked: the form says so
        refusal = web.refused(error)
        _moderator()
        if isinstance(refusal, ReasonNeeded):
            form.reason.errors = [str(refusal)]
        return _hide_page(db.get_or_404(Comment, comment_id), form, refusal)
    return make_response(redirect(f"/comments/{comment_id}", 303))


@bp.post("/comments/<id:comment_id>/restore")
def restore(comment_id: int) -> ResponseReturnValue:
    """Give a hidden comment its place back."""
    moderator = _moderator()
    comment = db.get_or_404(Comment, comment_id)
    operations.restore_comment(comment, moderator)
    db.session.commit()
    return make_response(redirect(f"/comments/{comment.id}", 303))


@bp.post("/comments/<id:comment_id>/approve")
def approve(comment_id: int) -> ResponseReturnValue:
    """Let a held comment through and go on with the queue."""
    moderator = _moderator()
    operations.approve_comment(db.get_or_404(Comment, comment_id), moderator)
    db.session.commit()
    return make_response(redirect("/moderation/", 303))


def _hide_page(
    comment: Comment, form: HideForm, refusal: ForumError | None = None, status: int | None = None
) -> ResponseReturnValue:
    response = web.page(
        "moderation/hide.html",
        status or (refusal.status if refusal else 200),
        row=_row(comment),
        person_url=_person_url(comment),
        form=form,
        refusal=str(refusal) if refusal else None,
        post_url=f"/moderation/comments/{comment.id}/hide",
    )
    return with_retry(response, refusal) if refusal else response


def _person_url(comment: Comment) -> str | None:
    return f"/moderation/people/{comment.user_id}/" if comment.user_id else None


def _held_row(comment: Comment) -> dict[str, Any]:
    about = subject_of(comment.discussion)
    return {
        **vars(_row(comment)),
        "article_title": about.title,
        "article_url": about.url,
        "reasons": [screening.reason_in_words(code) for code in (comment.hold_reasons or "").split()],
        "approve_url": f"/moderation/comments/{comment.id}/approve",
        "hide_url": f"/moderation/comments/{comment.id}/hide",
        "person_url": _person_url(comment),
    }


def _row(comment: Comment) -> Row:
    """Return a comment as a moderator sees it: with its text, whatever its state."""
    (row,) = rows_for(comment.discussion, [comments.row_of(comment)], False, frozenset())
    row.author_name, row.body_html = comment.author_name, Markup(comment.body_html)  # noqa: S704  made by text.py
    return row
