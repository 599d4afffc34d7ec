"""What readers say is wrong, at the desk: the list, and settling one."""

from flask import Blueprint, abort, make_response, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from forum import web
from forum.accounts import policy
from forum.accounts.models import User
from forum.corrections import operations, queries
from forum.corrections.forms import SettleForm
from forum.corrections.models import Correction, Outcome
from forum.errors import ForumError, with_retry
from forum.extensions import db, may_write

bp = Blueprint("corrections_desk", __name__, url_prefix="/desk/corrections")
PER_PAGE = 50


@bp.get("/")
def index() -> ResponseReturnValue:
    """What waits, the oldest first; under it what was settled last."""
    _editor()
    waiting = db.session.scalars(queries.waiting().limit(200)).all()
    found = web.paged(
        queries.settled(), web.page_number(), PER_PAGE, lambda number: f"/desk/corrections/?page={number}"
    )
    if found is None:
        abort(404)
    groups = [
        {"title": gettext("Waiting for the desk"), "rows": waiting},
        {"title": gettext("Settled"), "rows": found[0]},
    ]
    return web.page("corrections/desk.html", groups=groups, paging=found[1])


@bp.get("/<id:correction_id>/")
def show(correction_id: int) -> ResponseReturnValue:
    """One, with the form that settles it."""
    _editor()
    form = SettleForm(formdata=None)
    form.outcome.data = Outcome.CORRECTED.value
    return _page(db.get_or_404(Correction, correction_id), form)


@bp.post("/<id:correction_id>/")
def settle(correction_id: int) -> ResponseReturnValue:
    """Settle it and go on with the list."""
    editor = _editor()
    correction = db.get_or_404(Correction, correction_id)
    form = SettleForm()
    if not form.validate():
        may_write.set(False)
        return _page(correction, form, status=422)
    try:
        outcome = Outcome(form.outcome.data)
        operations.settle(correction, editor, outcome, form.answer.data or "", form.note.data or "")
        db.session.commit()
    except Exception as error:  # no answer, settled already, database locked: the form says so
        return _page(db.get_or_404(Correction, correction_id), form, web.refused(error))
    return make_response(redirect("/desk/corrections/", 303))


def _editor() -> User:
    user = web.require_user()
    policy.require(policy.may_publish(user))
    return user


def _page(
    correction: Correction, form: SettleForm, refusal: ForumError | None = None, status: int | None = None
) -> ResponseReturnValue:
    response = web.page(
        "corrections/settle.html",
        status or (refusal.status if refusal else 200),
        correction=correction,
        form=form,
        refusal=str(refusal) if refusal else None,
    )
    return with_retry(response, refusal) if refusal else response
