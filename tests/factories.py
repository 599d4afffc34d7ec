"""Things that tests need, with honest defaults: ann reads, cas contributes, ed edits, mo moderates, adam administers."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from forum import clock, text
from forum.accounts import operations as accounts
from forum.accounts.models import Actor, Guest, RoleName, User
from forum.articles import operations as articles
from forum.articles.models import Article, Author, Kind, Section
from forum.comments import operations as comments
from forum.comments import queries as discussions
from forum.comments.models import Comment, Discussion
from forum.extensions import db
from forum.polls import operations as polls
from forum.polls.models import Poll

PASSWORD = "een-lang-wachtwoord-1"
ROLES = {
    "ann": RoleName.READER,
    "cas": RoleName.CONTRIBUTOR,
    "ed": RoleName.EDITOR,
    "mo": RoleName.MODERATOR,
    "adam": RoleName.ADMIN,
}


def make_user(name: str = "ann", roles: Iterable[RoleName] | None = None) -> User:
    """Return the user with this name; the first time they are made, with the role that goes with the name."""
    known = db.session.scalar(select(User).where(User.email == f"{name}@example.org"))
    if known is not None:
        return known
    return accounts.create_user(
        f"{name}@example.org", name.capitalize(), PASSWORD, list(roles or [ROLES.get(name, RoleName.READER)])
    )


def make_guest(name: str = "Bart", token: str = "", email: str | None = None) -> Guest:
    """Return a guest, whose cookie is made from the name unless given."""
    return Guest(token=token or (name.lower() * 43)[:43], name=name, email=email)


def make_article(
    headline: str = "Neem MKB-klanten serieus",
    body: str = "Het bericht dat KPN is veroordeeld.",
    published_at: datetime | None = None,
    published: bool = True,
    kind: Kind = Kind.ARTICLE,
    section: Section | None = None,
    tags: Iterable[str] = (),
    authors: list[Author] | None = None,
    editor: User | None = None,
    **changes: Any,
) -> Article:
    """Return an article of ed's, published now unless told otherwise."""
    editor = editor or make_user("ed")
    article = articles.create_article(editor, headline, kind)
    articles.save(
        article,
        editor,
        headline,
        changes.pop("standfirst", ""),
        body,
        section,
        list(tags),
        authors or [articles.author_of(editor)],
        based_on=0,
    )
    if published:
        articles.publish(article, editor, published_at)
    for name, value in changes.items():
        setattr(article, name, value)
    db.session.flush()
    return article


def make_section(name: str = "Recht", **changes: Any) -> Section:
    """Return a new section."""
    section = Section(name=name, slug=name.lower(), **changes)
    db.session.add(section)
    db.session.flush()
    return section


def discussion_of(article: Article) -> Discussion:
    """Return the discussion under an article."""
    discussion = discussions.of_article(article.id)
    assert discussion is not None
    return discussion


def make_comment(
    where: Article | Discussion,
    body: str = "",
    author: Actor | None = None,
    parent: Comment | None = None,
    **changes: Any,
) -> Comment:
    """Return a comment of guest Bart's, posted the way everybody's is; its `key` is a new one each time, and its words are
    too unless given: the same words twice are one comment.
    """
    discussion = where if isinstance(where, Discussion) else discussion_of(where)
    make_comment.count += 1  # type: ignore[attr-defined]
    comment = comments.post_comment(
        discussion,
        author or make_guest(),
        body or f"Daar ben ik het mee eens, voor de {make_comment.count}e keer.",  # type: ignore[attr-defined]
        parent,
        key=f"key-{make_comment.count}",  # type: ignore[attr-defined]
    )
    for name, value in changes.items():
        setattr(comment, name, value)
    db.session.flush()
    return comment


make_comment.count = 0  # type: ignore[attr-defined]


def make_thread(where: Article | Discussion, parents: Iterable[int | None]) -> list[Comment]:
    """Return comments in the order in which they were written, each a reply to the one at the index given (None: to nobody).

    Placed and counted as posting places and counts them, but fast: for discussions of hundreds.
    """
    discussion = where if isinstance(where, Discussion) else discussion_of(where)
    written: list[Comment] = []
    for index in parents:
        parent = None if index is None else written[index]
        number = discussion.last_piece = discussion.last_piece + 1
        path, depth = comments.place(parent.path if parent else None, comments.piece(number))
        comment = Comment(
            discussion_id=discussion.id,
            parent_id=parent.id if parent else None,
            root_id=(parent.root_id or parent.id) if parent else None,
            path=path,
            depth=depth,
            author_name=f"Lezer {number}",
            body=f"Nummer {number}.",
            body_html=f"<p>Nummer {number}.</p>",
            render_version=text.RENDER_VERSION,
            created_at=clock.now(),
            reply_count=0,
        )
        db.session.add(comment)
        db.session.flush()
        written.append(comment)
        discussion.comment_count += 1
        discussion.reader_count += 1
        discussion.last_comment_at = comment.created_at
        top = comment if comment.root_id is None else db.session.get_one(Comment, comment.root_id)
        top.branch_count = (top.branch_count or 0) + 1
        if parent is not None:
            parent.reply_count += 1
    db.session.flush()
    return written


def make_poll(question: str = "Biedt u IPv6 aan?", labels: Iterable[str] = ("Ja", "Nee"), **changes: Any) -> Poll:
    """Return a poll, today's unless told otherwise."""
    changes.setdefault("day", clock.today())
    return polls.create_poll(question, list(labels), **changes)


def sign_in(client: FlaskClient, name: str = "ann") -> User:
    """Let this browser be signed in as this user, through the form."""
    user = make_user(name)
    db.session.commit()
    page = client.get("/account/login").text
    token = page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    answer = client.post("/account/login", data={"email": user.email, "password": PASSWORD, "csrf_token": token})
    assert answer.status_code == 302, answer.text
    return user
