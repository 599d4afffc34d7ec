"""Bringing the tables to what this program expects."""

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_migrate import downgrade as _downgrade
from flask_migrate import upgrade as _upgrade

from forum.extensions import db


def upgrade() -> None:
    """Bring the tables up to date; a second program that starts meanwhile waits."""
    _upgrade(revision="heads")


def downgrade(revision: str) -> None:
    """Take the tables back to this revision ("base": none at all)."""
    _downgrade(revision=revision)


def is_current() -> bool:
    """Tell whether the tables are those of this program."""
    heads = ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config()).get_heads()
    with db.engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == set(heads)
