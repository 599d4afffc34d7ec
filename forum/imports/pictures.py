"""Pictures in an imported body: which there are, and each replaced by ours, or by a captioned place where ours is missing."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from forum.imports.markup import BLOCKS, Token, alignment, escape, figure, tokens

Resolve = Callable[[str], "Picture | None"]

# Where sites that load pictures late keep the true address; `src` is a grey dot then.
SOURCES = ("data-lazy-src", "data-src", "data-original", "src")
HOLDS_FIGURES = frozenset("div section article main aside blockquote details center header footer".split())
ATTACHMENT_CLASS = re.compile(r"\bwp-image-(\d{1,18})\b")
PICTURE_LINK = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp|svg|heic)$|[?&]attachment_id=\d+", re.IGNORECASE)
UPLOADS = re.compile(r"^.*?/(?:wp-content/uploads|wp-content/blogs\.dir/\d+/files|files)/(?:sites/\d+/)?|^/")
DERIVED = (re.compile(r"-\d+x\d+(?=\.\w+$)"), re.compile(r"-(?:scaled|rotated|e\d{10,13})(?=\.\w+$)"))
DEEPEST = 100  # elements within each other that are kept track of
EMPTY_PARAGRAPH = re.compile(r"<p\b[^>]*>(?:\s|<br ?/?>)*</p>\n?")
EDGE_BREAKS = re.compile(r"(?P<start><p>)(?:\s|<br ?/?>)+|(?:<br ?/?>\s?)+(?P<end></p>)")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of ours: its address, its size, and words for who does not see it where the body has none."""

    url: str
    width: int
    height: int
    alt: str = ""


@dataclass(frozen=True, slots=True)
class PictureUse:
    """A picture as a body shows it; `attachment_id` is its number in the old site where the body tells."""

    url: str
    alt: str
    attachment_id: int | None


def pictures(source: str) -> list[PictureUse]:
    """Return the pictures that a body shows, in order, with repetitions; without smileys and invisible ones."""
    return [use for token in tokens(source) if token.name == "img" if (use := _use(token)) is not None]


def upload_paths(url: str) -> list[str]:
    """Return where below an uploads folder the file of an address may lie, the likeliest first; never outside the folder.

    WordPress shows "2014/06/kpn-300x200.jpg" of a file "2014/06/kpn.jpg", and keeps large ones as "kpn-scaled.jpg".
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets that are no IPv6 address
        return []
    path = UPLOADS.sub("", unquote(parts.path), count=1) if parts.scheme in {"", "http", "https"} else ""
    if not path or path.startswith("/") or "\\" in path or "\0" in path or ".." in path.split("/"):
        return []
    found = [path]
    for pattern in DERIVED:
        found += [pattern.sub("", known, count=1) for known in found]
    return list(dict.fromkeys(found))


def replace_pictures(source: str, resolve: Resolve, label: str) -> str:
    """Return a body without any picture from elsewhere.

    `resolve` is given an address (or "attachment:<number>", from a gallery) and returns our picture or None. What it does not
    know becomes `<figure class="missing">` with `label` and the words that stood with it.
    """
    return _Rewriter(resolve, label).rewrite(tokens(source))


def _use(token: Token) -> PictureUse | None:
    attributes = token.attributes
    url = next((attributes[key] for key in SOURCES if attributes.get(key)), "")
    is_invisible = attributes.get("width") in {"0", "1"} and attributes.get("height") in {"0", "1"}
    if not url or is_invisible or _is_smiley(attributes):
        return None
    number = ATTACHMENT_CLASS.search(attributes.get("class", ""))
    return PictureUse(url, attributes.get("alt") or attributes.get("title", ""), int(number[1]) if number else None)


def _is_smiley(attributes: dict[str, str]) -> bool:
    return bool({"wp-smiley", "emoji"} & set(attributes.get("class", "").split()))


@dataclass
class _Open:
    """An element that is open around what comes."""

    name: str
    place: int  # of its tag in what was written
    is_missing: bool = False
    words: str = ""
    has_caption: bool = False
    shows_one: bool = False


class _Rewriter:
    def __init__(self, resolve: Resolve, label: str) -> None:
        self.resolve = resolve
        self.label = escape(label)
        self.out: list[str] = []
        self.open: list[_Open] = []

    def rewrite(self, parts: list[Token]) -> str:
        for token, linked in _linked_pictures(parts):
            if token.name == "img":
                self._picture(token, linked)
            elif token.name in {"picture", "source"}:
                continue
            elif token.kind == "close":
                self._close(token)
            else:
                self.out.append(token.raw)
                if token.kind == "open":
                    self._opened(token)
        text = EMPTY_PARAGRAPH.sub("", "".join(self.out))
        return EDGE_BREAKS.sub(lambda found: found["start"] or found["end"], text).strip()

    def _opened(self, token: Token) -> None:
        if len(self.open) >= DEEPEST:
            return
        self.open.append(_Open(token.name, len(self.out) - 1))
        if token.name != "figcaption":
            return
        around = next((element for element in reversed(self.open) if element.name == "figure"), None)
        if around is not None:
            around.has_caption = True
            if around.is_missing:
                self.out.append(f"{self.label}: ")

    def _close(self, token: Token) -> None:
        if any(element.name == token.name for element in self.open):
            while (element := self.open.pop()).name != token.name:
                pass
            if element.is_missing and not element.has_caption:
                self.out.append(f"<figcaption>{self._words(element.words)}</figcaption>")
        self.out.append(token.raw)

    def _words(self, words: str) -> str:
        return f"{self.label}: {escape(words)}" if words else self.label

    def _picture(self, token: Token, linked: Token | None) -> None:
        use = _use(token)
        if use is None:
            self.out.append(escape(token.attributes.get("alt", "")) if _is_smiley(token.attributes) else "")
            return
        around = next((element for element in reversed(self.open) if element.name in BLOCKS), None)
        is_within_words = bool(self.open) and self.open[-1] is not around
        ours = self.resolve(use.url)
        html = self._ours(use, ours, linked) if ours is not None else ""
        if around is not None and around.name == "figure" and not around.shows_one:
            around.shows_one = True
            self.out.append(html)
            if not html:
                around.is_missing, around.words = True, use.alt
                self.out[around.place] = '<figure class="missing">'
            return
        name = around.name if around is not None else ""
        if is_within_words or (name and name != "p" and name not in HOLDS_FIGURES):
            self.out.append(html or f"<em>{self._words(use.alt)}</em>")
            return
        if html:
            placed = figure(html, "", alignment(token.attributes.get("class", "")))
        else:
            placed = f'<figure class="missing"><figcaption>{self._words(use.alt)}</figcaption></figure>'
        self.out.append(f"</p>\n{placed}\n<p>" if name == "p" else placed)

    def _ours(self, use: PictureUse, ours: Picture, linked: Token | None) -> str:
        tag = f'<img src="{escape(ours.url)}" alt="{escape(use.alt or ours.alt)}" width="{ours.width}" height="{ours.height}">'
        if linked is None:
            return tag
        target = linked.attributes.get("href", "")
        larger = self.resolve(target) if PICTURE_LINK.search(target) else None
        if larger is not None and larger.url != ours.url:
            return f'<a href="{escape(larger.url)}">{tag}</a>'
        return tag if PICTURE_LINK.search(target) else f"{linked.raw}{tag}</a>"


def _linked_pictures(parts: list[Token]) -> Iterator[tuple[Token, Token | None]]:
    """Yield tokens; a link with nothing but a picture in it comes as the picture, together with the link's tag."""
    position = 0
    while position < len(parts):
        token = parts[position]
        if token.name == "a" and token.kind == "open":
            inner = [i for i in range(position + 1, min(position + 6, len(parts))) if parts[i].raw.strip()][:2]
            if len(inner) == 2 and parts[inner[0]].name == "img" and parts[inner[1]].raw.lower().startswith("</a"):
                yield parts[inner[0]], token
                position = inner[1] + 1
                continue
        yield token, None
        position += 1
