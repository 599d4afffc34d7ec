"""Every word of the site stands in both languages, and a page speaks one of them."""

import ast
import gettext
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from forum import translations
from forum.accounts.first_admin import make_token
from forum.articles.models import Author
from forum.extensions import db
from forum.web import LANGUAGE_COOKIE
from tests.conftest import Clock
from tests.factories import PASSWORD, discussion_of, make_article, make_comment, make_poll, make_section, make_user
from tests.words import LANGUAGES, Words, catalogue, forms, messages, met, only_in, words_of

FORUM = translations.SOURCE.parent
CATALOGUES = sorted(translations.SOURCE.glob("*/LC_MESSAGES/*.po"))
GLOSSARY = FORUM.parent / "docs" / "woordenlijst.md"
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]?|%([sd])")

every_catalogue = pytest.mark.parametrize(
    "path", CATALOGUES, ids=lambda path: str(path.relative_to(translations.SOURCE).with_suffix(""))
)
every_language = pytest.mark.parametrize("language", LANGUAGES)


# The catalogues


@cache
def gathered() -> Catalog:
    return translations.strings()


def placeholders(words: str) -> list[str]:
    return sorted(name or kind for name, kind in PLACEHOLDER.findall(words))


def ids(found: Catalog) -> set[tuple[str, ...]]:
    return {forms(message.id) for message in messages(found)}


def test_the_languages_of_the_site_are_the_folders_of_the_catalogues() -> None:
    assert {path.parts[-3] for path in CATALOGUES} == set(LANGUAGES)


@every_language
def test_every_string_of_code_and_templates_stands_in_the_catalogue_and_nothing_else_does(language: str) -> None:
    wanted, there = ids(gathered()), ids(words_of(language))
    assert sorted(wanted - there) == [], "run `forum translate` and give these words"
    assert sorted(there - wanted) == [], "run `forum translate`: these strings are gone"


@every_language
def test_every_sentence_of_flask_security_stands_in_ours(language: str) -> None:
    with (files("flask_security") / "translations" / "flask_security.pot").open("rb") as file:
        wanted = ids(read_po(file))
    assert ids(words_of(language, "flask_security")) == wanted


@every_catalogue
def test_no_message_is_empty_or_doubtful(path: Path) -> None:
    for message in messages(catalogue(path)):
        assert all(word.strip() for word in forms(message.string)), message.id
        assert not message.fuzzy, message.id
    assert not catalogue(path).fuzzy
    assert not catalogue(path).obsolete


@every_catalogue
def test_a_message_has_as_many_forms_as_its_language(path: Path) -> None:
    for message in messages(catalogue(path)):
        assert len(forms(message.string)) == (catalogue(path).num_plurals if message.pluralizable else 1), message.id


@every_catalogue
def test_what_is_filled_in_stands_on_both_sides(path: Path) -> None:
    for message in messages(catalogue(path)):
        for number, words in enumerate(forms(message.string)):
            original = forms(message.id)[min(number, len(forms(message.id)) - 1)]
            assert placeholders(words) == placeholders(original), words


@every_catalogue
def test_white_space_and_markup_around_the_words_are_kept(path: Path) -> None:
    for message in messages(catalogue(path)):
        original, words = forms(message.id)[0], forms(message.string)[0]
        assert re.match(r"\s*", words)[0] == re.match(r"\s*", original)[0], words  # type: ignore[index]
        assert re.search(r"\s*$", words)[0] == re.search(r"\s*$", original)[0], words  # type: ignore[index]
        assert re.findall(r"<[^>]*>", words) == re.findall(r"<[^>]*>", original), words


@pytest.mark.parametrize("domain", ["messages", "flask_security"])
def test_english_says_what_the_code_says(domain: str) -> None:
    for message in messages(words_of("en", domain)):
        assert forms(message.string) == forms(message.id)


@pytest.mark.parametrize("domain", ["messages", "flask_security"])
def test_dutch_speaks_to_its_reader_as_a_friend_and_with_its_own_quotes(domain: str) -> None:
    for message in messages(words_of("nl", domain)):
        for words in forms(message.string):
            text = re.sub(r"<[^>]*>", "", words)
            assert not re.search(r"\b(u|uw|gelieve)\b", text, re.IGNORECASE), words
            assert not re.search(r"['\"]", text), words


def test_dutch_keeps_to_the_words_of_the_house() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]*) \|$", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE)[1:]
    avoided = {word.strip() for _, _, words in rows for word in words.split(",")} - {""}
    assert "opslaan" in avoided
    for message in messages(words_of("nl")):
        for words in forms(message.string):
            assert not {word for word in avoided if re.search(rf"\b{word}\b", words, re.IGNORECASE)}, words


@every_catalogue
def test_a_catalogue_compiles_and_says_its_words(path: Path) -> None:
    made = io.BytesIO()
    write_mo(made, catalogue(path))
    made.seek(0)
    spoken = gettext.GNUTranslations(made)
    for message in messages(catalogue(path)):
        if message.pluralizable:
            one, more = forms(message.id)
            assert (spoken.ngettext(one, more, 1), spoken.ngettext(one, more, 2)) == forms(message.string)
        else:
            assert spoken.gettext(str(message.id)) == message.string


def test_every_marked_string_of_the_code_is_one_that_the_gathering_finds() -> None:
    """A string inside an f-string, or put together from pieces, is marked but never gathered."""
    known = {words for message in messages(gathered()) for words in forms(message.id)}
    for path in sorted(FORUM.rglob("*.py")):
        for call in calls(path):
            if name_of(call.func) in translations.KEYWORDS and call.args and not isinstance(call.args[0], ast.Name):
                first = call.args[0]
                if isinstance(first, ast.Attribute | ast.Subscript | ast.Call):
                    continue  # translates what another place has marked
                assert isinstance(first, ast.Constant), (
                    f"{path.name}:{call.lineno}: words put together before translation"
                )
                assert first.value in known, f"{path.name}:{call.lineno}: {first.value!r} is not gathered"


def test_no_refusal_is_a_sentence_in_one_language_only() -> None:
    refusals = {"ForumError"}
    classes = [node for path in FORUM.rglob("*.py") for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)]
    while more := {
        node.name for node in classes if node.name not in refusals and refusals & {name_of(base) for base in node.bases}
    }:
        refusals |= more
    assert "InvalidComment" in refusals
    for path in FORUM.rglob("*.py"):
        for call in calls(path):
            if name_of(call.func) in refusals:
                bare = [word for word in call.args if isinstance(word, ast.JoinedStr) or is_sentence(word)]
                assert not bare, f"{path.name}:{call.lineno}: a sentence that is not translated"


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def is_sentence(node: ast.expr) -> bool:
    """A single word is a code, which somebody else puts into words."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value


def name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


# The pages


def say(client: FlaskClient, language: str) -> None:
    client.set_cookie(LANGUAGE_COOKIE, language)


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", page).split())


@pytest.fixture
def paper(client: FlaskClient, now: Clock) -> dict[str, str]:
    """Addresses of a page of every kind, with something on each."""
    author = Author(name="Rashid Niamat", slug="rashid-niamat")
    db.session.add(author)
    article = make_article(
        section=make_section("Zzz"),
        tags=["Xyz"],
        authors=[author],
        standfirst="Qqq.",
        published_at=datetime(2014, 6, 23, 6, 1, tzinfo=UTC),
    )
    parent = make_comment(article)
    make_comment(article, parent=parent)
    poll = make_poll()
    return {
        "front": "/",
        "article": article.url,
        "reply": f"/discussions/{discussion_of(article).id}/comments/new?parent={parent.id}",
        "polls": "/polls/",
        "poll": f"/polls/{poll.id}/",
        "login": "/account/login",
        "error": "/there-is-no-such-page",
    }


@every_language
def test_a_page_speaks_the_language_that_was_asked_and_no_other(
    client: FlaskClient, paper: dict[str, str], language: str
) -> None:
    say(client, language)
    (other,) = set(LANGUAGES) - {language}
    foreign, own = only_in(other), only_in(language)
    for name, address in paper.items():
        words = Words(client.get(address).text)
        assert words.language == language
        assert met(words, foreign) == set(), name
        assert len(met(words, own)) > 3, name


def test_the_line_under_a_headline_says_who_and_when(client: FlaskClient, paper: dict[str, str]) -> None:
    assert "Door Rashid Niamat, geplaatst op 23 juni 2014 08:01 uur" in text_of(client.get(paper["article"]).text)
    say(client, "en")
    assert "By Rashid Niamat, posted on 23 June 2014 08:01" in text_of(client.get(paper["article"]).text)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("nl", "Inloggen is niet gelukt: het e-mailadres of het wachtwoord klopt niet."),
        ("en", "Authentication failed - identity or password/passcode invalid"),
    ],
)
def test_a_wrong_password_is_refused_in_the_language_of_the_reader(
    client: FlaskClient, language: str, sentence: str
) -> None:
    say(client, language)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/account/login").text)
    assert token is not None
    wrong = {"email": make_user("ann").email, "password": PASSWORD + "x", "csrf_token": token[1]}
    assert sentence in client.post("/account/login", data=wrong).text


@pytest.mark.parametrize(
    ("language", "required", "too_long"),
    [
        ("nl", "Dit veld is vereist.", "Veld mag niet langer zijn dan 40 karakters."),
        ("en", "This field is required.", "Field cannot be longer than 40 characters."),
    ],
)
def test_what_a_form_misses_is_said_in_the_language_of_the_reader(
    client: FlaskClient, now: Clock, language: str, required: str, too_long: str
) -> None:
    say(client, language)
    assert required in client.post(f"/account/first-admin/{make_token()}", data={}).text
    where = f"/discussions/{discussion_of(make_article()).id}/comments"
    refused = client.post(where, data={"body": "Dag.", "author_name": "x" * 41})
    assert refused.status_code == 422
    assert too_long in refused.text
