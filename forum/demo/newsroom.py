"""What the demonstration newsroom is made of: plain records, and when each of them is to have happened."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

Role = Literal["reader", "contributor", "editor", "moderator", "admin"]
AuthorKind = Literal["person", "organisation"]
ArticleState = Literal["published", "scheduled", "draft"]
CommentState = Literal["visible", "held", "hidden"]

POLL = re.compile(r"\{poll:([^}]*)\}")

# Earlier in the day than this, the newest articles are those of the working day before: they have a discussion by now.
_DAY_COUNTS_FROM = time(9, 30)


@dataclass(frozen=True, slots=True)
class Site:
    """What the newsroom calls itself."""

    name: str
    tagline: str


@dataclass(frozen=True, slots=True)
class Section:
    """One place in the paper."""

    slug: str
    name: str
    description: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A loose topic."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who can sign in; passwords are made elsewhere."""

    role: Role
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Author:
    """Who stands over an article. `role` is that of the account with the same name."""

    slug: str
    name: str
    kind: AuthorKind
    bio: str
    aliases: tuple[str, ...]
    role: Role | None


@dataclass(frozen=True, slots=True)
class Commenter:
    """A recurring voice and, for whoever writes its next comment, its character."""

    name: str
    character: str


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer on offer, and how many chose it."""

    label: str
    votes: int


@dataclass(frozen=True, slots=True)
class Poll:
    """The question of one day."""

    key: str
    question: str
    explanation: str
    days_ago: int
    choices: tuple[Choice, ...]

    def day(self, today: date) -> date:
        """The calendar day whose question this is."""
        return today - timedelta(days=self.days_ago)


@dataclass(frozen=True, slots=True)
class Picture:
    """What `pictures.draw` is to draw (motif, palette, seed), and the words that go with it."""

    motif: str
    palette: str
    seed: str
    alt: str
    caption: str
    credit: str = "Illustratie: redactie"


@dataclass(frozen=True, slots=True)
class Comment:
    """One contribution. `role` is that of the account with the same name; `reason` says why it is held or hidden."""

    id: str
    parent: str | None
    depth: int
    author_name: str
    minutes: int
    body: str
    by_author: bool
    role: Role | None
    state: CommentState
    reason: str | None


@dataclass(frozen=True, slots=True)
class Article:
    """A text with its discussion, oldest comment first; section, tags and authors by their slugs."""

    slug: str
    headline: str
    standfirst: str
    section: str
    tags: tuple[str, ...]
    authors: tuple[str, ...]
    state: ArticleState
    days_ago: int
    time: time
    body: str
    picture: Picture | None
    comments: tuple[Comment, ...] = ()

    @property
    def polls(self) -> tuple[str, ...]:
        """Keys of the polls that stand in the text, in order."""
        return tuple(POLL.findall(self.body))

    def text(self, site_name: str, poll_ids: Mapping[str, int]) -> str:
        """The Markdown to store: with the site's name, and with the polls' ids in their shortcodes."""
        return POLL.sub(lambda found: str(poll_ids[found[1]]), self.body).replace("{site}", site_name)

    def moment(self, now: datetime) -> datetime:
        """When it appears, in UTC: so many working days before the newest one; a scheduled article after today.

        `now` must carry the site's zone, since eight o'clock is eight o'clock there; ValueError when it carries none.
        """
        if now.tzinfo is None:
            raise ValueError("now must carry the site's zone")
        if self.state == "scheduled":
            day = _working_day(now.date(), -self.days_ago)
        else:
            counts = now.time() >= _DAY_COUNTS_FROM
            day = _working_day(now.date() + timedelta(days=counts), -1 - self.days_ago)
        return datetime.combine(day, self.time, tzinfo=now.tzinfo).astimezone(UTC)

    def conversation(self, now: datetime) -> list[tuple[Comment, datetime]]:
        """Its comments with their moments in UTC, oldest first, all of them between the article and now.

        A discussion that would reach past now is squeezed together, so that a site begun in the morning has all of it.
        """
        if not self.comments:
            return []
        published = self.moment(now)
        room = now.astimezone(UTC) - published - timedelta(minutes=1)
        pace = min(1.0, room / timedelta(minutes=self.comments[-1].minutes))
        return [(comment, published + timedelta(minutes=comment.minutes) * pace) for comment in self.comments]


@dataclass(frozen=True, slots=True)
class Page:
    """A standing page."""

    slug: str
    title: str
    standfirst: str
    body: str

    def text(self, site_name: str) -> str:
        """The Markdown to store, with the site's name."""
        return self.body.replace("{site}", site_name)


@dataclass(frozen=True, slots=True)
class Newsroom:
    """All of it. Articles oldest first, then the scheduled one and the draft; sections and pages as in the navigation."""

    site: Site
    sections: tuple[Section, ...]
    tags: tuple[Tag, ...]
    accounts: tuple[Account, ...]
    authors: tuple[Author, ...]
    commenters: tuple[Commenter, ...]
    polls: tuple[Poll, ...]
    articles: tuple[Article, ...]
    pages: tuple[Page, ...]


def _working_day(day: date, steps: int) -> date:
    """The working day that lies so many of them after this day, or before it when steps is negative."""
    step = timedelta(days=1 if steps > 0 else -1)
    for _ in range(abs(steps)):
        day += step
        while day.isoweekday() > 5:
            day += step
    return day
