"""The way out of a list: the link in its letters shows a button, which alone acts. Mail programs press it for their user (RFC 8058)."""

from flask import Blueprint, Response, abort, make_response, redirect
from flask.typing import ResponseReturnValue

from forum import mail, web
from forum.extensions import db

bp = Blueprint("unsubscribe", __name__)


@bp.after_request
def _keep_nowhere(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.get("/mail/lists/<mailing>/<token>")
def show(mailing: str, token: str) -> ResponseReturnValue:
    """Ask, and change nothing: programs that look for harm follow the links in mail."""
    known = _known(mailing, token)
    return web.page(
        "mail/list.html", is_declined=mail.has_declined(known.address, mailing), url=f"/mail/lists/{mailing}/{token}"
    )


@bp.post("/mail/lists/<mailing>/<token>")
def decline(mailing: str, token: str) -> ResponseReturnValue:
    """Send no more of this list; nobody needs to sign in for it."""
    mail.decline(_known(mailing, token).address, mailing)
    db.session.commit()
    return make_response(redirect(f"/mail/lists/{mailing}/{token}", 303))


def _known(mailing: str, token: str) -> mail.MailAddress:
    known = mail.address_of(token) if mail.is_mailing(mailing) else None
    if known is None:
        abort(404)
    return known
