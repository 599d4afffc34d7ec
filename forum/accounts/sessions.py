"""Where somebody is signed in: a row for each browser, so that any of them can be ended from elsewhere."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from forum import clock
from forum.accounts.models import User, UserSession
from forum.extensions import db

KEPT = timedelta(days=90)  # unseen for so long, a session is over

# By the word in the User-Agent header that tells them apart; who names itself after others comes first.
_BROWSERS = (
    *(("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Vivaldi", "Vivaldi")),
    *(("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari")),
)
_SYSTEMS = (
    *(("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows")),
    *(("Macintosh", "macOS"), ("Mac OS", "macOS"), ("Linux", "Linux"), ("BSD", "BSD")),
)


def begin(user: User, user_agent: str) -> str:
    """Note that the user signed in with this browser, and return the token for its cookie; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    db.session.add(
        UserSession(
            user_id=user.id,
            token_hash=_hash(token),
            device=device(user_agent),
            created_at=now,
            last_seen_at=_hour(now),
        )
    )
    db.session.flush()
    return token


def find(user: User, token: str) -> UserSession | None:
    """Return the user's session that this token is of, unless it was ended or is over."""
    found = select(UserSession).where(UserSession.user_id == user.id, UserSession.token_hash == _hash(token))
    return db.session.scalar(found.where(UserSession.last_seen_at > clock.now() - KEPT))


def of(user: User) -> list[UserSession]:
    """Return the sessions of a user that are not over, the last seen first."""
    return list(
        db.session.scalars(
            select(UserSession)
            .where(UserSession.user_id == user.id, UserSession.last_seen_at > clock.now() - KEPT)
            .order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())
        )
    )


def end(user: User, session_id: int) -> bool:
    """End one of the user's sessions; False for one that is not theirs or is gone."""
    ended = delete(UserSession).where(UserSession.user_id == user.id, UserSession.id == session_id)
    return db.session.scalar(ended.returning(UserSession.id)) is not None


def end_by_token(token: str) -> None:
    """End the session of this token."""
    db.session.execute(delete(UserSession).where(UserSession.token_hash == _hash(token)))


def end_all(user: User, but_token: str | None = None) -> None:
    """Sign the user out everywhere, but where this token is from."""
    ending = delete(UserSession).where(UserSession.user_id == user.id)
    if but_token is not None:
        ending = ending.where(UserSession.token_hash != _hash(but_token))
    db.session.execute(ending)


def is_stale(known: UserSession) -> bool:
    """Tell whether it is another hour than when this session was last seen."""
    return known.last_seen_at < _hour(clock.now())


def seen(session_id: int) -> None:
    """Note the hour in which this session was seen."""
    db.session.execute(update(UserSession).where(UserSession.id == session_id).values(last_seen_at=_hour(clock.now())))


def end_forgotten() -> None:
    """Take away the sessions that are over."""
    db.session.execute(delete(UserSession).where(UserSession.last_seen_at <= clock.now() - KEPT))


def device(user_agent: str) -> str:
    """Return browser and system in words, such as "Firefox, Windows"; "" when the header tells neither."""
    names = (_first(_BROWSERS, user_agent), _first(_SYSTEMS, user_agent))
    return ", ".join(name for name in names if name)


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for word, name in known if re.search(rf"\b{word}", user_agent)), "")


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
