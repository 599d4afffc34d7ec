"""Opening a site: what it says of itself first, asked on one page after the first admin was made.

A site in earnest (config.is_production) is closed to everybody but its staff until that page was filled in and mail leaves by
SMTP: who publishes (BW 3:15d), how to reach them (Regulation (EU) 2022/2065, articles 11 and 12), and letters, without which
nobody confirms an account. The demonstration is never in earnest. Once open a site stays open.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, flash, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from forum import config, jobs, limits, mail, web
from forum.accounts import policy
from forum.accounts.models import User
from forum.errors import ForumError, with_retry
from forum.extensions import db, may_write
from forum.settings import operations, queries
from forum.settings.forms import SetupForm

bp = Blueprint("opening", __name__, url_prefix="/desk/setup")

# What everybody reaches of a site that is not open yet: signing in, and what the pages for that are made of.
ALWAYS_OPEN = frozenset({"accounts", "security", "health", "site", None})
COME_BACK_AFTER = 3600  # seconds
# What the machine is told, in the order in which the page shows it.
OF_THE_ADDRESS = ("SITE_URL",)
OF_MAIL = ("MAIL_BACKEND", "MAIL_HOST", "MAIL_FROM")


def register(app: Flask) -> None:
    """Put the page on the map, and keep who is not of the staff out until a site in earnest is open."""
    app.register_blueprint(bp)
    app.extensions["forum-open"] = not config.is_production(app.config)
    app.before_request(_keep_closed)


def is_open() -> bool:
    """Tell whether readers may come in."""
    known: dict[str, Any] = current_app.extensions
    if not known["forum-open"] and (queries.is_opened() or _is_demonstration()):
        known["forum-open"] = True  # and stays so: asked no more
    return bool(known["forum-open"])


def _is_demonstration() -> bool:
    return db.session.scalar(select(User.id).where(User.source == "demo").limit(1)) is not None


def _keep_closed() -> ResponseReturnValue | None:
    if request.blueprint in ALWAYS_OPEN or request.endpoint == "articles.choose_language" or is_open():
        return None
    viewer = web.viewer()
    if viewer is not None and (viewer.can_write or viewer.can_moderate):
        return None
    words = render_template(
        "errors/error.html",
        status=503,
        title=gettext("Not open yet"),
        sentence=gettext("This site is being set up. Come back later."),
        ways=[{"label": gettext("Sign in"), "url": web.sign_in_address()}],
    )
    response = make_response(words, 503)
    response.headers["Retry-After"] = str(COME_BACK_AFTER)
    response.headers["Cache-Control"] = "no-store"
    return response


def _admin() -> User:
    user = web.require_user()
    policy.require(policy.may_administer(user))
    return user


@bp.get("/")
def setup() -> ResponseReturnValue:
    """The page with what is known already."""
    _admin()
    return _page(SetupForm(formdata=None, data=asdict(queries.site())))


@bp.post("/")
def save() -> ResponseReturnValue:
    """Keep what was typed and open the site; or send a letter that shows whether mail arrives, and keep nothing."""
    form = SetupForm()
    if request.form.get("action") == "test":
        return _send_test(form)
    if not form.validate():
        may_write.set(False)
        _admin()
        return _page(form, status=422)
    try:
        operations.change(_admin().id, **{name: value or "" for name, value in form.data.items()})
        if not _lacks_mail():
            operations.open_site()
        db.session.commit()
    except Exception as error:  # database locked: the form says so
        refusal = web.refused(error)
        _admin()
        return _page(form, refusal)
    if not is_open():
        flash(gettext("Saved. The site opens when mail leaves by SMTP: see below."), "warning")
        return make_response(redirect("/desk/setup/", 303))
    flash(gettext("Saved."), "success")
    return make_response(redirect("/desk/", 303))


def _send_test(form: SetupForm) -> ResponseReturnValue:
    """Send the admin a letter; what was typed meanwhile stays in the form."""
    try:
        admin = _admin()
        limits.take("letter", admin.email)
        mail.send(admin.email, "test", web.language())
        db.session.commit()
    except Exception as error:
        refusal = web.refused(error)
        _admin()
        return _page(form, refusal)
    return _page(form)


def _lacks_mail() -> bool:
    """Tell whether letters stay in a folder, where a site in earnest must send them."""
    return config.is_production(current_app.config) and current_app.config["MAIL_BACKEND"] != "smtp"


def _page(form: SetupForm, refusal: ForumError | None = None, status: int = 200) -> Response:
    settings = current_app.config
    origins = config.origins(Path(current_app.instance_path))
    shown = {**settings, "SITE_URL": mail.absolute(""), "MAIL_FROM": mail.sender()}

    def of_machine(names: tuple[str, ...]) -> list[dict[str, str]]:
        known = ((name, str(shown[name])) for name in names)
        return [{"name": name, "value": value, "origin": origins.get(name, "")} for name, value in known if value]

    may_write.set(False)
    letter = _last_letter(_admin().email)
    response = web.page(
        "desk/setup.html",
        refusal.status if refusal else status,
        form=form,
        refusal=str(refusal) if refusal else None,
        is_production=config.is_production(settings),
        is_open=is_open(),
        lacks_mail=_lacks_mail(),
        goes_to_folder=settings["MAIL_BACKEND"] == "folder",
        address=of_machine(OF_THE_ADDRESS),
        mail=of_machine(OF_MAIL),
        letter=letter,
    )
    return with_retry(response, refusal) if refusal else response


def _last_letter(address: str) -> dict[str, Any] | None:
    """Return how the newest letter of the kind fared that shows whether mail arrives."""
    found = select(jobs.Job).where(jobs.Job.kind == "mail", jobs.Job.title == f"test → {address}")
    job = db.session.scalars(found.order_by(jobs.Job.id.desc()).limit(1)).first()
    if job is None:
        return None
    state = "sent" if job.finished_at else "failed" if job.error else "waiting"
    return {"to": address, "state": state, "error": job.error, "at": job.finished_at or job.created_at}
