"""A section has a colour.

Revision 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("section", sa.Column("colour", sa.String(length=20), nullable=False, server_default=""))
    with op.batch_alter_table("section", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.alter_column(
            "colour", existing_type=sa.String(length=20), existing_nullable=False, server_default=None
        )


def downgrade() -> None:
    op.drop_column("section", "colour")
