"""A server that is killed while people post: what it acknowledged is there, and whatever was sent again is there once."""

import multiprocessing
import random
import socket
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from http.client import HTTPException
from multiprocessing.process import BaseProcess

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from forum.comments.models import Comment
from forum.extensions import db
from tests.factories import discussion_of, make_article

WRITERS, EACH = 8, 4


class Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_request(self, *_: object) -> None:
        """Say nothing."""


class Stubborn(urllib.request.HTTPRedirectHandler):
    """Takes the answer 303 as it is: it says that the comment was taken in."""

    def redirect_request(self, *_: object) -> None:
        """Go nowhere."""


def started(site: Flask, port: int) -> BaseProcess:
    """Start a server; it answers as soon as it can."""

    def serve() -> None:
        make_server("127.0.0.1", port, site, threaded=True, request_handler=Quiet).serve_forever()

    server = multiprocessing.get_context("fork").Process(target=serve, daemon=True)
    server.start()
    return server


def insist(url: str, form: dict[str, str]) -> None:
    """Send a comment as a reader does who does not give up: the same form again until an answer says that it is taken in."""
    opener = urllib.request.build_opener(Stubborn)
    data = urllib.parse.urlencode(form).encode()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            opener.open(
                urllib.request.Request(url, data, {"Origin": url.split("/discussions", maxsplit=1)[0]}), timeout=10
            )
        except urllib.error.HTTPError as answer:
            if answer.code == 303:
                return
            if answer.code != 503:
                raise AssertionError(answer.read()) from answer
        except (OSError, HTTPException):
            pass
        time.sleep(0.05)
    raise AssertionError("no answer in a minute")


@pytest.mark.parametrize(
    "round_number", [*range(3), *(pytest.param(number, marks=pytest.mark.long) for number in range(3, 20))]
)
def test_every_acknowledged_comment_is_there_exactly_once(make_site, app, round_number):
    chance = random.Random(round_number)
    discussion = discussion_of(make_article()).id
    site = make_site(PROPAGATE_EXCEPTIONS=False)
    db.session.commit()
    db.engine.dispose()  # a connection belongs to one program
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/discussions/{discussion}/comments"
    failed: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            for number in range(EACH):
                body = f"Schrijver {writer}, nummer {number}."
                insist(url, {"body": body, "author_name": f"Lezer {writer}", "key": f"{writer}-{number}"})
        except BaseException as error:
            failed.append(error)

    server = started(site, port)
    writers = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    kills = 0
    while any(writer.is_alive() for writer in writers):
        time.sleep(chance.uniform(0.1, 0.5) if kills < 6 else 0.2)
        if kills < 6:
            server.kill()
            server.join()
            kills += 1
            server = started(site, port)
    server.kill()
    server.join()
    assert failed == []
    assert kills > 0
    placed = Counter(db.session.scalars(select(Comment.body)).all())
    assert placed == Counter(f"Schrijver {writer}, nummer {n}." for writer in range(WRITERS) for n in range(EACH))
