"""The site as people meet it: served by the production server, visited in Chromium, with script and without.

Every worker of the tests has one browser and one site that the journeys share; each makes the articles that it walks
through itself. Where no Chromium is found the journeys are skipped, but with CI=true they fail.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from forum import migrating
from forum.extensions import db, may_write
from tests.conftest import Home, left_out, make_app
from tests.journeys.newsroom import fill

AFTERNOON = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)  # 14:05 in Amsterdam
PATIENCE = 10_000  # milliseconds, for a machine with other work
READY_WITHIN = 120  # seconds
CHROMIUM_OPTIONS = [
    "--no-sandbox",  # it does not start as root with one, and only ever meets our own pages here
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
# What Chromium writes for an answer that the journey asked for, such as the 422 of a refused comment.
REFUSAL = "Failed to load resource: the server responded with a status of 4"


class LiveSite:
    """An installation of its own, served by `forum start`; tests write into its database from beside it."""

    def __init__(self, home: Home) -> None:
        self.home = home
        folder = home.instance.parent
        self.clock = folder / "clock"
        self.set_clock(AFTERNOON)
        self.log = folder / "server.log"
        self.places: dict[str, str] = {}
        self.house: dict[str, Any] = {}
        address = self.home.make_database()
        self.app = make_app(self.home, address, CLOCK=str(self.clock))
        self.settings = {
            "DATABASE_URL": address,
            "INSTANCE": str(self.home.instance),
            "REDIS_URL": os.environ.get("FORUM_TEST_REDIS", ""),
            "TESTING": "on",
            "CLOCK": str(self.clock),
            "RATE_LIMITS": "off",
            "WORKERS": "2",
        }
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def set_clock(self, moment: datetime) -> None:
        """Let it be this moment, for the server and for who fills the database."""
        written = self.clock.with_suffix(".new")
        written.write_text(moment.isoformat(), encoding="utf-8")
        written.replace(self.clock)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Reach the database beside the server; what was written is there for it at the end."""
        with self.app.app_context():
            may_write.set(True)
            yield
            db.session.commit()
            db.session.remove()

    def start(self, *options: str) -> None:
        """Serve, and come back when the site is ready."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FORUM_")}
        environment |= {f"FORUM_{name}": value for name, value in self.settings.items()}
        if environment.pop("PYTHONDONTWRITEBYTECODE", ""):
            # Without compiled modules each of the server's processes would spend seconds on its imports.
            environment["PYTHONPYCACHEPREFIX"] = str(self.home.instance.parent.parent / "compiled")
        command = [str(Path(sys.executable).with_name("forum")), "start", "--port", str(self.port), *options]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
        until = time.monotonic() + READY_WITHIN
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the server did not start:\n{self.log.read_text(encoding='utf-8')}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop serving."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        with self.app.app_context():
            db.engine.dispose()

    def faults(self) -> list[str]:
        """Return what the server had to say of errors of its own."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [line for line in lines if " ERROR " in line or "[ERROR]" in line or "Error:" in line]

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def serving(folder: Path, *options: str, prepare: Callable[[LiveSite], object] | None = None) -> Iterator[LiveSite]:
    """Serve a site of its own, filled by `prepare`, until the block ends; a fault in its log is a failure."""
    with ExitStack() as stack:
        home = Home(folder)
        stack.callback(home.drop_databases)
        site = LiveSite(home)
        stack.callback(site.stop)
        if prepare is not None:
            with site.inside():
                migrating.upgrade()
                prepare(site)
        site.start(*options)
        yield site
    assert site.faults() == []


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[LiveSite]:
    """The site that the journeys of this worker share, with the newsroom in it."""
    with serving(tmp_path_factory.mktemp("site"), prepare=fill) as site:
        yield site


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser."""
    program = shutil.which(os.environ.get("FORUM_TEST_CHROMIUM") or "chromium")
    if program is None:
        left_out("no Chromium: install the package chromium, or name one in FORUM_TEST_CHROMIUM")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(params=[True, False], ids=["with script", "without script"])
def script(request: pytest.FixtureRequest) -> bool:
    """Whether the browsers of this journey run scripts: every journey is walked both ways."""
    return bool(request.param)


class Watch:
    """What a browser should not have met: errors, violations of the content security policy, other hosts."""

    def __init__(self, site: LiveSite) -> None:
        self.site = site
        self.strange: list[str] = []

    def over(self, context: BrowserContext) -> None:
        """Watch everything that happens in this browser."""
        context.on("console", self._said)
        context.on("weberror", lambda error: self.strange.append(f"script: {error.error}"))
        context.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(REFUSAL):
            self.strange.append(f"{message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.site.url}/", "data:", "blob:")):
            self.strange.append(f"asked elsewhere: {request.url}")


@pytest.fixture
def arrive(site: LiveSite, chromium: Browser, script: bool) -> Iterator[Callable[..., Page]]:
    """Let somebody arrive with a browser of their own, without cookies: `page = arrive()`; nothing strange may happen there."""
    watch = Watch(site)
    contexts: list[BrowserContext] = []

    def arrive(**options: Any) -> Page:
        context = chromium.new_context(base_url=site.url, java_script_enabled=script, locale="nl-NL", **options)
        context.set_default_timeout(PATIENCE)
        watch.over(context)
        contexts.append(context)
        return context.new_page()

    yield arrive
    for context in contexts:
        context.close()
    assert watch.strange == []
