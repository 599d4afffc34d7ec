"""The mark that an imported row keeps: by it a later import sees whether the old site changed it since, and whether somebody did here."""

import hashlib
from typing import NamedTuple

from forum.articles.models import Article
from forum.comments.models import Comment, Discussion

HALF = 32  # hexadecimal digits
NO_RECORD = "-" * HALF  # of a row that the old site threw away since: whatever it says next is news


class Mark(NamedTuple):
    """Two digests of 128 bits: of the record as it came last (`there`), and of what the row says since then (`here`)."""

    there: str
    here: str

    def __str__(self) -> str:
        return self.there + self.here


def of(row: Article | Comment) -> Mark:
    """Return the mark that a row was given when it was placed last."""
    stored = row.source_digest or ""
    return Mark(stored[:HALF], stored[HALF:])


def of_record(*facts: object) -> str:
    """Return the digest of what the old site says."""
    return hashlib.sha256("\x00".join(map(repr, facts)).encode("utf-8", "surrogatepass")).hexdigest()[:HALF]


def of_article(article: Article, discussion: Discussion) -> str:
    """Return the digest of what an editor can change of an article or page, but for its authors: those may become one."""
    return of_record(
        article.headline,
        article.standfirst,
        article.body,
        article.body_format,
        article.slug,
        article.section_id,
        sorted(tag.id for tag in article.tags),
        article.picture_id,
        article.published_at,
        article.withdrawn_at,
        discussion.mode,
        discussion.closes_at,
    )


def of_comment(comment: Comment) -> str:
    """Return the digest of what a moderator or its author can change of a comment."""
    moments = (comment.held_at, comment.hidden_at, comment.removed_at)
    states = [moment is not None for moment in moments]
    return of_record(comment.author_name, comment.body, comment.body_format, states)
