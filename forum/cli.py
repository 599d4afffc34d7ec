"""The `forum` command: what the operator types."""

import getpass
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from flask.cli import FlaskGroup
from flask_babel import force_locale, gettext
from sqlalchemy.exc import OperationalError, ProgrammingError

from forum import checking, config, create_app, mail, migrating
from forum.accounts import operations as accounts
from forum.accounts import queries as users
from forum.accounts.first_admin import make_token
from forum.accounts.models import RoleName
from forum.errors import ForumError
from forum.extensions import db, sqlite_journal, sqlite_module
from forum.worker import work

ROLES = click.Choice([role.value for role in RoleName])


class ForumGroup(FlaskGroup):
    """The command group; a refusal is a sentence and exit code 1, not a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except (ForumError, config.ConfigError) as refusal:
            raise click.ClickException(str(refusal)) from refusal
        except (OperationalError, ProgrammingError) as failure:  # locked, gone, or without its tables
            raise click.ClickException(f"The database: {failure.orig}") from failure


@click.group(cls=ForumGroup, create_app=create_app, add_default_commands=False)
def main() -> None:
    """Forum: an editorial site and its conversation."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to serve on.")
@click.option(
    "--empty", is_flag=True, help="Without the demonstration newsroom; prints a link that makes the first admin."
)
def start(host: str, port: int, empty: bool) -> None:
    """Prepare this installation and serve it."""
    from forum.demo import operations as demo

    shown_host = f"[{host}]" if ":" in host else "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104  compared, not bound
    address = os.environ.get("FORUM_SITE_URL") or create_app().config["SITE_URL"] or f"http://{shown_host}:{port}"
    _report_sqlite()
    migrating.upgrade()
    if empty:
        demo.decline()
        db.session.commit()
    elif demo.is_wanted():
        click.echo("An empty database: making the demonstration newsroom …")
        with force_locale("nl"):
            passwords = demo.load()
            db.session.commit()
        click.echo("\nAccounts of the demonstration (on this machine only; shown this once):")
        for account, password in passwords:
            click.echo(f"  {account.role:<12} {account.email:<32} {password}")
        click.echo("Take the demonstration away again with: .venv/bin/forum demo --remove\n")
    if not users.has_admin():
        click.echo(
            f"\nMake the first admin here (works once, for a week):\n  {address}/account/first-admin/{make_token()}\n"
        )
    db.session.remove()
    db.engine.dispose()
    click.echo(f"Forum is at {address} – stop it with Ctrl+C.")
    sys.stdout.flush()
    settings = create_app().config
    workers = settings["WORKERS"] or min(os.cpu_count() or 1, 4)
    os.environ[mail.SERVED_AT] = address
    beside = ("--config", "python:forum.keeper") if settings["START_WORKER"] else ()
    # The server takes this process's place: signals and the exit code are its own.
    os.execv(  # noqa: S606
        sys.executable,
        [
            sys.executable,
            *("-m", "gunicorn", "forum.serving:app()"),
            *("--bind", f"[{host}]:{port}" if ":" in host else f"{host}:{port}"),
            *("--worker-class", "gthread", "--workers", str(workers), "--threads", str(settings["THREADS"])),
            *("--max-requests", "5000", "--max-requests-jitter", "500", "--graceful-timeout", "30"),
            *("--no-control-socket", "--log-level", "warning"),
            *beside,
        ],
    )


@main.command()
@click.option("--once", is_flag=True, help="Do what is due and stop.")
@click.option("--beside", type=int, hidden=True, help="Stop when the process of this number is no longer the parent.")
def worker(once: bool, beside: int | None) -> None:
    """Do the jobs that wait (start runs one worker beside the server)."""
    from flask import current_app

    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):  # the job in hand is finished first
        signal.signal(number, lambda received, _frame: told.append(received))
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("forum").setLevel(logging.INFO)
    work(
        current_app._get_current_object(),  # type: ignore[attr-defined]
        once=once,
        must_stop=lambda: bool(told) or (beside is not None and os.getppid() != beside),
    )


@main.command("send-test-mail")
@click.argument("address")
def send_test_mail(address: str) -> None:
    """Send a letter that shows whether mail arrives; the worker delivers it."""
    from flask import current_app

    try:
        job = mail.send(address, "test", current_app.config["LANGUAGE"])
    except ValueError as error:
        raise click.ClickException(f"{address} is not a mail address.") from error
    db.session.commit()
    click.echo(f"Job {job.id} sends a letter to {address}.")


@main.command()
def bounce() -> None:
    """Read a delivery report from standard input and count it (for MAIL_BOUNCES_TO)."""
    found = mail.take_back(sys.stdin.buffer.read())
    db.session.commit()
    click.echo("Counted." if found else "No report on a letter of ours.")


@main.command("create-user")
@click.argument("email")
@click.option("--name", required=True, help="What readers see.")
@click.option("--role", "roles", multiple=True, type=ROLES, default=["reader"], show_default=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
def create_user(email: str, name: str, roles: tuple[str, ...], password_stdin: bool) -> None:
    """Make an account."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = getpass.getpass("Password (8 to 200 characters): ")
        if getpass.getpass("Once more: ") != password:
            raise click.ClickException("The two passwords differ.")
    user = accounts.create_user(email, name, password, [RoleName(role) for role in roles])
    db.session.commit()
    click.echo(f"{user.name} <{user.email}> is {', '.join(sorted(user.role_names))}.")


@main.command()
@click.argument("email")
@click.argument("role", type=ROLES)
@click.option("--revoke", is_flag=True, help="Take the role away instead.")
def grant(email: str, role: str, revoke: bool) -> None:
    """Give an account a role, or take it away."""
    user = users.by_email(email)
    if user is None:
        raise click.ClickException(f"There is no account {email}.")
    (accounts.revoke if revoke else accounts.grant)(user, RoleName(role))
    db.session.commit()
    click.echo(f"{user.name} <{user.email}> is {', '.join(sorted(user.role_names)) or 'without a role'}.")


@main.command("drop-second-step")
@click.argument("email")
def drop_second_step(email: str) -> None:
    """Take codes and passkeys from an account whose owner lost them; the password alone opens it then."""
    user = users.by_email(email)
    if user is None:
        raise click.ClickException(f"There is no account {email}.")
    accounts.drop_second_step(user)
    db.session.commit()
    click.echo(f"{user.name} <{user.email}> signs in with the password alone, and is signed out everywhere.")


@main.command()
@click.option("--remove", is_flag=True, help="Take everything of the demonstration away.")
def demo(remove: bool) -> None:
    """Make the demonstration newsroom, or take it away."""
    from forum.demo import operations

    if remove:
        report = operations.remove(Path(_instance()))
        db.session.commit()
        for line in report:
            click.echo(line)
        return
    with force_locale("nl"):
        passwords = operations.load()
    db.session.commit()
    for account, password in passwords:
        click.echo(f"{account.role:<12} {account.email:<32} {password}")


@main.command()
def check() -> None:
    """Prove every stored count and every path right; exit code 1 when one is not."""
    wrong = checking.everything()
    for line in wrong:
        click.echo(line)
    if wrong:
        raise click.ClickException(f"{len(wrong)} things are not as they should be.")
    click.echo("All counts and paths are right.")


@main.command()
def upgrade() -> None:
    """Bring the tables up to date (start does it too)."""
    migrating.upgrade()
    click.echo("The tables are up to date.")


@main.group("import")
def import_() -> None:
    """Move another site in."""


@import_.command("wordpress")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@click.option(
    "--media", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Copy of wp-content/uploads."
)
@click.option("--zone", help="Zone of the old site's times; default: this site's.")
@click.option(
    "--report",
    "account",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write the whole report to this file too, with every number.",
)
def import_wordpress(file: Path, dry_run: bool, media: Path | None, zone: str | None, account: Path | None) -> None:
    """Move a WordPress site in from its export (WXR 1.0 to 1.2). A second run changes nothing."""
    from forum.imports import operations

    old_zone = _zone(zone) if zone else None
    if account is not None and not account.parent.is_dir():
        raise click.BadParameter(f"there is no folder {account.parent}", param_hint="--report")
    with force_locale("nl"):
        try:
            with _progress() as seen:
                report = operations.import_wordpress(file, media=media, zone=old_zone, dry_run=dry_run, seen=seen)
        except ForumError as refusal:  # put into words while there is a language
            raise click.ClickException(str(refusal)) from refusal
        except OperationalError as error:
            if "lock" not in str(error.orig):
                raise
            raise click.ClickException(gettext("The database did not answer in time. Nothing was imported.")) from error
        short, whole = report.lines(), report.lines(most=None)
    if dry_run:
        db.session.rollback()
    else:
        db.session.commit()
    click.echo("\n".join(short))
    if account is not None:
        account.write_text("\n".join([*whole, ""]), encoding="utf-8")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # also what is a folder, or leads out of the zones
        raise click.BadParameter(f"{name} is no zone, such as Europe/Amsterdam", param_hint="--zone") from error


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """Give what is told how far a long task is; on a terminal it shows that from the third second on."""
    began = shown = time.monotonic()

    def seen(done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - began > 2 and now - shown > 0.2 and sys.stderr.isatty():
            shown = now
            click.echo(f"\r{done} / {total} ", nl=False, err=True)

    try:
        yield seen
    finally:
        if shown > began:
            click.echo("\r\033[K", nl=False, err=True)


@main.command()
def translate() -> None:
    """Gather every string of code and templates and bring the catalogues up to date (for developers)."""
    from forum.translations import gather

    for line in gather():
        click.echo(line)


def _instance() -> str:
    from flask import current_app

    return current_app.instance_path


def _report_sqlite() -> None:
    from flask import current_app

    if current_app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite") and sqlite_journal() != "WAL":
        click.echo(
            f"SQLite {sqlite_module.sqlite_version} is older than 3.51.3: using its slower, safe journal. "
            "Install the pysqlite3 wheel for the fast one."
        )
