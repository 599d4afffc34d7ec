"""While a password is hashed, which takes long on purpose, nobody else waits to write."""

import pytest
from argon2 import low_level
from sqlalchemy import select, text

from forum.accounts.first_admin import make_token
from forum.accounts.models import User
from forum.extensions import db, let_go, sqlite_module
from tests.accounts.pages import STRONG, letters, link_in, send, sign_in
from tests.conftest import ON_POSTGRESQL
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.skipif(ON_POSTGRESQL, reason="SQLite's writers take turns")


def watched(work, address, times):
    def watching(*args, **kwargs):
        neighbour = sqlite_module.connect(address, timeout=0, isolation_level=None)
        try:
            neighbour.execute("BEGIN IMMEDIATE")
        finally:
            neighbour.close()
        times.append(work.__name__)
        return work(*args, **kwargs)

    return watching


@pytest.fixture
def hashed(app, monkeypatch):
    """How often a password was hashed from here on; each time a neighbour must be able to write at once."""
    times = []
    address = app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    for name in ("hash_secret", "verify_secret"):
        monkeypatch.setattr(low_level, name, watched(getattr(low_level, name), address, times))
    return times


@pytest.fixture
def ann(app):
    return make_user("ann")


def test_signing_in_keeps_nobody_from_writing(client, ann, hashed):
    for email, password in (
        ("ann@example.org", PASSWORD),
        ("ann@example.org", "verkeerd"),
        ("niemand@example.org", STRONG),
    ):
        client.delete_cookie("session")
        sign_in(client, email, password)
    assert len(hashed) == 3


def test_signing_up_and_setting_passwords_keeps_nobody_from_writing(client, ann, hashed):
    new = {"name": "Wilma", "password": STRONG}
    send(client, "/account/register", email="wilma@example.org", **new)
    send(client, "/account/register", email="ann@example.org", **{**new, "name": "Wilma Twee"})
    assert db.session.scalar(select(User.name).where(User.email == "wilma@example.org")) == "Wilma"
    send(client, "/account/reset", email="ann@example.org")
    send(client, link_in(letters()[-1]), password=STRONG)
    sign_in(client, "ann@example.org", STRONG)
    send(client, "/account/password", password=STRONG, new_password="weer heel andere woorden")
    send(client, "/account/leave", password="verkeerd", comments="keep")
    assert len(hashed) >= 7


def test_the_first_admin_keeps_nobody_from_writing(client, hashed):
    form = {"name": "Baas", "email": "baas@example.org", "password": PASSWORD}
    assert send(client, f"/account/first-admin/{make_token()}", **form).status_code == 303
    assert len(hashed) == 1


def test_what_was_written_is_not_let_go(app, session, ann):
    session.commit()
    for write in (
        lambda: setattr(ann, "name", "Anders"),
        lambda: (setattr(ann, "name", "Anders"), session.flush()),
        lambda: session.execute(text("UPDATE \"user\" SET name = 'Anders'")),
    ):
        write()
        let_go()
        assert session.scalar(select(User.name)) == "Anders"
        session.rollback()
    session.scalar(select(User.name))
    let_go()
    assert not session().in_transaction()
