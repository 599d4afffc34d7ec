"""Shortcodes: what WordPress and its plugins put into a text between square brackets.

Captions and galleries become figures, players become links, polls stay where they stand for `forum/text.py`, and whatever
is not known stays in the text. Each use is accounted for.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from forum import text
from forum.imports import reasons
from forum.imports.markup import alignment, escape, figure, link, tokens, unescape
from forum.imports.records import AttachmentRecord, Outcome, ShortcodeUse

CAPTIONS = frozenset({"caption", "wp_caption"})
POLLS = frozenset({"poll", "advpoll"})
# Players that hold but a number or a key, with the address that it belongs to.
VIDEO_SITES = {"youtube": "https://www.youtube.com/watch?v=", "vimeo": "https://vimeo.com/"}
PLAYERS = frozenset({"audio", "video", "embed", "soundcloud", "dailymotion", *VIDEO_SITES})
KNOWN = CAPTIONS | POLLS | PLAYERS | {"gallery"}
PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|bmp|svg|heic)$", re.IGNORECASE)
EDGES = re.compile(r"^(?:\s|<br ?/?>)+|\s+$")
LONGEST = 200  # characters of a shortcode that a report shows

BRACKETS = re.compile(
    r"(?P<before>\[?)\[(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9_-]*+)(?P<rest>(?:[\s=:][^\[\]]*+|/)?)\](?P<after>\]?)"
)
# A value in straight quotes ends at the next of its kind; one in typographic quotes, as word processors make them, at any.
SETTING = re.compile(
    r"""([\w-]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|[“”„″]([^"“”„″]*+)["“”„″]|[‘’′]([^'‘’′]*+)['‘’′]|([^\s"'“”„″‘’′]++))"""
)
ADDRESS = re.compile(r"""(?<![^\s"'“”„″=,>])(?:https?:)?/[^\s<>"'“”„″\[\]|]+""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Gallery:
    """The pictures that a gallery may show: those of the whole old site by number, and those that belong to this text."""

    everything: Mapping[int, AttachmentRecord] = field(default_factory=dict)
    own: Sequence[AttachmentRecord] = ()


@dataclass(frozen=True, slots=True)
class _Use:
    """A shortcode in a text: its own tag ends at `tag_end`; with its content and its closing tag it ends at `end`."""

    text: str
    name: str
    rest: str
    start: int
    tag_end: int
    end: int
    content_end: int | None
    is_example: bool

    @property
    def content(self) -> str | None:
        """Return what stands between its tags, or None where it has no closing tag."""
        return None if self.content_end is None else self.text[self.tag_end : self.content_end]

    @property
    def settings(self) -> dict[str, str]:
        """Return what it is given by name, entities decoded."""
        text = re.sub("[\xa0\u200b]", " ", self.rest)
        if '"' not in text and "'" not in text:
            text = unescape(text)  # quotes may stand there as &quot; or &#8221;
        return {name.lower(): "".join(values).strip() for name, *values in SETTING.findall(text)}


def convert(source: str, gallery: Gallery) -> tuple[str, list[ShortcodeUse]]:
    """Return HTML in which the known shortcodes are HTML as well, and one line of account for each shortcode, in order."""
    if "[" not in source:
        return source, []
    out: list[str] = []
    account: list[ShortcodeUse] = []
    done = 0
    for use in _uses(source):
        if use.start < done:
            continue
        outcome: Outcome
        if use.is_example:
            inner = source[use.start + 1 : use.end - 1]
            html, outcome, reason = f"<code>{inner}</code>" if use.name in POLLS else inner, "example", reasons.ESCAPED
        else:
            html, outcome, reason = _converted(use, gallery)
        holds_words = outcome == "poll" and (use.content or "").strip() != ""
        end = use.tag_end if outcome == "text" or holds_words else use.end
        shown = source[use.start : end]
        account.append(ShortcodeUse(use.name, outcome, reason, html if outcome == "poll" else shown[:LONGEST]))
        out += [source[done : use.start], shown if outcome == "text" else html]
        done = end
    return "".join([*out, source[done:]]), account


def _uses(source: str) -> Iterator[_Use]:
    tags = list(BRACKETS.finditer(source))
    next_of: dict[str, re.Match[str]] = {}  # the tag that comes next, by name, while we walk back from the end
    found: list[_Use] = []
    for tag in reversed(tags):
        name = tag["name"].lower()
        closing = next_of.get(name)
        next_of[name] = tag
        if tag["end"]:
            continue
        if closing is not None and not closing["end"]:
            closing = None
        is_example = tag["before"] == "[" and "]" in {tag["after"], closing["after"] if closing else ""}
        tag_end = tag.end() - len(tag["after"])
        use = _Use(
            text=source,
            name=name,
            rest=tag["rest"],
            start=tag.start() + (0 if is_example else len(tag["before"])),
            tag_end=tag_end,
            end=_end(tag, closing, is_example),
            content_end=closing.start() + len(closing["before"]) if closing else None,
            is_example=is_example,
        )
        if name in KNOWN or _looks_like_one(use):
            found.append(use)
    return reversed(found)


def _end(tag: re.Match[str], closing: re.Match[str] | None, is_example: bool) -> int:
    last = tag if closing is None or (is_example and tag["after"]) else closing
    return last.end() - (0 if is_example else len(last["after"]))


def _looks_like_one(use: _Use) -> bool:
    """Tell whether a name in brackets that is not known is a shortcode rather than words such as [sic] or [M/V]."""
    if use.content_end is not None or use.rest == "/" or use.rest.startswith("="):
        return True
    if use.rest:
        return use.rest[0].isspace() and SETTING.search(use.rest) is not None
    beside = use.text[use.start - 1 : use.start] + use.text[use.end : use.end + 1]
    return "-" in use.name or "_" in use.name or (not use.is_example and not beside.strip("\n"))


def _converted(use: _Use, gallery: Gallery) -> tuple[str, Outcome, str]:
    if use.name in CAPTIONS:
        return _caption(use)
    if use.name == "gallery":
        return _gallery(use.settings, gallery)
    if use.name in POLLS:
        return _poll(use)
    if use.name in PLAYERS:
        addresses = _addresses(use)
        if not addresses:
            return "", "text", reasons.NO_ADDRESS
        return "\n".join(f"<p>{link(address)}</p>" for address in addresses), "link", reasons.BECAME_LINK
    return "", "text", reasons.NOT_KNOWN


def _poll(use: _Use) -> tuple[str, Outcome, str]:
    """Return the shortcode of a poll as `text.py` makes a poll of it: with its number, which is all that means something here."""
    number = text.poll_id(use.text[use.start : use.tag_end])
    if number is None:
        return "", "text", reasons.NOT_KNOWN
    return f"[poll id={number}]", "poll", reasons.IS_POLL


def _caption(use: _Use) -> tuple[str, Outcome, str]:
    """Return the figure of a caption; its words are a setting (before WordPress 3.4) or come after the picture."""
    content = use.content
    if content is None:
        return "", "text", reasons.NOT_CLOSED
    parts = [token for token in tokens(content) if token.name != "p"]
    at = next((i for i, token in enumerate(parts) if token.name == "img"), None)
    if at is None:
        return "", "text", reasons.NO_PICTURE
    following = next((i for i in range(at + 1, len(parts)) if parts[i].raw.strip()), len(parts))
    first = next((i for i in range(at) if parts[i].name == "a" and parts[i].kind == "open"), None)
    is_linked = first is not None and following < len(parts) and parts[following].raw.lower().startswith("</a")
    picture = parts[at].raw
    if first is not None and is_linked:
        picture = f"{parts[first].raw}{picture}</a>"
    after = "".join(token.raw for token in parts[following + 1 if is_linked else at + 1 :])
    caption = EDGES.sub("", use.settings.get("caption") or after)
    place = use.settings.get("align") or parts[at].attributes.get("class", "")
    return f"\n{figure(picture, caption, alignment(place))}\n", "figure", reasons.BECAME_FIGURE


def _gallery(settings: dict[str, str], gallery: Gallery) -> tuple[str, Outcome, str]:
    numbers = [int(number) for number in re.findall(r"\d{1,18}", settings.get("ids") or settings.get("include") or "")]
    if numbers:
        figures = [_figure_of(gallery.everything.get(number), number) for number in numbers]
    else:
        left_out = {int(number) for number in re.findall(r"\d{1,18}", settings.get("exclude", ""))}
        figures = [
            _figure_of(attachment, attachment.source_id)
            for attachment in gallery.own
            if attachment.source_id not in left_out and PICTURE_FILE.search(attachment.url)
        ]
    if not figures:
        return "", "text", reasons.NO_PICTURES
    return "\n".join(["", *figures, ""]), "figure", reasons.BECAME_GALLERY


def _figure_of(attachment: AttachmentRecord | None, number: int) -> str:
    """Return the figure of a picture; of one that is not in this export, its number, as another export may have brought it."""
    if attachment is None:
        return figure(f'<img src="attachment:{number}" alt="">', "")
    return figure(f'<img src="{escape(attachment.url)}" alt="{escape(attachment.alt)}">', escape(attachment.caption))


def _addresses(use: _Use) -> list[str]:
    """Return the addresses that a player is given, in order, each once: by name, bare, after a colon, or as its content."""
    several = use.rest.startswith(":")  # [audio:one.mp3,two.mp3|titles=…]
    given = unescape(use.rest).lstrip("=:")
    found = ADDRESS.findall(f"{given.replace(',', ' ') if several else given} {unescape(use.content or '')}")
    if not found and use.name in VIDEO_SITES:
        key = use.settings.get("id") or (use.content or "").strip() or use.rest.strip("=: ")
        if re.fullmatch(r"[\w-]{6,20}", key):
            found = [VIDEO_SITES[use.name] + key]
    if not several:  # one recording in several formats, perhaps with its poster
        found = [address for address in found if not PICTURE_FILE.search(address)][:1]
    return list(dict.fromkeys(found))
