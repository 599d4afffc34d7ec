"""A member's page: what they wrote, in its context, and what they choose to tell. Never an address, never what is hidden or waits."""

from urllib.parse import quote

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import func, select

from forum import text, versions, web
from forum.accounts import operations
from forum.accounts import queries as users
from forum.accounts.forms import AboutForm
from forum.accounts.models import User
from forum.accounts.names import skeleton
from forum.comments import queries
from forum.comments.models import Comment
from forum.comments.reading import subject_of
from forum.errors import with_retry
from forum.extensions import db

bp = Blueprint("readers", __name__)
PER_PAGE = 30


@bp.get("/readers/<path:name>/")
@web.kept
def show(name: str) -> ResponseReturnValue:
    """The page of the one member whose name looks like this; of who never wrote or told anything there is none."""
    user = users.by_skeleton(skeleton(name))
    if user is None or not user.active or user.confirmed_at is None:
        abort(404)
    versions.depends_on(versions.reader(user.id), versions.SITE)
    rows = queries.by_member(user)
    count = web.total(rows)
    if not (count or user.about):
        abort(404)
    if user.name != name:
        return web.moved(address_of(user))
    base = address_of(user)
    found = web.paged(
        rows, web.page_number(), PER_PAGE, lambda number: base if number == 1 else f"{base}?page={number}"
    )
    if found is None:
        abort(404)
    comments, paging = found
    answered = queries.names_of({comment.parent_id for comment in comments if comment.parent_id})
    return web.page(
        "comments/reader.html",
        reader={
            "name": user.name,
            "since": user.created_at,
            "about": Markup(text.comment_html(user.about)) if user.about else None,  # noqa: S704  made by text.py
            "badge": "desk" if user.is_staff else "expert" if user.expertise else None,
            "expertise": user.expertise,
            "count": count,
            "valued_count": _valued(user),
        },
        rows=[_row(comment, answered) for comment in comments],
        paging=paging,
    )


def address_of(user: User) -> str:
    """Return the address of a member's page."""
    return f"/readers/{quote(user.name, safe='')}/"


def _valued(user: User) -> int:
    counted = select(func.sum(Comment.valued_count)).where(Comment.user_id == user.id, queries.visible())
    return db.session.scalar(counted) or 0


def _row(comment: Comment, answered: dict[int, str]) -> dict[str, object]:
    about = subject_of(comment.discussion)
    return {
        "title": about.title,
        "url": f"/comments/{comment.id}",
        "parent_name": answered.get(comment.parent_id) if comment.parent_id else None,
        "parent_url": f"/comments/{comment.parent_id}" if comment.parent_id else None,
        "created_at": comment.created_at,
        "valued_count": comment.valued_count,
        "body_html": Markup(comment.body_html),  # noqa: S704  made by text.py
    }


@bp.route("/account/about", methods=["GET", "POST"])
def tell() -> ResponseReturnValue:
    """What one's own page tells, and changing it."""
    user = web.require_user()
    form = AboutForm(data={"about": user.about or ""})
    refusal, saved = None, False
    if form.validate_on_submit():
        try:
            operations.tell_about(user, form.about.data or "")
            db.session.commit()
            saved = True
        except Exception as error:  # too long, database locked: the words stay in the form
            refusal = web.refused(error)
            user = web.require_user()
    known = user.about or web.total(queries.by_member(user))
    response = web.page(
        "comments/about.html",
        refusal.status if refusal else 422 if form.errors else 200,
        form=form,
        refusal=str(refusal) if refusal else None,
        saved=gettext("Saved.") if saved else None,
        page_url=address_of(user) if known else None,
    )
    response.headers["Cache-Control"] = "private, no-store"
    return with_retry(response, refusal) if refusal else response
