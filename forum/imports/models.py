"""One row per import that was run."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from forum.extensions import Model


class ImportRun(Model):
    """An import: from which file and site, when, and its report."""

    __tablename__ = "import_run"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # "wordpress"
    source: Mapped[str] = mapped_column(String(120))  # the identity of the old site, as it stands with every row
    filename: Mapped[str] = mapped_column(String(255))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
