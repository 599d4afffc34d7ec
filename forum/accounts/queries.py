"""Reading users."""

from sqlalchemy import Select, func, select

from forum import clock
from forum.accounts.models import STAFF, Role, RoleName, User, roles_users
from forum.extensions import db


def by_email(address: str) -> User | None:
    """Return the user with this address, in whatever case it is written."""
    return db.session.scalar(select(User).where(User.email == address.strip().lower()))


def by_skeleton(skeleton: str) -> User | None:
    """Return the user whose name looks like this (names.skeleton)."""
    return db.session.scalar(select(User).where(User.skeleton == skeleton)) if skeleton else None


def named(words: str) -> Select[User]:
    """Return the users in whose name these words stand, by name."""
    known = func.lower(User.name).contains(words.lower(), autoescape=True)
    return select(User).where(known).order_by(User.name, User.id)


def suspended() -> Select[User]:
    """Return who is suspended at this moment, whoever comes back first first."""
    return select(User).where(User.suspended_until > clock.now()).order_by(User.suspended_until, User.id)


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
