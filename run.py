"""Prepare the environment, then serve the site (`python3 run.py`) or pass its tests (`python3 run.py test`).

Needs nothing but Python 3.11. What it installs stands, with hashes, in requirements.lock and requirements-test.lock.
"""

import argparse
import functools
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(f"Forum needs Python 3.11 or newer; this is Python {sys.version_info[0]}.{sys.version_info[1]}.")
if os.name != "posix":
    sys.exit("Forum runs on Linux and macOS; on Windows inside its Linux (WSL).")

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
COMMAND = VENV / "bin" / "forum"
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
IS_ROOT = os.geteuid() == 0
IS_DEBIAN_ROOT = IS_ROOT and shutil.which("apt-get") is not None


def say(sentence: str) -> None:
    """Print at once, so that it stands before what a started program prints."""
    print(sentence, flush=True)


def succeeds(*command: str) -> bool:
    """Tell whether a command exists and ends well; nothing is printed."""
    try:
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@functools.cache
def apt_update() -> None:
    """Fetch the lists of packages, once; an install tells what is wrong when this fails."""
    subprocess.run(["apt-get", "update", "-qq"], stdout=subprocess.DEVNULL, check=False)


def apt_install(*packages: str) -> bool:
    """Install Debian packages where we may (root, with apt-get); tell whether that succeeded."""
    if not IS_DEBIAN_ROOT:
        return False
    say(f"Installing {', '.join(packages)} ...")
    apt_update()
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-qq", "--no-install-recommends", *packages]
    return subprocess.run(command, env=env, stdout=subprocess.DEVNULL, check=False).returncode == 0


# The environment


def mark(lock: Path) -> str:
    """Return what an environment made from this lock, for this Python and in this place, is known by."""
    return hashlib.sha256(lock.read_bytes() + f"{sys.version_info[:2]} {ROOT}".encode()).hexdigest()


def stamp(lock: Path) -> Path:
    """Return the file that keeps the mark of the lock installed last."""
    return VENV / f".{lock.name}.installed"


def prepare(name: str) -> None:
    """Bring .venv in line with the lock of this name. Does nothing, and needs no network, when it is already."""
    lock = ROOT / name
    if COMMAND.exists() and stamp(lock).exists() and stamp(lock).read_text() == mark(lock):
        return
    started = time.monotonic()
    say("Preparing the environment ...")
    library = VENV / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
    if not (os.path.exists(PYTHON) and library.is_dir()):
        venv.create(VENV, clear=VENV.exists(), symlinks=True, with_pip=False)
    if subprocess.run([*installer(), "--require-hashes", "-r", str(lock)], check=False).returncode != 0:
        sys.exit(f"Could not install what {name} lists; the reason is above. Is there a network?")
    install_project(library / "site-packages")
    stamp(lock).write_text(mark(lock))
    say(f"Environment ready in {time.monotonic() - started:.0f} s.")


def installer() -> list[str]:
    """Return the command that installs into .venv: uv, else the pip of .venv, else the pip beside this Python."""
    for uv in (shutil.which("uv"), str(VENV / "bin" / "uv")):
        if uv and succeeds(uv, "--version"):
            return [uv, "pip", "install", "--quiet", "--python", PYTHON]
    pip = [PYTHON, "-m", "pip"]
    install = ["install", "-qq", "--disable-pip-version-check", "--no-input"]  # errors only
    if succeeds(*pip, "--version") or succeeds(PYTHON, "-m", "ensurepip"):
        return [*pip, *install]
    if succeeds(sys.executable, "-m", "pip", "--python", PYTHON, "--version"):
        return [sys.executable, "-m", "pip", "--python", PYTHON, *install]
    if apt_install("python3-venv") and succeeds(PYTHON, "-m", "ensurepip"):
        return [*pip, *install]
    sys.exit("This Python has no pip. On Debian and Ubuntu: sudo apt-get install -y python3-venv, then try again.")


def install_project(site_packages: Path) -> None:
    """Make `import forum` and `.venv/bin/forum` work from this folder, by a path and a script: nothing to build."""
    (site_packages / "forum-source.pth").write_text(f"{ROOT}\n")
    COMMAND.write_text(
        "#!/bin/sh\n"
        f'\'\'\'exec\' "{PYTHON}" "$0" "$@"\n'  # a first line with Python itself may not hold spaces, nor be long
        "' '''\n"
        "import sys\n\nfrom forum.cli import main\n\nsys.exit(main())\n"
    )
    COMMAND.chmod(0o755)


# Serving


def serve(arguments: list[str]) -> None:
    """Become `forum start`, which makes what is missing in the instance folder and serves; never returns."""
    parser = argparse.ArgumentParser(
        prog="run.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--empty", action="store_true", help="start without the demonstration")
    parser.add_argument("--host", help="the address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="the port to listen on (default 8000)")
    parser.epilog = "python3 run.py test [--long] [pytest's options]: check everything and run the tests."
    options = parser.parse_args(arguments)
    prepare("requirements.lock")
    command = [str(COMMAND), "start"]
    if options.empty:
        command.append("--empty")
    if options.host:
        command += ["--host", options.host]
    if options.port is not None:
        command += ["--port", str(options.port)]
    os.execv(command[0], command)


# What the tests need beside Python

CHROMIUM = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)

# Ask as the tests will: PostgreSQL must let us make databases, Redis must let us in.
ASK_POSTGRES = """
import psycopg, sys
with psycopg.connect(sys.argv[1], connect_timeout=2) as connection:
    may = connection.execute("SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user").fetchone()
    sys.exit(not may[0])
"""
ASK_REDIS = "import redis, sys; redis.from_url(sys.argv[1], socket_connect_timeout=2).ping()"


def find_chromium() -> str | None:
    """Return the path of a Chromium or Chrome that starts, installing it where we may, or None."""
    for name in (os.environ.get("FORUM_TEST_CHROMIUM"), *CHROMIUM):
        path = shutil.which(name) if name else None
        if path and succeeds(path, "--version"):
            return path
    if apt_install("chromium", "fonts-dejavu-core", "fonts-liberation"):
        return shutil.which("chromium")
    return None


def free_port() -> int:
    """Return a port on loopback that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def start(stack: ExitStack, ask: str, url: str, command: list[str], **options: Any) -> str | None:
    """Start a server that lives as long as the stack; return its URL once it answers, None when it has not in 20 s."""
    silent = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=silent, stderr=silent, start_new_session=True, **options)
    stack.callback(process.wait)
    stack.callback(process.send_signal, signal.SIGINT)  # what both understand as: end now, in order
    until = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < until:
        if succeeds(PYTHON, "-c", ask, url):
            return url
        time.sleep(0.1)
    return None


def start_postgres(stack: ExitStack) -> str | None:
    """Start a PostgreSQL of our own in a temporary folder; return the URL of its maintenance database, or None.

    It sorts as a Dutch reader does, not by bytes, so that a forgotten COLLATE "C" shows.
    """
    on_debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    folders = [*map(str, reversed(on_debian)), *os.get_exec_path()]
    programs = next((folder for folder in folders if os.access(f"{folder}/initdb", os.X_OK)), None)
    if programs is None or (IS_ROOT and not succeeds("id", "postgres")):  # it refuses to run as root
        return None
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="forum-postgres-")))
    secret = secrets.token_hex(16)
    (folder / "secret").write_text(secret)
    owner: dict[str, Any] = {"cwd": folder}
    if IS_ROOT:
        owner |= {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(folder, "postgres")
        shutil.chown(folder / "secret", "postgres")
    initdb = [f"{programs}/initdb", "-D", f"{folder}/data", "-U", "postgres", "-A", "scram-sha-256", "--no-sync"]
    initdb += [f"--pwfile={folder}/secret", "-E", "UTF8", "--locale=C.UTF-8"]
    initdb += ["--locale-provider=icu", "--icu-locale=nl-NL"]
    made = subprocess.run(initdb, stdout=subprocess.DEVNULL, check=False, **owner)
    if made.returncode != 0:
        return None
    port = str(free_port())
    server = [f"{programs}/postgres", "-D", f"{folder}/data", "-h", "127.0.0.1", "-p", port, "-k", str(folder), "-F"]
    url = f"postgresql://postgres:{secret}@127.0.0.1:{port}/postgres"
    return start(stack, ASK_POSTGRES, url, server, **owner)


def start_redis(stack: ExitStack) -> str | None:
    """Start a Redis of our own that keeps nothing; return its URL, or None."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        return None
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="forum-redis-")))
    port, secret = free_port(), secrets.token_hex(16)
    settings = folder / "redis.conf"
    settings.write_text(f'bind 127.0.0.1\nport {port}\nrequirepass {secret}\nsave ""\nappendonly no\ndir {folder}\n')
    return start(stack, ASK_REDIS, f"redis://:{secret}@127.0.0.1:{port}/0", [program, str(settings)])


def reach(variable: str, usual: str, ask: str, own: Callable[[], str | None], package: str) -> str | None:
    """Return the URL of a server for the tests, or None.

    That is the server which the environment names, and no other; else one of our own, so that the tests of two people
    cannot meet and nobody's data is near; else the usual one on this machine. CI may install the package.
    """
    named = os.environ.get(variable)
    if named:
        return named if succeeds(PYTHON, "-c", ask, named) else None
    url = own() or (usual if succeeds(PYTHON, "-c", ask, usual) else None)
    return url or (own() if IN_CI and apt_install(package) else None)


# Testing


def step(name: str, *command: str, env: dict[str, str]) -> int:
    """Run one check, with what it prints and the time it took. Returns its exit code."""
    started = time.monotonic()
    code = subprocess.run([PYTHON, "-m", *command], cwd=ROOT, env=env, check=False).returncode
    say(f"== {name}: {'failed' if code else 'passed'} in {time.monotonic() - started:.1f} s")
    return code


def tests(database: str, arguments: list[str], env: dict[str, str]) -> int:
    """Run pytest on this database; its own last line tells how it went and how long it took. Returns its exit code."""
    say(f"\n== tests on {database}")
    command = [PYTHON, "-m", "pytest", "-n", "auto", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


def test(arguments: list[str]) -> int:
    """Check the code, then run the tests on SQLite and on PostgreSQL with Redis; return the first bad exit code, or 0.

    What this machine cannot run is named at the end. Where CI is set, that is a failure too.
    """
    prepare("requirements-test.lock")
    # The settings of a site on this machine are none of the tests' business.
    env = {name: value for name, value in os.environ.items() if not name.startswith("FORUM_")}
    with ExitStack() as stack:
        chromium = find_chromium()
        postgres = reach(
            "FORUM_TEST_POSTGRES",
            "postgresql://postgres@127.0.0.1:5432/postgres",
            ASK_POSTGRES,
            lambda: start_postgres(stack),
            "postgresql",
        )
        redis = reach(
            "FORUM_TEST_REDIS", "redis://127.0.0.1:6379/15", ASK_REDIS, lambda: start_redis(stack), "redis-server"
        )
        left_out = [
            name for name, found in (("Chromium", chromium), ("PostgreSQL", postgres), ("Redis", redis)) if not found
        ]
        if "--long" in arguments and not (shutil.which("java") or apt_install("default-jre-headless")):
            left_out.append("Java, for the Nu checker")
        if chromium:
            env["FORUM_TEST_CHROMIUM"] = chromium
        codes = {
            "ruff check": step("ruff check", "ruff", "check", env=env),
            "ruff format": step("ruff format", "ruff", "format", "--check", env=env),
            "mypy": step("mypy", "mypy", env=env),
            "djlint": step("djlint", "djlint", "--lint", "--quiet", "templates", env=env),
            "tests on SQLite": tests("SQLite", arguments, env | {"FORUM_TEST_DATABASE": "sqlite"}),
        }
        if postgres:
            env |= {"FORUM_TEST_DATABASE": "postgresql", "FORUM_TEST_POSTGRES": postgres}
            if redis:
                env["FORUM_TEST_REDIS"] = redis
            name = "PostgreSQL and Redis" if redis else "PostgreSQL"
            codes[f"tests on {name}"] = tests(name, arguments, env)
    failed = [name for name, code in codes.items() if code != 0]
    if failed:
        say(f"failed: {', '.join(failed)}")
    if left_out:
        say(f"left out: {', '.join(left_out)}")
    return next((code for code in codes.values() if code != 0), 1 if left_out and IN_CI else 0)


def stop(*_: object) -> None:
    """End as on a failure, so that the servers started for the tests end with us."""
    sys.exit(128 + signal.SIGTERM)


def main(arguments: list[str]) -> None:
    """Test when the first word says so, else serve."""
    try:
        if arguments[:1] == ["test"]:
            signal.signal(signal.SIGTERM, stop)
            sys.exit(test(arguments[1:]))
        serve(arguments)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main(sys.argv[1:])
