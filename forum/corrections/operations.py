"""Sending a fault to the desk, settling it, and telling who sent it."""

import hashlib
import unicodedata
from datetime import time, timedelta

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from forum import clock, jobs, mail, text, versions
from forum.accounts import policy
from forum.accounts.models import Actor, Guest, User
from forum.accounts.names import refuse_lookalike
from forum.articles.models import Article
from forum.articles.queries import protected_names
from forum.corrections.models import Correction, Outcome
from forum.errors import AlreadyDone, InvalidComment, NotAllowed, ReasonNeeded
from forum.extensions import db

LONGEST = 2000  # characters, of what is sent and of what is answered
MANY_LINKS = 3
ADDRESS_KEPT = timedelta(days=30)  # after it was settled


def send_in(
    article: Article, sender: Actor, body: str, *, wants_thanks: bool = False, key: str | None = None, trap: str = ""
) -> Correction:
    """Send a fault in this article to the desk and return it; a double send returns the one that is there.

    Raises NotAllowed for an article that readers do not see, InvalidComment (empty, too long), NameTaken (a guest who looks
    like somebody here).
    """
    if not article.is_published(clock.now()):
        raise NotAllowed(_l("This article is not there any more."))
    body = body.strip()
    if not any(unicodedata.category(letter)[0] in "LN" for letter in body):
        raise InvalidComment(_l("Say what is wrong first."))
    if len(body) > LONGEST:
        raise InvalidComment(_l("At most %(most)s characters fit here.", most=LONGEST))
    name = text.clean_name(sender.name)[:80] if isinstance(sender, Guest) else ""
    if name:
        refuse_lookalike(name, protected_names())
    double_key = hashlib.sha256(f"{key}\x00{article.id}\x00{body}".encode()).hexdigest() if key else None
    correction = Correction(
        article_id=article.id,
        user_id=sender.id if isinstance(sender, User) else None,
        name=name,
        address=(sender.email or None) if isinstance(sender, Guest) else None,
        body=body,
        wants_thanks=wants_thanks,
        is_doubtful=bool(trap.strip()) or body.count("://") >= MANY_LINKS,
        double_key=double_key,
        sent_at=clock.now(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(correction)
    except IntegrityError:
        return db.session.scalars(select(Correction).where(Correction.double_key == double_key)).one()
    return correction


def confirm(correction: Correction) -> None:
    """Take a guest's address as theirs, as they have just shown; what became of it meanwhile is told at once."""
    if correction.confirmed_at is None and correction.address:
        correction.confirmed_at = clock.now()
        db.session.flush()
        if correction.settled_at is not None:
            _tell(correction)


def settle(correction: Correction, editor: User, outcome: Outcome, answer: str, note: str = "") -> None:
    """Settle what was sent in, with an answer to who sent it; `note` is what the article says of what was put right.

    Raises NotAllowed, ReasonNeeded (declined without an answer), InvalidComment (too long), AlreadyDone: of two editors at
    once one settles it.
    """
    policy.require(policy.may_publish(editor))
    answer, note = answer.strip(), note.strip()
    if outcome == Outcome.DECLINED and not answer:
        raise ReasonNeeded(_l("Say why: whoever sent it reads your answer."))
    if max(len(answer), len(note)) > LONGEST:
        raise InvalidComment(_l("At most %(most)s characters fit here.", most=LONGEST))
    waiting = update(Correction).where(Correction.id == correction.id, Correction.settled_at.is_(None))
    settled = waiting.values(
        outcome=outcome.value,
        answer=answer,
        note=note if outcome == Outcome.CORRECTED else "",
        editor_id=editor.id,
        settled_at=clock.now(),
    )
    if db.session.execute(settled).rowcount != 1:  # type: ignore[attr-defined]
        raise AlreadyDone()
    db.session.refresh(correction)
    versions.bump(versions.article(correction.article_id))
    _tell(correction)


def see(user: User) -> None:
    """Note that a member read what became of all that they sent in."""
    unread = update(Correction).where(Correction.user_id == user.id, Correction.settled_at.is_not(None))
    db.session.execute(unread.where(Correction.seen_at.is_(None)).values(seen_at=clock.now()))


def _tell(correction: Correction) -> None:
    """Write to who sent it: a member, or a guest whose address is confirmed."""
    to = (
        correction.user.email
        if correction.user is not None
        else correction.address
        if correction.confirmed_at
        else None
    )
    if to is None:
        return
    mail.send(
        to,
        "correction-settled",
        current_app.config["LANGUAGE"],
        links={"article": correction.article.url},
        key=f"correction settled {correction.id}",
        name=correction.sender_name,
        title=correction.article.headline,
        is_corrected=correction.outcome == Outcome.CORRECTED.value,
        sent=correction.body,
        answer=correction.answer,
    )


@jobs.handles("correction-cleaning", daily=time(4, 40))
def clean(_task: jobs.Task) -> None:
    """Forget the addresses of guests a month after their correction was settled."""
    late = clock.now() - ADDRESS_KEPT
    served = update(Correction).where(Correction.address.is_not(None), Correction.settled_at < late)
    db.session.execute(served.values(address=None))
