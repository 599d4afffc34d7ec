"""Comments that were written elsewhere, under an address that its owner can prove here: claimed, they carry the owner's account.

An import keeps no addresses, only what `claim_key` makes of them. Who has confirmed the same address claims what stands under it;
another address of theirs is proven with a link in a letter that goes there. No answer tells whether anything stands under one.
"""

import hashlib
import hmac

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import ColumnElement, and_, select, update

from forum.accounts.models import User
from forum.comments.models import Comment, Discussion
from forum.comments.operations import recount, touched
from forum.extensions import db
from forum.mail import plain_address

LINK_WORKS_FOR = 2 * 24 * 3600  # seconds


def claim_key(address: str) -> str | None:
    """Return what is kept of an address under which something was written elsewhere: a keyed hash; None for no address."""
    try:
        known = plain_address(address).lower()
    except ValueError:
        return None
    secret = current_app.config["PASSWORD_SALT"].encode()
    return hmac.new(secret, f"claim {known}".encode(), hashlib.sha256).hexdigest()


def is_claimable(address: str) -> bool:
    """Tell whether anything that nobody has stands under this address."""
    return db.session.scalar(select(Comment.id).where(_free(address)).limit(1)) is not None


def claim(user: User, address: str) -> int:
    """Let every comment under this address, which the user has proven to be theirs, carry the account; return how many did."""
    claimed = update(Comment).where(_free(address)).values(user_id=user.id).returning(Comment.discussion_id)
    found = db.session.scalars(claimed, execution_options={"synchronize_session": False}).all()
    for discussion in db.session.scalars(select(Discussion).where(Discussion.id.in_(set(found)))).all():
        recount(discussion)  # two names of one person were two writers
        touched(discussion)
    return len(found)


def make_token(user: User, address: str) -> str:
    """Return the token of a letter's link: this user's, for this address."""
    return str(_signer().dumps([user.fs_uniquifier, address]))


def address_in(token: str, user: User) -> str | None:
    """Return the address that this user proves with a token; None for another's, a forged or an old one."""
    try:
        owner, address = _signer().loads(token, max_age=LINK_WORKS_FOR)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(address) if owner == user.fs_uniquifier else None


def _free(address: str) -> ColumnElement[bool]:
    return and_(Comment.claim_key == (claim_key(address) or ""), Comment.user_id.is_(None))


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="claim")
