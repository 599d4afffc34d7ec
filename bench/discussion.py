"""Read discussions to their end: one 60 deep, one of 100 comments and one of 5,000.

    .venv/bin/python bench/discussion.py [--size 5000] [--rounds 5] [--database URL]

Every page is asked for in this process, as a visitor without cookies, `--rounds` times over. Checks that each comment stands
on exactly one page, in tree order; exit code 1 when one does not. Prints the server's time for a page (the median of its
rounds), what pages in the middle and at the end take beside the first ones, and bytes and queries a page.
"""

import gzip
import random
import re
import sys
from dataclasses import dataclass, field

from flask import Flask
from stage import Stopwatch, counted_queries, filling, median, parser, site, visitor

from forum.articles.models import Article
from forum.comments.models import Comment
from forum.extensions import db
from tests.factories import discussion_of, make_article, make_comment, make_guest, make_user

NAMES = ("Bart", "Koen", "Anna", "Henk", "Fatima", "Sjoerd")
WORDS = "de provider klant glasvezel rekening storing rechter vonnis netwerk dienst maand euro contract niet wel ook".split()
ID = re.compile(rb'<article class="comment[^"]*" id="comment-(\d+)"')
NEXT = re.compile(rb'href="([^"#]+)#discussion" rel="next"')


@dataclass
class Reading:
    """What reading a discussion to its end took, page by page."""

    ids: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)  # milliseconds
    cpu: list[float] = field(default_factory=list)  # milliseconds
    sizes: list[int] = field(default_factory=list)
    packed: list[int] = field(default_factory=list)
    queries: list[int] = field(default_factory=list)


def talk(article_id: int, parents: list[int | None], luck: random.Random) -> list[int]:
    """Place comments under an article, each under the one with this index (None: a root); return their ids in tree order."""
    ids: list[int] = []
    children: dict[int | None, list[int]] = {}
    for index, parent in enumerate(parents):
        body = " ".join(luck.choices(WORDS, k=luck.randint(5, 80))).capitalize() + "."
        above = db.session.get_one(Comment, ids[parent]) if parent is not None else None
        discussion = discussion_of(db.session.get_one(Article, article_id))
        ids.append(make_comment(discussion, body, make_guest(luck.choice(NAMES)), parent=above).id)
        children.setdefault(parent, []).append(index)
        if index % 50 == 49:
            db.session.commit()  # a session that holds thousands of rows is slow to begin a savepoint
    in_order: list[int] = []
    waiting = children.get(None, [])[::-1]
    while waiting:
        index = waiting.pop()
        in_order.append(ids[index])
        waiting += children.get(index, [])[::-1]
    return in_order


def read(app: Flask, url: str, rounds: int) -> Reading:
    """Read the discussion at this address, following the link to the next page until there is none."""
    reading, client = Reading(), visitor(app)
    address: str | None = url
    while address is not None:
        watches = []
        for _ in range(rounds):
            with counted_queries() as statements, Stopwatch() as watch:
                answer = client.get(address)
            assert answer.status_code == 200, answer.status
            watches.append(watch)
        html = answer.get_data()
        reading.ids += [int(number) for number in ID.findall(html)]
        reading.times.append(median([watch.ms for watch in watches]))
        reading.cpu.append(median([watch.cpu for watch in watches]))
        reading.sizes.append(len(html))
        reading.packed.append(len(gzip.compress(html, 6)))
        reading.queries.append(len(statements))
        following = NEXT.search(html)
        address = following.group(1).decode().replace("&amp;", "&") if following else None
    return reading


def thirds(pages: list[float]) -> tuple[list[float], list[float], list[float]]:
    """Return some pages at the beginning, in the middle and at the end; not the last, which may hold a few comments only."""
    some, middle = max(1, min(5, len(pages) // 3)), len(pages) // 2
    return pages[:some], pages[middle - some // 2 : middle - some // 2 + some], pages[-1 - some : -1]


def report(name: str, expected: list[int], reading: Reading) -> bool:
    """Print how reading went; tell whether every comment was there once and in order."""
    right = reading.ids == expected
    pages = len(reading.times)
    print(f"\n{name}: {len(expected)} comments, {pages} page{'s' if pages > 1 else ''}")
    print(f"  every comment once and in tree order: {'yes' if right else 'NO'}")
    for words, times in (("server time", reading.times), ("of it CPU", reading.cpu)):
        print(f"  {words} a page: median {median(times):.1f} ms, worst {max(times):.1f} ms")
    if pages > 1:
        first, middle, last = (median(part) for part in thirds(reading.cpu))
        print(f"  first : middle : last pages, CPU = 1 : {middle / first:.2f} : {last / first:.2f}")
    print(f"  bytes a page: median {median(reading.sizes):,.0f} ({median(reading.packed):,.0f} gzipped)")
    print(f"  queries a page: {min(reading.queries)} to {max(reading.queries)}")
    return right


def main() -> int:
    """Make the discussions, read them, and say how it went."""
    options = parser(__doc__)
    options.add_argument("--size", type=int, default=5000, help="comments in the large discussion")
    options.add_argument("--rounds", type=int, default=5, help="how often each page is asked for")
    chosen = options.parse_args()
    luck = random.Random(2)
    with site(chosen.database) as app:
        with filling(app):
            ed = make_user("ed")
            deep, small, large = (make_article(name, editor=ed) for name in ("Diep", "Klein", "Groot"))
            # A third of the comments begin a branch, the others answer one of the latest two hundred.
            lively = [
                None if luck.random() < 0.33 or not n else luck.randrange(max(0, n - 200), n)
                for n in range(chosen.size)
            ]
            expected = {
                "60 deep": (deep.url, talk(deep.id, [None, *range(59)], luck)),
                "one page": (small.url, talk(small.id, lively[:100], luck)),
            }
            with Stopwatch() as watch:
                expected["large"] = (large.url, talk(large.id, lively, luck))
            print(
                f"{chosen.size} comments placed at {chosen.size / watch.ms * 1000:,.0f} a second, 50 in a transaction"
            )
        visitor(app).get("/")  # the first page compiles the templates
        readings = {name: read(app, url, chosen.rounds) for name, (url, _ids) in expected.items()}
    results = [report(name, expected[name][1], reading) for name, reading in readings.items()]
    ratio = median(readings["large"].cpu) / readings["one page"].cpu[0]
    print(f"\na page of the large discussion : the page of a discussion of 100 = {ratio:.2f} : 1")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
