"""Who may do what: one function per act, asked inside the operation that does it."""

from forum.accounts.models import Actor, RoleName, User
from forum.errors import NotAllowed


def _has(actor: Actor | None, *roles: RoleName) -> bool:
    return isinstance(actor, User) and actor.is_active and not actor.role_names.isdisjoint({*roles, RoleName.ADMIN})


def may_write(actor: Actor | None) -> bool:
    """Tell whether the actor may write articles of their own."""
    return _has(actor, RoleName.CONTRIBUTOR, RoleName.EDITOR)


def may_publish(actor: Actor | None) -> bool:
    """Tell whether the actor may publish, schedule and withdraw, and change anybody's article."""
    return _has(actor, RoleName.EDITOR)


def may_moderate(actor: Actor | None) -> bool:
    """Tell whether the actor may approve, hide and restore comments."""
    return _has(actor, RoleName.MODERATOR)


def may_administer(actor: Actor | None) -> bool:
    """Tell whether the actor may change roles and the site's settings."""
    return _has(actor)


def require(allowed: bool) -> None:
    """Raise NotAllowed unless allowed."""
    if not allowed:
        raise NotAllowed()
