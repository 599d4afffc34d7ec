"""What can be done about a comment besides answering it: value it, follow its branch, mute its author, put it above the discussion."""

from flask import Blueprint, abort, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from forum import limits, web
from forum.accounts import mutes, policy
from forum.accounts.models import User
from forum.comments import queries, worth
from forum.comments.forms import HighlightForm, SummaryForm
from forum.comments.models import Comment, Discussion, Highlight, Summary
from forum.comments.reading import subject_of
from forum.comments.views import address_of
from forum.errors import ForumError, with_retry
from forum.extensions import db, may_write

bp = Blueprint("deeds", __name__)


@bp.get("/comments/<id:comment_id>/more")
def more(comment_id: int) -> ResponseReturnValue:
    """Everything that can be done about a comment, each as a button."""
    return _more_page(_readable(comment_id))


@bp.post("/comments/<id:comment_id>/value")
def value(comment_id: int) -> ResponseReturnValue:
    """Find a comment worthwhile, or with `take_back` no longer."""
    comment, user = _readable(comment_id), web.require_user()
    limits.take("value by member", f"user:{user.id}")
    if request.form.get("take_back"):
        worth.take_back(comment, user)
    else:
        worth.value(comment, user)
    db.session.commit()
    return make_response(redirect(address_of(comment), 303))


@bp.post("/comments/<id:comment_id>/mute")
def mute(comment_id: int) -> ResponseReturnValue:
    """Fold everything of this comment's author for who is signed in."""
    comment, user = _readable(comment_id), web.require_user()
    name = queries.names_of({comment.id}).get(comment.id, comment.author_name)
    key = comment.guest_key if comment.user_id is None else None
    mutes.mute(user, name, muted_id=comment.user_id, guest_key=key)
    db.session.commit()
    return make_response(redirect(address_of(comment), 303))


@bp.post("/comments/<id:comment_id>/highlight")
def highlight(comment_id: int) -> ResponseReturnValue:
    """Put a comment above its discussion, or with `end` no longer."""
    editor = _editor()
    comment = _readable(comment_id)
    form = HighlightForm()
    try:
        if request.form.get("end"):
            worth.end_highlight(comment, editor)
        else:
            worth.highlight(comment, editor, form.reason.data or "")
        db.session.commit()
    except Exception as error:  # no reason, database locked: the form says so
        return _more_page(_readable(comment_id), form, web.refused(error))
    return make_response(redirect(address_of(comment), 303))


@bp.get("/discussions/<id:discussion_id>/summary")
def summary(discussion_id: int) -> ResponseReturnValue:
    """The form in which an editor says where a discussion stands."""
    _editor()
    discussion = db.get_or_404(Discussion, discussion_id)
    form = SummaryForm(formdata=None)
    known = db.session.get(Summary, discussion.id)
    form.body.data = known.body if known else ""
    return _summary_page(discussion, form)


@bp.post("/discussions/<id:discussion_id>/summary")
def summarise(discussion_id: int) -> ResponseReturnValue:
    """Pin where a discussion stands; an empty form takes it away."""
    editor = _editor()
    discussion = db.get_or_404(Discussion, discussion_id)
    form = SummaryForm()
    try:
        worth.summarise(discussion, editor, form.body.data or "")
        db.session.commit()
    except Exception as error:  # too long, database locked: the words stay in the form
        return _summary_page(db.get_or_404(Discussion, discussion_id), form, web.refused(error))
    return make_response(redirect(f"{subject_of(discussion).url}#discussion", 303))


def _editor() -> User:
    user = web.require_user()
    policy.require(policy.may_publish(user))
    return user


def _readable(comment_id: int) -> Comment:
    comment = db.get_or_404(Comment, comment_id)
    if not comment.is_visible or not queries.subject_is_public(comment.discussion):
        abort(404)
    return comment


def _more_page(
    comment: Comment, form: HighlightForm | None = None, refusal: ForumError | None = None
) -> ResponseReturnValue:
    may_write.set(False)
    user = web.actor()
    known = db.session.get(Highlight, comment.id)
    if form is None:
        form = HighlightForm(formdata=None)
        form.reason.data = known.reason if known else ""
    is_mine = user is not None and comment.user_id == user.id
    muted = mutes.found(user, comment.user_id, comment.guest_key) if user is not None else None
    response = web.page(
        "comments/more.html",
        refusal.status if refusal else 200,
        comment={
            "id": comment.id,
            "author_name": queries.names_of({comment.id}).get(comment.id, ""),
            "url": f"/comments/{comment.id}",
            "discussion_id": comment.discussion_id,
            "can_be_muted": not is_mine and (comment.user_id or comment.guest_key) is not None,
        },
        title=subject_of(comment.discussion).title,
        is_mine=is_mine,
        is_valued=user is not None and comment.id in worth.valued_by(user.id, [comment.id]),
        valued_count=comment.valued_count,
        mute_id=muted.id if muted else None,
        form=form,
        is_highlighted=known is not None,
        refusal=str(refusal) if refusal else None,
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return with_retry(response, refusal) if refusal else response


def _summary_page(discussion: Discussion, form: SummaryForm, refusal: ForumError | None = None) -> ResponseReturnValue:
    about = subject_of(discussion)
    response = web.page(
        "comments/summary.html",
        refusal.status if refusal else 200,
        title=about.title,
        url=about.url,
        form=form,
        refusal=str(refusal) if refusal else None,
        heading=gettext("Where the discussion stands"),
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return with_retry(response, refusal) if refusal else response
