"""What the house may refuse, in a sentence that a reader may see, and the page that a refusal becomes."""

import logging
import secrets
from math import ceil
from urllib.parse import quote

from flask import Flask, Response, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, lazy_ngettext
from flask_babel.speaklater import LazyString
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError

from forum.extensions import db, may_write

_l = lazy_gettext
log = logging.getLogger("forum")


class ForumError(Exception):
    """A refusal with a sentence for its reader and the HTTP status (RFC 9110) that goes with it."""

    status = 403
    sentence: object = _l("That is not possible.")

    def __init__(self, sentence: object | None = None) -> None:
        super().__init__()
        if sentence is not None:
            self.sentence = sentence

    def __str__(self) -> str:
        return str(self.sentence)


class NotAllowed(ForumError):
    """The actor's role, or the thing's owner, does not permit it."""

    sentence = _l("You may not do this.")


class SignInNeeded(ForumError):
    """Only for who is signed in."""

    sentence = _l("Sign in to do this.")


class SignedOut(ForumError):
    """Who wrote as a member is not signed in any more: the session ended, here or on another device."""

    sentence = _l(
        "You are not signed in any more. Your text is still here: sign in again, or give a name and place it."
    )


class CommentsClosed(ForumError):
    """The discussion takes no comments (any more)."""

    status = 409
    sentence = _l("This discussion is closed. You can copy your text; it cannot be placed here.")


class ParentGone(ForumError):
    """The comment that is answered is not there to be answered."""

    status = 409
    sentence = _l("The comment you are replying to is no longer there. You can place your text as a new comment.")


class InvalidComment(ForumError):
    """The text itself cannot be placed: empty, too long, or without any letter."""

    status = 422
    sentence = _l("Write something first.")


class EditTooLate(ForumError):
    """The minutes in which a comment may be changed are over."""

    status = 409
    sentence = _l(
        "This comment can no longer be changed. Your new words are still here: you can place them as a reply."
    )


def in_words(seconds: int) -> LazyString:
    """Return how long to wait, rounded up to what people count in: "40 seconden", "15 minuten", "3 uur"."""
    if seconds <= 90:
        return lazy_ngettext("%(num)s second", "%(num)s seconds", seconds)
    if seconds <= 90 * 60:
        return lazy_ngettext("%(num)s minute", "%(num)s minutes", ceil(seconds / 60))
    return lazy_ngettext("%(num)s hour", "%(num)s hours", ceil(seconds / 3600))


class TooFast(ForumError):
    """A rate limit was reached; `retry_after` is in whole seconds."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            _l(
                "That went a little fast. Your text is still here: try again in %(wait)s.",
                wait=in_words(retry_after),
            )
        )
        self.retry_after = retry_after


class PollClosed(ForumError):
    """The poll takes no votes (any more)."""

    status = 409
    sentence = _l("This poll is closed.")


class AlreadyVoted(ForumError):
    """The voter's key already stands with this poll."""

    status = 409
    sentence = _l("You have already voted in this poll. One vote counts.")


class InvalidChoice(ForumError):
    """No choice, too many, or one of another poll."""

    status = 422
    sentence = _l("Choose one of the answers of this poll.")


class Conflict(ForumError):
    """Somebody else changed the same thing in the meantime."""

    status = 409
    sentence = _l("Somebody else has saved this in the meantime. Your text is still here.")


class AlreadyDone(ForumError):
    """The act has no object any more: hidden twice, approved twice."""

    status = 409
    sentence = _l("This has already been done.")


class ReasonNeeded(ForumError):
    """An act of power without its reason."""

    status = 422
    sentence = _l("Give a reason.")


class ImportRefused(ForumError):
    """An import file that cannot be used; the sentence says where and what."""

    status = 422
    sentence = _l("This file cannot be imported.")


class DatabaseBusy(ForumError):
    """The database did not answer in time; nothing was stored."""

    status = 503
    sentence = _l("The site is very busy and could not save this. Your text is still here: send it again in a moment.")
    retry_after = 5


class NoRoom(DatabaseBusy):
    """The database's disk is full; nothing was stored."""

    sentence = _l("The site has no room left and could not save this. Your text is still here: send it again later.")
    retry_after = 300


def as_refusal(error: Exception) -> ForumError:
    """Return the refusal that a failure is for its reader: a ForumError itself, a database without answer as DatabaseBusy.

    Any other error is raised again: it is a fault of ours and must be seen as one.
    """
    if isinstance(error, ForumError):
        return error
    cause: BaseException | None = error
    while cause is not None:
        # SQLite calls a statement that it does not understand an OperationalError too; that is a fault. But one that is full
        # has ended the transaction, and then does not know the savepoint any more: what came before tells.
        if isinstance(cause, OperationalError) and getattr(cause.orig, "sqlite_errorname", "") != "SQLITE_ERROR":
            log.error("database: %s", cause.orig)
            is_full = _code(cause) in {"SQLITE_FULL", "53100"}
            return NoRoom() if is_full else DatabaseBusy()
        cause = cause.__context__ if isinstance(error, OperationalError) else None
    raise error


def _code(error: OperationalError) -> str:
    """Return what the database calls this failure: SQLite's name, or PostgreSQL's SQLSTATE."""
    return getattr(error.orig, "sqlite_errorname", "") or getattr(error.orig, "sqlstate", "") or ""


def with_retry(response: Response, refusal: ForumError) -> Response:
    """Return the answer with its `Retry-After` (RFC 9110 10.2.3) where the refusal knows one."""
    seconds = getattr(refusal, "retry_after", None)
    if seconds is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


def _words(status: int) -> tuple[str, str]:
    """Return title and sentence for a status."""
    return {
        400: (gettext("Not understood"), gettext("Your browser sent something that we could not read.")),
        403: (gettext("Not allowed"), gettext("You may not see or do this. Perhaps you need to sign in.")),
        404: (gettext("Not found"), gettext("There is nothing at this address, or not any more.")),
        405: (gettext("Not possible"), gettext("This address does not work that way.")),
        409: (gettext("Overtaken"), gettext("Something changed in the meantime.")),
        410: (gettext("Withdrawn"), gettext("This article has been withdrawn by the editors.")),
        413: (gettext("Too large"), gettext("What you sent is larger than we can take. Go back and send less.")),
        415: (gettext("Not understood"), gettext("Your browser sent something that we could not read.")),
        422: (gettext("Not complete"), gettext("Something in the form is missing or wrong.")),
        429: (gettext("A little slower"), gettext("That went a little fast. Try again in a moment.")),
        503: (gettext("Busy"), gettext("The site is busy. Try again in a moment.")),
    }.get(status, (gettext("Something went wrong"), gettext("The fault is ours and has been noted. Try again later.")))


def _ways(status: int) -> list[dict[str, str]]:
    """Return where somebody can go from here, what helps most first."""
    ways = [{"label": gettext("To the front page"), "url": url_for("articles.front")}]
    if status == 403 or request.endpoint == "security.login":
        ways.insert(0, {"label": gettext("Sign in"), "url": url_for("security.login")})
    elif status in {429, 500, 503} and request.method == "GET":
        ways.insert(0, {"label": gettext("Try again"), "url": here()})
    elif status in {404, 410}:
        ways.append({"label": gettext("To every question of the day"), "url": url_for("polls.index")})
    return ways


def error_page(status: int, sentence: str | None = None) -> Response:
    """Return the page of an error: what happened, a way on, and the words that were sent with it, if there were any.

    What was begun is taken back first. Where the database does not answer, the page does without what it would ask of it.
    """
    title, usual = _words(status)
    again = _to_send_again() if status >= 500 else None
    known = {
        "status": status,
        "title": title,
        "sentence": sentence or usual,
        "ways": _ways(status),
        "kept_text": None if again else _sent(),
        "again": again,
    }
    try:
        db.session.rollback()
        may_write.set(False)
        body = render_template("errors/error.html", **known)
    except SQLAlchemyError:
        g.without_database = True
        body = render_template("errors/error.html", **known)
    response = make_response(body, status)
    # A form with somebody's words must be there when they come Back.
    response.headers["Cache-Control"] = "private, no-cache" if again else "no-store"
    return response


def _to_send_again() -> dict[str, object] | None:
    """Return the comment that met an error of ours, as the fields of a form that sends it again with one click."""
    if request.method != "POST" or request.endpoint != "comments.create":
        return None
    fields = {name: value for name, value in request.form.items() if name != "body"}
    return {"url": request.path, "fields": fields, "body": request.form.get("body", "")}


def _sent() -> str | None:
    """Return the words of the form that was sent, for their writer to keep; of one too large to be read, none."""
    if request.method != "POST":
        return None
    try:
        words = [request.form.get(name, "").strip() for name in ("headline", "standfirst", "body", "note")]
    except HTTPException:
        return None
    return "\n\n".join(word for word in words if word) or None


def here() -> str:
    """Return the address that was asked for, as a path of ours in ASCII; the front page for what was sent, not asked."""
    if request.method not in {"GET", "HEAD"}:
        return "/"
    query = request.query_string.decode("latin-1")
    path = quote(f"/{request.path.lstrip('/')}", safe="/:@!$&'()*+,;=-._~")
    return f"{path}?{query}" if query else path


def _strange_host(_error: SecurityError) -> Response:
    """Return the answer to who asks for a site that we are not: none of our pages."""
    return Response(gettext("There is no site of that name here.") + "\n", 400, mimetype="text/plain")


def register(app: Flask) -> None:
    """Give every error its page, in the visitor's language and without details of the machine."""

    @app.errorhandler(SignInNeeded)
    def sign_in(error: SignInNeeded) -> Response:
        if request.method in {"GET", "HEAD"}:  # there and back again
            return make_response(redirect(url_for("security.login", next=here()), 302))
        return error_page(error.status, str(error))

    @app.errorhandler(ForumError)
    def refused(error: ForumError) -> Response:
        return with_retry(error_page(error.status, str(error)), error)

    app.register_error_handler(SecurityError, _strange_host)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        if error.code is None or error.code < 400:
            return error.get_response()  # type: ignore[return-value]
        response = error_page(error.code)
        for name, value in error.get_headers():
            if name in {"Allow", "Retry-After"}:
                response.headers[name] = value
        return response

    @app.errorhandler(OperationalError)
    def database(error: OperationalError) -> Response:
        try:
            refusal = as_refusal(error)
        except OperationalError:
            return fault(error)
        return with_retry(error_page(refusal.status, str(refusal)), refusal)

    @app.errorhandler(Exception)
    def fault(error: Exception) -> Response:
        if app.testing and app.config.get("PROPAGATE_EXCEPTIONS"):
            raise error
        number = secrets.token_hex(4)
        log.error("fault %s", number, exc_info=error)
        return error_page(500, gettext("The fault is ours and has been noted under number %(number)s.", number=number))
