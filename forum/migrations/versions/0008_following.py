"""Who is told of what, and who muted whom.

Revision 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

WHOLE, BRANCH, UNMAILED = sa.text("top_id IS NULL"), sa.text("top_id IS NOT NULL"), sa.text("mailed_at IS NULL")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "mute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("muted_id", sa.Integer(), nullable=True),
        sa.Column("guest_key", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("muted_at", MOMENT, nullable=False),
        sa.CheckConstraint("(muted_id IS NULL) <> (guest_key IS NULL)", name=op.f("ck_mute_one_person")),
        sa.ForeignKeyConstraint(["muted_id"], ["user.id"], name=op.f("fk_mute_muted_id_user"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_mute_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mute")),
        sa.UniqueConstraint("user_id", "muted_id", name=op.f("uq_mute_user_id_muted_id")),
        sa.UniqueConstraint("user_id", "guest_key", name="uq_mute_guest"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_mute_muted_id"), "mute", ["muted_id"])
    op.create_index(op.f("ix_mute_guest_key"), "mute", ["guest_key"])
    op.create_table(
        "follower",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("guest_key", sa.String(length=64), nullable=True),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("pace", sa.String(length=10), nullable=False),
        sa.Column("wants_replies", sa.Boolean(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("(user_id IS NULL) <> (address IS NULL)", name=op.f("ck_follower_one_person")),
        sa.CheckConstraint("pace IN ('direct', 'hourly', 'daily', 'weekly', 'never')", name=op.f("ck_follower_pace")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_follower_user_id_user"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follower")),
        sa.UniqueConstraint("address", name=op.f("uq_follower_address")),
        sa.UniqueConstraint("token", name=op.f("uq_follower_token")),
        sa.UniqueConstraint("user_id", name=op.f("uq_follower_user_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_follower_guest_key"), "follower", ["guest_key"])
    op.create_table(
        "follow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("follower_id", sa.Integer(), nullable=False),
        sa.Column("discussion_id", sa.Integer(), nullable=False),
        sa.Column("top_id", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["discussion_id"], ["discussion.id"], name=op.f("fk_follow_discussion_id_discussion"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["follower_id"], ["follower.id"], name=op.f("fk_follow_follower_id_follower"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["top_id"], ["comment.id"], name=op.f("fk_follow_top_id_comment"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_follow_whole",
        "follow",
        ["follower_id", "discussion_id"],
        unique=True,
        sqlite_where=WHOLE,
        postgresql_where=WHOLE,
    )
    op.create_index(
        "uq_follow_branch",
        "follow",
        ["follower_id", "top_id"],
        unique=True,
        sqlite_where=BRANCH,
        postgresql_where=BRANCH,
    )
    op.create_index(op.f("ix_follow_discussion_id"), "follow", ["discussion_id"])
    op.create_index(op.f("ix_follow_top_id"), "follow", ["top_id"])
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("follower_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=10), nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.Column("mailed_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "reason IN ('reply', 'branch', 'discussion', 'article', 'held')", name=op.f("ck_notice_reason")
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_notice_comment_id_comment"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["follower_id"], ["follower.id"], name=op.f("fk_notice_follower_id_follower"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("follower_id", "comment_id", name=op.f("uq_notice_follower_id_comment_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_notice_comment_id"), "notice", ["comment_id"])
    op.create_index(op.f("ix_notice_told_at"), "notice", ["told_at"])
    op.create_index("ix_notice_unmailed", "notice", ["follower_id"], sqlite_where=UNMAILED, postgresql_where=UNMAILED)


def downgrade() -> None:
    for table in ("notice", "follow", "follower", "mute"):
        op.drop_table(table)
