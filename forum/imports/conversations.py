"""Placing the comments of an old site, an article's at a time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import select

from forum import clock, text
from forum.comments import operations as comments
from forum.comments.claims import claim_key
from forum.comments.models import Comment, Discussion
from forum.extensions import db
from forum.imports import addresses, marks, reasons
from forum.imports.marks import Mark
from forum.imports.numbers import AT_ONCE, Numbers
from forum.imports.records import LARGEST_NUMBER, CommentRecord, SkippedRecord
from forum.imports.report import KEPT, PLACED, UNCHANGED, UPDATED, Report

LONGEST_NAME = 200
THROWN_AWAY = frozenset({reasons.TRASH, reasons.SPAM})
HELD = "imported"  # the reason for which what waited there waits here


class Conversations:
    """Places comments that are new, brings up to date what changed there, and leaves alone what somebody judged here."""

    def __init__(self, source: str, numbers: Numbers, report: Report) -> None:
        self.source = source
        self.numbers = numbers
        self.report = report

    def load(self, discussion_id: int, records: Sequence[CommentRecord], otherwise: datetime) -> None:
        """Place the comments of one article, which come parents first; `otherwise` is the moment of one that has none."""
        discussion = db.session.get_one(Discussion, discussion_id)
        comments.lock(discussion)
        known = self._known([str(record.source_id) for record in records])
        taken = self.numbers.taken(record.source_id for record in records if str(record.source_id) not in known)
        numbers: dict[int, int] = {}  # here, by those that they had
        new: list[Comment] = []
        old: list[tuple[CommentRecord, Comment, int | None]] = []
        for record in records:
            for note in record.notes:
                self._note(note.sentence, record, note.detail)
            parent_id = numbers.get(record.parent_id) if record.parent_id is not None else None
            comment = known.get(str(record.source_id))
            if comment is None:
                is_taken = record.source_id in taken
                comment = self._made(record, is_taken, parent_id, record.created_at or otherwise)
                new.append(comment)
            elif comment.discussion_id != discussion_id:
                self._note(reasons.ELSEWHERE, record)
                self.report.comments.fared(KEPT, str(record.source_id))
                continue
            else:
                old.append((record, comment, parent_id))
            numbers[record.source_id] = comment.id
        comments.carry_over_all(discussion, new)  # first: an old one may be an answer to a new one by now
        changed = [self._again(*each, each[0].created_at or otherwise) for each in old]
        if new or any(changed):
            db.session.flush()
            comments.settle(discussion)

    def take_back(self, record: SkippedRecord) -> bool:
        """Let a comment wait that was thrown away there since an earlier import; tell whether it was visible until now."""
        if record.reason not in THROWN_AWAY:
            return False
        comment = self._known([str(record.source_id)]).get(str(record.source_id))
        if comment is None or not comment.is_visible:
            return False
        mark = marks.of(comment)
        if mark.here != marks.of_comment(comment):
            self.report.comments.fared(KEPT, str(record.source_id))
            return True
        comments.lock(comment.discussion)
        _hold(comment)
        db.session.flush()
        comments.count(comment, -1)
        comments.touched(comment.discussion)
        comment.source_digest = str(Mark(marks.NO_RECORD, marks.of_comment(comment)))
        self.report.note(reasons.COMMENT_TAKEN_BACK, str(record.source_id))
        self.report.comments.fared(UPDATED, str(record.source_id))
        return True

    def _known(self, numbers: Sequence[str]) -> dict[str, Comment]:
        """Return by their old numbers the comments that came with an earlier import."""
        found: dict[str, Comment] = {}
        for start in range(0, len(numbers), AT_ONCE):
            some = Comment.source_id.in_(numbers[start : start + AT_ONCE])
            for comment in db.session.scalars(select(Comment).where(Comment.source == self.source, some)):
                found[comment.source_id or ""] = comment
        return found

    def _made(self, record: CommentRecord, is_taken: bool, parent_id: int | None, created_at: datetime) -> Comment:
        """Return a new comment with all that is known of it."""
        old = record.source_id
        number = self.numbers.new() if is_taken else old
        if old > LARGEST_NUMBER:  # no address of ours has room for it
            addresses.lead(f"/comments/{old}/", f"/comments/{number}", self.source)
        if is_taken:
            is_too_large = old > LARGEST_NUMBER
            reason = reasons.COMMENT_NUMBER_TOO_LARGE if is_too_large else reasons.COMMENT_NUMBER_TAKEN
            self.report.note(reason, f"{old} → {number}")
        self.report.comments.fared(PLACED, str(old))
        comment = Comment(
            id=number,
            parent_id=parent_id,
            author_name=self._name(record),
            claim_key=claim_key(record.address),
            body=record.body,
            body_format="html",
            created_at=created_at,
            source=self.source,
            source_id=str(old),
        )
        if record.state == "held":
            _hold(comment)
        comment.source_digest = str(Mark(_digest(record), marks.of_comment(comment)))
        return comment

    def _again(self, record: CommentRecord, comment: Comment, parent_id: int | None, created_at: datetime) -> bool:
        """Bring a comment up to date, and tell whether there was anything to bring.

        What somebody here hid, approved or changed keeps its words and state; where it stands is the old site's to say.
        """
        mark = marks.of(comment)
        there = _digest(record)
        is_judged = mark.here != marks.of_comment(comment)
        is_changed = mark.there != there
        self.report.comments.fared(KEPT if is_judged else UPDATED if is_changed else UNCHANGED, str(record.source_id))
        if comment.claim_key is None and not is_judged:  # imported before these were kept
            comment.claim_key = claim_key(record.address)
        if not is_changed:
            return False
        comment.parent_id, comment.created_at = parent_id, created_at
        if is_judged:
            comment.source_digest = str(Mark(there, mark.here))
            return True
        comment.author_name, comment.body = self._name(record), record.body
        comment.body_html, comment.render_version = text.imported_comment_html(record.body), text.RENDER_VERSION
        if record.state == "visible":
            comment.held_at = comment.hold_reasons = None
        elif comment.held_at is None:
            _hold(comment)
        comment.source_digest = str(Mark(there, marks.of_comment(comment)))
        return True

    def _name(self, record: CommentRecord) -> str:
        if not record.author_name:
            self._note(reasons.NO_NAME_GIVEN, record)
        return record.author_name[:LONGEST_NAME] or gettext("Anonymous")

    def _note(self, sentence: str, record: CommentRecord, detail: str = "") -> None:
        self.report.note(sentence, f"{record.source_id} ({detail})" if detail else str(record.source_id))


def _digest(record: CommentRecord) -> str:
    return marks.of_record(replace(record, notes=()))


def _hold(comment: Comment) -> None:
    comment.held_at, comment.hold_reasons = clock.now(), HELD
