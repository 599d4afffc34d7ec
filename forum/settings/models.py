"""One row per setting that differs from its default, and one per change."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.extensions import Model


class SiteSetting(Model):
    """The chosen value of a field of SiteSettings."""

    __tablename__ = "site_setting"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class SettingChange(Model):
    """Who changed a setting, from what to what, and when; None for whoever has no account (the command line)."""

    __tablename__ = "setting_change"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    old_value: Mapped[Any] = mapped_column(JSON)
    new_value: Mapped[Any] = mapped_column(JSON)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    changed_at: Mapped[datetime]
