"""Reading users."""

from sqlalchemy import func, select

from forum.accounts.models import STAFF, Role, RoleName, User, roles_users
from forum.extensions import db


def by_email(address: str) -> User | None:
    """Return the user with this address, in whatever case it is written."""
    return db.session.scalar(select(User).where(User.email == address.strip().lower()))


def by_skeleton(skeleton: str) -> User | None:
    """Return the user whose name looks like this (names.skeleton)."""
    return db.session.scalar(select(User).where(User.skeleton == skeleton)) if skeleton else None


def has_admin() -> bool:
    """Tell whether anybody is admin of this site."""
    return count_admins() > 0


def count_admins() -> int:
    """Return how many run this site."""
    counted = select(func.count()).select_from(roles_users).join(Role, Role.id == roles_users.c.role_id)
    return db.session.scalar(counted.where(Role.name == RoleName.ADMIN.value)) or 0


def desk_ids() -> frozenset[int]:
    """Return the ids of everybody who speaks for the desk: contributors are not among them."""
    found = select(roles_users.c.user_id).join(Role, Role.id == roles_users.c.role_id).where(Role.name.in_(STAFF))
    return frozenset(db.session.scalars(found))
