"""Take the pictures in docs/screenshots: the main pages of the demonstration, on three widths, light and dark.

    .venv/bin/python docs/screenshots.py

It serves a demonstration of its own, visits it in Chromium (FORUM_TEST_CHROMIUM names one) and writes WebP over what was there.
Take them anew when the look has changed, and once: every version of a picture stays in the repository.
"""

import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

TARGET = Path(__file__).parent / "screenshots"
SIZES = {360: 740, 768: 1024, 1280: 900}
SCHEMES = ("light", "dark")
LIMIT = 4_000_000  # bytes, all together
READY_WITHIN = 300  # seconds; the demonstration draws its pictures first
ARTICLE = "main a[href^='/archives/']:not([href*='/date/'])"

# Each page by its address, or by the address and the link there that leads to it.
PUBLIC = {
    "front": ("/", ""),
    "article": ("/", ARTICLE),
    "discussion": ("/", ARTICLE),
    "section": ("/", ".masthead__sections a"),
    "author": ("/", "a[rel=author]"),
    "polls": ("/polls/", ""),
    "poll": ("/polls/", "main li a[href^='/polls/']"),
    "sign-in": ("/account/login", ""),
}
AT_WORK = {
    "desk": ("/desk/", ""),
    "editing": ("/desk/", "main th a"),
    "moderation": ("/moderation/", ""),
    "settings": ("/desk/settings/", ""),
}


@contextmanager
def demonstration() -> Iterator[tuple[str, str, str]]:
    """Serve a demonstration; yield its address, and the e-mail address and password of its admin."""
    with (
        tempfile.TemporaryDirectory(prefix="forum-screenshots-") as folder,
        socket.create_server(("127.0.0.1", 0)) as free,
    ):
        port, log = free.getsockname()[1], Path(folder) / "log"
        free.close()
        command = [str(Path(sys.executable).with_name("forum")), "start", "--port", str(port)]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FORUM_")}
        environment["FORUM_INSTANCE"] = str(Path(folder) / "instance")
        with log.open("wb") as output:
            server = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz")
            admin = re.search(r"^\s*admin\s+(\S+@\S+)\s+(\S+)$", log.read_text(encoding="utf-8"), re.MULTILINE)
            if admin is None:
                sys.exit(f"The demonstration names no admin:\n{log.read_text(encoding='utf-8')}")
            yield f"http://127.0.0.1:{port}", admin[1], admin[2]
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def wait_for(address: str) -> None:
    """Come back when the site is ready."""
    until = time.monotonic() + READY_WITHIN
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.5)


def addresses(page: Page, pages: dict[str, tuple[str, str]]) -> dict[str, str]:
    """Return the address of each of these pages."""
    found = {}
    for name, (path, link) in pages.items():
        page.goto(path)
        found[name] = str(page.locator(link).first.get_attribute("href")) if link else path
    return found


def take(page: Page, name: str, address: str, width: int) -> Image.Image:
    """Return the picture of a page as its window shows it."""
    page.set_viewport_size({"width": width, "height": SIZES[width]})
    page.goto(address, wait_until="networkidle")
    if name == "discussion":
        page.locator("#discussion").scroll_into_view_if_needed()
        page.evaluate("document.querySelector('#discussion').scrollIntoView({behavior: 'instant'})")
    return Image.open(io.BytesIO(page.screenshot(animations="disabled")))


def main() -> None:
    """Take all pictures."""
    program = shutil.which(os.environ.get("FORUM_TEST_CHROMIUM") or "chromium")
    if program is None:
        sys.exit("There is no Chromium: install one, or name it in FORUM_TEST_CHROMIUM.")
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir()
    with demonstration() as (url, email, password), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        door = browser.new_context(base_url=url)
        page = door.new_page()
        places = addresses(page, PUBLIC)
        page.goto("/account/login")
        page.locator("[name=email]").fill(email)
        page.locator("[name=password]").fill(password)
        page.locator("main [type=submit]").first.click()
        page.wait_for_url(lambda address: "/login" not in address)
        at_work = addresses(page, AT_WORK)
        for scheme in SCHEMES:
            for state, pages in ((None, places), (door.storage_state(), at_work)):
                context = browser.new_context(base_url=url, color_scheme=scheme, storage_state=state)
                page = context.new_page()
                for name, address in pages.items():
                    for width in SIZES:
                        picture = take(page, name, address, width)
                        picture.save(TARGET / f"{name}-{width}-{scheme}.webp", quality=70, method=6)
                context.close()
        browser.close()
    total = sum(file.stat().st_size for file in TARGET.iterdir())
    print(f"{len(list(TARGET.iterdir()))} pictures, {total / 1e6:.1f} MB together")
    if total > LIMIT:
        sys.exit(f"That is more than {LIMIT / 1e6:.0f} MB.")


if __name__ == "__main__":
    main()
