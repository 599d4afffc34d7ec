"""Alive, and ready: for whoever watches the machine."""

import shutil

from flask import Blueprint, Response, current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from forum import migrating
from forum.extensions import db

bp = Blueprint("health", __name__)
FREE_BYTES = 200 * 1024 * 1024


@bp.get("/healthz")
def alive() -> Response:
    """The process answers; nothing else is asked."""
    return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})


@bp.get("/readyz")
def ready() -> Response:
    """The database answers, its schema is ours, and there is room on the disk; else 503 with the name of what is not so."""
    missing = []
    try:
        db.session.execute(text("SELECT 1"))
        if not migrating.is_current():
            missing.append("schema")
    except SQLAlchemyError:
        missing.append("database")
    if shutil.disk_usage(current_app.instance_path).free < FREE_BYTES:
        missing.append("disk")
    body = "ok\n" if not missing else f"not ready: {', '.join(missing)}\n"
    return Response(body, 503 if missing else 200, mimetype="text/plain", headers={"Cache-Control": "no-store"})
