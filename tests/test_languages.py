"""Every page of the URL map in each language, and in one that was never there: what that one leaves as it was, nobody can translate."""

import re
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from babel.messages.pofile import read_po, write_po
from flask import Flask
from flask.testing import FlaskClient

from forum import translations
from forum.extensions import db, may_write
from forum.jobs import Job
from forum.web import LANGUAGE_COOKIE
from tests.conftest import Clock, Home, Visitor, make_app
from tests.doors import DOORS, furnish, knock
from tests.factories import sign_in
from tests.words import LANGUAGES, READ_ATTRIBUTES, Words, met, only_in

# They see everything between them.
LOOK = pytest.mark.parametrize("role", ["anonymous", "adam"])
# Said in every language alike: names of things and of formats.
NAMES = {"Forum", "memory"}  # the usual name of a site; where the tests keep their mail
ADDRESS = re.compile(r"\S*[/@_]\S*")  # and what is typed into a file of settings
WORD = re.compile(r"[^\W\d_]{2,}")


def pages(client: FlaskClient, house: dict[str, Any], role: str) -> Iterator[tuple[str, str]]:
    """Walk past every door, forms sent empty too, and yield each page of HTML with the door's name."""
    if role != "anonymous":
        sign_in(client, role)
    for (method, rule), door in sorted(DOORS.items()):
        if rule in {"/account/logout", "/account/sessions/end", "/language", "/desk/styleguide/"}:
            continue  # the last is full of examples, in Dutch
        if method == "GET":
            answer = knock(client, house, "GET", door)
        else:
            answer = client.post(door.address.format(**house), data={})
        if answer.mimetype == "text/html" and answer.status_code not in {301, 302, 303, 307, 308}:
            yield f"{method} {rule}", answer.text


def content() -> set[str]:
    """Return every word that somebody gave the site to show, and the words of dates."""
    kept = [
        str(value)
        for table in db.metadata.sorted_tables
        if table.name != "job"
        for row in db.session.execute(table.select())
        for value in row
        if isinstance(value, str | list | dict)
    ]
    jobs = [f"{job.kind} {job.payload.get('template')}" for job in db.session.scalars(db.select(Job))]
    months = Locale.parse("fy").months["format"]["wide"].values()
    return set(WORD.findall(" ".join([*kept, *jobs, *months])))


@LOOK
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_says_a_word_of_another_language(client: FlaskClient, now: Clock, role: str, language: str) -> None:
    house = furnish()
    client.set_cookie(LANGUAGE_COOKIE, language)
    given = content()
    foreign = {words for other in LANGUAGES if other != language for words in only_in(other)}
    wrong = {}
    for name, page in pages(client, house, role):
        words = Words(page)
        assert words.language in {language, ""}, (
            name
        )  # a fragment says none; that every page does is tests/test_web.py's
        if found := {each for each in met(words, foreign) if not set(WORD.findall(each)) <= given}:
            wrong[name] = found
    assert wrong == {}


# A language that was never there: every message stands between marks


OPEN, CLOSE = "⟦", "⟧"


def marked(words: str) -> str:
    """Put marks around the words, inside the white space around them."""
    return re.sub(r"^(\s*)(.*?)(\s*)$", rf"\1{OPEN}\2{CLOSE}\3", words, flags=re.DOTALL)


@pytest.fixture
def strange(app: Flask, _made: str, tmp_path: Path, now: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """A site that speaks Frisian by default, made by adding one folder: the English one, copied, with marks around its words."""
    source = tmp_path / "translations"
    for language in LANGUAGES:
        shutil.copytree(translations.SOURCE / language, source / language)
    shutil.copytree(translations.SOURCE / "en", source / "fy")
    for path in (source / "fy").rglob("*.po"):
        with path.open("rb") as file:
            catalogue = read_po(file, locale="fy")
        for message in catalogue:
            if message.id:
                given = message.string
                message.string = marked(given) if isinstance(given, str) else tuple(map(marked, given))
        with path.open("wb") as file:
            write_po(file, catalogue)
    monkeypatch.setattr(translations, "SOURCE", source)
    site = make_app(Home(tmp_path), _made, LANGUAGE="fy")
    site.test_client_class = Visitor
    with site.app_context():
        may_write.set(True)
        yield site
        db.session.remove()
        db.engine.dispose()


class Unmarked(Words):
    """The words of a page that stand between no marks."""

    def __init__(self, page: str) -> None:
        self.depth = 0
        self.silent = 0
        super().__init__(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "html":
            self.language = dict(attrs).get("lang") or ""
        if dict(attrs).get("lang") and tag != "html":
            self.silent += 1  # the name of a language, in that language
        for name, value in attrs:
            if name in READ_ATTRIBUTES or (
                tag == "meta" and name == "content" and dict(attrs).get("name") == "description"
            ):
                self.read(value or "", 0)
        self.silent += tag in {"script", "style", "title"}

    def handle_endtag(self, tag: str) -> None:
        if self.silent:
            self.silent -= tag in {"script", "style", "title", "button"}

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.depth = self.read(data, self.depth)

    def read(self, text: str, depth: int) -> int:
        """Keep the words outside the marks; return how many marks stand open at the end."""
        for piece in re.split(f"([{OPEN}{CLOSE}])", text):
            if piece == OPEN:
                depth += 1
            elif piece == CLOSE:
                depth -= 1
            elif depth == 0:
                self.pieces |= set(WORD.findall(ADDRESS.sub("", piece)))
        return depth


@LOOK
def test_a_language_more_is_one_folder_and_no_word_of_a_page_stays_behind(strange: Flask, role: str) -> None:
    house = furnish()
    with (files("wtforms") / "locale" / "wtforms.pot").open("rb") as file:
        theirs = " ".join(str(message.id) for message in read_po(file))  # they have Frisian or they have not
    known = content() | NAMES | set(WORD.findall(theirs))
    client = strange.test_client()
    wrong = {}
    for name, page in pages(client, house, role):
        words = Unmarked(page)
        assert words.language in {"fy", ""}, name
        assert words.depth == 0, name
        if found := words.pieces - known:
            wrong[name] = found
    assert wrong == {}
    assert 'value="en" lang="en">English</button>' in client.get("/").text
