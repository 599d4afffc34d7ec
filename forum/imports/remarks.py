"""The comments of one item: which are kept and in what state, and why the others are left out."""

from collections.abc import Iterator
from datetime import tzinfo

from forum import text
from forum.imports import reasons
from forum.imports.bodies import comment_body
from forum.imports.fields import Fields
from forum.imports.moments import first_valid
from forum.imports.records import ArticleRecord, CommentRecord, Note, SkippedRecord
from forum.imports.threads import in_tree_order


def comments_of(
    fields: Fields, article: ArticleRecord, zone: tzinfo, known: set[int]
) -> Iterator[CommentRecord | SkippedRecord]:
    """Yield what is left out of an article's comments, then the others, parents first; `known` gains their numbers.

    Approved ones are visible, waiting ones are held. Who wrote them stays a name: address and browser are dropped, and of the
    e-mail address stays what its owner needs to claim them.
    """
    kept: list[CommentRecord] = []
    left_out: dict[int, int | None] = {}
    for element in fields.comments:
        comment = Fields(element)
        number = comment.number("wp:comment_id")
        reason = reasons.TWICE if number in known else _why_not(comment)
        if number is None or reason is not None:
            yield _skipped(comment, article.source_id, reason or reasons.NO_ID)
            if number is not None and number not in known:
                left_out[number] = comment.number("wp:comment_parent")
        else:
            known.add(number)
            kept.append(_comment(comment, number, article, zone))
    yield from in_tree_order(kept, left_out)


def all_left_out(fields: Fields, item: int | None, reason: str) -> Iterator[SkippedRecord]:
    """Yield each comment of an item as left out, for one reason."""
    for element in fields.comments:
        yield _skipped(Fields(element), item, reason)


def _skipped(comment: Fields, item: int | None, reason: str) -> SkippedRecord:
    detail = f"{comment['wp:comment_type'] or 'comment'} → {item or '?'}"
    return SkippedRecord("comment", comment.number("wp:comment_id"), reason, detail)


def _why_not(fields: Fields) -> str | None:
    match fields["wp:comment_type"], fields["wp:comment_approved"]:
        case ("pingback" | "trackback", _):
            return reasons.PING
        case ("note", _):
            return reasons.EDITORS_NOTE
        case (kind, _) if kind not in {"", "comment"}:
            return reasons.OTHER_COMMENT
        case (_, "spam"):
            return reasons.SPAM
        case (_, "trash" | "post-trashed"):
            return reasons.TRASH
    return None if fields["wp:comment_content"] else reasons.EMPTY


def _comment(fields: Fields, number: int, article: ArticleRecord, zone: tzinfo) -> CommentRecord:
    notes: list[Note] = []
    created_at = first_valid(fields["wp:comment_date_gmt"], fields["wp:comment_date"], zone)
    if created_at is None:
        created_at = article.created_at
        notes.append(Note(reasons.COMMENT_DATE))
    approved = fields["wp:comment_approved"]
    if approved not in {"0", "1"}:
        notes.append(Note(reasons.OTHER_STATE, approved))
    return CommentRecord(
        source_id=number,
        article_id=article.source_id,
        parent_id=fields.number("wp:comment_parent"),
        author_name=text.clean_name(fields.plain("wp:comment_author")),
        created_at=created_at,
        state="visible" if approved == "1" else "held",
        body=comment_body(fields["wp:comment_content"]),
        notes=tuple(notes),
        address=fields.plain("wp:comment_author_email"),
    )
