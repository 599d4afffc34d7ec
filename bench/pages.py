"""What the pages cost that are read most: the front page, an article with 100 comments, a poll's page.

    .venv/bin/python bench/pages.py [--requests 100] [--database URL]

Each page is asked for in this process as a visitor without cookies. Prints milliseconds of CPU of this process a request (what
PostgreSQL spends is its own), how many such answers that is a second on one core, wall time, bytes, queries, and the ratio to the
barest answer that the site gives, /healthz.
"""

import random
import sys
import time
from datetime import timedelta

from flask import Flask
from stage import Stopwatch, counted_queries, filling, median, parser, site, visitor

from forum import clock
from forum.comments.models import Comment
from tests.factories import make_article, make_comment, make_guest, make_poll, make_section, make_user

PROSE = (
    "De rechtbank gaf de klanten gelijk. Zij mogen hun contract *kosteloos* opzeggen en krijgen hun geld terug.\n\n" * 8
)


def fill() -> dict[str, str]:
    """Make a paper of an ordinary size and return the pages to ask for, by name."""
    ed, luck = make_user("ed"), random.Random(2)
    sections = [make_section(name) for name in ("Recht", "Markt", "Techniek")]
    poll = make_poll("Biedt u IPv6 aan?", ("Ja", "Nee", "Binnenkort"))
    for number in range(60):
        moment = clock.now() - timedelta(hours=number)
        article = make_article(
            f"Bericht {number}",
            PROSE,
            moment,
            section=sections[number % 3],
            tags=["Hosting", f"Tag {number % 9}"],
            editor=ed,
        )
    placed: list[Comment] = []
    for number in range(100):
        parent = luck.choice(placed) if placed and luck.random() < 0.67 else None
        placed.append(
            make_comment(article, f"{number}. {PROSE[:300]}", make_guest(f"Lezer {number % 20}"), parent=parent)
        )
    return {
        "bare answer": "/healthz",
        "front page": "/",
        "article with 100 comments": article.url,
        "poll": f"/polls/{poll.id}/",
    }


def measure(app: Flask, path: str, requests: int, headers: dict[str, str]) -> tuple[float, float, int, int, int]:
    """Return CPU and wall milliseconds a request (wall: the median), bytes, queries and status."""
    client = visitor(app)
    with counted_queries() as statements:
        answer = client.get(path, headers=headers)
    walls = []
    cpu = time.process_time()
    for _ in range(requests):
        with Stopwatch() as watch:
            client.get(path, headers=headers)
        walls.append(watch.ms)
    spent = (time.process_time() - cpu) * 1000 / requests
    return spent, median(walls), len(answer.get_data()), len(statements), answer.status_code


def main() -> int:
    """Measure, and print a line for each page."""
    options = parser(__doc__)
    options.add_argument("--requests", type=int, default=100, help="for each page")
    chosen = options.parse_args()
    with site(chosen.database) as app:
        with filling(app):
            pages = fill()
        for path in pages.values():
            visitor(app).get(path)  # the first answer compiles the templates
        rows = [(name, *measure(app, path, chosen.requests, {})) for name, path in pages.items()]
        tag = visitor(app).get("/").headers["ETag"]
        rows.append(("front page, unchanged", *measure(app, "/", chosen.requests, {"If-None-Match": tag})))
    bare = rows[0][1]
    print(f"{'':<26} status  CPU ms  per core/s  wall ms    bytes  queries  beside the bare answer")
    for name, cpu, wall, size, queries, status in rows:
        print(
            f"{name:<26} {status:>6} {cpu:7.2f} {1000 / cpu:11,.0f} {wall:8.2f} {size:8,} {queries:8} {cpu / bare:13.1f} : 1"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
