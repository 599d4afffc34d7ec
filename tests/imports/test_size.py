"""Large discussions and sites: the time that each row takes stays the same, and so does the memory."""

import gc
import time
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from forum import checking
from forum.comments.models import Discussion
from forum.extensions import db
from forum.imports import operations
from tests.imports import exports


def one_article(path: Path, total: int) -> Path:
    """Write an article with so many comments: a root, a reply to it, a reply to that, and again."""
    parents = (0 if number % 3 == 1 else number - 1 for number in range(1, total + 1))
    return exports.write(path, exports.post(1, "x", *(exports.comment(n, p) for n, p in enumerate(parents, start=1))))


def seconds(file: Path) -> float:
    began = time.process_time()
    operations.import_wordpress(file, None, None, dry_run=False)
    db.session.commit()
    return time.process_time() - began


def test_three_thousand_comments_below_one_article_take_no_longer_each_than_a_few(app: Flask, tmp_path: Path) -> None:
    few = seconds(one_article(tmp_path / "few.xml", 300))
    (tmp_path / "many.xml").write_text(
        one_article(tmp_path / "x.xml", 3000).read_text(encoding="utf-8").replace("oud.example", "ander.example"),
        encoding="utf-8",
    )
    many = seconds(tmp_path / "many.xml")
    assert many < few * 10 * 2
    assert checking.everything() == []
    assert sorted(db.session.scalars(select(Discussion.comment_count))) == [300, 3000]
    again = seconds(tmp_path / "many.xml")
    assert again < many


def test_a_site_of_hundreds_of_articles_keeps_no_more_of_them_in_memory_than_one(app: Flask, tmp_path: Path) -> None:
    body = "De prijs van een domeinnaam stijgt, <em>zegt</em> de vereniging.\n\n" * 10
    items = (exports.post(number, body, exports.comment(number)) for number in range(1, 251))
    alive: dict[int, int] = {}

    def seen(done: int, _total: int) -> None:
        if done in {100, 500}:
            gc.collect()
            alive[done] = len(gc.get_objects())
            assert len(db.session.identity_map) < 20

    operations.import_wordpress(exports.write(tmp_path / "export.xml", *items), None, None, dry_run=False, seen=seen)
    assert alive[500] - alive[100] < 200 * 10  # one article with its revision, comment and discussion is hundreds
