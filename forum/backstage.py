"""For who keeps the site running: the jobs at /desk/jobs/, and the letters of an installation that sends none at /dev/mail."""

import email
import email.policy
import logging
import re
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy import Select

from forum import clock, config, gate, jobs, mail, web
from forum.accounts import policy
from forum.accounts.models import User
from forum.extensions import db

bp = Blueprint("backstage", __name__)
log = logging.getLogger("forum")
PER_LIST = 50
SHOWN_HEADERS = ("From", "To", "Date", "Message-ID", "List-Unsubscribe")


@bp.after_request
def _keep_nowhere(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response


# Jobs


def _admin() -> User:
    user = web.require_user()
    policy.require(policy.may_administer(user))
    return user


@bp.get("/desk/jobs/")
def index() -> ResponseReturnValue:
    """What failed, what is being done, what waits, and what took long."""
    _admin()
    groups = [
        _group(gettext("Failed"), gettext("When"), jobs.failed(), lambda job: job.failed_at, can_settle=True),
        _group(gettext("Being done"), gettext("Since"), jobs.running(), lambda job: job.started_at),
        _group(gettext("Waiting"), gettext("Not before"), jobs.waiting(), lambda job: job.run_at),
        _group(gettext("Took long"), gettext("When"), jobs.slow(), lambda job: job.finished_at),
    ]
    return web.page("desk/jobs.html", groups=groups)


@bp.post("/desk/jobs/<id:job_id>/retry")
def retry(job_id: int) -> ResponseReturnValue:
    """Try a dead letter anew."""
    _admin()
    jobs.retry(db.get_or_404(jobs.Job, job_id))
    db.session.commit()
    return make_response(redirect("/desk/jobs/", 303))


@bp.post("/desk/jobs/<id:job_id>/drop")
def drop(job_id: int) -> ResponseReturnValue:
    """Let a dead letter rest."""
    admin = _admin()
    jobs.drop(db.get_or_404(jobs.Job, job_id), admin.name)
    db.session.commit()
    return make_response(redirect("/desk/jobs/", 303))


def _group(title: str, when: str, rows: Select[jobs.Job], at: Any, can_settle: bool = False) -> dict[str, Any]:
    return {
        "title": title,
        "when": when,
        "count": web.total(rows),
        "can_settle": can_settle,
        "jobs": [_shown(job, at(job)) for job in db.session.scalars(rows.limit(PER_LIST))],
    }


def _shown(job: jobs.Job, at: datetime) -> dict[str, Any]:
    return {
        "id": job.id,
        "title": f"{job.kind} {job.id}: {job.title}" if job.title else f"{job.kind} {job.id}",
        "error": job.error,
        "at": at,
        "percentage": min(100, job.done * 100 // job.total) if job.total and not job.finished_at else None,
        "state": _state(job),
        "retry_url": f"/desk/jobs/{job.id}/retry",
        "drop_url": f"/desk/jobs/{job.id}/drop",
    }


def _state(job: jobs.Job) -> str:
    if job.finished_at is not None:
        seconds = (job.took_ms or 0) // 1000
        return ngettext("%(num)s second", "%(num)s seconds", seconds)
    if job.lease is not None and job.started_at is not None and clock.now() - job.started_at >= jobs.SLOW:
        return gettext("slow")
    return ngettext("tried %(num)s time", "tried %(num)s times", job.tries) if job.tries else gettext("not tried yet")


# Letters


@bp.get("/dev/mail")
def letters() -> ResponseReturnValue:
    """The letters in the folder, the newest first; on the machine itself only."""
    _only_here()
    files = sorted(mail.folder().glob("*.eml"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    return web.page("dev/mail.html", letters=[_letter(file) for file in files[: PER_LIST * 2]])


@bp.get("/dev/mail/<name>")
def letter(name: str) -> ResponseReturnValue:
    """One letter; its links to this site work."""
    _only_here()
    file = mail.folder() / f"{name}.eml"
    if not re.fullmatch(r"[0-9a-f]+\.[0-9a-f]+", name) or not file.is_file():
        abort(404)
    return web.page("dev/letter.html", letter=_letter(file))


def _only_here() -> None:
    """Raise NotFound but for the folder's letters, asked for on the machine itself, of a site that is not public.

    A proxy that forwards without saying so makes everybody seem to be here; the site's own address tells.
    """
    if config.is_public(current_app.config) or current_app.config["MAIL_BACKEND"] != "folder" or not gate.is_loopback():
        abort(404)


def _letter(file: Path) -> dict[str, Any]:
    message: EmailMessage = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    part = message.get_body(("plain",))
    written_at = message["Date"].datetime if message["Date"] else None
    return {
        "url": f"/dev/mail/{file.stem}",
        "subject": str(message["Subject"]),
        "to": str(message["To"]),
        "written_at": written_at,
        "headers": [(name, str(message[name])) for name in SHOWN_HEADERS if message[name]],
        "pieces": _pieces(part.get_content() if part is not None else ""),
    }


def _pieces(words: str) -> list[dict[str, str | None]]:
    """Return the text cut at the addresses of this site, which become paths."""
    start = mail.absolute("/")
    return [
        {"words": piece, "url": piece.removeprefix(start[:-1]) if piece.startswith(start) else None}
        for piece in re.split(rf"({re.escape(start)}[^\s<>]*)", words)
        if piece
    ]
