"""Who answers whom: comments in an order in which each comes after its parent, whatever the order and the damage of the file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from forum.imports import reasons
from forum.imports.records import CommentRecord, Note


def in_tree_order(comments: Sequence[CommentRecord], left_out: Mapping[int, int | None]) -> Iterator[CommentRecord]:
    """Yield the comments of one article, parents first, brothers by moment and number; nothing recurses, however deep it goes.

    `parent_id` is what the old site said. `left_out` has the parent of each comment that was left out: an answer to one stands
    below the nearest comment above it that is here. An answer to what is not in the file, or by a detour to itself, becomes a
    root. Each change is noted with the comment.
    """
    here = {comment.source_id: _placed(comment, left_out) for comment in comments}
    for number in list(here):
        here[number] = _with_known_parent(here[number], here)
    _break_loops(here)
    children: dict[int | None, list[CommentRecord]] = {}
    for comment in here.values():
        children.setdefault(comment.parent_id, []).append(comment)
    waiting = sorted(children.get(None, []), key=_age, reverse=True)
    while waiting:
        comment = waiting.pop()
        yield comment
        waiting += sorted(children.get(comment.source_id, []), key=_age, reverse=True)


def _age(comment: CommentRecord) -> tuple[float, int]:
    return (comment.created_at.timestamp() if comment.created_at else 0.0, comment.source_id)


def _noted(comment: CommentRecord, parent_id: int | None, sentence: str) -> CommentRecord:
    return replace(comment, parent_id=parent_id, notes=(*comment.notes, Note(sentence, str(comment.parent_id))))


def _placed(comment: CommentRecord, left_out: Mapping[int, int | None]) -> CommentRecord:
    parent = comment.parent_id
    passed: set[int] = set()
    while parent is not None and parent in left_out and parent not in passed:
        passed.add(parent)
        parent = left_out[parent]
    if not passed:
        return comment
    return _noted(comment, None if parent in passed else parent, reasons.PARENT_LEFT_OUT)


def _with_known_parent(comment: CommentRecord, here: Mapping[int, CommentRecord]) -> CommentRecord:
    if comment.parent_id is None or comment.parent_id in here:
        return comment
    return _noted(comment, None, reasons.PARENT_MISSING)


def _break_loops(here: dict[int, CommentRecord]) -> None:
    """Make the oldest comment of each loop a root."""
    settled: set[int] = set()
    for number in list(here):
        path: list[int] = []
        on_path: set[int] = set()
        at: int | None = number
        while at is not None and at not in settled and at not in on_path:
            path.append(at)
            on_path.add(at)
            at = here[at].parent_id
        if at is not None and at in on_path:
            oldest = min((here[member] for member in path[path.index(at) :]), key=_age)
            here[oldest.source_id] = _noted(oldest, None, reasons.PARENT_LOOP)
        settled.update(path)
