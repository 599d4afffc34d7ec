"""Articles with their revisions, and where they stand: sections, tags, authors, redirects."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint
from sqlalchemy.ext.orderinglist import OrderingList, ordering_list
from sqlalchemy.orm import Mapped, mapped_column, relationship

from forum.extensions import Model, db
from forum.media.models import Media


class Kind(enum.StrEnum):
    """What an article is: one of the stream, or a standing page such as the house rules."""

    ARTICLE = "article"
    PAGE = "page"


class BodyFormat(enum.StrEnum):
    """How a body is written: Markdown, or HTML as it was imported, until somebody edits it."""

    MARKDOWN = "markdown"
    HTML = "html"


article_tags = Table(
    "article_tag",
    db.metadata,
    Column("article_id", Integer, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", Integer, ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True, index=True),
)


# What the kicker of a section may be coloured in; "" is the paper's own. The colours themselves are tokens of the style sheet.
SECTION_COLOURS = ("", "blue", "green", "red", "purple", "teal")


class Section(Model):
    """An article's one place in the paper."""

    __tablename__ = "section"
    __table_args__ = (UniqueConstraint("source", "source_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(200), unique=True)
    description: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(default=0)
    colour: Mapped[str] = mapped_column(String(20), default="")  # one of SECTION_COLOURS
    source: Mapped[str | None] = mapped_column(String(120))
    source_id: Mapped[str | None] = mapped_column(String(200))


class Tag(Model):
    """A loose topic."""

    __tablename__ = "tag"
    __table_args__ = (UniqueConstraint("source", "source_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(200), unique=True)
    source: Mapped[str | None] = mapped_column(String(120))
    source_id: Mapped[str | None] = mapped_column(String(200))


class Author(Model):
    """Who stands over an article: a person or an organisation, with or without an account."""

    __tablename__ = "author"
    __table_args__ = (UniqueConstraint("source", "source_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    slug: Mapped[str] = mapped_column(String(200), unique=True)
    is_organisation: Mapped[bool] = mapped_column(default=False)
    bio: Mapped[str] = mapped_column(Text, default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    source: Mapped[str | None] = mapped_column(String(120))
    source_id: Mapped[str | None] = mapped_column(String(200))

    aliases: Mapped[list["AuthorAlias"]] = relationship(cascade="all, delete-orphan")


class AuthorAlias(Model):
    """Another spelling of an author's name, with the address it had."""

    __tablename__ = "author_alias"

    slug: Mapped[str] = mapped_column(String(200), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id", ondelete="CASCADE"), index=True)


class Byline(Model):
    """One author over one article, in order."""

    __tablename__ = "byline"

    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"), primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(default=0)

    author: Mapped[Author] = relationship(lazy="joined", innerjoin=True)


class Article(Model):
    """A published text, or one that may become so. Its state is told by two moments, not by a number."""

    __tablename__ = "article"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        CheckConstraint("kind IN ('article', 'page')", name="kind"),
        CheckConstraint("body_format IN ('markdown', 'html')", name="body_format"),
        Index("ix_article_stream", "kind", "published_at", "id"),
        Index("ix_article_of_section", "section_id", "published_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), default=Kind.ARTICLE.value)
    headline: Mapped[str] = mapped_column(Text)
    standfirst: Mapped[str] = mapped_column(Text, default="")
    slug: Mapped[str] = mapped_column(String(200), index=True)
    body: Mapped[str] = mapped_column(Text, default="")
    body_format: Mapped[str] = mapped_column(String(10), default=BodyFormat.MARKDOWN.value)
    body_html: Mapped[str] = mapped_column(Text, default="")  # a rendering, made again when render_version is old
    render_version: Mapped[int] = mapped_column(default=0)
    section_id: Mapped[int | None] = mapped_column(ForeignKey("section.id", ondelete="SET NULL"))
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("media.id", ondelete="SET NULL"), index=True)
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    source: Mapped[str | None] = mapped_column(String(120))
    source_id: Mapped[str | None] = mapped_column(String(120))
    source_digest: Mapped[str | None] = mapped_column(String(64))  # of the record that was imported last

    section: Mapped[Section | None] = relationship()
    picture: Mapped[Media | None] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary=article_tags, order_by=Tag.name)
    bylines: Mapped[OrderingList[Byline]] = relationship(
        order_by=Byline.position, collection_class=ordering_list("position"), cascade="all, delete-orphan"
    )

    @property
    def authors(self) -> list[Author]:
        """Return who stands over this article, in order."""
        return [byline.author for byline in self.bylines]

    @property
    def url(self) -> str:
        """Return the address of this article or page on the site."""
        return f"/pages/{self.slug}/" if self.kind == Kind.PAGE else f"/archives/{self.id}/{self.slug}/"

    def is_published(self, now: datetime) -> bool:
        """Tell whether readers see it at this moment."""
        return self.published_at is not None and self.published_at <= now and not self.is_withdrawn(now)

    def is_scheduled(self, now: datetime) -> bool:
        """Tell whether it will be published at a moment that is still to come."""
        return self.published_at is not None and self.published_at > now and not self.is_withdrawn(now)

    def is_withdrawn(self, now: datetime) -> bool:
        """Tell whether it was published once and left public view."""
        return self.withdrawn_at is not None and self.withdrawn_at <= now


class Revision(Model):
    """One saved version of an article."""

    __tablename__ = "revision"
    __table_args__ = (UniqueConstraint("article_id", "number"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    number: Mapped[int]
    headline: Mapped[str] = mapped_column(Text)
    standfirst: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    body_format: Mapped[str] = mapped_column(String(10))
    editor_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    saved_at: Mapped[datetime]


class Redirect(Model):
    """An address of the past and where what it named stands now; both are paths of this site."""

    __tablename__ = "redirect"

    path: Mapped[str] = mapped_column(String(500), primary_key=True)
    target: Mapped[str] = mapped_column(String(500))
    source: Mapped[str | None] = mapped_column(String(120), index=True)
