"""From what the old site stored of a text to HTML with paragraphs, figures and links, ready to be sanitised."""

from dataclasses import dataclass

from forum.imports import blocks, embeds, shortcodes
from forum.imports.autop import autop
from forum.imports.records import Note, ShortcodeUse


@dataclass(frozen=True, slots=True)
class Body:
    """A body as HTML, every shortcode in it, and what came in otherwise than it was."""

    html: str
    shortcodes: tuple[ShortcodeUse, ...]
    notes: tuple[Note, ...]


def article_body(source: str, gallery: shortcodes.Gallery) -> Body:
    """Return the body of an article or page, as the classic editor or the block editor stored it.

    Polls still stand in it as shortcodes; `text.imported_html` makes markers of them.
    """
    segments, notes = blocks.segments(source.strip())
    account: list[ShortcodeUse] = []
    parts: list[str] = []
    for segment in segments:
        html, uses = shortcodes.convert(segment.source, gallery)
        html, changes = embeds.as_links(html)
        account += uses
        notes += changes
        parts.append(autop(html, alone=shortcodes.POLLS) if segment.is_classic else html.strip())
    return Body("\n".join(part for part in parts if part), tuple(account), tuple(dict.fromkeys(notes)))


def comment_body(source: str) -> str:
    """Return a comment as HTML with its paragraphs; `text.imported_comment_html` makes its links. Shortcodes mean nothing in it."""
    return autop(source.strip())
