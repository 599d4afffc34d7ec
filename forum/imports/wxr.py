"""WordPress eXtended RSS as a stream: the children of its channel, one by one, each with the line where it begins."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder
from xml.parsers.expat import ErrorString, errors

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from flask_babel import lazy_gettext as _l

from forum.errors import ImportRefused
from forum.imports import repair

DEEPEST = 100  # elements within each other; an export has six
KNOWN_VERSION = re.compile(r"1(\.\d+)*")
PREFIXES = (
    ("wordpress.org/export/", "wp:"),
    ("purl.org/rss/1.0/modules/content/", "content:"),
    ("purl.org/dc/elements/", "dc:"),
)
# What the parser says of a file that stops too early.
AT_THE_END = frozenset(
    errors.codes[message]
    for message in (
        errors.XML_ERROR_NO_ELEMENTS,
        errors.XML_ERROR_UNCLOSED_TOKEN,
        errors.XML_ERROR_PARTIAL_CHAR,
        errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)
# What it says of a damaged file, marked for the catalogue of translations; anything else it says stays in English.
N_ = str
DAMAGE = (
    N_("syntax error"),
    N_("not well-formed (invalid token)"),
    N_("mismatched tag"),
    N_("duplicate attribute"),
    N_("junk after document element"),
    N_("undefined entity"),
    N_("reference to invalid character number"),
    N_("XML or text declaration not at start of entity"),
    N_("unbound prefix"),
    N_("XML declaration not well-formed"),
)


@lru_cache(maxsize=512)
def name(tag: str) -> str:
    """Return an element's name with its usual prefix ("wp:post_id", "excerpt:encoded"), whatever the version and scheme."""
    namespace, _, local = tag.rpartition("}")
    if "wordpress.org/export/" in namespace and namespace.rstrip("/").endswith("excerpt"):
        return f"excerpt:{local}"
    return next((prefix + local for part, prefix in PREFIXES if part in namespace), local)


class _Channel(TreeBuilder):
    """Builds the children of the channel and lets go of each once it is taken, so that memory stays that of one item."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[tuple[int, Element]] = []
        self.line = 1  # of the channel
        self.expat: Any = None
        self._depth = 0
        self._channel: Element | None = None
        self._began = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        """Begin an element; refuse what is no RSS at its very first one."""
        self._depth += 1
        line = self.expat.CurrentLineNumber
        if self._depth == 1 and tag != "rss":
            raise not_an_export(line, _l("it begins with <%(tag)s>, not with <rss>", tag=name(tag)))
        if self._depth > DEEPEST:
            raise ImportRefused(_l("Line %(line)s: more than 100 elements lie within each other here.", line=line))
        element = super().start(tag, attrs)
        if self._depth == 2 and tag == "channel":
            self._channel = element
            self.line = line
        elif self._depth == 3:
            self._began = line
        return element

    def end(self, tag: str, /) -> Element:
        """End an element; a child of the channel is ready to be taken."""
        element = super().end(tag)
        self._depth -= 1
        if self._depth == 2 and self._channel is not None:
            self.done.append((self._began, element))
            self._channel.clear()
        return element


def children(path: Path, repairs: repair.Repairs) -> Iterator[tuple[int, Element]]:
    """Yield (line, element) for each child of the channel, in the order of the file.

    Raises ImportRefused, with line, column and what is wrong there, for a file that is not well-formed, that ends too early, that
    declares entities or a document type, or that is no WordPress export: no <rss>, or no known version of WXR in its channel.
    That may be after much was yielded: who must not stop halfway reads the file once to the end first.
    """
    builder = _Channel()
    parser = DefusedXMLParser(target=builder, encoding="utf-8", forbid_dtd=True)
    builder.expat = expat = parser.parser
    version = ""
    try:
        with path.open("rb") as file:
            for chunk in repair.chunks(file, repairs):
                parser.feed(chunk)
                for line, element in builder.done:
                    if name(element.tag) == "wp:wxr_version":
                        version = _known_version(line, element)
                    yield line, element
                builder.done.clear()
        parser.close()
    except ParseError as error:
        raise _not_well_formed(error) from error
    except DefusedXmlException as error:
        raise ImportRefused(
            _l(
                "Line %(line)s: the file declares entities or a document type; that is refused.",
                line=expat.CurrentLineNumber,
            )
        ) from error
    if not version:
        raise not_an_export(builder.line, _l("its channel has no <wp:wxr_version>"))


def not_an_export(line: int, reason: object) -> ImportRefused:
    """Return the refusal of a file that may be sound, but does not come from WordPress."""
    return ImportRefused(_l("Line %(line)s: this is no WordPress export: %(reason)s.", line=line, reason=reason))


def _known_version(line: int, element: Element) -> str:
    version = (element.text or "").strip()
    if version and not KNOWN_VERSION.fullmatch(version):
        raise not_an_export(line, _l("version “%(version)s” of its format is not known here", version=version[:20]))
    return version


def _not_well_formed(error: ParseError) -> ImportRefused:
    line, column = error.position
    if error.code in AT_THE_END:
        return ImportRefused(_l("Line %(line)s: the file ends too early; this export is not complete.", line=line))
    return ImportRefused(
        _l(
            "Line %(line)s, column %(column)s: this is not well-formed XML: %(what)s.",
            line=line,
            column=column + 1,
            what=_l(ErrorString(error.code)),
        )
    )
