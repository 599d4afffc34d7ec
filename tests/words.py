"""The words of the catalogues, and which of them a page says."""

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from forum import translations

LANGUAGES = tuple(translations.languages())
READ_ATTRIBUTES = {"alt", "aria-label", "placeholder", "title"}


@cache
def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], abort_invalid=True)


def words_of(language: str, domain: str = "messages") -> Catalog:
    return catalogue(translations.SOURCE / language / "LC_MESSAGES" / f"{domain}.po")


def messages(found: Catalog) -> list[Message]:
    return [message for message in found if message.id]


def forms(words: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)


class Words(HTMLParser):
    """What a reader of a page reads or hears, piece by piece."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.pieces: set[str] = set()
        self.language = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "html":
            self.language = dict(attrs).get("lang") or ""
        self.pieces |= {(value or "").strip() for name, value in attrs if name in READ_ATTRIBUTES}

    def handle_data(self, data: str) -> None:
        self.pieces.add(" ".join(data.split()))


def only_in(language: str) -> set[str]:
    """Return what this language says otherwise than the other: whole messages, and what stands around what is filled in."""
    shared = {words for spoken in set(LANGUAGES) - {language} for words in all_words(spoken)}
    pieces = {
        piece.strip(" ,.:")
        for words in all_words(language) - shared
        for piece in re.split(r"%\(\w+\)[sd]?|%[sd]", words)
    }
    return {piece for piece in pieces if sum(map(str.isalpha, piece)) > 2}


def all_words(language: str) -> set[str]:
    return {
        words
        for domain in ("messages", "flask_security")
        for message in messages(words_of(language, domain))
        for words in forms(message.string)
    }


def met(page: Words, known: set[str]) -> set[str]:
    """Return which of these the page says: a word as a piece of its own, a phrase anywhere."""
    return {
        words
        for words in known
        for piece in page.pieces
        if words == piece.strip(" ,.:←→()") or (" " in words and words in piece)
    }
