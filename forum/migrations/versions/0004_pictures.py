"""pictures have a licence, a focus point, more formats, and somebody who took them in.

Revision 0004, after 0003.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# What the rows that are there get; afterwards the program gives every value itself.
NEW: dict[str, tuple[sa.types.TypeEngine[Any], str]] = {
    "formats": (sa.String(length=40), ""),
    "licence": (sa.Text(), ""),
    "focus_x": (sa.Integer(), "50"),
    "focus_y": (sa.Integer(), "50"),
}


def upgrade() -> None:
    for name, (kind, value) in NEW.items():
        op.add_column("media", sa.Column(name, kind, nullable=False, server_default=value))
    with op.batch_alter_table("media", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.add_column(sa.Column("uploaded_by_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_media_uploaded_by_id_user"), "user", ["uploaded_by_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_index(batch_op.f("ix_media_uploaded_by_id"), ["uploaded_by_id"], unique=False)
        for name, (kind, _) in NEW.items():
            batch_op.alter_column(name, existing_type=kind, existing_nullable=False, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("media", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_uploaded_by_id"))
        batch_op.drop_constraint(batch_op.f("fk_media_uploaded_by_id_user"), type_="foreignkey")
        for name in ("uploaded_by_id", *NEW):
            batch_op.drop_column(name)
