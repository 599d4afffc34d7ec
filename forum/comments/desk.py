"""What editors decide about the conversation: the rules of one discussion, and who is shown as an expert."""

from flask import Blueprint, redirect
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from forum import web
from forum.accounts import policy
from forum.accounts.models import User
from forum.accounts.names import skeleton
from forum.accounts.queries import by_skeleton
from forum.comments import operations
from forum.comments.forms import ExpertForm, RulesForm
from forum.comments.models import Discussion, Mode
from forum.comments.reading import subject_of
from forum.errors import ForumError
from forum.extensions import db, may_write

bp = Blueprint("conversation", __name__, url_prefix="/desk")


@bp.get("/discussions/<id:discussion_id>/")
def rules(discussion_id: int) -> ResponseReturnValue:
    """The rules of a discussion."""
    policy.require(policy.may_publish(web.require_user()))
    discussion = db.get_or_404(Discussion, discussion_id)
    form = RulesForm(formdata=None)
    form.mode.data = discussion.mode
    form.reason.data = discussion.closed_reason or ""
    form.close_after_days.data = discussion.close_after_days
    form.slow_seconds.data = discussion.slow_seconds
    return _rules_page(discussion, form)


@bp.post("/discussions/<id:discussion_id>/")
def set_rules(discussion_id: int) -> ResponseReturnValue:
    """Change the rules of a discussion, and lead to it."""
    editor = web.require_user()
    policy.require(policy.may_publish(editor))
    discussion, form = db.get_or_404(Discussion, discussion_id), RulesForm()
    if not form.validate():
        may_write.set(False)
        return _rules_page(discussion, form, status=422)
    operations.set_rules(
        discussion,
        editor,
        Mode(form.mode.data),
        form.reason.data or "",
        form.close_after_days.data,
        form.slow_seconds.data or 0,
    )
    db.session.commit()
    return redirect(f"/desk/discussions/{discussion.id}/", 303)


@bp.get("/experts/")
def experts() -> ResponseReturnValue:
    """The members whose expertise was verified."""
    policy.require(policy.may_publish(web.require_user()))
    return _experts_page(ExpertForm(formdata=None))


@bp.post("/experts/")
def give_expertise() -> ResponseReturnValue:
    """Give a member a line, or take it away."""
    editor, form = web.require_user(), ExpertForm()
    policy.require(policy.may_publish(editor))
    member = by_skeleton(skeleton(form.name.data or "")) if form.validate() else None
    if member is None:
        may_write.set(False)
        return _experts_page(form, 422, ForumError(_l("There is no member of that name.")) if form.name.data else None)
    operations.give_expertise(member, editor, form.line.data or "")
    db.session.commit()
    return redirect("/desk/experts/", 303)


def _rules_page(discussion: Discussion, form: RulesForm, status: int = 200) -> ResponseReturnValue:
    about = subject_of(discussion)
    return web.page(
        "desk/discussion.html", status, form=form, subject=about, post_url=f"/desk/discussions/{discussion.id}/"
    )


def _experts_page(form: ExpertForm, status: int = 200, refusal: ForumError | None = None) -> ResponseReturnValue:
    known = db.session.scalars(select(User).where(User.expertise.is_not(None)).order_by(User.name)).all()
    return web.page("desk/experts.html", status, form=form, experts=known, refusal=str(refusal) if refusal else None)
