"""Reads a WordPress export (WXR 1.0 to 1.2) as records, item by item, in the memory of one item.

An export holds more than readers ever saw. What is private, behind a password, waiting or in the trash never comes out of here as
something public, and what the old site knew of who wrote comments (address, e-mail, browser, Akismet's findings) not at all.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from forum import text
from forum.imports import reasons, wxr
from forum.imports.bodies import article_body
from forum.imports.fields import Fields, number, plain
from forum.imports.labels import clean_slug, labels_of, term
from forum.imports.moments import first_valid
from forum.imports.pictures import upload_paths
from forum.imports.records import (
    LARGEST_NUMBER,
    ArticleRecord,
    AttachmentRecord,
    AuthorRecord,
    Note,
    Record,
    SiteRecord,
    SkippedRecord,
    TermRecord,
)
from forum.imports.remarks import all_left_out, comments_of
from forum.imports.repair import Repairs
from forum.imports.shortcodes import Gallery

KINDS = {"post": "article", "page": "page"}
FURNITURE = frozenset({"custom_css", "customize_changeset", "oembed_cache", "user_request"})
PUBLIC = frozenset({"publish", "future"})
DRAFTS = frozenset({"draft", "pending", "auto-draft", "inherit"})
CREDIT = re.compile(r'"credit";s:\d+:"([^"]*)"')  # among what PHP serialised of a picture's own data


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a first reading of a whole file found: it is sound, and holds this. The highest numbers are of those that are kept."""

    site: SiteRecord
    items: Counter[str]  # by type, as WordPress calls them
    comments: int
    highest_item: int
    highest_comment: int
    attachments: Mapping[int, AttachmentRecord]
    repairs: Repairs


def check(path: Path) -> Inventory:
    """Read a file to its end without converting anything, and return what is in it.

    Raises ImportRefused, saying where and what, when the file is damaged, ends too early or is no WordPress export.
    """
    repairs = Repairs()
    head: dict[str, str] = {}
    items: Counter[str] = Counter()
    comments = highest_item = highest_comment = 0
    attachments: dict[int, AttachmentRecord] = {}
    for _, element in wxr.children(path, repairs):
        if element.tag != "item":
            head.setdefault(wxr.name(element.tag), (element.text or "").strip())
            continue
        fields = Fields(element)
        kind = _type(fields)
        items[kind] += 1
        comments += len(fields.comments)
        known = _number(fields)
        highest_item = max(highest_item, _if_kept(known))
        for comment in fields.comments:
            highest_comment = max(highest_comment, _if_kept(Fields(comment).number("wp:comment_id")))
        if kind == "attachment" and known is not None:
            attachments.setdefault(known, _attachment(fields, known))
    return Inventory(_site(head), items, comments, highest_item, highest_comment, attachments, repairs)


def read(path: Path, zone: tzinfo, inventory: Inventory | None = None) -> Iterator[Record]:
    """Yield the records of an export in the order of the file, the site first, each article before its comments.

    `zone` is the old site's: the meaning of moments that the export has in local time only. `inventory` is what `check` returned
    for the file (with more attachments in it, where an earlier export of the site brought them); without it the whole file is
    checked before the first record is yielded. Raises ImportRefused as `check` does.
    """
    inventory = inventory or check(path)
    yield inventory.site
    reader = _Reader(zone, inventory.attachments)
    for line, element in wxr.children(path, Repairs()):
        match wxr.name(element.tag):
            case "wp:author":
                yield from reader.author(Fields(element))
            case "wp:category" | "wp:tag" | "wp:term" as name:
                yield from reader.term(term(name, Fields(element)))
            case "item":
                yield from reader.item(Fields(element), line)


class _Reader:
    """Knows what came by so far, so that nothing comes twice."""

    def __init__(self, zone: tzinfo, attachments: Mapping[int, AttachmentRecord]) -> None:
        self.zone = zone
        self.attachments = attachments
        self.of_item: dict[int, list[AttachmentRecord]] = {}
        for attachment in sorted(attachments.values(), key=lambda each: (each.position, each.source_id)):
            if attachment.parent_id is not None:
                self.of_item.setdefault(attachment.parent_id, []).append(attachment)
        self.logins: set[str] = set()
        self.terms: set[tuple[str, str]] = set()
        self.items: set[int] = set()
        self.comments: set[int] = set()

    def author(self, fields: Fields) -> Iterator[Record]:
        """Yield the author that the head of an export lists, once."""
        login = fields["wp:author_login"]
        if login and login.casefold() not in self.logins:
            self.logins.add(login.casefold())
            whole = f"{fields['wp:author_first_name']} {fields['wp:author_last_name']}"
            names = (text.clean_name(plain(name)) for name in (fields["wp:author_display_name"], whole, login))
            yield AuthorRecord(login, next((name for name in names if name), login), fields.number("wp:author_id"))

    def term(self, found: TermRecord | SkippedRecord) -> Iterator[Record]:
        """Yield a section or tag, once, or that it is left out."""
        if isinstance(found, SkippedRecord):
            yield found
        elif (found.kind, found.slug) not in self.terms:
            self.terms.add((found.kind, found.slug))
            yield found

    def item(self, fields: Fields, line: int) -> Iterator[Record]:
        """Yield an item with its comments, or say why it is left out; its comments are accounted for either way."""
        kind = _type(fields)
        known = _number(fields)
        reason = _why_not(kind, fields["wp:status"])
        if known is None:
            reason = reasons.NO_ID
        elif known in self.items:
            reason = reasons.TWICE
        if known is None or reason is not None:
            title = fields.plain("title")
            detail = f"{kind}: {title}" if known else f"{kind}: {title} ({line})"
            yield SkippedRecord("item", known, reason or reasons.NO_ID, detail)
            yield from all_left_out(fields, known, reasons.NO_ARTICLE)
            return
        self.items.add(known)
        if kind == "attachment":
            yield _attachment(fields, known)
            yield from all_left_out(fields, known, reasons.ON_PICTURE)
            return
        article = self._article(fields, known, kind)
        if article.author and article.author.casefold() not in self.logins:
            self.logins.add(article.author.casefold())
            yield AuthorRecord(article.author, text.clean_name(plain(article.author)) or article.author)
        yield article
        yield from comments_of(fields, article, self.zone, self.comments)

    def _article(self, fields: Fields, known: int, kind: str) -> ArticleRecord:
        body = article_body(fields["content:encoded"], Gallery(self.attachments, self.of_item.get(known, ())))
        dated = first_valid(fields["wp:post_date_gmt"], fields["wp:post_date"], self.zone, fields["pubDate"])
        is_public, notes = _visibility(fields, has_date=dated is not None)
        section, tags, more = labels_of(fields)
        notes += more
        headline = fields.plain("title")
        if not headline:
            headline = text.excerpt(body.html, 60) or f"#{known}"
            notes.append(Note(reasons.NO_TITLE))
        if not fields["dc:creator"]:
            notes.append(Note(reasons.NO_AUTHOR))
        is_sticky = fields["wp:is_sticky"] == "1"
        if is_sticky:
            notes.append(Note(reasons.STICKY))
        own = dict.fromkeys(key for key, _ in fields.meta if key and not key.startswith("_"))
        notes += [Note(reasons.CUSTOM_FIELD, key) for key in own]
        return ArticleRecord(
            source_id=known,
            kind="page" if kind == "page" else "article",
            is_public=is_public,
            published_at=dated if is_public else None,
            created_at=dated,
            updated_at=first_valid(fields["wp:post_modified_gmt"], fields["wp:post_modified"], self.zone),
            headline=headline,
            standfirst=fields.plain("excerpt:encoded"),
            body=body.html,
            slug=clean_slug(fields["wp:post_name"]) or text.slug(headline),
            old_slugs=tuple(dict.fromkeys(slug for slug in map(clean_slug, fields.of_meta("_wp_old_slug")) if slug)),
            path=_path(fields["link"]),
            author=fields["dc:creator"],
            section=section,
            tags=tags,
            parent_id=fields.number("wp:post_parent"),
            picture_id=next(filter(None, map(number, fields.of_meta("_thumbnail_id"))), None),
            is_sticky=is_sticky,
            takes_comments=fields["wp:comment_status"] == "open",
            shortcodes=body.shortcodes,
            notes=(*notes, *body.notes),
        )


def _site(head: Mapping[str, str]) -> SiteRecord:
    url = head.get("wp:base_blog_url") or head.get("link") or head.get("wp:base_site_url") or ""
    place = re.sub(r"^\w+://(?:www\.)?", "", url.casefold()).rstrip("/")
    return SiteRecord(
        source=f"wordpress:{place}"[:120],
        url=url,
        title=plain(head.get("title", "")),
        tagline=plain(head.get("description", "")),
        language=head.get("language", ""),
        version=head.get("wp:wxr_version", ""),
    )


def _type(fields: Fields) -> str:
    return fields["wp:post_type"] or ("attachment" if fields["wp:attachment_url"] else "post")


def _number(fields: Fields) -> int | None:
    """Return an item's number: its own, or the one in its permanent address (`/?p=50751`)."""
    known = fields.number("wp:post_id")
    if known is not None:
        return known
    for address in (fields["guid"], fields["link"]):
        query = parse_qs(address.partition("?")[2])
        for key in ("p", "page_id", "attachment_id"):
            if key in query and (known := number(query[key][0])) is not None:
                return known
    return None


def _if_kept(number: int | None) -> int:
    return number if number is not None and number <= LARGEST_NUMBER else 0


def _why_not(kind: str, status: str) -> str | None:
    if status == "trash":
        return reasons.TRASH
    if kind in KINDS or kind == "attachment":
        return None
    if kind == "nav_menu_item":
        return reasons.MENU_ITEM
    if kind == "revision":
        return reasons.REVISION
    return reasons.FURNITURE if kind in FURNITURE or kind.startswith("wp_") else reasons.OTHER_TYPE


def _visibility(fields: Fields, has_date: bool) -> tuple[bool, list[Note]]:
    """Return whether readers may see an item, and why not where one might expect it."""
    status = fields["wp:status"]
    if status == "private":
        return False, [Note(reasons.WAS_PRIVATE)]
    if fields["wp:post_password"]:
        return False, [Note(reasons.HAD_PASSWORD)]
    if status not in PUBLIC | DRAFTS:
        return False, [Note(reasons.OTHER_STATUS, status)]
    if status in PUBLIC and not has_date:
        return False, [Note(reasons.NO_DATE)]
    return status in PUBLIC, []


def _attachment(fields: Fields, known: int) -> AttachmentRecord:
    url = fields["wp:attachment_url"] or fields["guid"]
    files = [path for source in (*fields.of_meta("_wp_attached_file"), url) for path in upload_paths(source)[:1]]
    makers = fields.of_meta("_media_credit")
    for serialised in fields.of_meta("_wp_attachment_metadata"):
        makers += CREDIT.findall(serialised)
    return AttachmentRecord(
        source_id=known,
        url=url,
        path=next(iter(files), ""),
        title=fields.plain("title"),
        alt=plain(next(iter(fields.of_meta("_wp_attachment_image_alt")), "")),
        caption=fields.plain("excerpt:encoded"),
        credit=plain(next(filter(None, makers), "")),
        parent_id=fields.number("wp:post_parent"),
        position=number(fields["wp:menu_order"]) or 0,
    )


def _path(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:  # brackets that are no IPv6 address
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")
