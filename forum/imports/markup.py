"""HTML of an old site as tags and text: enough to rearrange it; what is safe to show is decided by `forum/text.py` afterwards."""

import html
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal, NamedTuple

# Quantifiers are possessive and bounded: each tag costs time in proportion to its own length, also in hostile text.
TAG = r"""<(?P<slash>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:-]*+)(?=[\s/>"'])(?:[^<>"']++|"[^"]*+"|'[^']*+'){0,200}+>"""
TOKEN = re.compile(rf"(?P<comment><!--.*?(?:-->|\Z)|<[!?][^<>]*+>)|{TAG}", re.DOTALL)
ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++)))?""")
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
ALIGNMENT = re.compile(r"\balign(?:left|right|center)\b")

MOST_WITHIN = 20  # elements of one name within each other; two are rare
VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
BLOCKS = frozenset(
    "address area article aside blockquote caption center col colgroup dd details div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main map menu nav ol p pre section summary table tbody td tfoot th "
    "thead tr ul".split()
)


class Token(NamedTuple):
    """A piece of HTML. An "open" tag that needs no closing is "void"; an "element" is a whole one, from tag to tag."""

    kind: Literal["text", "comment", "open", "close", "void", "element"]
    raw: str
    name: str = ""

    @property
    def attributes(self) -> dict[str, str]:
        """Return the attributes of its (first) tag: names in lower case, values with their entities decoded."""
        tag = TOKEN.match(self.raw)
        if tag is None or tag["name"] is None:
            return {}
        found: dict[str, str] = {}
        for name, *values in ATTRIBUTE.findall(self.raw, tag.end("name"), tag.end() - 1):
            found.setdefault(name.lower(), html.unescape("".join(values)).strip())
        return found


def tokens(source: str) -> list[Token]:
    """Return the pieces of an HTML text in order; joined they are the text again."""
    found: list[Token] = []
    done = 0
    for match in TOKEN.finditer(source):
        if match.start() > done:
            found.append(Token("text", source[done : match.start()]))
        done = match.end()
        if match["comment"] is not None:
            found.append(Token("comment", match[0]))
            continue
        name = match["name"].lower()
        if match["slash"]:
            found.append(Token("close", match[0], name))
        elif name in VOID or match[0].endswith("/>"):
            found.append(Token("void", match[0], name))
        else:
            found.append(Token("open", match[0], name))
    if done < len(source):
        found.append(Token("text", source[done:]))
    return found


def with_elements(source: list[Token], names: frozenset[str]) -> Iterator[Token]:
    """Yield the same tokens, but each element with one of these names as one token, whatever lies in it (also its like)."""
    ends: dict[str, list[int]] = {name: [] for name in names}
    for position, token in enumerate(source):
        if token.kind == "close" and token.name in names:
            ends[token.name].append(position)
    position = 0
    while position < len(source):
        token = source[position]
        end = _end_of(source, position, ends[token.name]) if token.kind == "open" and token.name in names else None
        if end is None:
            yield token
            position += 1
        else:
            yield Token("element", "".join(part.raw for part in source[position : end + 1]), token.name)
            position = end + 1


def _end_of(source: list[Token], start: int, ends: list[int]) -> int | None:
    name = source[start].name
    following = bisect_right(ends, start)
    depth = 1
    position = start
    for end in ends[following : following + MOST_WITHIN]:
        depth += sum(1 for token in source[position + 1 : end] if token.kind == "open" and token.name == name)
        depth -= 1
        if depth == 0:
            return end
        position = end
    return ends[following] if following < len(ends) else None


def unescape(text: str) -> str:
    """Return text with its entities decoded; what lacks its semicolon ("AT&T", "?a=1&copy=2") is no entity."""
    return ENTITY.sub(lambda found: html.unescape(found[0]), text)


def escape(text: str) -> str:
    """Return text as it stands in HTML, also within an attribute."""
    return html.escape(text, quote=True)


def link(address: str) -> str:
    """Return the link to an address (as text, not as HTML), which is also its words."""
    target = f"https:{address}" if address.startswith("//") else address
    return f'<a href="{escape(target)}">{escape(target)}</a>'


def alignment(classes: str) -> str:
    """Return the class that tells where a picture stands beside the text ("alignleft" …), or ""."""
    found = ALIGNMENT.search(classes)
    return found[0] if found else ""


def figure(picture: str, caption: str, aligned: str = "") -> str:
    """Return a figure of a picture (HTML) with its caption (HTML, or "" for none)."""
    start = f'<figure class="{aligned}">' if aligned else "<figure>"
    return f"{start}{picture}{f'<figcaption>{caption}</figcaption>' if caption else ''}</figure>"
