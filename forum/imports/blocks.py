"""Texts of WordPress's block editor: the markers that it writes as HTML comments are taken out, what lies between them is kept."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from forum.imports import reasons
from forum.imports.markup import Token, tokens
from forum.imports.records import Note

MARKER = re.compile(
    r"<!--\s+(?P<end>/)?wp:(?P<name>[a-z][a-z0-9_-]*(?:/[a-z][a-z0-9_-]*)?)\s+(?P<settings>\{.*\}\s+)?(?P<void>/)?-->",
    re.DOTALL,
)
PAGE_BREAK = re.compile(r"<!--\s*nextpage\b")
CLASSIC = frozenset({"freeform", "shortcode"})  # blocks whose text still wants its paragraphs
MAKE_NOTHING = frozenset({"more", "nextpage", "spacer", "separator", "page-break"})


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a text: as it was typed, without paragraphs (`is_classic`), or as HTML that is complete."""

    source: str
    is_classic: bool


def segments(source: str) -> tuple[list[Segment], list[Note]]:
    """Return the stretches of a text in order, without any comment of HTML, and what of it the old site filled in itself.

    A text without a single block is one stretch, typed in the classic editor.
    """
    parts = tokens(source) if "<!--" in source else [Token("text", source)]
    if not any(_marker(token) for token in parts):
        return [Segment("".join(_without_comments(parts)), is_classic=True)], []
    found: list[Segment] = []
    notes: list[Note] = []
    around: list[str] = []  # blocks that are open
    gathered: list[Token] = []

    def finish() -> None:
        text = "".join(_without_comments(gathered))
        if text.strip():
            found.append(Segment(text, is_classic=not around or around[-1] in CLASSIC))
        gathered.clear()

    for token in parts:
        marker = _marker(token)
        if marker is None:
            gathered.append(token)
            continue
        name = marker["name"].removeprefix("core/")
        if marker["void"]:
            if name not in MAKE_NOTHING:
                notes.append(Note(reasons.BLOCK_LEFT_OUT, name))
            continue
        is_edge = name in CLASSIC or not around or (marker["end"] is not None and len(around) == 1)
        if is_edge:
            finish()
        if marker["end"] is None:
            around.append(name)
        elif name in around:
            while around.pop() != name:
                pass
    finish()
    return found, notes


def _marker(token: Token) -> re.Match[str] | None:
    return MARKER.fullmatch(token.raw) if token.kind == "comment" else None


def _without_comments(parts: list[Token]) -> Iterator[str]:
    for token in parts:
        if token.kind != "comment":
            yield token.raw
        elif PAGE_BREAK.match(token.raw):
            yield "\n\n"
