"""What readers value, what editors put above a discussion, and what a reader tells of themselves.

Revision 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "valued",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("valued_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_valued_comment_id_comment"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_valued_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("comment_id", "user_id", name=op.f("pk_valued")),
    )
    op.create_index(op.f("ix_valued_user_id"), "valued", ["user_id"])
    op.create_table(
        "highlight",
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("editor_id", sa.Integer(), nullable=True),
        sa.Column("highlighted_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_highlight_comment_id_comment"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["user.id"], name=op.f("fk_highlight_editor_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("comment_id", name=op.f("pk_highlight")),
    )
    op.create_index(op.f("ix_highlight_editor_id"), "highlight", ["editor_id"])
    op.create_table(
        "summary",
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("editor_id", sa.Integer(), nullable=True),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["discussion_id"], ["discussion.id"], name=op.f("fk_summary_discussion_id_discussion"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["editor_id"], ["user.id"], name=op.f("fk_summary_editor_id_user"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("discussion_id", name=op.f("pk_summary")),
    )
    op.create_index(op.f("ix_summary_editor_id"), "summary", ["editor_id"])
    op.add_column("user", sa.Column("about", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("user", "about")
    for table in ("summary", "highlight", "valued"):
        op.drop_table(table)
