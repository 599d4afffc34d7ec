"""A real SMTP server for the tests: aiosmtpd in a process of its own, which keeps every letter that it accepts."""

import asyncio
import email
import email.policy
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.handlers import Mailbox

ROOT = Path(__file__).resolve().parent.parent


class Counter(Mailbox):
    """Takes letters. Of whom it takes none is in the address: `gone@` is unknown, `later@` is refused for now."""

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address.startswith("gone@"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later@"):
            return "451 4.2.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer: str = await super().handle_DATA(server, session, envelope)
        # It has the letter and has not said so: the moment at which a death of the sender makes a double.
        await asyncio.sleep(1.5 if envelope.rcpt_tos[0].startswith("slow@") else 0.02)
        return answer


class PostOffice:
    """A running server: where it is and what came in."""

    def __init__(self, port: int, folder: Path) -> None:
        self.settings = {
            "MAIL_BACKEND": "smtp",
            "MAIL_HOST": "127.0.0.1",
            "MAIL_PORT": port,
            "MAIL_SECURITY": "none",
            "MAIL_FROM": "redactie@krant.example",
            "MAIL_BOUNCES_TO": "bounces@krant.example",
        }
        self.folder = folder

    def letters(self) -> list[EmailMessage]:
        """Every letter, doubles too."""
        files = sorted((self.folder / "new").glob("*"))
        return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]  # type: ignore[misc]


@contextmanager
def post_office(folder: Path) -> Iterator[PostOffice]:
    """Start a server for as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "tests.post_office.Counter"]
    process = subprocess.Popen([*command, str(folder)], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < until
                time.sleep(0.05)
        yield PostOffice(port, folder)
    finally:
        process.terminate()
        process.wait()
