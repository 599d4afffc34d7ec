"""People, as moderators meet them: who is suspended until when, and what was done about somebody."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from forum import clock, web
from forum.accounts import policy
from forum.accounts import queries as accounts
from forum.accounts.models import User
from forum.errors import ForumError, ReasonNeeded, with_retry
from forum.extensions import db
from forum.moderation import operations, queries
from forum.moderation.forms import ReinstateForm, SuspendForm

bp = Blueprint("people", __name__, url_prefix="/moderation/people")
USUALLY = timedelta(days=7)  # what the form begins with
MOST_FOUND = 50


def _moderator() -> User:
    user = web.require_user()
    policy.require(policy.may_moderate(user))
    return user


@bp.get("/")
def index() -> ResponseReturnValue:
    """Who is suspended now, and whoever has a name that is looked for."""
    _moderator()
    wanted = " ".join(request.args.get("name", "").split())[:80]
    found = db.session.scalars(accounts.named(wanted).limit(MOST_FOUND)).all() if wanted else None
    return web.page(
        "moderation/people.html",
        wanted=wanted,
        found=None if found is None else [_listed(user) for user in found],
        suspended=[_listed(user) for user in db.session.scalars(accounts.suspended())],
    )


@bp.get("/<id:user_id>/")
def show(user_id: int) -> ResponseReturnValue:
    """What was done about somebody, and the form with which they are suspended or reinstated."""
    _moderator()
    form = SuspendForm(formdata=None)
    form.until.data = clock.today() + USUALLY
    return _page(db.get_or_404(User, user_id), form)


@bp.post("/<id:user_id>/suspend")
def suspend(user_id: int) -> ResponseReturnValue:
    """Suspend somebody until a day; without a day to come or a reason the form comes back."""
    _moderator()
    form = SuspendForm()
    if not form.validate():
        return _page(db.get_or_404(User, user_id), form, status=422)
    try:
        until = clock.day_start(form.until.data)
        operations.suspend_user(db.get_or_404(User, user_id), _moderator(), until, form.reason.data or "")
        db.session.commit()
    except Exception as error:  # a day that is past, no reason, database locked: the form says so
        refusal = web.refused(error)
        _moderator()
        if isinstance(refusal, ReasonNeeded):
            form.reason.errors = [str(refusal)]
        return _page(db.get_or_404(User, user_id), form, refusal)
    flash(gettext("Done. A letter tells why, and until when."), "success")
    return make_response(redirect(url_for("people.show", user_id=user_id), 303))


@bp.post("/<id:user_id>/reinstate")
def reinstate(user_id: int) -> ResponseReturnValue:
    """Let somebody in again before the day."""
    moderator = _moderator()
    operations.reinstate_user(db.get_or_404(User, user_id), moderator, ReinstateForm().reason.data or "")
    db.session.commit()
    flash(gettext("Done."), "success")
    return make_response(redirect(url_for("people.show", user_id=user_id), 303))


def _listed(user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "url": url_for("people.show", user_id=user.id),
        "since": user.created_at,
        "until": user.suspended_until if user.is_suspended else None,
    }


def _page(
    user: User, form: SuspendForm, refusal: ForumError | None = None, status: int | None = None
) -> ResponseReturnValue:
    acts = db.session.execute(queries.about(user).limit(MOST_FOUND)).all()
    response = web.page(
        "moderation/person.html",
        status or (refusal.status if refusal else 200),
        person=_listed(user),
        is_theirs=operations.may_suspend(user, _moderator()),
        form=form,
        reinstate_form=ReinstateForm(formdata=None),
        refusal=str(refusal) if refusal else None,
        suspend_url=url_for("people.suspend", user_id=user.id),
        reinstate_url=url_for("people.reinstate", user_id=user.id),
        acts=[
            {"verb": act.verb, "reason": act.reason, "at": act.acted_at, "until": act.until, "by": name or ""}
            for act, name in acts
        ],
    )
    return with_retry(response, refusal) if refusal else response
