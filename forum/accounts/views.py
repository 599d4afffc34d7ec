"""One's own account: where one is signed in, what one wrote elsewhere, the way out for good; and the link for the first admin.

What has to do with passwords, codes and passkeys is Flask-Security's, set up in protection.py.
"""

from flask import Blueprint, abort, flash, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_security.utils import login_user, logout_user

from forum import limits, mail, web
from forum.accounts import operations, queries, sessions
from forum.accounts.first_admin import token_is_good
from forum.accounts.forms import EarlierForm, FirstAdminForm, LeaveForm
from forum.accounts.models import RoleName, User
from forum.accounts.protection import token_here
from forum.comments import claims
from forum.errors import with_retry
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


@bp.route("/earlier", methods=["GET", "POST"])
def earlier() -> ResponseReturnValue:
    """Claim the comments that were written elsewhere: at once under one's own address, by a letter under another one."""
    user = web.require_user()
    form = EarlierForm()
    refusal = None
    if form.validate_on_submit():
        try:
            _claim(user, operations.normalised_email(form.email.data or ""))
            db.session.commit()
        except Exception as error:  # no address, too fast, database locked: the form says so
            refusal = web.refused(error)
        else:
            return make_response(redirect("/account/", 303))
    elif not form.is_submitted():
        form.email.data = user.email
    status = refusal.status if refusal else 422 if form.errors else 200
    response = web.page("accounts/earlier.html", status, form=form, refusal=str(refusal) if refusal else None)
    return with_retry(response, refusal) if refusal else response


def _claim(user: User, address: str) -> None:
    limits.take("letter from address", web.client_block())
    if address == user.email:
        number = claims.claim(user, address)
        flash(ngettext("%(num)s comment carries your name now.", "%(num)s comments carry your name now.", number))
        return
    limits.take("letter", address)
    if claims.is_claimable(address):
        path = f"/account/earlier/{claims.make_token(user, address)}"
        mail.send(address, "claim", web.language(), links={"action": path}, name=user.name)
    flash(gettext("If comments stand under that address, a letter is on its way there."))


@bp.route("/earlier/<token>", methods=["GET", "POST"])
def claim(token: str) -> ResponseReturnValue:
    """From the letter: a button, which lets the comments under that address carry the account."""
    user = web.require_user()
    address = claims.address_in(token, user)
    if address is None:
        abort(404)
    if request.method != "POST":
        return web.page("accounts/earlier_confirm.html", address=address)
    number = claims.claim(user, address)
    db.session.commit()
    flash(ngettext("%(num)s comment carries your name now.", "%(num)s comments carry your name now.", number))
    return make_response(redirect("/account/", 303))


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
