"""Paragraphs as WordPress makes them: a blank line ends one, a single line break is a <br />, blocks stand by themselves.

The behaviour is that of WordPress's `wpautop` and `shortcode_unautop`, except that its blocks are always well nested: where
those leave a stray `</p>` in a list item or a table cell, a paragraph is made there or not at all.
"""

import re
from collections.abc import Collection, Iterator

from forum.imports.markup import BLOCKS, Token, tokens, with_elements

# Left as they are, with their line breaks: they are code, or make no text of their own.
KEPT_WHOLE = frozenset("pre script style textarea svg math object video audio select iframe noscript".split())
BLOCKS_KEPT_WHOLE = frozenset({"pre", "style"})
HOLDS_NO_TEXT = frozenset("table thead tbody tfoot tr colgroup ul ol dl menu map".split())
HOLDS_NO_PARAGRAPH = frozenset("h1 h2 h3 h4 h5 h6 caption figure figcaption legend summary dt hgroup".split())
HOLDS_PARAGRAPHS_ONLY = frozenset({"", "blockquote"})

DEEPEST = 100  # blocks within each other that are kept track of

# While a run of text is divided, one character stands for each <br> and each tag. XML has neither character.
BREAK, TAG = "\x01", "\x02"
EDGES = f" \t\n{BREAK}"
BLANK_LINE = re.compile(r"\n[ \t]*\n")


def autop(source: str, alone: Collection[str] = ()) -> str:
    """Return text or HTML with its paragraphs as elements.

    Shortcodes with a name in `alone` become what stands between paragraphs, never within one; those in <code> are words.
    """
    writer = _Writer()
    source = source.replace("\r\n", "\n").replace("\r", "\n").replace(BREAK, "").replace(TAG, "")
    parts: Iterator[Token] = with_elements(tokens(source), KEPT_WHOLE)
    if alone:
        parts = _with_shortcodes(parts, re.compile(rf"(\[(?:{'|'.join(map(re.escape, alone))})(?=[\s=\]])[^\[\]]*\])"))
    for token in parts:
        writer.take(token)
    return writer.finish()


def _with_shortcodes(parts: Iterator[Token], shortcode: re.Pattern[str]) -> Iterator[Token]:
    in_code = False
    for token in parts:
        if token.name == "code":
            in_code = token.kind == "open"
        if token.kind != "text" or in_code:
            yield token
            continue
        for position, piece in enumerate(shortcode.split(token.raw)):
            if piece:
                yield Token("element", piece, "pre") if position % 2 else Token("text", piece)


class _Writer:
    """Takes tokens, gathers runs of text between blocks, and writes them as paragraphs or as they are."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.blocks: list[str] = []  # that are open around what comes
        self.run: list[Token] = []
        self.paragraph = ""  # the <p …> that is open
        self.follows_block = True  # whether the run comes after a block, not right after its container's tag
        self.glue = True  # whether the next block comes on the line of what was written last

    def take(self, token: Token) -> None:
        """Take the next token."""
        is_block = token.name in BLOCKS_KEPT_WHOLE if token.kind == "element" else token.name in BLOCKS
        if not is_block:
            self.run.append(token)
            return
        self._write_run()
        self.paragraph = ""
        if token.name == "p" and token.kind != "element":
            self.paragraph = token.raw if token.kind == "open" else ""
            self.follows_block = True
        elif token.kind == "open":
            self._write_block(token.raw)
            if len(self.blocks) < DEEPEST:
                self.blocks.append(token.name)
            self.follows_block = False
            self.glue = True
        elif token.kind == "close":
            self._close(token)
        else:
            self._write_block(token.raw)
            self.follows_block = True

    def finish(self) -> str:
        """Return what was written."""
        self._write_run()
        return "".join(self.out)

    def _close(self, token: Token) -> None:
        if token.name in self.blocks:
            while self.blocks.pop() != token.name:
                pass
        self.out.append(token.raw)
        self.follows_block = True
        self.glue = False

    def _write_block(self, raw: str) -> None:
        self.out.append(raw if self.glue else f"\n{raw}")
        self.glue = False

    def _write_run(self) -> None:
        run, self.run = self.run, []
        text = "".join(token.raw if token.kind == "text" else BREAK if token.name == "br" else TAG for token in run)
        text = re.sub(rf"{BREAK}\s*(?:{BREAK}\s*)+", "\n\n", text)
        tags = iter([token for token in run if token.kind != "text" and token.name != "br"])
        pieces = [piece for piece in (piece.strip(EDGES) for piece in BLANK_LINE.split(text)) if piece]
        if not pieces:
            return
        container = self.blocks[-1] if self.blocks else ""
        begins_blank = self.follows_block or BLANK_LINE.match(text.lstrip(" \t")) is not None
        if container in HOLDS_NO_TEXT or (container in HOLDS_NO_PARAGRAPH and not self.paragraph):
            self.out.append(_line(BREAK.join(pieces), list(tags)))
        elif self.paragraph or container in HOLDS_PARAGRAPHS_ONLY or begins_blank or len(pieces) > 1:
            for piece in pieces:
                self._write_paragraph(piece, [next(tags) for _ in range(piece.count(TAG))])
        else:
            self.out.append(_line(pieces[0], list(tags)))
        self.glue = False

    def _write_paragraph(self, piece: str, tags: list[Token]) -> None:
        is_bare = piece.strip(f"{TAG}{EDGES}") == "" and all(tag.kind in {"open", "close", "comment"} for tag in tags)
        if is_bare:  # the tags of something inline around blocks
            self.out.append(_line(piece, tags))
            return
        self._write_block(f"{self.paragraph or '<p>'}{_line(piece, tags)}</p>")
        self.paragraph = "<p>" if self.paragraph else ""


def _line(piece: str, tags: list[Token]) -> str:
    """Return a run of text with its breaks and tags in their places."""
    text = "\n".join(line.strip(" \t") for line in piece.split("\n"))
    text = text.replace(f"{BREAK}\n", BREAK).replace("\n", BREAK).replace(BREAK, "<br />\n")
    remaining = iter(tags)
    return re.sub(TAG, lambda _: next(remaining).raw, text)
