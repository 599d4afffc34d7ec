"""Two serving processes of one site: what one knows the other knows, and Redis may come and go."""

import copy
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories import make_article
from tests.journeys.conftest import PATIENCE, LiveSite, serving
from tests.journeys.newsroom import fill
from tests.journeys.pages import button, comment_form, fill_in, sign_in, word

pytestmark = pytest.mark.browser
REDIS = os.environ.get("FORUM_TEST_REDIS", "")


class Line:
    """A line to Redis that can be cut: a port of ours that hands on to the server."""

    def __init__(self, to: tuple[str, int]) -> None:
        self.to = to
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.open: list[socket.socket] = []
        self.serve()

    def serve(self) -> None:
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def cut(self) -> None:
        """Nobody answers any more, as when the server was stopped."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for end in self.open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.open.clear()

    def mend(self) -> None:
        """The server is back."""
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.serve()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # cut
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self.to)
                self.open += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=_hand_on, args=ends, daemon=True).start()


def _hand_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while said := one.recv(65536):
            other.sendall(said)
    with suppress(OSError):
        other.shutdown(socket.SHUT_RDWR)


@dataclass
class Pair:
    """Two servers of one site, on ports of their own, and the line to Redis where there is one."""

    one: LiveSite
    other: LiveSite
    line: Line | None


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    line = None
    if REDIS:
        address = urlsplit(REDIS)
        line = Line((address.hostname or "", address.port or 6379))
        credentials = address.netloc.rpartition("@")[0]
        place = f"{credentials}@" * bool(credentials) + f"127.0.0.1:{line.port}"
        through = urlunsplit(address._replace(netloc=place))

    def prepare(site: LiveSite) -> None:
        fill(site)
        site.settings |= {"RATE_LIMITS": "on", "WORKERS": "1", "REDIS_URL": through if line else ""}

    with ExitStack() as stack:
        if line:
            stack.callback(line.cut)
        one = stack.enter_context(serving(tmp_path_factory.mktemp("two"), prepare=prepare))
        other = copy.copy(one)
        with socket.create_server(("127.0.0.1", 0)) as free:
            other.port = free.getsockname()[1]
        other.url = f"http://127.0.0.1:{other.port}"
        other.log = one.log.with_name("other.log")
        stack.callback(other.stop)
        other.start()
        yield Pair(one, other, line)
        assert other.faults() == []


@contextmanager
def visitor(chromium: Browser) -> Iterator[Page]:
    """A browser; its cookies are the host's and go to both servers, as they would behind one proxy (RFC 6265, 8.5)."""
    context = chromium.new_context(java_script_enabled=False, locale="nl-NL")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def try_password(page: Page, site: LiveSite, address: str) -> int:
    """Try a wrong password at this server; return the status of the answer."""
    page.goto(f"{site.url}/account/login")
    page.get_by_label(word("E-mail")).fill(address)
    page.get_by_label(word("Password"), exact=True).fill("dit is het vast niet")
    with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        button(page.get_by_role("main"), "Sign in").click()
    return sent.value.status


def test_who_signs_in_at_one_is_signed_in_at_the_other_and_signed_out_of_both(pair: Pair, chromium: Browser) -> None:
    with visitor(chromium) as page, visitor(chromium) as elsewhere:
        for each, site in ((page, pair.one), (elsewhere, pair.other)):
            each.goto(site.url)
            sign_in(each, "ann")
            expect(each.get_by_role("banner").get_by_role("link", name="Ann")).to_be_visible()
        page.goto(f"{pair.other.url}/account/sessions/")
        expect(page.get_by_role("row")).to_have_count(3)  # the heads of the columns, this one and the other
        button(page.get_by_role("main"), "End").click()
        expect(page.get_by_role("row")).to_have_count(2)
        elsewhere.goto(f"{pair.one.url}/account/")
        expect(elsewhere.get_by_label(word("Password"), exact=True)).to_be_visible()


def test_tries_at_one_count_at_the_other_whether_redis_is_there_or_not(pair: Pair, chromium: Browser) -> None:
    with visitor(chromium) as page:
        servers = [pair.one, pair.other]
        tries = [try_password(page, servers[number % 2], "cas@example.org") for number in range(6)]
        assert tries == [200] * 5 + [429]
        if pair.line is None:
            return
        pair.line.cut()
        try:
            tries = [try_password(page, servers[number % 2], "mo@example.org") for number in range(6)]
        finally:
            pair.line.mend()
        assert tries == [200] * 5 + [429]


@pytest.mark.skipif(not REDIS, reason="with Redis")
def test_readers_and_writers_notice_nothing_when_redis_stops_and_starts(pair: Pair, chromium: Browser) -> None:
    assert pair.line is not None
    with pair.one.inside():
        address = make_article("Redis valt uit").url
    with visitor(chromium) as page:

        def everything(words: str) -> list[str]:
            """Read at both servers and write at one; return the comments that the other then shows."""
            for site in (pair.one, pair.other):
                for path in ("/", address, "/polls/"):
                    answer = page.goto(site.url + path)
                    assert answer is not None
                    assert answer.status == 200
            page.goto(pair.one.url + address)
            form = comment_form(page)
            fill_in(form, words, name="Bart")
            button(form, "Post comment").click()
            expect(page.get_by_role("main")).to_contain_text(words)
            page.goto(pair.other.url + address)
            return page.locator("article.comment .comment__body").all_inner_texts()

        assert everything("Toen hij er was.") == ["Toen hij er was."]
        pair.line.cut()
        try:
            assert everything("Toen hij er niet was.")[1:] == ["Toen hij er niet was."]
        finally:
            pair.line.mend()
        assert everything("Toen hij er weer was.")[2:] == ["Toen hij er weer was."]
