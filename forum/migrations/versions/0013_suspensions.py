"""Somebody is suspended until a moment, and that is an act in the log.

Revision 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user", sa.Column("suspended_until", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("moderation_action", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.alter_column("comment_id", existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column("user_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("until", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_moderation_action_user_id_user"), "user", ["user_id"], ["id"], ondelete="CASCADE"
        )
        batch_op.create_index(batch_op.f("ix_moderation_action_user_id"), ["user_id"], unique=False)
        batch_op.create_check_constraint(
            batch_op.f("ck_moderation_action_one_target"), "(comment_id IS NULL) <> (user_id IS NULL)"
        )


def downgrade() -> None:
    op.execute("DELETE FROM moderation_action WHERE comment_id IS NULL")
    with op.batch_alter_table("moderation_action", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_moderation_action_one_target"), type_="check")
        batch_op.drop_index(batch_op.f("ix_moderation_action_user_id"))
        batch_op.drop_constraint(batch_op.f("fk_moderation_action_user_id_user"), type_="foreignkey")
        batch_op.drop_column("until")
        batch_op.drop_column("user_id")
        batch_op.alter_column("comment_id", existing_type=sa.Integer(), nullable=False)
    op.drop_column("user", "suspended_until")
