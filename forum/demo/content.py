"""Reads the files in content/ into the records of the newsroom, and refuses what does not hold together."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import TypeVar

from forum.demo.datafiles import Place, Table, read_front_matter, read_table
from forum.demo.newsroom import (
    POLL,
    Account,
    Article,
    ArticleState,
    Author,
    AuthorKind,
    Choice,
    Comment,
    Commenter,
    CommentState,
    Newsroom,
    Page,
    Picture,
    Poll,
    Role,
    Section,
    Site,
    Tag,
)

FOLDER = Path(__file__).with_name("content")

_ROLES: dict[str, Role] = {
    "reader": "reader",
    "contributor": "contributor",
    "editor": "editor",
    "moderator": "moderator",
    "admin": "admin",
}
_KINDS: dict[str, AuthorKind] = {"person": "person", "organisation": "organisation"}
_ARTICLE_STATES: dict[str, ArticleState] = {"published": "published", "scheduled": "scheduled", "draft": "draft"}
_COMMENT_STATES: dict[str | None, CommentState] = {None: "visible", "wacht": "held", "verborgen": "hidden"}

# "### Naam · +95 min": as many marks as the comment is deep, then minutes after the article; above its text.
_HEAD = re.compile(
    r"(?P<marks>#+) (?P<name>[^·]+) · \+(?P<minutes>\d+) min(?: · (?P<state>verborgen|wacht)=(?P<reason>.+))?"
)

Row = TypeVar("Row")


def load(folder: Path = FOLDER) -> Newsroom:
    """The newsroom of this folder.

    Raises ValueError with file and line for what is missing, double or meaningless, for an unknown section, tag,
    author, poll, article or commenter, and for a comment that answers nothing or comes before what it answers.
    """
    top = read_table(folder / "site.toml")
    site = Site(top.text("name"), top.text("tagline"))
    sections = _keyed(top.tables("section"), "slug", _section)
    tags = _keyed(top.tables("tag"), "slug", lambda table, slug: Tag(slug, table.text("name")))
    top.close()

    people = read_table(folder / "people.toml")
    accounts = _keyed(people.tables("account"), "name", _account)
    roles = {name: account.role for name, account in accounts.items()}
    authors = _keyed(people.tables("author"), "slug", lambda table, slug: _author(table, slug, roles))
    commenters = _keyed(
        people.tables("commenter"), "name", lambda table, name: Commenter(name, table.text("character"))
    )
    people.close()

    questions = read_table(folder / "polls.toml")
    polls = _keyed(questions.tables("poll"), "key", _poll)
    questions.close()

    articles = {
        path.stem: _article(path, sections, tags, authors, polls) for path in sorted((folder / "articles").glob("*.md"))
    }
    voices = {*accounts, *commenters, *(author.name for author in authors.values())}
    for path in sorted((folder / "discussions").glob("*.txt")):
        article = articles.get(path.stem)
        if article is None or article.state != "published":
            raise Place(path, 1).wrong(f"there is no published article {path.stem!r}")
        own = {authors[slug].name for slug in article.authors}
        articles[path.stem] = replace(article, comments=_comments(path, voices, own, roles))

    pages = sorted((_page(path) for path in (folder / "pages").glob("*.md")), key=lambda placed: placed[0])
    return Newsroom(
        site=site,
        sections=tuple(sections.values()),
        tags=tuple(tags.values()),
        accounts=tuple(accounts.values()),
        authors=tuple(authors.values()),
        commenters=tuple(commenters.values()),
        polls=tuple(polls.values()),
        articles=tuple(sorted(articles.values(), key=lambda a: (a.state == "draft", -a.days_ago, a.time))),
        pages=tuple(page for _, page in pages),
    )


def _keyed(tables: list[Table], name: str, read: Callable[[Table, str], Row]) -> dict[str, Row]:
    """Each table read, by the text that names it, in the order of the file."""
    rows: dict[str, Row] = {}
    for table in tables:
        place = table.place(name)
        key = table.text(name)
        if key in rows:
            raise place.wrong(f"{name} {key!r} stands here twice")
        rows[key] = read(table, key)
        table.close()
    return rows


def _section(table: Table, slug: str) -> Section:
    return Section(slug, table.text("name"), table.text("description"))


def _account(table: Table, name: str) -> Account:
    return Account(_ROLES[table.choice("role", _ROLES)], name, table.text("email"))


def _author(table: Table, slug: str, roles: Mapping[str, Role]) -> Author:
    name = table.text("name")
    kind = _KINDS[table.choice("kind", _KINDS)]
    return Author(slug, name, kind, table.text("bio"), table.texts("aliases"), roles.get(name))


def _poll(table: Table, key: str) -> Poll:
    choices = []
    place = table.place("choices")
    for choice in table.tables("choices"):
        choices.append(Choice(choice.text("label"), choice.number("votes")))
        choice.close()
    if len({choice.label for choice in choices}) < max(2, len(choices)):
        raise place.wrong("a poll needs at least two different choices")
    return Poll(key, table.text("question"), table.text("explanation"), table.number("days_ago"), tuple(choices))


def _article(
    path: Path,
    sections: Container[str],
    tags: Container[str],
    authors: Container[str],
    polls: Container[str],
) -> Article:
    table, body = read_front_matter(path)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        for key in POLL.findall(line):
            if key not in polls:
                raise Place(path, number).wrong(f"unknown poll {key!r}")
    section = table.choice("section", sections)
    article = Article(
        slug=path.stem,
        headline=table.text("headline"),
        standfirst=table.text("standfirst"),
        section=section,
        tags=table.choices("tags", tags),
        authors=table.choices("authors", authors),
        state=_ARTICLE_STATES[table.choice("state", _ARTICLE_STATES, default="published")],
        days_ago=table.number("days_ago"),
        time=_time(table),
        body=body,
        picture=_picture(table.table("picture"), palette=section, seed=path.stem),
    )
    if not article.authors:
        raise table.place("authors").wrong("an article needs an author")
    if (article.days_ago < 0) != (article.state == "scheduled"):
        raise table.place("days_ago").wrong("days_ago is negative for a scheduled article, and only for that")
    table.close()
    return article


def _time(table: Table) -> time:
    place = table.place("time")
    written = table.text("time")
    try:
        return time.fromisoformat(written)
    except ValueError:
        raise place.wrong(f"{written!r} is no time of the day") from None


def _picture(table: Table | None, palette: str, seed: str) -> Picture | None:
    if table is None:
        return None
    picture = Picture(table.text("motif"), palette, seed, table.text("alt"), table.text("caption"))
    table.close()
    return picture


def _page(path: Path) -> tuple[int, Page]:
    table, body = read_front_matter(path)
    position = table.number("position")
    page = Page(path.stem, table.text("title"), table.text("standfirst"), body)
    table.close()
    return position, page


def _comments(
    path: Path, voices: Container[str], own: Container[str], roles: Mapping[str, Role]
) -> tuple[Comment, ...]:
    """The comments of a discussion file, which is written in tree order, by the order of their moments."""
    comments: list[Comment] = []
    branch: list[Comment] = []  # from the root to the comment that was read last
    for place, head, body in _blocks(path):
        depth = len(head["marks"])
        name = head["name"].strip()
        minutes = int(head["minutes"])
        if name not in voices:
            raise place.wrong(f"unknown commenter {name!r}")
        if depth > len(branch) + 1:
            raise place.wrong(f"a comment at depth {depth} has no comment at depth {depth - 1} to answer")
        del branch[depth - 1 :]
        parent = branch[-1] if branch else None
        if minutes <= (parent.minutes if parent else 0):
            raise place.wrong("a comment comes after what it answers")
        if not body:
            raise place.wrong("the comment has no text")
        comment = Comment(
            id=f"{path.stem}-{len(comments) + 1}",
            parent=parent.id if parent else None,
            depth=depth,
            author_name=name,
            minutes=minutes,
            body=body,
            by_author=name in own,
            role=roles.get(name),
            state=_COMMENT_STATES[head["state"]],
            reason=head["reason"],
        )
        comments.append(comment)
        branch.append(comment)
    if not comments:
        raise Place(path, 1).wrong("a discussion without a comment")
    return tuple(sorted(comments, key=lambda comment: comment.minutes))


def _blocks(path: Path) -> list[tuple[Place, re.Match[str], str]]:
    """Each comment's place, head and text. Between fences of code a mark at the start of a line is only code."""
    blocks: list[tuple[Place, re.Match[str], list[str]]] = []
    in_code = False
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        in_code ^= line.startswith("```")
        if line.startswith("#") and not in_code:
            head = _HEAD.fullmatch(line)
            if head is None:
                raise Place(path, number).wrong("this is not the head of a comment")
            blocks.append((Place(path, number), head, []))
        elif blocks:
            blocks[-1][2].append(line)
        elif line.strip():
            raise Place(path, number).wrong("a text before the first head of a comment")
    if in_code:
        raise blocks[-1][0].wrong("a fence of code is not closed")
    return [(place, head, "\n".join(lines).strip("\n")) for place, head, lines in blocks]
