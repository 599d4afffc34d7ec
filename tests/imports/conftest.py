"""What the tests of imports share: a site into which an export is loaded, and what stands in its tables."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from PIL import Image
from sqlalchemy import select, text

from forum import checking
from forum.articles.models import Article
from forum.comments.models import Comment
from forum.extensions import db
from forum.imports import operations
from forum.imports.report import Report
from tests.conftest import ON_POSTGRESQL

Load = Callable[..., Report]
Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def load(app: Flask, now: Any) -> Load:
    """Import a file as the command does; afterwards everything is accounted for and every count is right."""

    def loaded(file: Path, media: Path | None = None, dry_run: bool = False) -> Report:
        with force_locale("nl"):
            report = operations.import_wordpress(file, media, None, dry_run)
            assert report.lines()
        if dry_run:
            db.session.rollback()
        else:
            db.session.commit()
        db.session.expire_all()
        assert report.is_complete
        assert checking.everything() == []
        return report

    return loaded


def tables(*without: str) -> Rows:
    """Return every row of every table but these, in order."""
    db.session.rollback()
    return {
        table.name: sorted((tuple(row) for row in db.session.execute(select(table))), key=repr)
        for table in db.metadata.sorted_tables
        if table.name not in without
    }


def start_anew() -> None:
    """Empty every table, and let numbers begin again."""
    for table in reversed(db.metadata.sorted_tables):
        db.session.execute(table.delete())
    if ON_POSTGRESQL:
        for table in db.metadata.sorted_tables:
            db.session.execute(text(f'TRUNCATE "{table.name}" RESTART IDENTITY CASCADE'))
    else:
        db.session.execute(text("DELETE FROM sqlite_sequence"))
    db.session.commit()


def stored() -> str:
    """Return all that stands in the database as one text."""
    return repr(tables())


def article(number: int, source: str = "wordpress:oud.example") -> Article:
    """Return the article that had this number in the old site."""
    return db.session.scalars(select(Article).where(Article.source == source, Article.source_id == str(number))).one()


def comment(number: int, source: str = "wordpress:oud.example") -> Comment:
    """Return the comment that had this number in the old site."""
    return db.session.scalars(select(Comment).where(Comment.source == source, Comment.source_id == str(number))).one()


def picture(colour: str, width: int = 60, height: int = 40) -> bytes:
    """Return a small picture."""
    content = BytesIO()
    Image.new("RGB", (width, height), colour).save(content, "JPEG")
    return content.getvalue()


def put(folder: Path, path: str, content: bytes) -> Path:
    """Put a file into a folder and return its path."""
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return file
