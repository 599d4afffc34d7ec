"""What a text takes in from elsewhere — players, frames, an address alone on its line — becomes a link: nothing is loaded."""

import re

from forum.imports import reasons
from forum.imports.markup import Token, link, tokens, unescape, with_elements
from forum.imports.records import Note

PLAYERS = frozenset("iframe object video audio embed".split())
DROPPED = frozenset("script style noscript template".split())
PARTS_OF_PLAYERS = frozenset("source track param".split())
WHOLE = frozenset((PLAYERS | DROPPED | {"pre", "svg", "math", "textarea"}) - {"embed"})
CONCERNS = re.compile(rf"<(?:{'|'.join(sorted(PLAYERS | DROPPED | PARTS_OF_PLAYERS))})\b|://|\burl\(", re.IGNORECASE)
ADDRESS = re.compile(r"""(?:https?:)?//[^\s<>"'\[\]]+""", re.IGNORECASE)
ADDRESS_LINE = re.compile(r"""[ \t]*(https?://[^\s<>"'\[\]]+)[ \t]*""", re.IGNORECASE)
BACKGROUND = re.compile(r"""\burl\(\s*(?:&quot;|["'])?([^"'()&\s]+)""", re.IGNORECASE)


def as_links(source: str) -> tuple[str, list[Note]]:
    """Return HTML in which players and frames are links, and scripts, styles and their like are gone; with what was changed."""
    if CONCERNS.search(source) is None:
        return source, []
    out: list[str] = []
    notes: list[Note] = []
    parts = list(with_elements(tokens(source), WHOLE))
    links_around = 0
    for position, token in enumerate(parts):
        if token.name == "a":
            links_around += {"open": 1, "close": -1}.get(token.kind, 0)
        if token.kind == "text":
            neighbours = (
                parts[position - 1] if position else None,
                parts[position + 1] if position + 1 < len(parts) else None,
            )
            out.append(
                token.raw if links_around > 0 or "://" not in token.raw else _lines(token.raw, *neighbours, notes)
            )
        elif token.name in PLAYERS:
            out.append(_player(token, notes) if token.kind != "close" else "")
        elif token.name not in DROPPED | PARTS_OF_PLAYERS:
            if background := BACKGROUND.search(token.raw) if "style" in token.raw and token.kind == "open" else None:
                notes.append(Note(reasons.BACKGROUND_LEFT_OUT, background[1]))
            out.append(token.raw)
    return "".join(out), notes


def _player(token: Token, notes: list[Note]) -> str:
    address = _address_of(token)
    if address is None:
        notes.append(Note(reasons.EMBED_LEFT_OUT, token.name))
        return ""
    notes.append(Note(reasons.EMBED_AS_LINK, address))
    return f"<p>{link(address)}</p>"


def _address_of(token: Token) -> str | None:
    """Return the address that a player or frame shows: its own, or that of the first part of it that has one."""
    for part in tokens(token.raw):
        attributes = part.attributes if part.kind in {"open", "void"} else {}
        keys = (
            ("value",)
            if part.name == "param" and attributes.get("name") in {"movie", "src", "url"}
            else ("data-src", "src", "data")
        )
        for key in keys:
            if part.name in PLAYERS | PARTS_OF_PLAYERS and ADDRESS.fullmatch(attributes.get(key, "")):
                return attributes[key]
    return None


def _lines(text: str, before: Token | None, after: Token | None, notes: list[Note]) -> str:
    """Return the text with each line that is nothing but an address as a link; WordPress would show what is there."""
    lines = text.split("\n")
    in_paragraph = before is not None and before.kind == "open" and before.name == "p"
    begins = before is None or in_paragraph
    ends = after is None or (after.kind == "close" and after.name == "p")
    for position, line in enumerate(lines):
        is_whole = (position > 0 or begins) and (position < len(lines) - 1 or ends)
        found = ADDRESS_LINE.fullmatch(line) if is_whole else None
        if found is not None:
            address = unescape(found[1])
            notes.append(Note(reasons.EMBED_AS_LINK, address))
            lines[position] = link(address) if in_paragraph else f"\n<p>{link(address)}</p>\n"
    return "\n".join(lines)
