"""Proof that what is stored twice is stored right: counts and paths against what they are made from."""

from sqlalchemy import func, select

from forum.comments.models import PIECE, Comment, Discussion, Valued
from forum.comments.operations import place
from forum.comments.queries import totals, visible
from forum.extensions import db
from forum.polls.models import Choice, Poll, Vote, VoteAnswer


def everything() -> list[str]:
    """Return a sentence for each thing that is not as it should be, in the order of the tables."""
    return [*comment_counts(), *reply_counts(), *branch_counts(), *valued_counts(), *places(), *vote_counts()]


def comment_counts() -> list[str]:
    """Return the discussions whose counts differ from their visible comments, who wrote those and when the last came."""
    counted = totals().add_columns(Comment.discussion_id).group_by(Comment.discussion_id)
    true = {row[3]: row[:3] for row in db.session.execute(counted)}
    wrong = []
    for row in db.session.scalars(select(Discussion).order_by(Discussion.id)):
        comments, readers, last = true.get(row.id, (0, 0, None))
        if row.comment_count != comments:
            wrong.append(f"discussion {row.id}: counts {row.comment_count} comments, {comments} are visible")
        if row.reader_count != readers:
            wrong.append(
                f"discussion {row.id}: counts {row.reader_count} writers of visible comments, {readers} there are"
            )
        if row.last_comment_at != last:
            wrong.append(f"discussion {row.id}: its last comment is said to be of {row.last_comment_at}, not {last}")
    return wrong


def branch_counts() -> list[str]:
    """Return the roots whose count differs from the visible comments of their branch; what is no root counts none."""
    root = func.coalesce(Comment.root_id, Comment.id)
    true = dict(db.session.execute(select(root, func.count()).where(visible()).group_by(root)).all())
    return [
        f"comment {number}: counts {stored} comments in its branch, {true.get(number, 0)} are visible"
        for number, stored in db.session.execute(select(Comment.id, Comment.branch_count).order_by(Comment.id))
        if stored != true.get(number, 0)
    ]


def valued_counts() -> list[str]:
    """Return the comments whose count of readers that value them differs from those that do."""
    true = dict(db.session.execute(select(Valued.comment_id, func.count()).group_by(Valued.comment_id)).all())
    return [
        f"comment {number}: counts {stored} readers that value it, {true.get(number, 0)} do"
        for number, stored in db.session.execute(select(Comment.id, Comment.valued_count).order_by(Comment.id))
        if stored != true.get(number, 0)
    ]


def reply_counts() -> list[str]:
    """Return the comments whose count of replies differs from their visible replies."""
    reply = Comment.__table__.alias("reply")
    replies = (
        select(reply.c.parent_id, func.count().label("visible"))
        .where(reply.c.held_at.is_(None), reply.c.hidden_at.is_(None), reply.c.removed_at.is_(None))
        .group_by(reply.c.parent_id)
        .subquery()
    )
    true = func.coalesce(replies.c.visible, 0)
    counted = (
        select(Comment.id, Comment.reply_count, true)
        .outerjoin(replies, replies.c.parent_id == Comment.id)
        .where(Comment.reply_count != true)
    )
    return [
        f"comment {number}: counts {stored} replies, {found} are visible"
        for number, stored, found in db.session.execute(counted)
    ]


def places() -> list[str]:
    """Return the comments whose path is not their parent's and a piece of their own, or whose root or discussion is another."""
    columns = (Comment.id, Comment.parent_id, Comment.root_id, Comment.path, Comment.depth, Comment.discussion_id)
    known = {row.id: row for row in db.session.execute(select(*columns))}
    wrong = []
    for row in known.values():
        parent = known[row.parent_id] if row.parent_id is not None else None
        path, depth = place(parent.path if parent else None, row.path[-PIECE:])
        root_id = (parent.root_id or parent.id) if parent else None
        discussion_id = parent.discussion_id if parent else row.discussion_id
        if (path, depth, root_id, discussion_id) != (row.path, row.depth, row.root_id, row.discussion_id):
            wrong.append(f"comment {row.id}: its place does not follow from its parent")
    return wrong


def vote_counts() -> list[str]:
    """Return the polls and choices whose count differs from their recorded votes and those that were carried over."""
    wrong = []
    votes = dict(db.session.execute(select(Vote.poll_id, func.count()).group_by(Vote.poll_id)).all())
    for poll in db.session.scalars(select(Poll).order_by(Poll.id)):
        true = votes.get(poll.id, 0) + poll.carried_count
        if poll.vote_count != true:
            wrong.append(f"poll {poll.id}: counts {poll.vote_count} voters, {true} are recorded")
    answers = dict(db.session.execute(select(VoteAnswer.choice_id, func.count()).group_by(VoteAnswer.choice_id)).all())
    for choice in db.session.scalars(select(Choice).order_by(Choice.id)):
        true = answers.get(choice.id, 0) + choice.carried_count
        if choice.vote_count != true:
            wrong.append(f"choice {choice.id}: counts {choice.vote_count} votes, {true} are recorded")
    return wrong
