"""One's own account: where one is signed in, the way out for good; and the link that makes the first admin.

What has to do with passwords, codes and passkeys is Flask-Security's, set up in protection.py.
"""

from flask import Blueprint, abort, flash, make_response, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_security.utils import login_user, logout_user

from forum import limits, web
from forum.accounts import operations, queries, sessions
from forum.accounts.first_admin import token_is_good
from forum.accounts.forms import FirstAdminForm, LeaveForm
from forum.accounts.models import RoleName, User
from forum.accounts.protection import token_here
from forum.extensions import db

bp = Blueprint("accounts", __name__, url_prefix="/account")


@bp.get("/")
def index() -> ResponseReturnValue:
    """Who one is here, and what one can do about it."""
    user = web.require_user()
    needed = user.is_staff and not user.has_second_step and web.site().settings.staff_needs_second_factor
    return web.page("accounts/index.html", user=user, needed=needed)


@bp.get("/sessions/")
def list_sessions() -> ResponseReturnValue:
    """Where one is signed in."""
    user = web.require_user()
    here = sessions.find(user, token_here())
    rows = [
        {
            "device": row.device or gettext("Unknown device"),
            "created_at": row.created_at,
            "last_seen_at": row.last_seen_at,
            "is_here": here is not None and row.id == here.id,
            "end_url": f"/account/sessions/{row.id}/end",
        }
        for row in sessions.of(user)
    ]
    return web.page("accounts/sessions.html", rows=rows)


@bp.post("/sessions/<id:session_id>/end")
def end_session(session_id: int) -> ResponseReturnValue:
    """Sign out somewhere else; of one's own sessions only."""
    if not sessions.end(web.require_user(), session_id):
        abort(404)
    db.session.commit()
    return make_response(redirect("/account/sessions/", 303))


@bp.post("/sessions/end")
def end_sessions() -> ResponseReturnValue:
    """Sign out everywhere, here too."""
    user = web.require_user()
    logout_user()
    operations.renew(user)
    db.session.commit()
    flash(gettext("You are signed out everywhere."), "success")
    return make_response(redirect("/account/login", 303))


@bp.route("/leave", methods=["GET", "POST"])
def leave() -> ResponseReturnValue:
    """Let one's account go, with the password."""
    user = web.require_user()
    form = LeaveForm()
    refusal = None
    if form.validate_on_submit():
        try:
            _leave(user, form)
        except Exception as error:  # a wrong password, the only admin, database locked: the form says so
            refusal = web.refused(error)
        else:
            flash(gettext("Your account is gone. Thank you for having been here."), "success")
            return make_response(redirect("/account/login", 303))
    status = refusal.status if refusal else 422 if form.errors else 200
    return web.page("accounts/leave.html", status, form=form, refusal=str(refusal) if refusal else None)


def _leave(user: User, form: LeaveForm) -> None:
    limits.take("password", user.fs_uniquifier)
    if not user.verify_and_update_password(form.password.data):
        raise operations.InvalidAccount(gettext("The password is not right."))
    operations.delete_user(user, blank_comments=form.comments.data == "blank")
    logout_user()
    db.session.commit()


@bp.route("/first-admin/<token>", methods=["GET", "POST"])
def first_admin(token: str) -> ResponseReturnValue:
    """Make the first admin. The link is printed by `--empty` and is dead once there is an admin."""
    if queries.has_admin() or not token_is_good(token):
        abort(404)
    form = FirstAdminForm()
    refusal = None
    if form.validate_on_submit():
        try:
            user = operations.create_user(form.email.data, form.name.data, form.password.data, [RoleName.ADMIN])
            db.session.commit()
        except Exception as error:  # an address that is none, a password too short, database locked: the form says so
            refusal = web.refused(error)
        else:
            login_user(user)
            return make_response(redirect("/desk/setup/", 303))
    status = refusal.status if refusal else 422 if form.errors else 200
    return web.page("accounts/first_admin.html", status, form=form, refusal=str(refusal) if refusal else None)
