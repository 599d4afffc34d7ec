"""The tables are those of the models on both databases, come and go with what is in them, and never give a number twice."""

import shutil
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text

from forum import migrating
from forum.comments.models import Comment, Discussion
from forum.extensions import db, migrate
from forum.moderation.operations import hide_comment
from forum.polls.operations import cast_vote
from tests.at_once import in_programs
from tests.conftest import ON_POSTGRESQL, make_app
from tests.factories import (
    discussion_of,
    make_article,
    make_comment,
    make_guest,
    make_poll,
    make_section,
    make_user,
)

ROOT = Path(__file__).resolve().parent.parent
on_sqlite = pytest.mark.skipif(ON_POSTGRESQL, reason="SQLite's own affair")
on_postgresql = pytest.mark.skipif(not ON_POSTGRESQL, reason="PostgreSQL's own affair")


@pytest.fixture
def empty(home):
    """A site whose database has no tables yet."""
    site = make_app(home, home.make_database())
    with site.app_context():
        yield site
        db.session.remove()
        db.engine.dispose()


def fill():
    """Something in every corner, with a line from each table to the next."""
    article = make_article(section=make_section(), tags=["KPN", "recht"])
    first = make_comment(article)
    make_comment(article, "Waarom?", parent=first)
    hide_comment(make_comment(article, "Onzin."), make_user("mo"), "Beledigend")
    poll = make_poll()
    cast_vote(poll, poll.choices[:1], make_guest())
    db.session.commit()


def rows():
    """How many rows each table has."""
    with db.engine.connect() as connection:
        return {table: connection.scalar(text(f'SELECT count(*) FROM "{table}"')) for table in db.metadata.tables}


def in_words(found):
    return sorted(str(plain(row)) for row in found)


def plain(value):
    """What an inspector says, in words: it gives a partial index's condition as an object."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else str(value)


def shape():
    """What the database says of its tables, as far as both databases can say it."""
    found = {}
    inspector = inspect(db.engine)
    for table in sorted(set(inspector.get_table_names()) - {"alembic_version"}):
        found[table] = {
            "columns": {
                row["name"]: (
                    str(row["type"]),
                    getattr(row["type"], "collation", None),
                    row["nullable"],
                    row["default"],
                )
                for row in inspector.get_columns(table)
            },
            "key": inspector.get_pk_constraint(table),
            "references": in_words(inspector.get_foreign_keys(table)),
            "unique": in_words(inspector.get_unique_constraints(table)),
            "checks": in_words(inspector.get_check_constraints(table)),
            "indexes": in_words(inspector.get_indexes(table)),
        }
    return found


def test_the_migrations_make_what_the_models_describe(app):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, db.metadata) == []


def test_they_make_it_to_the_last_constraint(app, empty):
    db.create_all()
    described = shape()
    with app.app_context():
        assert shape() == described
    assert len(described) == len(db.metadata.tables)


def test_every_number_in_an_address_is_given_once(app):
    counting = {name for name, table in db.metadata.tables.items() if "id" in table.c}
    for_good = {name for name in counting if db.metadata.tables[name].dialect_options["sqlite"]["autoincrement"]}
    assert counting - for_good <= {"role", "rate_hit"}  # nobody refers to them by number
    if not ON_POSTGRESQL:
        made = text("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'")
        assert set(db.session.scalars(made)) == for_good


def test_the_number_of_a_row_that_is_gone_is_not_given_again(session):
    article = make_article()
    kept, last = make_comment(article), make_comment(article, "Nog iets.")
    gone = last.id
    session.delete(last)
    session.commit()
    assert make_comment(article, "En nog iets.").id > gone > kept.id
    session.delete(article)
    session.commit()
    assert make_article().id > article.id


def test_tables_come_and_go_with_everything_in_them(empty):
    assert not migrating.is_current()
    migrating.upgrade()
    assert migrating.is_current()
    fill()
    assert min(rows()[name] for name in ("article", "comment", "vote_answer", "moderation_action", "byline")) > 0
    before = shape()
    migrating.downgrade("base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    assert not migrating.is_current()
    migrating.upgrade()
    assert shape() == before
    assert set(rows().values()) == {0}
    fill()
    assert migrating.is_current()


def test_bringing_up_to_date_what_is_up_to_date_changes_nothing(empty):
    migrating.upgrade()
    fill()
    before = rows()
    migrating.upgrade()
    assert rows() == before


@pytest.fixture
def next_migration(empty, tmp_path, monkeypatch):
    """Let one more migration follow on a filled database: `next_migration(*lines of its upgrade)`."""
    migrating.upgrade()
    fill()
    folder = shutil.copytree(ROOT / "forum" / "migrations", tmp_path / "migrations")
    with db.engine.connect() as connection:
        newest = MigrationContext.configure(connection).get_current_heads()

    def write(*lines):
        (folder / "versions" / "9999_next.py").write_text(
            "import sqlalchemy as sa\n"
            "from alembic import op\n"
            f'revision, down_revision = "9999", {newest!r}\n'
            "def upgrade():\n" + "".join(f"    {line}\n" for line in lines)
        )
        monkeypatch.setattr(migrate, "directory", str(folder))

    return write


def test_a_migration_that_makes_a_table_anew_keeps_all_that_hangs_from_it(next_migration):
    before = rows()
    next_migration(
        'with op.batch_alter_table("article", table_kwargs={"sqlite_autoincrement": True}) as batch:',
        '    batch.alter_column("headline", type_=sa.String(300), existing_nullable=False)',
    )
    migrating.upgrade()
    assert rows() == before
    assert shape()["article"]["columns"]["headline"][0] == "VARCHAR(300)"
    assert migrating.is_current()
    if not ON_POSTGRESQL:
        assert db.session.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_table_that_is_made_anew_counts_on_where_it_was(next_migration):
    last = make_article("Straks weg").id
    db.session.execute(text("DELETE FROM article"))
    db.session.commit()
    next_migration(
        'with op.batch_alter_table("article", table_kwargs={"sqlite_autoincrement": True}) as batch:',
        '    batch.alter_column("headline", type_=sa.String(300), existing_nullable=False)',
    )
    migrating.upgrade()
    assert make_article("Nieuw").id > last


def test_a_migration_that_fails_changes_nothing(next_migration):
    before = rows(), shape()
    next_migration(
        'op.create_table("half", sa.Column("id", sa.Integer, primary_key=True))',
        'op.execute("DELETE FROM vote")',
        'raise ArithmeticError("halfway")',
    )
    with pytest.raises(ArithmeticError, match="halfway"):
        migrating.upgrade()
    assert (rows(), shape()) == before


@on_sqlite
def test_a_migration_that_leaves_rows_without_what_they_refer_to_changes_nothing(next_migration, caplog):
    before = rows()
    next_migration('op.execute("DELETE FROM article")')
    with pytest.raises(SystemExit):
        migrating.upgrade()
    assert "would refer to nothing" in caplog.text
    assert rows() == before


def test_two_programs_that_start_at_once_make_the_tables_once(empty):
    assert in_programs(empty, lambda _number: migrating.upgrade()) == ["None", "None"]
    assert migrating.is_current()
    fill()


@pytest.fixture
def danish(home):
    """A site on a PostgreSQL that sorts as Danes do: there "aa" is a letter after z."""
    name = f"{home.name}_danish"
    with psycopg.connect(home.server, autocommit=True) as server:
        server.execute(
            f'CREATE DATABASE "{name}" TEMPLATE template0 ENCODING \'UTF8\' LOCALE_PROVIDER icu ICU_LOCALE "da-DK" LOCALE "C"'
        )
    site = make_app(home, f"{home.server.rsplit('/', 1)[0]}/{name}")
    with site.app_context():
        migrating.upgrade()
        yield site
        db.session.remove()
        db.engine.dispose()
    with psycopg.connect(home.server, autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@on_postgresql
def test_a_discussion_keeps_its_order_whatever_the_databases_language(danish):
    article = make_article()
    comments = [make_comment(article, f"Nummer {number}.") for number in range(3)]
    for comment, path in zip(comments, ("00ab", "00aa", "00zz"), strict=True):
        comment.path = path
    db.session.flush()
    there = Comment.discussion_id == discussion_of(article).id
    assert db.session.scalars(select(Comment.path).where(there).order_by(Comment.path)).all() == [
        "00aa",
        "00ab",
        "00zz",
    ]
    assert db.session.scalars(select(Comment.path).where(there, Comment.path > "00aa")).all() != []
    as_words = text('SELECT path FROM comment ORDER BY path COLLATE "default"')
    assert db.session.scalars(as_words).all() == ["00ab", "00zz", "00aa"]


def test_a_discussion_is_about_one_thing(session):
    article = make_article()
    discussion_of(article).poll_id = make_poll().id
    with pytest.raises(Exception, match="one_subject"):
        session.flush()
    session.rollback()
    session.add(Discussion())
    with pytest.raises(Exception, match="one_subject"):
        session.flush()
