"""Alive, and ready: for whoever watches the machine."""

import shutil
from collections import namedtuple
from contextlib import closing

import psycopg
import pytest
from sqlalchemy import event

from forum import migrating
from forum.extensions import db, sqlite_module
from tests.conftest import ON_POSTGRESQL, Visitor


def test_who_is_alive_says_so_without_asking_the_database(make_site, app):
    site = make_site()
    site.test_client_class = Visitor
    asked = []
    with site.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    answer = site.test_client().get("/healthz")
    assert (answer.status_code, answer.text, answer.headers["Cache-Control"]) == (200, "ok\n", "no-store")
    assert not [statement for statement in asked if not statement.startswith(("PRAGMA", "ROLLBACK"))]


def test_who_is_ready_says_so(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "ok\n", "text/plain")
    assert answer.headers["Cache-Control"] == "no-store"


def test_without_its_database_the_site_is_alive_and_not_ready(make_site, app):
    site = make_site()
    site.test_client_class = Visitor

    def gone(*_arguments):
        raise psycopg.OperationalError("gone") if ON_POSTGRESQL else sqlite_module.OperationalError("gone")

    with site.app_context():
        event.listen(db.engine, "before_cursor_execute", gone)
    visitor = site.test_client()
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready: database\n")
    assert visitor.get("/healthz").status_code == 200


def test_with_tables_of_another_version_the_site_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(migrating, "is_current", lambda: False)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready: schema\n")


def test_on_a_full_disk_the_site_is_not_ready(client, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**12, 10**12, 1000))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "not ready: disk\n")


@pytest.mark.skipif(ON_POSTGRESQL, reason="a file is SQLite's affair")
def test_an_empty_database_is_not_ready_until_its_tables_are_made(make_site, app, tmp_path):
    file = tmp_path / "new.sqlite"
    closing(sqlite_module.connect(file)).thing.close()
    site = make_site(DATABASE_URL=f"sqlite:///{file}")
    site.test_client_class = Visitor
    assert site.test_client().get("/readyz").text == "not ready: schema\n"
    with site.app_context():
        migrating.upgrade()
    assert site.test_client().get("/readyz").status_code == 200
