"""Users with their roles, passkeys and sessions, and the guest who has no account."""

import enum
from dataclasses import dataclass
from datetime import datetime

from flask_security import RoleMixin, UserMixin, WebAuthnMixin
from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum import clock
from forum.extensions import Model, db


class RoleName(enum.StrEnum):
    """The roles of a user. A contributor writes and sends in, an editor publishes, a moderator hides and restores."""

    READER = "reader"
    CONTRIBUTOR = "contributor"
    EDITOR = "editor"
    MODERATOR = "moderator"
    ADMIN = "admin"


STAFF = frozenset({RoleName.EDITOR.value, RoleName.MODERATOR.value, RoleName.ADMIN.value})

roles_users = Table(
    "user_role",
    db.metadata,
    Column("user_id", Integer, ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", Integer, ForeignKey("role.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Model, RoleMixin):
    """A role by its name (RoleName)."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)


class User(Model, UserMixin):
    """Somebody with an account. `name` is what readers see; the address is never shown."""

    __tablename__ = "user"
    __table_args__ = (UniqueConstraint("source", "source_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    skeleton: Mapped[str | None] = mapped_column(String(200), unique=True)  # what the name looks like: names.skeleton
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    suspended_until: Mapped[datetime | None]
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[datetime | None]
    about: Mapped[str | None] = mapped_column(Text)  # what they choose to tell of themselves, as typed
    expertise: Mapped[str | None] = mapped_column(String(120))  # a line that an editor verified
    created_at: Mapped[datetime]
    source: Mapped[str | None] = mapped_column(String(120))  # "demo": works on this machine only
    source_id: Mapped[str | None] = mapped_column(String(120))

    # The second step, in Flask-Security's words.
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(  # type: ignore[assignment]
        String(64), unique=True
    )
    tf_primary_method: Mapped[str | None] = mapped_column(String(20))  # "authenticator", or no codes
    tf_totp_secret: Mapped[str | None] = mapped_column(Text)  # encrypted
    tf_phone_number = None  # asked for, though we know no telephones
    tf_last_counter: Mapped[int | None]  # of the last code that was used: none works twice (RFC 6238, 5.2)
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(
        JSON(none_as_null=True)
    )  # hashed; each leaves when it is used

    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]
        secondary=roles_users, lazy="selectin", order_by=Role.id
    )
    webauthn: Mapped[list["Passkey"]] = relationship(  # type: ignore[assignment]
        cascade="all, delete-orphan", passive_deletes=True, order_by="Passkey.id"
    )

    @property
    def role_names(self) -> frozenset[str]:
        """Return the names of this user's roles."""
        return frozenset(role.name for role in self.roles)

    @property
    def is_suspended(self) -> bool:
        """Tell whether this user is kept out at this moment."""
        return self.suspended_until is not None and clock.now() < self.suspended_until

    @property
    def is_active(self) -> bool:
        """Tell whether this account lets its owner in: it was not switched off, and is not suspended now."""
        return self.active and not self.is_suspended

    @property
    def is_demo(self) -> bool:
        """Tell whether this is an account of the demonstration, which works on the machine itself only."""
        return self.source == "demo"

    @property
    def is_staff(self) -> bool:
        """Tell whether this user speaks for the desk: a contributor does not."""
        return not self.role_names.isdisjoint(STAFF)

    @property
    def has_codes(self) -> bool:
        """Tell whether a password alone is not enough, since an app makes codes for this account."""
        return self.tf_primary_method is not None

    @property
    def has_second_step(self) -> bool:
        """Tell whether a password alone is not enough for this account: it has codes or a passkey."""
        return self.has_codes or bool(self.webauthn)


class Passkey(Model, WebAuthnMixin):
    """A key pair of which the private half never leaves its owner's device (WebAuthn, W3C 2021). Flask-Security's words."""

    __tablename__ = "passkey"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    extensions: Mapped[str | None] = mapped_column(Text)
    backup_state: Mapped[bool]
    device_type: Mapped[str] = mapped_column(String(64))
    usage: Mapped[str] = mapped_column(String(20))
    lastuse_datetime: Mapped[datetime]


class UserSession(Model):
    """One browser in which somebody is signed in. Nothing of its address is kept."""

    __tablename__ = "user_session"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)  # of what the cookie carries
    device: Mapped[str] = mapped_column(String(80))  # in words: "Firefox, Windows"
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime] = mapped_column(index=True)  # to the hour


class Mute(Model):
    """That a user wants somebody's comments folded and hears nothing of them: a member, or a guest by the hash of their cookie."""

    __tablename__ = "mute"
    __table_args__ = (
        UniqueConstraint("user_id", "muted_id"),
        UniqueConstraint("user_id", "guest_key", name="uq_mute_guest"),
        CheckConstraint("(muted_id IS NULL) <> (guest_key IS NULL)", name="one_person"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    muted_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    guest_key: Mapped[str | None] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(200))  # as it stood over the comment
    muted_at: Mapped[datetime]


@dataclass(frozen=True)
class Guest:
    """Somebody without an account, known by the random token of their cookie; the name is what they typed last."""

    token: str
    name: str = ""
    email: str | None = None


Actor = User | Guest
