"""Reading an XML file that is not quite XML: what the format forbids is taken out on the way, and counted by line."""

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from flask_babel import lazy_gettext as _l

from forum.errors import ImportRefused

CHUNK = 65536
MOST_LINES = 500  # kept by number; the count goes on
LONGEST_REFERENCE = 12

# Everything but the characters of XML 1.0 (section 2.2). A byte that is not in the encoding arrives as a lone surrogate.
FORBIDDEN = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
WRONG = re.compile(rf"(?P<char>{FORBIDDEN})|&#(?:x(?P<hex>[0-9a-fA-F]{{1,8}})|(?P<number>[0-9]{{1,9}}));")
DECLARATION = re.compile(r"[\s\ufeff]*<\?xml\b[^>]*\?>")
ENCODING = re.compile(rb"""\s*<\?xml\b[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What calls itself Latin-1 or ASCII on the web is Windows-1252 (WHATWG Encoding, 4.2).
REALLY_WINDOWS = ("iso8859-1", "ascii")


@dataclass
class Repairs:
    """What was wrong in the bytes of a file."""

    dropped: int = 0  # characters that XML forbids, such as 0x05
    replaced: int = 0  # bytes that are not in the file's encoding; U+FFFD stands there now
    lines: list[int] = field(default_factory=list)  # where, ascending, each once, the first 500

    def at(self, line: int) -> None:
        """Keep the number of a line, once, while there are not too many."""
        if len(self.lines) < MOST_LINES and (not self.lines or self.lines[-1] != line):
            self.lines.append(line)


def chunks(file: BinaryIO, repairs: Repairs) -> Iterator[bytes]:
    """Yield the file as UTF-8 that XML allows, in pieces that keep the lines of the file; `repairs` tells what was done.

    The XML declaration becomes blank, so that an empty line before it (a common slip of the sites that write exports) does
    no harm and the encoding is ours to tell. Raises ImportRefused for an encoding that does not exist.
    """
    read = file.read(CHUNK)
    decoder = _decoder(read)
    line = 1
    held_back = ""
    is_first = True
    while True:
        try:
            text = held_back + decoder.decode(read, final=not read)
        except UnicodeDecodeError as error:
            raise ImportRefused(_l("Line %(line)s: this is not written in the file's encoding.", line=line)) from error
        if is_first:
            text = DECLARATION.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text, count=1)
            is_first = False
        cut = text.rfind("&", max(0, len(text) - LONGEST_REFERENCE)) if read else -1
        text, held_back = (text, "") if cut < 0 else (text[:cut], text[cut:])
        yield _repaired(text, line, repairs).encode()
        if not read:
            return
        line += text.count("\n")
        read = file.read(CHUNK)


def _decoder(head: bytes) -> io.IncrementalNewlineDecoder:
    name = next((name for mark, name in MARKS if head.startswith(mark)), None)
    if name is None:
        found = ENCODING.match(head)
        name = found[1].decode() if found else "utf-8"
    try:
        "".encode(name)  # refuses what is a codec but no encoding of text, such as base64
        name = codecs.lookup(name).name
        incremental = codecs.getincrementaldecoder("cp1252" if name in REALLY_WINDOWS else name)
    except (LookupError, UnicodeError) as error:
        raise ImportRefused(
            _l("Line 1: the file says that it is written in %(name)s, which is not known here.", name=name)
        ) from error
    errors = "replace" if name.startswith(("utf-16", "utf-32")) else "surrogateescape"
    return io.IncrementalNewlineDecoder(incremental(errors), translate=True)


def _repaired(text: str, line: int, repairs: Repairs) -> str:
    kept: list[str] = []
    done = 0
    for found in WRONG.finditer(text):
        if found["char"] is None and _is_allowed(int(found["hex"] or found["number"], 16 if found["hex"] else 10)):
            continue
        kept.append(text[done : found.start()])
        line += kept[-1].count("\n")
        done = found.end()
        repairs.at(line)
        if "\udc80" <= found[0] <= "\udcff":
            repairs.replaced += 1
            kept.append("\ufffd")
        else:
            repairs.dropped += 1
    return "".join([*kept, text[done:]]) if kept else text


def _is_allowed(number: int) -> bool:
    return number <= 0x10FFFF and re.match(FORBIDDEN, chr(number)) is None
