"""The one-time link of an empty site: signed, and worth something only as long as there is no admin."""

from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

LINK_WORKS_FOR = 7 * 24 * 3600  # seconds


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="first-admin")


def make_token() -> str:
    """Return a token for the link."""
    return str(_signer().dumps("first-admin"))


def token_is_good(token: str) -> bool:
    """Tell whether we made this token, and not longer than a week ago."""
    try:
        return bool(_signer().loads(token, max_age=LINK_WORKS_FOR) == "first-admin")
    except BadSignature:
        return False
