"""Words into HTML and back: the only door through which Markdown and foreign HTML reach a page.

Every kind of text goes one road: Markdown with HTML off (or nh3's tidying of imported HTML), a small tree in which
depth is limited and characters, pictures, headings and polls get their place, bleach with a cleaner per thread, and
nh3 last. Nothing touches the string after nh3; whoever needs other HTML changes the tree.
"""

import html
import re
import threading
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, TypeAlias
from urllib.parse import unquote, urlsplit

import bleach
import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, list_block
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_def

RENDER_VERSION = 1
"""Goes up with every change that makes other HTML of the same words; a rendering with a lower number is made again."""

_DEEPEST_LIST = 8  # quotes and lists in each other; what lies deeper stands at this depth
_DEEPEST = 32  # elements in each other, of whatever kind: no page needs more, and no recursion below goes further
_MARKS_IN_TEXT, _MARKS_IN_NAME = 4, 2
_LONGEST_SLUG = 80


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


_SCHEMES = {"http", "https", "mailto"}
_COMMENT_TAGS = _tags("a blockquote br code em li ol p pre s strong ul")
_ARTICLE_TAGS = _COMMENT_TAGS | _tags(
    "abbr caption cite dd del dfn div dl dt figcaption figure h2 h3 h4 h5 h6 hr img ins kbd mark q samp section "
    "small sub sup table tbody td tfoot th thead time tr var"
)
# Elements that say nothing themselves but keep their contents apart from what stands before and after.
_WRAPPERS = _tags(
    "address article aside center details div fieldset footer form header legend main nav section summary"
)
_BLOCKS = _WRAPPERS | _tags(
    "blockquote caption dd dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre table tbody td tfoot th thead tr ul"
)
_MEDIA = _tags("audio img source video")
_COMMENT_RULES = _tags(
    "autolink backticks blockquote code emphasis entity escape fence link list newline strikethrough"
)
_VOID = _tags("br hr img source")
_RENAMED = {"acronym": "abbr", "b": "strong", "i": "em", "strike": "s", "tt": "code"}
_DROPPED_WITH_CONTENTS = _tags(
    "applet button canvas embed frameset iframe math noembed noframes noscript object script select style svg "
    "template textarea title xmp"
)
_CLASSES = {"missing", "alignleft", "alignright", "aligncenter", "wp-caption"}
_FOOTNOTE_MARKS = {"footnote-ref", "footnote-backref"}
_COMMENT_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_ARTICLE_ATTRIBUTES = {
    "*": {"dir", "lang"},
    "a": {"href", "id", "title"},
    "abbr": {"title"},
    "del": {"datetime"},
    "dfn": {"title"},
    "div": {"data-poll"},
    "img": {"alt", "height", "src", "width"},
    "ins": {"datetime"},
    "li": {"id", "value"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
_ARTICLE_CLASSES = {
    "a": {"footnote-backref"},
    "div": _CLASSES,
    "figure": _CLASSES,
    "img": _CLASSES,
    "p": _CLASSES,
    "section": {"footnotes"},
    "sup": {"footnote-ref"},
}
_VALUES = {
    name: re.compile(pattern, re.ASCII)
    for name, pattern in {
        "colspan": r"\d{1,3}",
        "data-poll": r"\d{1,9}",
        "dir": r"auto|ltr|rtl",
        "height": r"\d{1,4}",
        "id": r"fn(?:ref)?\d{1,4}(?::\d{1,4})?",
        "lang": r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*",
        "rowspan": r"\d{1,3}",
        "scope": r"(?:col|row)(?:group)?",
        # Only pictures of our own load: no request leaves the site. No name begins with a dot, so no path climbs out.
        "src": r"/media/(?:[A-Za-z0-9_~][\w.~-]*/)*[A-Za-z0-9_~][\w.~-]*",
        "start": r"-?\d{1,9}",
        "value": r"-?\d{1,9}",
        "width": r"\d{1,4}",
    }.items()
}

# Controls, the right-to-left overrides and isolates, halves of surrogate pairs, and what XML 1.0 cannot carry.
_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
# Letters and marks that leave no trace on the page, though Unicode does not count them as format characters.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(point) for first, end in ((0x180B, 0x1810), (0xFE00, 0xFE10), (0xE0100, 0xE01F0)) for point in range(first, end)
}
_JOINERS = frozenset("\u200c\u200d")

_DOUBLE, _SINGLE = '"“”„‟″‶«»', "'‘’‚‛′‵"  # as WordPress, word processors and people put them round a value
_SHORTCODE = re.compile(r"\[(?:adv)?poll(?=[\s=])([^\[\]]++)\]", re.IGNORECASE)
_SHORTCODE_VALUE = re.compile(
    rf"([a-z_-]*)\s*=\s*(?:[{_DOUBLE}]([^{_DOUBLE}]*)[{_DOUBLE}]|[{_SINGLE}]([^{_SINGLE}]*)[{_SINGLE}]|([^\s{_DOUBLE}{_SINGLE}]+))",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s+")
_MARKER = re.compile(r'<div data-poll="(\d{1,9})"></div>', re.ASCII)
_HEADING = re.compile(r"<h([1-6])[ >]")
_WEB_LINK = re.compile(r"https?://[^\s/?#]|mailto:[^\s?@]+@", re.IGNORECASE)
_OWN_LINK = re.compile(r"[/?#](?![/\\])")
_WWW = re.compile(r"^[^\s.<>/?#]{1,63}\.[^\s<>]{0,1000}[^\s<>.,:;!?'\"’”)\]]")  # what may follow "www."


@dataclass(frozen=True, slots=True)
class PollEmbed:
    """The place in a body where a poll stands; the number is the one its writer gave."""

    poll_id: int


@dataclass(slots=True)
class _Element:
    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["_Node"] = field(default_factory=list)


_Node: TypeAlias = _Element | str


# --- What comes in, what goes out ---------------------------------------------------------------------------------


def comment_html(source: str) -> str:
    """Return the HTML of a reader's words in Markdown-lite: emphasis, links, quotes, lists, code, line breaks as typed.

    HTML, headings and poll shortcodes stay the plain text that they are; nothing is loaded. Bare web addresses become
    links. Every link is absolute, http, https or mailto, and marked as a reader's (rel="nofollow ugc noopener").
    """
    tree = _Tree(_own.comment_markdown.render(_readable(source)), own_links=False)
    return _COMMENT_GATE.clean(_own.comment_cleaner.clean(_written(tree.nodes)))


def imported_comment_html(source: str) -> str:
    """Return the HTML of a comment that came as HTML with its paragraphs from another system, made like one of ours."""
    tree = _Tree(_TIDY.clean(_readable(source)), linked=True, own_links=False)
    return _COMMENT_GATE.clean(_own.comment_cleaner.clean(_written(_opened(tree.nodes, _COMMENT_TAGS), "\n")))


def article_html(source: str) -> str:
    """Return the HTML of an editor's Markdown: CommonMark with tables, footnotes, strikethrough, figures and polls.

    HTML in it is text. The highest heading becomes an h2. A picture alone in its paragraph becomes a figure with its
    title as caption; one that is not ours (a path below /media/) becomes a link. A poll shortcode outside code becomes
    a marker for `parts`.
    """
    markup = _own.article_markdown.render(_readable(source))
    highest = min((int(level) for level in _HEADING.findall(markup)), default=2)
    blocks = _opened(_Tree(markup, shift=2 - highest).nodes, _ARTICLE_TAGS)
    return _article([_figure(block) for block in blocks])


def imported_html(source: str) -> str:
    """Return the HTML of an article that came as HTML with its paragraphs from another system.

    It keeps what an article of our own may have. Poll shortcodes outside pre and code become markers for `parts`; where
    there is an h1, every heading goes down one level; scripts and embeds go with their contents, and sound, film and
    pictures that are not ours become links.
    """
    markup = _TIDY.clean(_readable(source))
    tree = _Tree(markup, shift=1 if "1" in _HEADING.findall(markup) else 0, polls=True)
    return _article(_opened(tree.nodes, _ARTICLE_TAGS))


def parts(stored: str) -> list[str | PollEmbed]:
    """Return stored article HTML cut where a poll stands, in order; each string is well-formed by itself, none blank."""
    pieces: list[str | PollEmbed] = []
    for index, piece in enumerate(_MARKER.split(stored)):
        if index % 2:
            pieces.append(PollEmbed(int(piece)))
        elif piece.strip():
            pieces.append(piece)
    return pieces


def poll_id(shortcode: str) -> int | None:
    """Return the number that a poll's shortcode gives, as in `[poll id=51]`, `[poll=51]` or `[advpoll id=”51″ …]`.

    Quotes may be straight, typographic or entities, or absent. None when it gives no number, or is no poll's shortcode.
    """
    poll = _SHORTCODE.fullmatch(shortcode)
    for name, *values in _SHORTCODE_VALUE.findall(html.unescape(poll[1])) if poll else ():
        if name.casefold() in {"", "id"}:
            value = "".join(values).strip()
            return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else None
    return None


def plain_text(stored: str) -> str:
    """Return the words of stored HTML: entities decoded, a line per block, no footnote marks, no blank lines."""
    return _lines(_Tree(_TIDY.clean(_readable(stored))).nodes)


def excerpt(stored: str, length: int = 100) -> str:
    """Return the beginning of stored HTML, or of plain words, as one line of `length` characters or a few less.

    Where it was cut it ends after a whole word with "…", which is not counted. Headings, figures, tables and notes are
    passed over unless there is nothing else.
    """
    nodes = _Tree(_TIDY.clean(_readable(stored))).nodes
    text = (_lines(nodes, without=_NOT_IN_EXCERPT) or _lines(nodes)).replace("\n", " ")
    if len(text) <= length:
        return text
    end = text.find(" ", length)
    head = text[: end if end >= 0 else None].rstrip(_TRAILING)
    if len(head) > length:  # the word at the limit does not fit, whatever is taken off its end
        head = text[: max(text.rfind(" ", 0, length + 1), 0)].rstrip(_TRAILING)
    return (head or text[: _character_edge(text, length)]) + "…"


def slug(headline: str, fallback: str = "artikel") -> str:
    """Return a headline as part of an address: a-z, 0-9 and single hyphens, 80 characters at most, cut between words.

    Accents and quotes go without a gap (`vóór` -> `voor`, `ISP’s` -> `isps`), all else parts words (`ISPam.nl` ->
    `ispam-nl`). Where nothing is left, as of a headline in Greek, it is the fallback.
    """
    text = unicodedata.normalize("NFKD", _QUOTES.sub("", headline).casefold()).translate(_LETTERS)
    text = "".join(char for char in text if unicodedata.category(char) not in {"Mn", "Me", "Cf"})
    name = "-".join(re.findall(r"[a-z0-9]+", text))
    if len(name) > _LONGEST_SLUG:
        name = name[: _LONGEST_SLUG + 1].rpartition("-")[0] or name[:_LONGEST_SLUG]
    return name or fallback


def normalised(text: str) -> str:
    """Return a text as it is compared for doubles: NFC, nothing invisible, case folded, white space as single spaces."""
    return unicodedata.normalize("NFC", " ".join(_visible(unicodedata.normalize("NFC", text)).casefold().split()))


def clean_name(text: str) -> str:
    """Return a name as it may stand on a page, or "" when no letter or digit is left of it.

    NFC on one line, without controls, invisible or unassigned characters, right-to-left overrides, or more than two
    marks on a letter. A joiner stays between letters of the scripts that are written with it.
    """
    visible = unicodedata.normalize("NFC", " ".join(_visible(text).split()))
    name = _with_few_marks(visible, _MARKS_IN_NAME)
    return name if any(char.isalnum() for char in name) else ""


# --- Characters ---------------------------------------------------------------------------------------------------

_QUOTES = re.compile(rf"[{_DOUBLE}{_SINGLE}`´]")
_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_TRAILING = " .,;:!?…-–—([{/"
_NOT_IN_EXCERPT = _tags("figure h1 h2 h3 h4 h5 h6 section table")


def _readable(text: str) -> str:
    """Return the text with \\n as line end, without controls and overrides, and with at most four marks on a letter."""
    return _with_few_marks(_UNREADABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")), _MARKS_IN_TEXT)


def _with_few_marks(text: str, most: int) -> str:
    if max(text, default="") < "\u0300":  # the first combining mark
        return text
    kept = []
    row = 0
    for char in text:
        category = unicodedata.category(char)
        if category[0] == "M":
            row += 1
        elif category != "Cf":  # a joiner between marks does not begin a new row of them
            row = 0
        if category[0] != "M" or row <= most:
            kept.append(char)
    return "".join(kept)


def _visible(text: str) -> str:
    return "".join(char for index, char in enumerate(text) if _is_visible(char) or _joins(text, index))


def _is_visible(char: str) -> bool:
    return char.isspace() or (unicodedata.category(char)[0] != "C" and char not in _INVISIBLE)


def _joins(text: str, index: int) -> bool:
    """Tell whether this is a joiner between two letters; Latin, Greek and Cyrillic, below U+0590, have no use for it."""
    before, after = text[index - 1 : index], text[index + 1 : index + 2]
    return (
        text[index] in _JOINERS
        and min(before, after) >= "\u0590"
        and all(unicodedata.category(char)[0] in "LM" and char not in _INVISIBLE for char in (before, after))
    )


def _character_edge(text: str, end: int) -> int:
    """Return the place at or before `end` where a long word may be cut without parting a letter from its marks."""

    def clings(index: int) -> bool:
        char = text[index]
        is_mark = unicodedata.category(char)[0] == "M" or "\U0001f3fb" <= char <= "\U0001f3ff"
        return is_mark or char in _JOINERS or text[index - 1] in _JOINERS

    cut = end
    while cut > 0 and clings(cut):
        cut -= 1
    return cut or end


# --- Poll shortcodes ----------------------------------------------------------------------------------------------


def _marker(shortcode: re.Match[str]) -> _Element | None:
    """Return the marker for a shortcode, or None when it names no poll or is an example: WordPress doubles its brackets."""
    start, end = shortcode.span()
    is_example = shortcode.string[max(start - 1, 0) : start] + shortcode.string[end : end + 1] == "[]"
    number = None if is_example else poll_id(shortcode[0])
    return None if number is None else _Element("div", {"data-poll": str(number)})


def _with_polls(text: str) -> Iterator[_Node]:
    end = 0
    for shortcode in _SHORTCODE.finditer(text):
        if poll := _marker(shortcode):
            yield text[end : shortcode.start()]
            yield poll
            end = shortcode.end()
    yield text[end:]


def _is_poll(node: _Node) -> bool:
    return isinstance(node, _Element) and "data-poll" in node.attributes


def _polls_apart(block: _Element) -> Iterator[_Element]:
    """Yield the block and its polls side by side: a paragraph is cut where one stands, another block stays whole."""
    if _is_poll(block):
        yield block
    elif block.name == "p":
        yield from (piece for piece in _cut(block) if not _is_blank(piece))
    else:
        polls = list(_taken_out(block))
        if not (polls and _is_blank(block)):
            yield block
        yield from polls


def _cut(element: _Element) -> list[_Element]:
    """Return copies of a paragraph, or of a phrase in it, before, between and after its polls; and those polls."""
    pieces = [_Element(element.name, element.attributes)]
    for child in element.children:
        for node in [child] if isinstance(child, str) or _is_poll(child) else _cut(child):
            if isinstance(node, _Element) and _is_poll(node):
                pieces += [node, _Element(element.name, element.attributes)]
            else:
                pieces[-1].children.append(node)
    if len(pieces) == 1:
        return pieces
    for before, after in zip(pieces[::2], pieces[2::2], strict=False):
        _trim(before.children, -1)
        _trim(after.children, 0)
    return [piece for piece in pieces if not _is_blank(piece)]


def _trim(nodes: list[_Node], end: int) -> None:
    """Take the line breaks and white space off one end."""
    while nodes:
        node = nodes[end]
        if isinstance(node, str):
            nodes[end] = node = node.rstrip() if end else node.lstrip()
        if node and not (isinstance(node, _Element) and node.name == "br"):
            return
        del nodes[end]


def _taken_out(element: _Element) -> Iterator[_Element]:
    """Take the polls out of an element, and what held nothing else; yield them in order."""
    kept: list[_Node] = []
    for child in element.children:
        if isinstance(child, str):
            kept.append(child)
        elif _is_poll(child):
            yield child
        else:
            polls = list(_taken_out(child))
            if not (polls and _is_blank(child)):
                kept.append(child)
            yield from polls
    element.children = kept


# --- The tree -----------------------------------------------------------------------------------------------------


class _Tree(HTMLParser):
    """Reads well-formed HTML, as Markdown and nh3 make it, and settles on the way what one element alone can tell."""

    def __init__(
        self, markup: str, *, shift: int = 0, polls: bool = False, linked: bool = False, own_links: bool = True
    ) -> None:
        super().__init__(convert_charrefs=True)
        self._shift = shift
        self._polls = polls
        self._linked = linked
        self._own_links = own_links
        self._open = [_Element("")]
        self._inside: Counter[str] = Counter()
        self.nodes = self._open[0].children
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: _readable(value or "") for name, value in attrs}
        for name in attributes.keys() & {"href", "src"}:
            if attributes[name].startswith("//"):
                attributes[name] = "https:" + attributes[name]
        node = self._medium(tag, attributes) if tag in _MEDIA else self._element(tag, attributes)
        parent = self._open[-1]
        too_deep = len(self._open) > _DEEPEST or (
            tag in {"blockquote", "ol", "ul"} and self._within("blockquote", "ol", "ul") >= _DEEPEST_LIST
        )
        if tag in _VOID | _MEDIA or not too_deep:
            parent.children.append(node)
        if tag not in _VOID:
            # What holds no contents of its own leaves them to its parent, and its end tag closes that turn.
            self._open.append(parent if too_deep or tag in _MEDIA or isinstance(node, str) else node)
            self._inside[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and len(self._open) > 1:
            self._open.pop()
            self._inside[tag] -= 1

    def handle_data(self, data: str) -> None:
        text = _readable(data)
        parent = self._open[-1]
        if parent.name == "pre" and not parent.children:
            text = text.lstrip("\n")  # each parser takes one away there, so that no two readings would be the same
        if self._polls and not self._within("code", "pre", "tt"):
            parent.children.extend(node for node in _with_polls(text) if node)
        elif self._linked and not self._within("a", "code", "pre", "tt"):
            parent.children.extend(node for node in _with_links(text) if node)
        else:
            parent.children.append(text)

    def _within(self, *tags: str) -> int:
        return sum(self._inside[tag] for tag in tags)

    def _element(self, tag: str, attributes: dict[str, str]) -> _Element:
        """Return the element under our name, with those of its attributes whose values may stand."""
        kept = {name: value for name, value in attributes.items() if name != "class" and _may_stand(name, value)}
        if "href" in kept and not (
            _WEB_LINK.match(kept["href"]) or (self._own_links and _OWN_LINK.match(kept["href"]))
        ):
            del kept["href"]
        if classes := _ARTICLE_CLASSES.get(tag, set()).intersection(attributes.get("class", "").split()):
            kept["class"] = " ".join(sorted(classes))
        if heading := re.fullmatch(r"h([1-6])", tag):
            tag = f"h{min(max(int(heading[1]) + self._shift, 2), 6)}"
        return _Element(_RENAMED.get(tag, tag), kept)

    def _medium(self, tag: str, attributes: dict[str, str]) -> _Node:
        """Return a picture of our own as it is, any other medium as a link to it, or inside a link as its mere name."""
        source = attributes.get("src", "").strip()
        if tag == "img" and _VALUES["src"].fullmatch(source):
            return self._element("img", attributes | {"alt": attributes.get("alt", "")})
        is_address = bool(_WEB_LINK.match(source) or _OWN_LINK.match(source))
        name = attributes.get("alt", "").strip() or (_file_name(source) if is_address else "")
        if not is_address or self._within("a"):
            return name
        return _Element("a", {"href": source}, [name])


def _file_name(address: str) -> str:
    try:
        path = urlsplit(address).path
    except ValueError:  # brackets that are no IPv6 address
        path = ""
    return _readable(unquote(path.rpartition("/")[2])) or address


def _with_links(text: str) -> Iterator[_Node]:
    """Yield the text with links where it names a web address."""
    end = 0
    linkify = _own.comment_markdown.linkify
    for match in (linkify.match(text) if linkify else None) or ():
        if _WEB_LINK.match(match.url):
            yield text[end : match.index]
            yield _Element("a", {"href": match.url}, [match.text])
            end = match.last_index
    yield text[end:]


def _opened(nodes: Iterable[_Node], tags: frozenset[str]) -> list[_Element]:
    """Return the blocks among the nodes: wrappers that mean nothing here opened, loose text in paragraphs of its own."""
    blocks: list[_Element] = []
    loose: list[_Node] = []

    def close_paragraph() -> None:
        _trim(loose, 0)
        _trim(loose, -1)
        if not all(map(_is_blank, loose)):
            blocks.append(_Element("p", {}, [*loose]))
        loose.clear()

    for node in nodes:
        if isinstance(node, str) or not _holds_block(node):
            loose.append(node)
            continue
        close_paragraph()
        if _is_wrapper(node, tags):
            blocks += _opened(node.children, tags)
        else:
            blocks.append(_with_wrappers_opened(node, tags))
    close_paragraph()
    return [block for block in blocks if block.name != "p" or not _is_blank(block)]


def _with_wrappers_opened(element: _Element, tags: frozenset[str]) -> _Element:
    if any(isinstance(child, _Element) and _is_wrapper(child, tags) for child in element.children):
        children: list[_Node] = [*_opened(element.children, tags)]
    else:
        children = [
            child if isinstance(child, str) else _with_wrappers_opened(child, tags)
            for child in element.children
            if not (isinstance(child, _Element) and child.name == "p" and _is_blank(child))
        ]
    return _Element(element.name, element.attributes, children)


def _is_wrapper(element: _Element, tags: frozenset[str]) -> bool:
    if element.name in _WRAPPERS & tags:
        return not element.attributes.keys() & {"class", "data-poll"}
    return element.name in _BLOCKS - tags


def _holds_block(node: _Node) -> bool:
    return isinstance(node, _Element) and (node.name in _BLOCKS or any(map(_holds_block, node.children)))


def _is_blank(node: _Node) -> bool:
    if isinstance(node, str):
        return not node.strip()
    return node.name not in {"hr", "img", "td", "th"} and not _is_poll(node) and all(map(_is_blank, node.children))


def _figure(block: _Element) -> _Element:
    """Return a paragraph that is one picture as a figure, the picture's title as caption; any other block as it is."""
    match block:
        case _Element("p", _, [_Element("img", attributes) as picture]):
            title = attributes.get("title", "").strip()
            return _Element("figure", {}, [picture, _Element("figcaption", {}, [title])] if title else [picture])
    return block


def _article(blocks: Iterable[_Element]) -> str:
    nodes = [node for block in blocks for node in _polls_apart(block)]
    return _ARTICLE_GATE.clean(_own.article_cleaner.clean(_written(nodes, "\n")))


def _written(nodes: Iterable[_Node], between: str = "") -> str:
    return between.join(map(_markup, nodes)).strip()


def _markup(node: _Node) -> str:
    return html.escape(node, quote=False) if isinstance(node, str) else _tag(node)


def _tag(element: _Element) -> str:
    attributes = "".join(f' {name}="{html.escape(value)}"' for name, value in element.attributes.items())
    if element.name in _VOID:
        return f"<{element.name}{attributes}>"
    return f"<{element.name}{attributes}>{''.join(map(_markup, element.children))}</{element.name}>"


def _lines(nodes: Iterable[_Node], without: frozenset[str] = frozenset()) -> str:
    text = "".join(word for node in nodes for word in _words(node, without))
    return "\n".join(line for line in (" ".join(line.split()) for line in text.split("\n")) if line)


def _words(node: _Node, without: frozenset[str], is_laid_out: bool = False) -> Iterator[str]:
    if isinstance(node, str):
        yield node if is_laid_out else _SPACE.sub(" ", node)
    elif node.name == "br":
        yield "\n"
    elif node.name not in without and node.attributes.get("class") not in _FOOTNOTE_MARKS:
        edge = "\n" if node.name in _BLOCKS else ""
        yield edge
        for child in node.children:
            yield from _words(child, without, is_laid_out or node.name == "pre")
        yield edge


# --- The tools ----------------------------------------------------------------------------------------------------


def _may_stand(name: str, value: str) -> bool:
    pattern = _VALUES.get(name)
    return pattern is None or pattern.fullmatch(value) is not None


def _kept_value(_tag: str, name: str, value: str) -> str | None:
    return value if _may_stand(name, value) else None


def _own_address(address: str) -> str | None:
    return address if _OWN_LINK.match(address) else None


_TIDY = nh3.Cleaner(
    tags=(_ARTICLE_TAGS | _WRAPPERS | _MEDIA | {"h1", *_RENAMED}),
    clean_content_tags=_DROPPED_WITH_CONTENTS,
    attributes={
        **_ARTICLE_ATTRIBUTES,
        "*": {"class", "dir", "lang"},
        "div": set(),  # the marker of a poll is ours to make
        "acronym": {"title"},
        "audio": {"src"},
        "source": {"src"},
        "video": {"src"},
    },
    url_schemes=_SCHEMES,
    link_rel=None,
)
_COMMENT_GATE = nh3.Cleaner(
    tags=_COMMENT_TAGS,
    clean_content_tags=_DROPPED_WITH_CONTENTS,
    attributes=_COMMENT_ATTRIBUTES,
    attribute_filter=_kept_value,
    set_tag_attribute_values={"li": {"dir": "auto"}, "p": {"dir": "auto"}},
    url_schemes=_SCHEMES,
    url_relative="deny",
    link_rel="nofollow ugc noopener",
)
_ARTICLE_GATE = nh3.Cleaner(
    tags=_ARTICLE_TAGS,
    clean_content_tags=_DROPPED_WITH_CONTENTS,
    attributes=_ARTICLE_ATTRIBUTES,
    attribute_filter=_kept_value,
    allowed_classes=_ARTICLE_CLASSES,
    set_tag_attribute_values={"img": {"loading": "lazy"}},
    url_schemes=_SCHEMES,
    url_relative=_own_address,
    link_rel="noopener",
)


def _capped(rule: Callable[[StateBlock, int, int, bool], bool]) -> Callable[[StateBlock, int, int, bool], bool]:
    """Return the rule of a block that holds blocks, refusing past depth 8: its sign then stays text, no word is lost.

    The parser's own limit, maxNesting, leaves out whatever lies deeper.
    """

    def limited(state: StateBlock, first: int, last: int, silent: bool) -> bool:
        depth = state.env.get("depth", 0)
        if depth >= _DEEPEST_LIST:
            return False
        state.env["depth"] = depth + 1
        try:
            return rule(state, first, last, silent)
        finally:
            state.env["depth"] = depth

    return limited


def _poll_rule(state: StateInline, silent: bool) -> bool:
    shortcode = _SHORTCODE.match(state.src, state.pos, state.posMax)
    poll = _marker(shortcode) if shortcode else None
    if shortcode is None or poll is None:
        return False
    if not silent:
        state.push("html_inline", "", 0).content = _tag(poll)
    state.pos = shortcode.end()
    return True


def _prepared(markdown: MarkdownIt, link: Callable[[str], object]) -> MarkdownIt:
    """Return the parser with capped nesting, links only where `link` finds one, and bare addresses linked."""
    rules = markdown.block.ruler
    rules.at("blockquote", _capped(blockquote), {"alt": ["paragraph", "reference", "blockquote", "list"]})
    rules.at("list", _capped(list_block), {"alt": ["paragraph", "reference", "blockquote"]})
    markdown.enable("linkify")
    if markdown.linkify is None:  # pragma: no cover
        raise ModuleNotFoundError("markdown-it-py is here without linkify-it-py")
    # A missing space after a full stop ("weet ik.Er is") is no address; with a scheme or www. it is.
    markdown.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    markdown.linkify.add("ftp:", None).add("//", None).add("www.", {"validate": _WWW, "normalize": _with_scheme})
    markdown.validateLink = lambda address: bool(link(address))  # type: ignore[assignment,method-assign]
    return markdown


def _with_scheme(_: object, match: Any) -> None:
    match.url = "https://" + match.url


class _Own(threading.local):
    """What each thread has to itself.

    A bleach cleaner shared by threads mixes up their texts; markdown-it fills in its rules at first use, without a lock.
    """

    def __init__(self) -> None:
        comment = MarkdownIt("zero", {"breaks": True, "linkify": True, "html": False})
        comment.enable(sorted(_COMMENT_RULES))
        self.comment_markdown = _prepared(comment, _WEB_LINK.match)

        article = MarkdownIt("commonmark", {"html": False, "linkify": True}).enable(["table", "strikethrough"])
        article = _prepared(article.use(footnote_plugin), lambda link: _WEB_LINK.match(link) or _OWN_LINK.match(link))
        article.block.ruler.at("footnote_def", _capped(footnote_def), {"alt": ["paragraph", "reference"]})
        article.inline.ruler.before("link", "poll", _poll_rule)
        self.article_markdown = article

        self.comment_cleaner = bleach.Cleaner(
            tags=_COMMENT_TAGS,
            attributes={tag: sorted(names) for tag, names in _COMMENT_ATTRIBUTES.items()},
            protocols=_SCHEMES,
            strip=True,
        )
        self.article_cleaner = bleach.Cleaner(
            tags=_ARTICLE_TAGS,
            attributes={tag: [*names, "class"] for tag, names in _ARTICLE_ATTRIBUTES.items()},
            protocols=_SCHEMES,
            strip=True,
        )


_own = _Own()
