"""The `forum` command: what the operator types, and the sentences it answers with."""

import os
import re
import sys

import pytest
from click.testing import CliRunner, Result
from flask.cli import ScriptInfo

from forum import create_app
from forum.accounts import operations as accounts
from forum.accounts import queries as users
from forum.cli import main
from forum.comments.models import Comment
from forum.extensions import db, may_write
from tests.factories import PASSWORD, discussion_of, make_article, make_comment, make_poll, make_user, sign_in
from tests.trouble import impatient, locked


def forum(app, *words: str, typed: str = "") -> Result:
    """Type a command for this site."""
    db.session.commit()
    result = CliRunner().invoke(main, list(words), obj=ScriptInfo(create_app=lambda: app), input=typed)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def refused(result: Result) -> str:
    """The sentence of a refusal: exit code 1, nothing on standard output, no traceback."""
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    found = re.fullmatch(r"Error: (.+)\n", result.stderr)
    assert found, result.output
    return found[1]


# Accounts


def test_an_account_is_made_and_lets_its_owner_in(app, client):
    words = ["create-user", "Nina@Example.org", "--name", "Nina", "--role", "editor", "--role", "moderator"]
    result = forum(app, *words, "--password-stdin", typed=f"{PASSWORD}\n")
    assert (result.exit_code, result.output) == (0, "Nina <nina@example.org> is editor, moderator.\n")
    nina = users.by_email("nina@example.org")
    assert nina.role_names == {"editor", "moderator"}
    sign_in(client, "nina")
    assert client.get("/desk/").status_code == 200


def test_a_password_is_asked_twice_and_never_shown(app, monkeypatch):
    typed = iter([PASSWORD, PASSWORD])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))
    result = forum(app, "create-user", "nina@example.org", "--name", "Nina")
    assert result.exit_code == 0
    assert PASSWORD not in result.output
    assert users.by_email("nina@example.org").role_names == {"reader"}


def test_two_passwords_that_differ_make_no_account(app, monkeypatch):
    typed = iter([PASSWORD, PASSWORD + "x"])
    monkeypatch.setattr("getpass.getpass", lambda _prompt: next(typed))
    assert "differ" in refused(forum(app, "create-user", "nina@example.org", "--name", "Nina"))
    assert users.by_email("nina@example.org") is None


@pytest.mark.parametrize(
    ("email", "name", "password"),
    [
        ("geen adres", "Nina", PASSWORD),
        ("nina@example.org", "!!!", PASSWORD),
        ("nina@example.org", "Nina", "kort"),
        ("nina@example.org", "Nina", ""),
        ("ann@example.org", "Nina", PASSWORD),
        ("ANN@example.org", "Nina", PASSWORD),
    ],
)
def test_what_cannot_be_an_account_is_refused_in_a_sentence(app, email, name, password):
    make_user("ann")
    before = len(db.session.scalars(db.select(accounts.User)).all())
    sentence = refused(forum(app, "create-user", email, "--name", name, "--password-stdin", typed=f"{password}\n"))
    assert sentence.endswith(".")
    assert len(db.session.scalars(db.select(accounts.User)).all()) == before


def test_a_role_is_given_and_taken_away(app):
    make_user("ann")
    for words, told in (
        (["editor"], "editor, reader"),
        (["editor"], "editor, reader"),  # twice changes nothing
        (["editor", "--revoke"], "reader"),
        (["reader", "--revoke"], "without a role"),
        (["reader", "--revoke"], "without a role"),
    ):
        result = forum(app, "grant", "Ann@example.org", *words)
        assert (result.exit_code, result.output) == (0, f"Ann <ann@example.org> is {told}.\n")


def test_a_role_for_nobody_is_refused(app):
    assert refused(forum(app, "grant", "niemand@example.org", "editor")) == "There is no account niemand@example.org."


def test_a_role_that_is_none_is_refused_with_those_there_are(app):
    make_user("ann")
    result = forum(app, "grant", "ann@example.org", "baas")
    assert result.exit_code == 2
    assert "moderator" in result.output


# Proof


def test_the_check_is_content_with_a_living_site(app):
    article = make_article()
    make_comment(article, parent=make_comment(article))
    make_poll()
    result = forum(app, "check")
    assert (result.exit_code, result.output) == (0, "All counts and paths are right.\n")


def test_the_check_names_each_thing_that_is_not_right(app):
    article = make_article()
    comment = make_comment(article)
    discussion_of(article).comment_count = 7
    comment.reply_count = 3
    make_poll().vote_count = 5
    result = forum(app, "check")
    assert result.exit_code == 1
    for words in (f"discussion {discussion_of(article).id}:", f"comment {comment.id}:", "poll 1:"):
        assert words in result.stdout
    assert result.stderr == "Error: 3 things are not as they should be.\n"


# When things are not there


def test_a_locked_database_is_told_in_a_sentence(make_site, app):
    site = impatient(make_site)
    make_user("ann")
    with locked():
        token = may_write.set(True)
        with site.app_context():
            sentence = refused_outside(site, "grant", "ann@example.org", "editor")
        may_write.reset(token)
    assert re.search(r"(?i)lock", sentence)


def refused_outside(site, *words: str) -> str:
    result = CliRunner().invoke(main, list(words), obj=ScriptInfo(create_app=lambda: site))
    db.session.rollback()
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.exit_code == 1
    return result.stderr


@pytest.fixture
def fresh(home, tmp_path, monkeypatch):
    """A machine on which nothing has been made yet: commands find their own way to it."""
    for name in [name for name in os.environ if name.startswith("FORUM_") and not name.startswith("FORUM_TEST")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FORUM_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("FORUM_DATABASE_URL", home.make_database())
    made = []

    def make():
        made.append(create_app())
        return made[-1]

    yield lambda *words: CliRunner().invoke(main, list(words), obj=ScriptInfo(create_app=make))
    for site in made:  # a program that ends closes its connections; these have to be told
        with site.app_context():
            db.engine.dispose()


def test_a_database_without_tables_is_told_in_a_sentence(fresh):
    result = fresh("check")
    assert result.exit_code == 1
    assert re.match(r"Error: The database: .*(no such table|does not exist)", result.stderr, re.DOTALL)
    assert "Traceback" not in result.output


def test_tables_are_made_by_a_command(fresh):
    assert fresh("upgrade").exit_code == 0
    assert fresh("upgrade").exit_code == 0
    assert fresh("check").output == "All counts and paths are right.\n"


@pytest.mark.parametrize(("name", "value"), [("FORUM_RATE_LIMITS", "misschien"), ("FORUM_THREADS", "veel")])
def test_a_setting_that_cannot_be_used_is_told_in_a_sentence(fresh, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    result = fresh("check")
    assert result.exit_code == 1
    assert name in result.stderr
    assert "Traceback" not in result.output


# Starting


@pytest.fixture
def served(fresh, monkeypatch):
    """Start up to where the server would take over; the words with which it would."""
    words = []
    monkeypatch.setattr(os, "execv", lambda program, arguments: words.append((program, arguments)))

    def start(*more: str):
        result = fresh("start", *more)
        assert result.exit_code == 0, result.output
        return result.output, words.pop()

    return start


def test_starting_empty_prepares_everything_and_prints_the_link_of_the_first_admin(served, tmp_path):
    told, (program, words) = served("--empty", "--port", "8123")
    assert program == sys.executable
    assert "gunicorn" in words
    assert words[words.index("--bind") + 1] == "127.0.0.1:8123"
    assert "Forum is at http://127.0.0.1:8123" in told
    link = re.search(r"http://127\.0\.0\.1:8123(/account/first-admin/\S+)", told)[1]
    assert (tmp_path / "instance" / "secrets.toml").stat().st_mode & 0o777 == 0o600
    site = create_app(PROPAGATE_EXCEPTIONS=True, TESTING=True)
    with site.test_client() as visitor:
        assert visitor.get(link).status_code == 200
        assert visitor.get("/").status_code == 200
        assert visitor.get("/readyz").status_code == 200
    with site.app_context():
        db.engine.dispose()


def test_a_second_start_asks_nothing_and_loses_nothing(served):
    served("--empty")
    site = create_app(TESTING=True)
    with site.app_context():
        make_comment(make_article())
        make_user("adam")
        db.session.commit()
        db.session.remove()
        told, _ = served("--empty")
        assert "first-admin" not in told  # there is one
        assert db.session.scalar(db.select(db.func.count(Comment.id))) == 1
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize(
    ("words", "bound", "shown"),
    [
        (["--host", "::1"], "[::1]:8000", "http://[::1]:8000"),
        (["--host", "0.0.0.0"], "0.0.0.0:8000", "http://127.0.0.1:8000"),
        (["--host", "192.0.2.7", "--port", "80"], "192.0.2.7:80", "http://192.0.2.7:80"),
    ],
)
def test_the_address_is_told_as_one_would_type_it(served, words, bound, shown):
    told, (_, arguments) = served("--empty", *words)
    assert arguments[arguments.index("--bind") + 1] == bound
    assert f"Forum is at {shown}" in told
    assert f"{shown}/account/first-admin/" in told


def test_the_public_address_is_told_where_it_is_known(served, monkeypatch):
    monkeypatch.setenv("FORUM_SITE_URL", "https://www.example.nl")
    told, _ = served("--empty")
    assert "Forum is at https://www.example.nl" in told
    assert "https://www.example.nl/account/first-admin/" in told


@pytest.mark.parametrize("port", ["0", "65536", "abc"])
def test_a_port_that_is_none_is_refused(fresh, port):
    assert fresh("start", "--empty", "--port", port).exit_code == 2
