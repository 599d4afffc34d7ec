"""`forum import wordpress` as the operator types it: what it says, in Dutch, and with which exit code."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from flask.cli import ScriptInfo
from flask_babel import force_locale, gettext
from sqlalchemy import func, select

from forum.articles.models import Article
from forum.cli import main
from forum.extensions import db
from forum.imports import reasons
from tests.imports import exports
from tests.imports.conftest import tables

Type = Callable[..., Result]


@pytest.fixture
def types(app: Flask, now: object) -> Type:
    """Type a command; returns its answer."""

    def typed(*words: str | Path) -> Result:
        result = app.test_cli_runner().invoke(
            main, ["import", "wordpress", *map(str, words)], obj=ScriptInfo(create_app=lambda: app)
        )
        db.session.rollback()
        return result

    return typed


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.xml"


def test_the_report_is_in_dutch_and_names_what_was_left_out(types: Type, file: Path) -> None:
    waste = exports.post(2, wp__status="trash", title="Weggegooid")
    exports.write(file, exports.post(1, "[poll id=51] [onbekend-7]", exports.comment(5)), waste, title="De Oude Krant")
    answer = types(file)
    assert (answer.exit_code, answer.stderr) == (0, "")
    with force_locale("nl"):
        unknown, missing, trash, named = map(
            gettext, (reasons.NOT_KNOWN, reasons.POLL_MISSING, reasons.TRASH, reasons.SITE_NAMED)
        )
    assert (
        answer.stdout
        == f"""Import van export.xml (wordpress:oud.example)

Onderdelen: 2
     1  geplaatst
     1  weggelaten – {trash}
          2 post: Weggegooid

Reacties: 1
     1  geplaatst

Auteurs, rubrieken en onderwerpen: 1
     1  geplaatst

Shortcodes: 2
     1  [onbekend-7] – {unknown}
          1
     1  [poll] – {missing}
          1 (51)

Anders binnengekomen dan het was:
     1  {named}
          De Oude Krant

3 wijzigingen.
"""
    )


def test_every_reason_is_in_dutch(app: Flask) -> None:
    sentences = [value for name, value in vars(reasons).items() if name.isupper() and isinstance(value, str)]
    with force_locale("nl"):
        assert [sentence for sentence in sentences if gettext(sentence) == sentence] == []


def test_a_long_list_is_cut_and_the_file_has_every_number(types: Type, file: Path, tmp_path: Path) -> None:
    exports.write(file, *(exports.post(number, wp__status="trash") for number in range(1, 31)))
    whole = tmp_path / "verslag.txt"
    answer = types(file, "--report", whole)
    assert "en nog 22" in answer.stdout
    assert "30 post: Bericht 30" not in answer.stdout
    written = whole.read_text(encoding="utf-8")
    assert all(f"          {number} post: Bericht {number}\n" in written for number in range(1, 31))
    assert written.startswith("Import van export.xml")
    assert written.endswith("0 wijzigingen.\n")


def test_a_trial_says_so_and_changes_nothing(types: Type, file: Path) -> None:
    exports.write(file, exports.post(1))
    before = tables()
    answer = types(file, "--dry-run")
    assert answer.stdout.startswith(
        "Import van export.xml (wordpress:oud.example) – een proef: er is niets veranderd\n"
    )
    assert "2 wijzigingen." in answer.stdout
    assert tables() == before


def test_what_was_read_is_kept(types: Type, file: Path) -> None:
    types(exports.write(file, exports.post(1)))
    assert db.session.scalar(select(func.count()).select_from(Article)) == 1


def test_the_zone_of_the_old_site_is_that_of_its_times(types: Type, file: Path) -> None:
    local = {"wp__post_date_gmt": "0000-00-00 00:00:00", "wp__post_date": "2014-06-23 08:01:00"}
    assert types(exports.write(file, exports.post(1, **local)), "--zone", "America/New_York").exit_code == 0
    assert db.session.scalars(select(Article.published_at)).one().hour == 12


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Regel 1: "),
        (b"<rss><channel>", "Regel 1: "),
        (b"<html></html>", "Regel 1: "),
        (b'<?xml version="1.0"?>\n<rss>\n<channel><a></b>', "Regel 3, kolom 15: "),
        (b"PK\x03\x04 een zip", "Regel 1"),
    ],
)
def test_a_refusal_is_one_sentence_in_dutch_and_exit_code_1(
    types: Type, file: Path, content: bytes, sentence: str
) -> None:
    file.write_bytes(content)
    before = tables()
    answer = types(file)
    assert answer.exit_code == 1
    assert answer.stdout == ""
    assert answer.stderr.startswith(f"Error: {sentence}")
    assert answer.stderr.count("\n") == 1
    assert "Traceback" not in answer.output
    assert tables() == before


@pytest.mark.parametrize(
    "words",
    [
        ["--zone", "Atlantis"],
        ["--zone", "../../etc/passwd"],
        ["--zone", "Europe"],
        ["--media", "is/er/niet"],
        ["--report", "/is/er/niet/verslag.txt"],
    ],
)
def test_what_cannot_be_meant_is_asked_again(types: Type, file: Path, words: list[str]) -> None:
    exports.write(file, exports.post(1))
    answer = types(file, *words)
    assert answer.exit_code == 2
    assert "Traceback" not in answer.output
    assert db.session.scalar(select(func.count()).select_from(Article)) == 0


def test_a_file_that_is_not_there_is_asked_again(types: Type, tmp_path: Path) -> None:
    assert types(tmp_path / "geen.xml").exit_code == 2
