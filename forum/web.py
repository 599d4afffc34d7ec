"""What every view needs: who is here, and an answer as a page or a fragment that may or may not be kept."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec

from flask import Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from flask_login import current_user
from sqlalchemy import Select, func, select

from forum import gate, limits, versions
from forum.accounts import policy
from forum.accounts.models import Guest, User
from forum.articles import queries as articles
from forum.comments.models import guest_key
from forum.comments.queries import Reader
from forum.errors import ForumError, SignInNeeded, as_refusal, here
from forum.extensions import db, may_write
from forum.media.models import Media
from forum.settings import queries as settings_queries
from forum.settings.queries import SiteSettings
from forum.settings.queries import site as site_settings
from forum.translations import languages

P = ParamSpec("P")
LANGUAGE_COOKIE = "forum_language"
GUEST_COOKIE = "forum_guest"
COOKIE_AGE = 365 * 24 * 3600  # seconds


# Who is here


@dataclass(frozen=True)
class Viewer:
    """Somebody for whom pages are made: signed in, or a guest with the cookie that a comment or vote brought."""

    user: User | None
    token: str | None
    name: str
    is_signed_in: bool
    can_write: bool
    can_publish: bool
    can_moderate: bool
    can_administer: bool


def actor() -> User | None:
    """Return who is signed in. The only place that asks Flask-Login; a demonstration account counts on this machine only."""
    if not _has_session():
        return None
    user = current_user._get_current_object()  # the row itself: the proxy must not land in a relationship
    if not isinstance(user, User) or not user.is_active or (user.is_demo and not gate.is_loopback()):
        return None
    return user


def cookie_name(name: str) -> str:
    """Return the name of a cookie of ours; under https one that only this host can set (RFC 6265bis, 4.1.3.2)."""
    return f"__Host-{name}" if request.is_secure else name


def set_cookie(response: Response, name: str, value: str) -> None:
    """Let the browser keep this for a year: not for scripts, and not sent along from other sites."""
    response.set_cookie(
        cookie_name(name), value, max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=request.is_secure
    )


def guest_token() -> str | None:
    """Return the guest's token, if the cookie holds one of the form that we give."""
    token = request.cookies.get(cookie_name(GUEST_COOKIE), "")
    return token if len(token) == 43 and token.replace("-", "").replace("_", "").isalnum() else None


def author(name: str = "", email: str | None = None) -> User | Guest:
    """Return who acts: who is signed in, else a guest by their cookie, or with the token of the cookie that they will get."""
    user = actor()
    if user is not None:
        return user
    return Guest(token=guest_token() or secrets.token_urlsafe(32), name=name, email=email)


def remember_guest(response: Response, who: User | Guest) -> Response:
    """Give a guest the cookie by which they find their own held comment and vote once."""
    if isinstance(who, Guest) and who.token != guest_token():
        set_cookie(response, GUEST_COOKIE, who.token)
    return response


def viewer() -> Viewer | None:
    """Return for whom this page is made, or None: a page for everybody who has no session."""
    if _without_database():
        return None
    if "viewer" not in g:
        user, token = actor(), guest_token()
        g.viewer = None
        if user is not None or token is not None:
            g.viewer = Viewer(
                user=user,
                token=token,
                name=user.name if user else "",
                is_signed_in=user is not None,
                can_write=policy.may_write(user),
                can_publish=policy.may_publish(user),
                can_moderate=policy.may_moderate(user),
                can_administer=policy.may_administer(user),
            )
    return g.viewer  # type: ignore[no-any-return]


def reader() -> Reader | None:
    """Return by what the reader's own held comments are known."""
    who = viewer()
    if who is None:
        return None
    return Reader(user_id=who.user.id if who.user else None, guest_key=guest_key(who.token) if who.token else None)


def require_user() -> User:
    """Return who is signed in. Raises SignInNeeded."""
    user = actor()
    if user is None:
        raise SignInNeeded()
    return user


def client_block() -> str:
    """Return the block of addresses that this request counts for; a forwarded address only from a trusted proxy."""
    return limits.address_block(request.remote_addr)


def _without_database() -> bool:
    """Tell whether this page is one of an error that must do without its database (errors.error_page)."""
    return bool(g.get("without_database"))


def _has_session() -> bool:
    names = (current_app.config["SESSION_COOKIE_NAME"], current_app.config["REMEMBER_COOKIE_NAME"])
    return any(name in request.cookies for name in names)


# What is answered


def kept(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Mark a view whose page may be kept and served again to everybody without a session.

    Such a page carries an ETag and answers 304 (RFC 9110, 8.8.3 and 15.4.5); `g.kept` holds the versions of what it shows and
    until when it holds. For who has a session the same view makes a page that nobody else is given.
    """

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        with versions.watching() as watch:
            response = make_response(view(*args, **kwargs))
        response.vary.add("Cookie")
        if viewer() is not None:
            response.headers["Cache-Control"] = "private, no-cache"
            return response
        response.headers["Cache-Control"] = "no-cache"
        if response.status_code == 200:
            g.kept = watch
            response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
            return response.make_conditional(request)
        return response

    return wrapped


def refused(error: Exception) -> ForumError:
    """Take back what was begun and return the refusal that this failure is for its reader. Any other error is raised again.

    From here on the request only reads, which a database that is locked for writing still allows.
    """
    refusal = as_refusal(error)
    db.session.rollback()
    may_write.set(False)
    return refusal


def wants_fragment() -> bool:
    """Tell whether a script asks for a part of the page only."""
    return request.headers.get("X-Fragment") == "1"


def page(template: str, status: int = 200, **context: Any) -> Response:
    """Return a page made from a template."""
    return make_response(render_template(template, **context), status)


def moved(target: str) -> Response:
    """Return the answer that this thing stands elsewhere for good, whatever was asked of it there kept."""
    query = request.query_string.decode("latin-1")
    return make_response(redirect(f"{target}?{query}" if query and "?" not in target else target, 301))


def static_address(path: str) -> str:
    """Return the address of a file in static/, with a part that changes when any of them does."""
    return f"/static/{current_app.config['STATIC_HASH']}/{path}"


@dataclass(frozen=True)
class Paging:
    """The pages beside this one."""

    number: int
    previous_url: str | None
    next_url: str | None


def paged(
    rows: Select[*tuple[Any, ...]], number: int, size: int, address: Callable[[int], str]
) -> tuple[list[Any], Paging] | None:
    """Return one page of a list and the pages beside it; None for a page that does not exist (the first always does)."""
    found = list(db.session.scalars(rows.limit(size + 1).offset((number - 1) * size)).unique())
    if not found and number > 1:
        return None
    previous = address(number - 1) if number > 1 else None
    following = address(number + 1) if len(found) > size else None
    return found[:size], Paging(number, previous, following)


def page_number() -> int:
    """Return the page that is asked for; 1 for whatever is no page number."""
    raw = request.args.get("page", "1")
    return int(raw) if raw.isdecimal() and len(raw) < 7 and int(raw) > 0 else 1


def total(rows: Select[*tuple[Any, ...]]) -> int:
    """Return how many rows a list has."""
    return db.session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0


# What every template knows


class Site:
    """The paper as templates see it; each part is asked of the database when a template first names it."""

    def __init__(self) -> None:
        self._settings: SiteSettings | None = None

    @property
    def settings(self) -> SiteSettings:
        """Return the site's settings."""
        if _without_database():
            return SiteSettings()
        if self._settings is None:
            self._settings = site_settings()
        return self._settings

    @property
    def name(self) -> str:
        """Return the name of the paper."""
        return self.settings.name

    @property
    def tagline(self) -> str:
        """Return the line under the name."""
        return self.settings.tagline

    @property
    def logo(self) -> Media | None:
        """Return the picture that stands for the name."""
        number = 0 if _without_database() else self.settings.logo
        return db.session.get(Media, number) if number else None

    @property
    def accent(self) -> str:
        """Return the digits of the accent colour, or ""."""
        return self.settings.accent.removeprefix("#")

    @property
    def imprint(self) -> list[str]:
        """Return the lines that say who publishes."""
        return [line.strip() for line in self.settings.imprint.splitlines() if line.strip()]

    @property
    def contacts(self) -> list[dict[str, str]]:
        """Return the addresses that readers may write to, each with what it is for."""
        known = {gettext("Contact"): self.settings.contact, gettext("Privacy"): self.settings.privacy_contact}
        return [{"label": label, "address": address} for label, address in known.items() if address]

    @property
    def language(self) -> str:
        """Return the language of this page, as HTML's `lang` wants it."""
        return str(get_locale())

    @property
    def languages(self) -> list[dict[str, str]]:
        """Return the other languages that one may choose, each under its own name."""
        return [{"code": code, "name": name} for code, name in languages().items() if code != self.language]

    @property
    def sections(self) -> list[dict[str, str]]:
        """Return the sections in their order."""
        found = [] if _without_database() else articles.sections()
        return [{"name": row.name, "url": f"/sections/{row.slug}/"} for row in found]

    @property
    def navigation(self) -> list[dict[str, str]]:
        """Return what stands beside the sections in the navigation."""
        return [{"name": words, "url": target} for words, target in settings_queries.links(self.settings.navigation)]

    @property
    def house_rules(self) -> str:
        """Return the address of the rules of the conversation, or ""."""
        return f"/pages/{self.settings.house_rules}/" if self.settings.house_rules else ""

    @property
    def pages(self) -> list[dict[str, str]]:
        """Return the standing pages by title."""
        found = [] if _without_database() else articles.pages()
        return [{"title": row.headline, "url": row.url} for row in found]


def site() -> Site:
    """Return the paper, one per request."""
    if "site" not in g:
        g.site = Site()
    return g.site  # type: ignore[no-any-return]


def language() -> str:
    """Return the language that the visitor chose by cookie, else the site's. What the browser prefers is not asked."""
    chosen = request.cookies.get(cookie_name(LANGUAGE_COOKIE)) if request else None
    return chosen if chosen in languages() else current_app.config["LANGUAGE"]


def sign_in_address() -> str:
    """Return where to sign in and come back here from."""
    return url_for("security.login", next=here() if request.endpoint != "security.login" else None)
