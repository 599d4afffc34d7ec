"""Sections and tags: what an export says of them, and which of them stand with an item."""

import re
from urllib.parse import unquote

from forum.imports import reasons
from forum.imports.fields import Fields, plain
from forum.imports.records import Note, SkippedRecord, TermRecord

SECTIONS, TAGS = frozenset({"", "category"}), frozenset({"tag", "post_tag"})
LONGEST_SLUG = 200
# How the parts of a term are called, by its element.
PREFIXES = {"wp:category": ("wp:category_nicename", "wp:cat_name"), "wp:tag": ("wp:tag_slug", "wp:tag_name")}


def term(element: str, fields: Fields) -> TermRecord | SkippedRecord:
    """Return the section or tag that a <wp:category>, <wp:tag> or <wp:term> is; other kinds of labels are left out."""
    taxonomy = {"wp:category": "category", "wp:tag": "post_tag"}.get(element) or fields["wp:term_taxonomy"]
    slug_field, name_field = PREFIXES.get(element, ("wp:term_slug", "wp:term_name"))
    name = fields.plain(name_field)
    slug = clean_slug(fields[slug_field] or name)
    if taxonomy not in SECTIONS | TAGS:
        return SkippedRecord("term", fields.number("wp:term_id"), reasons.OTHER_TAXONOMY, f"{taxonomy}: {name}")
    if not slug:
        return SkippedRecord("term", fields.number("wp:term_id"), reasons.NO_NAME)
    return TermRecord(
        kind="section" if taxonomy in SECTIONS else "tag",
        slug=slug,
        name=name or slug,
        description=fields.plain(f"{element}_description"),
        parent_slug=clean_slug(fields[f"{element}_parent"]),
    )


def labels_of(fields: Fields) -> tuple[TermRecord | None, tuple[TermRecord, ...], list[Note]]:
    """Return an item's section and tags. WXR 1.0 names each label twice, the first time without its slug."""
    sections: dict[str, TermRecord] = {}
    tags: dict[str, TermRecord] = {}
    notes: list[Note] = []
    for domain, nicename, source in sorted(fields.labels, key=lambda label: not label[1]):
        name = plain(source)
        slug = clean_slug(nicename or name)
        if domain not in SECTIONS | TAGS:
            notes.append(Note(reasons.OTHER_LABEL, f"{domain}: {name}"))
        elif slug:
            found = sections if domain in SECTIONS else tags
            if nicename or all(term.name != name for term in found.values()):
                found.setdefault(slug, TermRecord("section" if found is sections else "tag", slug, name or slug))
    first, *others = sections.values() or [None]
    for term in others:
        if term is not None:
            notes.append(Note(reasons.SECOND_SECTION, term.name))
            tags.setdefault(term.slug, TermRecord("tag", term.slug, term.name))
    return first, tuple(tags.values()), notes


def clean_slug(source: str) -> str:
    """Return what the old site had in its addresses as it may stand in ours: letters (of any script), digits, - and _."""
    return re.sub(r"[^\w-]+", "-", unquote(source)).strip("-")[:LONGEST_SLUG]
