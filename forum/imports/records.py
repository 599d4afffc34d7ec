"""What every importer yields: plain facts of the old site, ready to be placed, and what was left out with the reason.

Moments are in UTC. Bodies are HTML that has not been sanitised yet; `forum/text.py` does that when they are placed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

# What the databases hold is 2**31 - 1; a row with a larger number than this gets another one, for what is written here goes on
# from the highest.
LARGEST_NUMBER = 2_000_000_000

Outcome = Literal["figure", "link", "poll", "example", "text"]


@dataclass(frozen=True, slots=True)
class Note:
    """Something that came in otherwise than it was: a sentence of `reasons`, and what it is about."""

    sentence: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ShortcodeUse:
    """One shortcode in a body and what became of it; "poll" and "text" still stand in the body as `source` shows them."""

    name: str
    outcome: Outcome
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class SiteRecord:
    """The old site itself; `source` is what identifies it in every row that comes from it."""

    source: str
    url: str
    title: str
    tagline: str
    language: str
    version: str


@dataclass(frozen=True, slots=True)
class AuthorRecord:
    """Who stands over articles; known by login. `source_id` is None for one that only articles name."""

    login: str
    name: str
    source_id: int | None = None


@dataclass(frozen=True, slots=True)
class TermRecord:
    """A section or a tag; known by kind and slug."""

    kind: Literal["section", "tag"]
    slug: str
    name: str
    description: str = ""
    parent_slug: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentRecord:
    """A file of the old site: its address there, its path below the uploads folder ("" when unknown), and its texts."""

    source_id: int
    url: str
    path: str
    title: str
    alt: str
    caption: str
    credit: str
    parent_id: int | None
    position: int


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """An article or a standing page.

    `is_public` says whether readers may see it from `published_at` on, which may lie in the future; a draft has no
    `published_at`. `path` is the address it had (path and query); `author` a login, "" when unknown.
    """

    source_id: int
    kind: Literal["article", "page"]
    is_public: bool
    published_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None
    headline: str
    standfirst: str
    body: str
    slug: str
    old_slugs: tuple[str, ...]
    path: str
    author: str
    section: TermRecord | None
    tags: tuple[TermRecord, ...]
    parent_id: int | None
    picture_id: int | None
    is_sticky: bool
    takes_comments: bool
    shortcodes: tuple[ShortcodeUse, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class CommentRecord:
    """A comment; it comes after its article and after its parent.

    `address` is its writer's, which is not kept: only what somebody needs to claim it (comments.claims). It is no part of what
    the comment says.
    """

    source_id: int
    article_id: int
    parent_id: int | None
    author_name: str
    created_at: datetime | None
    state: Literal["visible", "held"]
    body: str
    notes: tuple[Note, ...] = ()
    address: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class SkippedRecord:
    """What is left out: an "item", a "comment" or a "term", with a sentence of `reasons` and which one it is about."""

    kind: Literal["item", "comment", "term"]
    source_id: int | None
    reason: str
    detail: str = ""


Record = SiteRecord | AuthorRecord | TermRecord | AttachmentRecord | ArticleRecord | CommentRecord | SkippedRecord
Records = Iterator[Record]
