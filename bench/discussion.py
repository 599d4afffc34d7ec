"""Read discussions to their end: one 60 deep, one of 100 comments and one of 5,000; then one of 10,000 in every order.

    .venv/bin/python bench/discussion.py [--size 5000] [--rounds 5] [--database URL]

Every page is asked for in this process, as a visitor without cookies, `--rounds` times over. Checks that each comment stands
on exactly one page, in tree order; exit code 1 when one does not. Prints the server's time for a page (the median of its
rounds), what pages in the middle and at the end take beside the first ones, and bytes and queries a page.

The discussion of 10,000 comments of 300 characters, 30 deep, is asked for in every order (first page, middle, end), branch and
deep link, each beside the same page of a discussion of 200 that is made alike. Exit code 1 when a page takes more than 40 ms of
CPU or 160,000 bytes, or more than 1.3 times what it takes of the small one.
"""

import gzip
import random
import re
import sys
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask
from sqlalchemy import select
from stage import Stopwatch, counted_queries, filling, median, parser, site, visitor

from forum import clock
from forum.articles.models import Article
from forum.comments import operations
from forum.comments.models import Comment
from forum.comments.queries import Order
from forum.extensions import db
from tests.factories import discussion_of, make_article, make_comment, make_guest, make_user

NAMES = ("Bart", "Koen", "Anna", "Henk", "Fatima", "Sjoerd")
WORDS = "de provider klant glasvezel rekening storing rechter vonnis netwerk dienst maand euro contract niet wel ook".split()
PLACES = (("first", 0.0), ("middle", 0.5), ("end", 0.99))
MOST_MS, MOST_BYTES, MOST_TIMES = 40, 160_000, 1.3
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


def heap(article_id: int, size: int, first_id: int, luck: random.Random) -> list[int]:
    """Place comments of 300 characters, some 30 deep, and return their ids in tree order. Taken in as an import is."""
    discussion = discussion_of(db.session.get_one(Article, article_id))
    began, last = clock.now() - timedelta(days=30), 0
    rows: list[Comment] = []
    depths: list[int] = []
    for index in range(size):
        # One in forty begins a branch; of the others half answer the last one, until the branch is thirty deep.
        above = None if index % 40 == 0 else last if luck.random() < 0.5 else luck.randrange(max(0, index - 40), index)
        if above is not None and depths[above] >= 29:
            above = None
        depths.append(0 if above is None else depths[above] + 1)
        words = " ".join(luck.choices(WORDS, k=60))[:299]
        rows.append(
            Comment(
                id=first_id + index,
                parent_id=None if above is None else first_id + above,
                author_name=f"{luck.choice(NAMES)} {index % 500}",
                guest_key=f"{index % 500:064}",
                body=f"{words}.",
                created_at=began + timedelta(minutes=index),
                valued_count=luck.randrange(9),
            )
        )
        last = index
    operations.carry_over_all(discussion, rows)
    operations.settle(discussion)
    found = select(Comment.id).where(Comment.discussion_id == discussion.id).order_by(Comment.path)
    return list(db.session.scalars(found))


def timed(app: Flask, addresses: list[str], rounds: int) -> list[tuple[float, int]]:
    """Return what each answer costs (the median of its rounds, ms of CPU) and its bytes; asked for in turn, so that they
    meet the same weather."""
    client = visitor(app)
    costs: list[list[float]] = [[] for _ in addresses]
    sizes = [0] * len(addresses)
    for _ in range(rounds):
        for index, address in enumerate(addresses):
            with Stopwatch() as watch:
                answer = client.get(address, follow_redirects=True)
            assert answer.status_code == 200, answer.status
            costs[index].append(watch.cpu)
            sizes[index] = len(answer.get_data())
    return list(zip(map(median, costs), sizes, strict=True))


def in_every_order(app: Flask, places: dict[str, tuple[str, list[int]]], rounds: int) -> bool:
    """Print what the pages of the heaps cost in every order; tell whether all keep to their limits."""
    right = True
    print("\n10,000 comments, 30 deep, beside 200 made alike: ms of CPU, bytes, ratio")
    pages = [(f"{order}, {where}", order.value, share) for order in Order for where, share in PLACES]
    for words, order, share in pages:
        starts = [f"&from={ids[int(len(ids) * share)]}" if share else "" for _url, ids in places.values()]
        addresses = [f"{url}?order={order}{start}" for (url, _), start in zip(places.values(), starts, strict=True)]
        right &= within(words, *timed(app, addresses, rounds))
    for words, form in (("deep link", "/comments/{}"), ("a branch alone", "{url}?branch={}")):
        addresses = [form.format(ids[len(ids) * 2 // 5], url=url) for url, ids in places.values()]
        right &= within(words, *timed(app, addresses, rounds))
    return right


def within(words: str, small: tuple[float, int], large: tuple[float, int]) -> bool:
    """Print a line for a page, and tell whether it keeps to the limits: the page of a small discussion may hold less."""
    ratio = large[0] / small[0]
    fair = ratio <= MOST_TIMES or large[1] > small[1] * MOST_TIMES  # the small one's end holds a few comments only
    good = large[0] <= MOST_MS and large[1] <= MOST_BYTES and fair
    print(f"  {words:<18} {large[0]:6.1f} ms {large[1]:9,} bytes  {ratio:5.2f} : 1{'' if good else '   TOO MUCH'}")
    return good


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
            heaps = {
                name: (article.url, heap(article.id, size, first, luck))
                for name, size, first in (("200", 200, 1_000_000), ("10,000", 10_000, 2_000_000))
                for article in [make_article(f"Hoop {name}", editor=ed)]
            }
            print(
                f"{chosen.size} comments placed at {chosen.size / watch.ms * 1000:,.0f} a second, 50 in a transaction"
            )
        visitor(app).get("/")  # the first page compiles the templates
        in_order = in_every_order(app, heaps, chosen.rounds)
        readings = {name: read(app, url, chosen.rounds) for name, (url, _ids) in expected.items()}
    results = [report(name, expected[name][1], reading) for name, reading in readings.items()]
    ratio = median(readings["large"].cpu) / readings["one page"].cpu[0]
    print(f"\na page of the large discussion : the page of a discussion of 100 = {ratio:.2f} : 1")
    return 0 if all(results) and in_order else 1


if __name__ == "__main__":
    sys.exit(main())
