"""Discussions count who wrote and close with a reason; comments are edited, valued and counted by branch; drafts and visits.

Revision 0009, after 0008.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WHEN = sa.DateTime(timezone=True)
# What the rows that are there get; afterwards the program gives every value itself.
COUNTED: dict[str, tuple[str, ...]] = {
    "discussion": ("slow_seconds", "reader_count"),
    "comment": ("branch_count", "valued_count"),
}
NEW: dict[str, dict[str, sa.types.TypeEngine[Any]]] = {
    "discussion": {
        "close_after_days": sa.Integer(),
        "closed_at": WHEN,
        "closed_reason": sa.String(length=200),
        "last_comment_at": WHEN,
    },
    "comment": {"interest": sa.String(length=80), "edited_at": WHEN},
    "user": {"expertise": sa.String(length=120)},
}
INDEXES = {
    "ix_comment_newest": ["discussion_id", "created_at", "id"],
    "ix_comment_valued": ["discussion_id", "valued_count", "created_at", "id"],
    "ix_comment_branches": ["discussion_id", "branch_count", "id"],
}

VISIBLE = "held_at IS NULL AND hidden_at IS NULL AND removed_at IS NULL"
WRITER = "coalesce('user:' || user_id, 'guest:' || guest_key, 'name:' || author_name)"
COUNT_READERS = f"""
    UPDATE discussion SET
        reader_count = (SELECT count(DISTINCT {WRITER}) FROM comment WHERE discussion_id = discussion.id AND {VISIBLE}),
        last_comment_at = (SELECT max(created_at) FROM comment WHERE discussion_id = discussion.id AND {VISIBLE})
"""
COUNT_BRANCHES = f"""
    UPDATE comment SET branch_count = CASE WHEN {VISIBLE} THEN 1 ELSE 0 END + (
        SELECT count(*) FROM comment AS below WHERE below.root_id = comment.id
        AND below.held_at IS NULL AND below.hidden_at IS NULL AND below.removed_at IS NULL
    ) WHERE root_id IS NULL
"""


def upgrade() -> None:
    for table, names in COUNTED.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    for table, columns in NEW.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    for table, names in COUNTED.items():
        with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as batch_op:
            for name in names:
                batch_op.alter_column(name, existing_type=sa.Integer(), existing_nullable=False, server_default=None)
    roots = sa.text("root_id IS NULL")
    for index, parts in INDEXES.items():
        only = roots if index == "ix_comment_branches" else None
        op.create_index(index, "comment", parts, unique=False, sqlite_where=only, postgresql_where=only)
    op.execute(COUNT_READERS)
    op.execute(COUNT_BRANCHES)
    op.create_table(
        "comment_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("replaced_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_comment_revision_comment_id_comment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_revision")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_comment_revision_comment_id"), "comment_revision", ["comment_id"], unique=False)
    op.create_table(
        "comment_draft",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("saved_at", WHEN, nullable=False),
        *_of_a_member("comment_draft"),
        sa.PrimaryKeyConstraint("user_id", "discussion_id", "parent_id", name=op.f("pk_comment_draft")),
    )
    op.create_index(op.f("ix_comment_draft_discussion_id"), "comment_draft", ["discussion_id"], unique=False)
    op.create_table(
        "discussion_visit",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", WHEN, nullable=False),
        *_of_a_member("discussion_visit"),
        sa.PrimaryKeyConstraint("user_id", "discussion_id", name=op.f("pk_discussion_visit")),
    )
    op.create_index(op.f("ix_discussion_visit_discussion_id"), "discussion_visit", ["discussion_id"], unique=False)


def _of_a_member(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f(f"fk_{table}_user_id_user"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["discussion_id"], ["discussion.id"], name=op.f(f"fk_{table}_discussion_id_discussion"), ondelete="CASCADE"
        ),
    ]


def downgrade() -> None:
    for table in ("discussion_visit", "comment_draft", "comment_revision"):
        op.drop_table(table)
    for name in INDEXES:
        op.drop_index(name, "comment")
    for table, columns in NEW.items():
        with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as batch_op:
            for name in (*COUNTED.get(table, ()), *columns):
                batch_op.drop_column(name)
