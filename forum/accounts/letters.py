"""The letters about accounts: which one goes out when, and to whom none may go."""

from urllib.parse import urlsplit

from sqlalchemy import select

from forum import mail
from forum.accounts.models import User
from forum.extensions import db

# Those that may go to an address that is not confirmed yet.
TO_CONFIRM = frozenset({"confirm", "new-address", "claim"})

# What Flask-Security wants to send, by the name of its template: our letter, and what its link is called there.
_LETTERS = {
    "welcome": ("confirm", "confirmation_link"),
    "welcome_existing": ("account-exists", "recovery_link"),
    "confirmation_instructions": ("confirm", "confirmation_link"),
    "reset_instructions": ("reset", "reset_link"),
    "reset_notice": ("password-changed", None),
    "change_notice": ("password-changed", None),
    "change_email_instructions": ("new-address", "link"),
}


def send(template: str, to: str, language: str, context: dict[str, object]) -> None:
    """Write the letter that Flask-Security asks for. Who signs up again before confirming gets the link to confirm once more."""
    wanted = template.rsplit("/", 1)[-1]
    if wanted == "welcome_existing" and context.get("confirmation_link"):
        wanted = "welcome"
    name, link = _LETTERS[wanted]
    user = context.get("user")
    links = {"action": urlsplit(str(context[link])).path} if link else {}
    mail.send(to, name, language, links=links, name=user.name if isinstance(user, User) else "")


@mail.guards
def is_confirmed(to: str, template: str) -> bool:
    """Tell whether this address may get this letter: one of an account that is not confirmed only what confirms it."""
    if template in TO_CONFIRM:
        return True
    found = db.session.execute(select(User.confirmed_at).where(User.email == to.lower())).first()
    return found is None or found.confirmed_at is not None
