"""Making users, giving them roles, and letting them go."""

import secrets
import unicodedata
from collections.abc import Iterable
from datetime import datetime, time, timedelta

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from flask_security.utils import hash_password
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from zxcvbn import zxcvbn

from forum import clock, jobs, signals, versions
from forum.accounts import queries, sessions
from forum.accounts.models import Role, RoleName, User
from forum.accounts.names import NameTaken, skeleton
from forum.errors import AlreadyDone, ForumError
from forum.extensions import db
from forum.mail import plain_address
from forum.text import clean_name


class InvalidAccount(ForumError):
    """A name, address or password that cannot be an account's; the sentence says which and why."""

    status = 422


LONGEST_NAME = 40  # characters
LONGEST_ABOUT = 500
PASSWORD_LENGTH = (8, 200)  # ASVS 5.0, 6.2.1 and 6.2.9
GUESSABLE_BELOW = 3  # of zxcvbn's five steps: more than a hundred million tries
LONGEST_GUESSED = 72  # characters; what comes after makes a password no easier
UNCONFIRMED_KEPT = timedelta(days=7)


def normalised_email(address: str) -> str:
    """Return the address as it is kept: one that mail can be sent to, in lower case. Raises InvalidAccount."""
    try:
        known = validate_email(address.strip(), check_deliverability=False, test_environment=True).normalized
        return plain_address(known).lower()
    except (EmailNotValidError, ValueError) as error:
        raise InvalidAccount(_l("This is not an e-mail address.")) from error


def checked_name(name: str) -> str:
    """Return a name as readers see it. Raises InvalidAccount for one without a letter, or too long."""
    cleaned = clean_name(name)
    if not cleaned:
        raise InvalidAccount(_l("A name needs at least one letter or digit."))
    if len(cleaned) > LONGEST_NAME:
        raise InvalidAccount(_l("A name has at most %(most)s characters.", most=LONGEST_NAME))
    return cleaned


def checked_password(password: str, words: Iterable[str] = ()) -> str:
    """Return a password in the form that is hashed (NFKD, as at sign-in). `words` are what somebody would try first.

    Raises InvalidAccount for one that is too short, too long or easy to guess.
    """
    shortest, longest = PASSWORD_LENGTH
    normal = unicodedata.normalize("NFKD", password)
    if not shortest <= len(normal) <= longest:
        raise InvalidAccount(_l("A password has 8 to 200 characters."))
    if zxcvbn(normal[:LONGEST_GUESSED], user_inputs=list(words))["score"] < GUESSABLE_BELOW:
        raise InvalidAccount(_l("This password is easy to guess. A few loose words after each other are not."))
    return normal


def create_user(
    email: str,
    name: str,
    password: str,
    roles: list[RoleName],
    source: str | None = None,
    source_id: str | None = None,
) -> User:
    """Return a new, confirmed user with these roles. Raises InvalidAccount, NameTaken; an address in use is refused too."""
    email, name = normalised_email(email), checked_name(name)
    refuse_lookalike_member(name)
    if queries.by_email(email) is not None:
        raise InvalidAccount(_l("There is an account with this address already."))
    hashed = hash_password(checked_password(password, [email, name]))
    user = _added(
        User(email=email, name=name, password=hashed, confirmed_at=clock.now(), source=source, source_id=source_id)
    )
    for role in roles:
        grant(user, role)
    return user


def sign_up(email: str, name: str, hashed_password: str) -> User:
    """Return a new user, a reader, whose address is not confirmed yet. Raises NameTaken.

    The form has checked address, name and password; of two who take one name at once the second is refused here.
    """
    user = _added(User(email=email, name=name, password=hashed_password))
    grant(user, RoleName.READER)
    return user


def tell_about(user: User, words: str) -> None:
    """Let a member's page say this of them; nothing typed takes it away. Raises InvalidAccount when it is too long."""
    if len(words) > LONGEST_ABOUT:
        raise InvalidAccount(_l("At most %(most)s characters fit here.", most=LONGEST_ABOUT))
    user.about = words.strip() or None
    versions.bump(versions.reader(user.id))
    db.session.flush()


def refuse_lookalike_member(name: str) -> None:
    """Raise NameTaken when a member's name looks like this one. The operator may name somebody as the desk is called."""
    if queries.by_skeleton(skeleton(name)) is not None:
        raise NameTaken()


def _added(user: User) -> User:
    user.skeleton = skeleton(user.name) or None
    user.active = True
    user.fs_uniquifier = secrets.token_hex(32)
    user.fs_webauthn_user_handle = secrets.token_hex(32)
    user.created_at = clock.now()
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError as error:  # another one took name or address meanwhile; which of them is not told
        raise NameTaken() from error
    return user


def delete_user(user: User, blank_comments: bool) -> None:
    """Let a user go. Comments stay without the name, or their words go too; articles and votes stay.

    Raises InvalidAccount when nobody else could run the site.
    """
    if RoleName.ADMIN.value in user.role_names and queries.count_admins() == 1:
        raise InvalidAccount(_l("You are the only admin. Make somebody else admin first."))
    signals.user_leaving.send(user, blank_comments=blank_comments)
    db.session.delete(user)
    db.session.flush()


@jobs.handles("account-cleaning", daily=time(4, 20))
def clean(_task: jobs.Task) -> None:
    """Take away sessions that are over, and accounts that were never confirmed: somebody may want the name."""
    sessions.end_forgotten()
    late = clock.now() - UNCONFIRMED_KEPT
    db.session.execute(delete(User).where(User.confirmed_at.is_(None), User.created_at < late))


def grant(user: User, role: RoleName) -> None:
    """Give the user this role and end their sessions; one that they have already changes nothing."""
    row = db.session.scalar(select(Role).where(Role.name == role.value))
    if row is None:
        row = Role(name=role.value)
        db.session.add(row)
    if row not in user.roles:
        user.roles.append(row)
        sessions.end_all(user)
    db.session.flush()


def revoke(user: User, role: RoleName) -> None:
    """Take this role from the user and end their sessions; one that they do not have changes nothing."""
    if role.value in user.role_names:
        user.roles = [kept for kept in user.roles if kept.name != role.value]
        sessions.end_all(user)
    db.session.flush()


def suspend(user: User, until: datetime) -> None:
    """Keep the user out until a moment to come: their sessions end, and nobody signs in to the account.

    Raises InvalidAccount for a moment that is past.
    """
    if until <= clock.now():
        raise InvalidAccount(_l("Choose a day to come."))
    user.suspended_until = until
    sessions.end_all(user)
    db.session.flush()


def reinstate(user: User) -> None:
    """Let a suspended user in again. Raises AlreadyDone."""
    if not user.is_suspended:
        raise AlreadyDone()
    user.suspended_until = None
    db.session.flush()


def renew(user: User) -> None:
    """Make everything worthless that was given out for this account: links in mail, and sessions with them."""
    user.fs_uniquifier = secrets.token_hex(32)
    sessions.end_all(user)
    db.session.flush()


def drop_second_step(user: User) -> None:
    """Take codes, recovery codes and passkeys from an account whose owner lost them all, and end its sessions."""
    user.tf_primary_method = user.tf_totp_secret = user.mf_recovery_codes = None
    user.webauthn.clear()
    sessions.end_all(user)
    db.session.flush()
