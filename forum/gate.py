"""What every request passes on its way in and every answer on its way out.

In: a host name that is ours, an origin that is ours for whatever changes something. Out: the security headers, and a line in
the access log that names no person.
"""

import ipaddress
import logging
import re
import time
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request
from flask_babel import gettext
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import RequestRedirect

from forum.config import LOOPBACK_NAMES
from forum.errors import NotAllowed
from forum.extensions import db, may_write

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

# Nothing from elsewhere: no script, style, font, frame or picture, and no form that posts away.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
}
# What follows in such a path is somebody's secret and stands in no log.
SECRET_PATHS = re.compile(
    r"(?<=^/account/first-admin/).+|(?<=^/account/confirm/).+|(?<=^/account/reset/).+|(?<=^/account/email/).+"
    r"|(?<=^/account/earlier/).+"
    r"|(?<=^/mail/lists/).+|(?<=^/following/).+|(?<=^/corrections/confirm/).+"
    r"|(?<=^/account/codes/).+|(?<=^/account/passkeys/).+|(?<=^/account/passkey/).+|(?<=^/account/verify-passkey/).+",
    re.DOTALL,
)
# Whose pages are one person's, and left behind nowhere: not with a proxy, not on a shared machine.
PERSONAL = frozenset({"accounts", "security", "moderation", "people"})

access_log = logging.getLogger("forum.access")


def register(app: Flask) -> None:
    """Put the gate in front of the whole site."""
    proxies = app.config["TRUSTED_PROXIES"]
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    app.before_request(_begin)
    app.before_request(check_origin)
    app.after_request(_finish)


def let_write(app: Flask) -> None:
    """Let requests that change something write from here on, once everything that looks at a request has been registered.

    Whoever is signed in has been looked up by now, and needed no lock for it: where the database is locked, the view meets that
    itself and can give back what was typed.
    """
    app.before_request(_let_write)


def is_loopback() -> bool:
    """Tell whether this request was made on the machine itself: no address, host name or proxy of elsewhere in it."""
    try:
        from_here = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    forwarded = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"))
    return from_here and not forwarded and urlsplit(f"//{request.host}").hostname in LOOPBACK_NAMES


def check_origin() -> None:
    """Refuse a request that changes something and comes from another site (403).

    `Sec-Fetch-Site` decides where the browser sends it, else `Origin` against our host; with neither it is no browser that
    sends our cookies along (they are SameSite=Lax). The rule of Go's http.CrossOriginProtection.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        allowed = site in {"same-origin", "none"}
    else:
        origin = request.headers.get("Origin")
        allowed = origin is None or _host_of(origin) == request.host
    if not allowed:
        raise NotAllowed(gettext("This was sent from another website and has not been carried out."))


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None


def own_path(target: str | None) -> str | None:
    """Return the target if it is a path of this site, else None: no other host, no scheme, nothing a browser reads as one."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(ord(letter) < 33 or ord(letter) == 127 for letter in target) or "\\" in target:
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def _begin() -> None:
    g.began = time.perf_counter()
    may_write.set(False)
    try:
        request.query_string.decode()
    except UnicodeDecodeError:
        request.query_string = b""  # no page can repeat it
        abort(400)
    if "\x00" in request.path:
        abort(404)
    if request.is_json:  # every door takes forms; what a library would read besides stays shut
        abort(415)
    _check_fields()
    for wanted in (request.args.get("next"), request.form.get("next")):
        if wanted and own_path(wanted) is None:
            abort(400)


def _let_write() -> None:
    if request.method not in SAFE_METHODS:
        db.session.rollback()
        may_write.set(True)


def _check_fields() -> None:
    """Refuse a form of more fields than any of ours has (413), and leave NUL out of what was typed.

    Werkzeug counts the fields of the other kind of form only, and four megabytes of "&" take it seconds. No person types NUL,
    and PostgreSQL keeps no text that has it.
    """
    if request.mimetype == "application/x-www-form-urlencoded":
        most = request.max_form_parts
        if most is not None and request.get_data().count(b"&") >= most:
            abort(413)
    fields = list(request.form.items(multi=True))
    if any("\x00" in name + value for name, value in fields):
        request.form = ImmutableMultiDict(
            [(name.replace("\x00", ""), value.replace("\x00", "")) for name, value in fields]
        )


def _finish(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    wanted = request.routing_exception
    if isinstance(wanted, RequestRedirect):  # to the address as it should be written, of whatever host was asked
        response.location = urlsplit(wanted.new_url)._replace(scheme="", netloc="").geturl()
        response.status_code = 301 if request.method in SAFE_METHODS else wanted.code
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store" if request.blueprint in PERSONAL else "private, no-cache"
    access_log.info(
        "%s %s %s %s %.1f ms",
        request.method,
        logged_path(),
        response.status_code,
        response.calculate_content_length() or 0,
        (time.perf_counter() - g.get("began", time.perf_counter())) * 1000,
    )
    return response


def logged_path() -> str:
    """Return the path as the log may hold it: without its query, without anybody's secret, on one line."""
    return SECRET_PATHS.sub("<secret>", request.path).encode("unicode_escape").decode("ascii")
