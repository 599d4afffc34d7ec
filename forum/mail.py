"""Letters: written in the transaction that wants them, made from templates and delivered by a job.

A template is `email/<name>.txt` (with a block `subject`) and `email/<name>.html`. What people typed never reaches a header and
never becomes a link: subjects know the site's name only, every word handed to a template loses what mail programs would make a
link of, and the links are paths of ours, handed over apart. The Message-ID is fixed when the letter is written; a worker that dies
between delivering and noting so repeats that one letter under the same id.
"""

import email
import email.policy
import hashlib
import hmac
import json
import logging
import re
import secrets
import smtplib
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app
from flask_babel import force_locale
from sqlalchemy import ForeignKey, String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from forum import clock, jobs
from forum.config import ConfigError
from forum.extensions import Model, db

log = logging.getLogger("forum")

BACKENDS = ("folder", "smtp", "memory")
SECURITIES = ("starttls", "tls", "none")
TIMEOUT = 30  # seconds that a mail server may stay silent
SERVED_AT = "FORUM_SERVED_AT"  # where in the environment `forum start` says at which address it serves

# What Discourse counts: a mailbox that is not there weighs double, old trouble is forgotten.
HARD, SOFT, STOP_AT = 2, 1, 4
BOUNCES_FORGOTTEN_AFTER = timedelta(days=30)

# Headers are not folded: Python would encode a long address in one, which no mail program reads (RFC 8058 wants it plain).
WIRE = email.policy.SMTP.clone(max_line_length=900, cte_type="7bit")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


class MailAddress(Model):
    """An address with something to remember: what came back from it, which lists it wants no more of."""

    __tablename__ = "mail_address"

    address: Mapped[str] = mapped_column(String(254), primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)  # in the link that ends a list
    bounces: Mapped[int] = mapped_column(default=0)  # weighed
    bounced_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]  # too many came back


class DeclinedMailing(Model):
    """A list that an address wants no more of."""

    __tablename__ = "declined_mailing"

    address: Mapped[str] = mapped_column(ForeignKey("mail_address.address", ondelete="CASCADE"), primary_key=True)
    mailing: Mapped[str] = mapped_column(String(40), primary_key=True)
    declined_at: Mapped[datetime]


Guard = Callable[[str, str], bool]
_guards: list[Guard] = []


def guards(guard: Guard) -> Guard:
    """Let the decorated function be asked, just before a letter leaves, whether this address may get this template.

    Who knows the accounts refuses here what is not confirmed, or no longer is.
    """
    _guards.append(guard)
    return guard


Writer = Callable[[str, Mapping[str, Any]], Mapping[str, Any] | None]
_writers: dict[str, Writer] = {}


def writes(template: str) -> Callable[[Writer], Writer]:
    """Let the decorated function give the words of this template just before each try to deliver it; None: it does not leave.

    For letters about what may change or go meanwhile. It gets the address and the words that were given to `send`.
    """

    def register(writer: Writer) -> Writer:
        _writers[template] = writer
        return writer

    return register


def register(app: Flask, environ: Mapping[str, str], site_name: Callable[[], str]) -> None:
    """Give the program its mail; `site_name` is asked whom letters come from. Raises ConfigError for a setting that cannot be."""
    config = app.config
    if config["MAIL_BACKEND"] not in BACKENDS:
        raise ConfigError(f"MAIL_BACKEND must be one of {', '.join(BACKENDS)}, not {config['MAIL_BACKEND']!r}")
    if config["MAIL_SECURITY"] not in SECURITIES:
        raise ConfigError(f"MAIL_SECURITY must be one of {', '.join(SECURITIES)}, not {config['MAIL_SECURITY']!r}")
    if config["MAIL_BACKEND"] == "smtp" and not (config["MAIL_HOST"] and (config["MAIL_FROM"] or config["SITE_URL"])):
        raise ConfigError("MAIL_BACKEND smtp needs MAIL_HOST, and MAIL_FROM or SITE_URL")
    for name in ("MAIL_FROM", "MAIL_BOUNCES_TO"):
        if config[name]:
            try:
                plain_address(config[name])
            except ValueError as error:
                raise ConfigError(f"{name} must be a mail address, not {config[name]!r}") from error
    address = config["SITE_URL"] or environ.get(SERVED_AT) or "http://127.0.0.1:8000"
    app.extensions["forum-mail"] = {"site_name": site_name, "address": address.rstrip("/"), "outbox": []}


# Writing


def send(
    to: str,
    template: str,
    language: str,
    *,
    links: Mapping[str, str] | None = None,
    mailing: str | None = None,
    key: str | None = None,
    run_at: datetime | None = None,
    **words: Any,
) -> jobs.Job:
    """Write a letter, which leaves once the running transaction is committed; return its job.

    `links` are paths of this site by name, the only links that will work; `words` is anything else that the template says, as
    JSON. A letter of a `mailing` says how to end that list. That the address is its owner's is the caller's affair
    and the guards'. Raises ValueError for an address or a link that cannot be.
    """
    address = plain_address(to)
    for path in (links or {}).values():
        if not path.startswith("/") or path.startswith("//") or not path.isprintable() or " " in path:
            raise ValueError(f"not a path of ours: {path!r}")
    if mailing is not None:
        if not is_mailing(mailing):
            raise ValueError(f"no name for a list: {mailing!r}")
        _remembered(address)
    for ending in ("txt", "html"):
        current_app.jinja_env.get_template(f"email/{template}.{ending}")
    payload = {
        "to": address,
        "template": template,
        "language": language,
        "links": dict(links or {}),
        "mailing": mailing,
        "words": words,
        "message_id": _new_message_id(address),
        "written_at": clock.now().isoformat(),
    }
    json.dumps(payload)  # what is no JSON is refused here and not at the commit
    return jobs.enqueue("mail", payload, run_at=run_at, key=key, title=f"{template} → {address}")


def plain_address(raw: str) -> str:
    """Return a mail address as the mail servers of today all take it: ASCII, the domain in Punycode and lower case.

    Raises ValueError for anything else, a line break above all.
    """
    local, at, domain = raw.strip(" ").rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise ValueError("not a mail address") from error
    whole = f"{local}@{domain}"
    if not at or len(whole) > 254 or not re.fullmatch(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9.-]+", whole):
        raise ValueError("not a mail address")
    return whole


def _key(address: str) -> str:
    """Return by what an address is remembered: no mailbox of today tells `Ann` from `ann`."""
    return plain_address(address).lower()


def without_links(words: str) -> str:
    """Return the words so that no mail program makes a link of a part of them, and nothing in them is invisible.

    A dot inside `example.com` gets a space behind it, one inside `3.14` does not.
    """
    kept = "".join(letter if letter.isprintable() or letter == "\n" else " " * letter.isspace() for letter in words)
    kept = re.sub(r"(?<=\S)([.．。｡])(?=[^\W_])(?!(?<=\d\.)\d)", r"\1 ", kept)
    return kept.replace("://", ": //").replace("@", " @ ")


def compose(payload: Mapping[str, Any]) -> EmailMessage:
    """Return the letter, in its language."""
    to, template = payload["to"], payload["template"]
    name = current_app.extensions["forum-mail"]["site_name"]()
    known = {
        **_harmless(payload["words"]),
        "site_name": name,
        "language": payload["language"],
        "links": {link: absolute(path) for link, path in {"site": "/", **payload["links"]}.items()},
    }
    with force_locale(payload["language"]):
        text = current_app.jinja_env.get_template(f"email/{template}.txt")
        # Of all that is known a subject gets the site's name: what people typed cannot come into it.
        subject = "".join(text.blocks["subject"](text.new_context({"site_name": name})))
        body = text.render(known).strip() + "\n"
        html = current_app.jinja_env.get_template(f"email/{template}.html").render(known)
    message = EmailMessage()
    message["From"] = Address(_on_one_line(name), addr_spec=sender())
    message["To"] = Address(addr_spec=to)
    message["Subject"] = _on_one_line(subject)
    message["Date"] = format_datetime(datetime.fromisoformat(payload["written_at"]))
    message["Message-ID"] = payload["message_id"]
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notes, please
    if payload["mailing"]:
        mailing, token = payload["mailing"], db.session.get_one(MailAddress, _key(to)).token
        message["List-Id"] = f"<{mailing}.{_host()}>"
        message["List-Unsubscribe"] = f"<{absolute(f'/mail/lists/{mailing}/{token}')}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    message.set_content(body, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message


def absolute(path: str) -> str:
    """Return the whole address of a path of ours."""
    return str(current_app.extensions["forum-mail"]["address"]) + path


def sender() -> str:
    """Return the address that letters come from."""
    return current_app.config["MAIL_FROM"] or f"noreply@{_host()}"


def _host() -> str:
    host = current_app.config["MAIL_FROM"].rpartition("@")[2] or urlsplit(current_app.config["SITE_URL"]).hostname
    return host if host and not host.replace(".", "").isdecimal() and ":" not in host else "localhost"


def _harmless(value: Any) -> Any:
    if isinstance(value, str):
        return without_links(value)
    if isinstance(value, Mapping):
        return {name: _harmless(part) for name, part in value.items()}
    return [_harmless(part) for part in value] if isinstance(value, list | tuple) else value


def _on_one_line(words: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())


def _new_message_id(address: str) -> str:
    """Return a new id (RFC 5322 3.6.4) by which we know our own letter to this address when it comes back."""
    number = secrets.token_hex(12)
    return f"<{number}.{_proof(number, address)}@{_host()}>"


def _proof(number: str, address: str) -> str:
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, f"mail {number} {_key(address)}".encode(), hashlib.sha256).hexdigest()[:20]


# Delivering


@jobs.handles("mail")
def deliver(task: jobs.Task) -> jobs.GiveUp | None:
    """Deliver a letter, unless its address stopped, declined the list or may not be written to."""
    payload = task.payload
    with jobs.reading():
        if not _may_leave(payload):
            log.info("mail: job %s is not wanted and does not leave", task.id)
            return None
        writer = _writers.get(payload["template"])
        if writer is not None:
            words = writer(payload["to"], payload["words"])
            if words is None:
                log.info("mail: job %s has nothing to say any more", task.id)
                return None
            payload = {**payload, "words": words}
        message = compose(payload)
    match current_app.config["MAIL_BACKEND"]:
        case "smtp":
            return _by_smtp(message, payload["to"])
        case "folder":
            _into_folder(message)
        case _:
            outbox().append(message)
    return None


def outbox() -> list[EmailMessage]:
    """Return what the memory backend took, the oldest first."""
    return current_app.extensions["forum-mail"]["outbox"]  # type: ignore[no-any-return]


def folder() -> Path:
    """Return where the folder backend puts letters."""
    return Path(current_app.instance_path) / "mail"


def _may_leave(payload: Mapping[str, Any]) -> bool:
    to = payload["to"]
    known = db.session.get(MailAddress, _key(to))
    if known is not None and known.stopped_at is not None:
        return False
    if payload["mailing"] and has_declined(to, payload["mailing"]):
        return False
    return all(guard(to, payload["template"]) for guard in _guards)


def _into_folder(message: EmailMessage) -> None:
    """Write a letter as a file under its own id: one that is repeated takes its own place."""
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    name = message["Message-ID"].strip("<>").partition("@")[0]
    unfinished = folder() / f"{name}.part"
    unfinished.write_bytes(message.as_bytes(policy=WIRE))
    unfinished.replace(folder() / f"{name}.eml")


def _by_smtp(message: EmailMessage, to: str) -> jobs.GiveUp | None:
    """Hand a letter to the mail server. What it refuses for now raises and comes back; an address it does not know bounced."""
    server = _connected()
    try:
        server.sendmail(current_app.config["MAIL_BOUNCES_TO"] or sender(), [to], message.as_bytes(policy=WIRE))
        with suppress(smtplib.SMTPException, OSError):  # it has the letter: how it says goodbye changes nothing
            server.quit()
    except smtplib.SMTPRecipientsRefused as refused:
        code, answer = refused.recipients[to]
        if code < 500:
            raise
        bounced(to, HARD)
        return jobs.GiveUp(f"{code} {answer.decode(errors='replace')}")
    finally:
        server.close()
    return None


def _connected() -> smtplib.SMTP:
    config = current_app.config
    host, port, security = config["MAIL_HOST"], config["MAIL_PORT"], config["MAIL_SECURITY"]
    if security == "tls":
        return _signed_in(smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=ssl.create_default_context()))
    server = smtplib.SMTP(host, port, timeout=TIMEOUT)
    if security == "starttls":
        server.starttls(context=ssl.create_default_context())
    return _signed_in(server)


def _signed_in(server: smtplib.SMTP) -> smtplib.SMTP:
    config = current_app.config
    if config["MAIL_USERNAME"]:
        server.login(config["MAIL_USERNAME"], config["MAIL_PASSWORD"])
    return server


# What comes back


def bounced(address: str, weight: int = HARD) -> None:
    """Count what came back from an address; after too much in a month nothing is sent to it any more."""
    now = clock.now()
    known = _remembered(address)
    if known.bounced_at is not None and known.bounced_at < now - BOUNCES_FORGOTTEN_AFTER:
        known.bounces = 0
    known.bounces += weight
    known.bounced_at = now
    if known.bounces >= STOP_AT and known.stopped_at is None:
        known.stopped_at = now
    db.session.flush()


def forgive(address: str) -> None:
    """Send to this address again: its owner showed that letters arrive."""
    known = db.session.get(MailAddress, _key(address))
    if known is not None:
        known.bounces, known.bounced_at, known.stopped_at = 0, None, None


def take_back(data: bytes) -> str | None:
    """Count a delivery report (RFC 3464) and return the address that it is about; None when it is no report on a letter of ours.

    Ours is a letter whose Message-ID proves it, so that nobody can end somebody else's mail with an invented report.
    """
    report = email.message_from_bytes(data)
    address, status, original = None, "", ""
    for part in report.walk():
        kind = part.get_content_type()
        if "Final-Recipient" in part and part.get("Action", "").strip().lower() == "failed":
            address = part["Final-Recipient"].rpartition(";")[2].strip()
            status = part.get("Status", "").strip()
        elif kind == "text/rfc822-headers":
            original = email.message_from_string(str(part.get_payload())).get("Message-ID", "")
        elif kind == "message/rfc822" and isinstance(part.get_payload(), list):
            original = _first(part).get("Message-ID", "")
    known = re.match(r"\s*<([0-9a-f]{24})\.([0-9a-f]{20})@", original)
    if address is None or known is None:
        return None
    try:
        address = plain_address(address)
    except ValueError:
        return None
    if not hmac.compare_digest(_proof(known[1], address), known[2]):
        return None
    bounced(address, SOFT if status.startswith("4") else HARD)
    return address


def _first(part: Message) -> Message:
    return part.get_payload(0)  # type: ignore[return-value]


# Lists


def is_mailing(name: str) -> bool:
    """Tell whether a list may have this name."""
    return _NAME.fullmatch(name) is not None


def has_declined(address: str, mailing: str) -> bool:
    """Tell whether this address wants no more of this list."""
    return db.session.get(DeclinedMailing, (_key(address), mailing)) is not None


def address_of(token: str) -> MailAddress | None:
    """Return the address that this token of a link belongs to."""
    return db.session.scalar(select(MailAddress).where(MailAddress.token == token))


def decline(address: str, mailing: str) -> None:
    """Send no more of this list to this address; twice is once."""
    _remembered(address)
    try:
        with db.session.begin_nested():
            db.session.add(DeclinedMailing(address=_key(address), mailing=mailing, declined_at=clock.now()))
    except IntegrityError:
        return


def accept(address: str, mailing: str) -> None:
    """Send this list to this address again."""
    declined = db.session.get(DeclinedMailing, (_key(address), mailing))
    if declined is not None:
        db.session.delete(declined)
        db.session.flush()


def _remembered(raw: str) -> MailAddress:
    """Return the row of an address, made where there is none, locked where there is one."""
    address = _key(raw)
    row = db.session.get(MailAddress, address, with_for_update=True)
    if row is None:
        row = MailAddress(address=address, token=secrets.token_urlsafe(32), bounces=0)
        try:
            with db.session.begin_nested():
                db.session.add(row)
        except IntegrityError:  # somebody else was first
            row = db.session.get_one(MailAddress, address, with_for_update=True)
    return row
