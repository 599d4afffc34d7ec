"""Imported comments keep a keyed hash of their writer's address, by which an account can claim them.

Revision 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("comment", sa.Column("claim_key", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_comment_claim_key"), "comment", ["claim_key"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_comment_claim_key"), "comment")
    op.drop_column("comment", "claim_key")
