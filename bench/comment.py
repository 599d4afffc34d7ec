"""Accept comments durably, and bodies that are meant to hurt.

    .venv/bin/python bench/comment.py [--seconds 5] [--threads 1,8] [--database URL]

Posts comments to a discussion in this process, each a stranger's, and in the same run inserts rows of the same size into a
table of its own, a commit each, on the same database with the same settings: the ratio says what accepting a comment costs
beside the bare promise that it is kept. Then the adversarial bodies, with the limit on length lifted: exit code 1 when one
takes half a second of CPU or more.
"""

import itertools
import sys
import threading
import time
from collections.abc import Callable

from flask import Flask
from sqlalchemy import func, select, text
from stage import Stopwatch, filling, parser, site, visitor

from forum.comments.models import Comment
from forum.extensions import db, may_write
from forum.settings import operations as settings
from tests.factories import discussion_of, make_article

BODY = "Het bericht dat *KPN* is veroordeeld verbaast me niet: zie https://example.org/vonnis. " * 3
LIMIT_MS = 500
ADVERSARIAL = {
    "10,000 x '*'": "*" * 10_000,
    "10,000 x '['": "[" * 10_000,
    "10,000 x '`'": "`" * 10_000,
    "10,000 x '> '": "> " * 10_000,
    "10,000 x '_a'": "_a" * 10_000,
    "2,000 x 'http://'": "http://" * 2_000,
    "3,000 nested quotes": ">" * 3_000 + " diep",
    "5,000 x ']('": "](" * 5_000,
    "5,000 x '<!--'": "<!--" * 5_000,
    "5,000 x '![a](b '": "![a](b " * 5_000,
    "150 nested lists": "\n".join("  " * depth + "- a" for depth in range(150)),
    "10,000 x '&'": "&" * 10_000,
    "10,000 combining marks": "a" + "\u0301" * 10_000,
}
numbers = itertools.count()


def rate(act: Callable[[], None], threads: int, seconds: float) -> float:
    """Return how often a second these threads together can do this."""
    done = [0] * threads
    until = time.perf_counter() + seconds

    def work(index: int) -> None:
        while time.perf_counter() < until:
            act()
            done[index] += 1

    workers = [threading.Thread(target=work, args=(index,)) for index in range(threads)]
    with Stopwatch() as watch:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    return sum(done) / watch.ms * 1000


def posting(app: Flask, path: str) -> Callable[[], None]:
    """Return the act of posting one comment."""

    def post() -> None:
        number = next(numbers)
        data = {"body": f"{number}: {BODY}", "author_name": "Bart", "key": f"{number:032}"}
        answer = visitor(app).post(path, data=data)
        assert answer.status_code == 303, answer.text

    return post


def inserting(app: Flask) -> Callable[[], None]:
    """Return the act of inserting a bare row and committing it, through the same engine."""

    def insert() -> None:
        with app.app_context():
            may_write.set(True)
            with db.engine.begin() as connection:
                connection.execute(text("INSERT INTO bare (body) VALUES (:body)"), {"body": f"{next(numbers)}: {BODY}"})

    return insert


def attacked(app: Flask, path: str) -> bool:
    """Print how long each adversarial body took, answer included; tell whether all stayed under the limit."""
    slow = False
    print(f"\nadversarial bodies, each less than {LIMIT_MS} ms of CPU:")
    for name, body in ADVERSARIAL.items():
        data = {"body": body, "author_name": "Bart", "key": f"{next(numbers):032}"}
        with Stopwatch() as watch:
            answer = visitor(app).post(path, data=data)
        slow |= watch.cpu >= LIMIT_MS
        verdict = "  TOO SLOW" if watch.cpu >= LIMIT_MS else ""
        print(f"  {name:<24} {watch.cpu:7.1f} ms of CPU, {watch.ms:7.1f} ms in all  {answer.status_code}{verdict}")
    return not slow


def main() -> int:
    """Measure, and say how it went."""
    options = parser(__doc__)
    options.add_argument("--seconds", type=float, default=5, help="for each measurement")
    options.add_argument("--threads", default="1,8", help="numbers of threads, separated by commas")
    chosen = options.parse_args()
    with site(chosen.database) as app:
        with filling(app):
            settings.change(comment_length=100_000)
            path = f"/discussions/{discussion_of(make_article('Onder druk')).id}/comments"
            key = "INTEGER PRIMARY KEY AUTOINCREMENT" if db.engine.dialect.name == "sqlite" else "SERIAL PRIMARY KEY"
            db.session.execute(text(f"CREATE TABLE bare (id {key}, body TEXT NOT NULL)"))
        post, insert = posting(app, path), inserting(app)
        post()  # the first answer compiles and imports
        for threads in map(int, chosen.threads.split(",")):
            posts, bare = rate(post, threads, chosen.seconds), rate(insert, threads, chosen.seconds)
            print(
                f"{threads} thread{'s' if threads > 1 else ' '}: {posts:7,.0f} comments/s beside {bare:7,.0f} bare inserts/s"
                f" = 1 : {bare / posts:.1f}"
            )
        with app.app_context():
            kept = db.session.scalar(select(func.count(Comment.id)))
            bare_kept = db.session.scalar(text("SELECT COUNT(*) FROM bare"))
        print(
            f"kept: {kept:,} comments and {bare_kept:,} rows, as many as were acknowledged: {kept + bare_kept == next(numbers)}"
        )
        return 0 if attacked(app, path) else 1


if __name__ == "__main__":
    sys.exit(main())
