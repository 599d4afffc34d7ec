"""Reading articles: the stream, lists of it, one article, standing pages, and where old addresses lead."""

import re

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from forum import clock, versions
from forum.articles.models import Article, Author, AuthorAlias, Byline, Kind, Redirect, Section, Tag
from forum.extensions import db
from forum.media.models import Media
from forum.settings import queries as settings


def public(kind: Kind = Kind.ARTICLE) -> ColumnElement[bool]:
    """Return the condition under which readers see an article at this moment.

    Who asks depends on every article, and what is made holds until the next publication or withdrawal.
    """
    now = clock.now()
    versions.depends_on(versions.ARTICLES)
    coming = [
        select(func.min(moment)).where(Article.kind == kind.value, moment > now).scalar_subquery()
        for moment in (Article.published_at, Article.withdrawn_at)
    ]
    for moment in db.session.execute(select(*coming)).one():
        versions.holds_until(moment)
    return and_(
        Article.kind == kind.value,
        Article.published_at <= now,
        or_(Article.withdrawn_at.is_(None), Article.withdrawn_at > now),
    )


def stream() -> Select[Article]:
    """Return the published articles, the newest first."""
    teaser = (joinedload(Article.section), joinedload(Article.picture), selectinload(Article.bylines))
    return select(Article).where(public()).options(*teaser).order_by(Article.published_at.desc(), Article.id.desc())


def published(article_id: int, kind: Kind = Kind.ARTICLE) -> Article | None:
    """Return the article with this id if readers see it at this moment."""
    versions.depends_on(versions.article(article_id))
    article = db.session.get(Article, article_id)
    if article is None or article.kind != kind.value:
        return None
    now = clock.now()
    for moment in (article.published_at, article.withdrawn_at):
        versions.holds_until(moment if moment is not None and moment > now else None)
    return article if article.is_published(now) else None


def withdrawn(article_id: int) -> bool:
    """Tell whether an article with this id was public once and has been withdrawn."""
    article = db.session.get(Article, article_id)
    return article is not None and article.published_at is not None and article.is_withdrawn(clock.now())


def page_at(slug: str) -> Article | None:
    """Return the published standing page at this address."""
    return db.session.scalar(
        select(Article).where(public(Kind.PAGE), Article.slug == slug).order_by(Article.id).limit(1)
    )


def pages() -> list[Article]:
    """Return the published standing pages by headline."""
    return list(db.session.scalars(select(Article).where(public(Kind.PAGE)).order_by(Article.headline, Article.id)))


def sections() -> list[Section]:
    """Return every section in its order."""
    versions.depends_on(versions.SITE)
    return list(db.session.scalars(select(Section).order_by(Section.position, Section.name)))


def section_at(slug: str) -> Section | None:
    """Return the section at this address."""
    versions.depends_on(versions.SITE)
    return db.session.scalar(select(Section).where(Section.slug == slug))


def tag_at(slug: str) -> Tag | None:
    """Return the tag at this address."""
    versions.depends_on(versions.ARTICLES)
    return db.session.scalar(select(Tag).where(Tag.slug == slug))


def author_at(slug: str) -> Author | None:
    """Return the author at this address, or at that of one of the spellings of the name."""
    versions.depends_on(versions.SITE)
    author = db.session.scalar(select(Author).where(Author.slug == slug))
    if author is None:
        alias = db.session.get(AuthorAlias, slug)
        author = db.session.get(Author, alias.author_id) if alias else None
    return author


def authors() -> list[Author]:
    """Return every author by name."""
    return list(db.session.scalars(select(Author).order_by(Author.name, Author.id)))


def protected_names() -> list[str]:
    """Return the names that no guest and no newcomer may bear: the site's and those of the bylines."""
    return [settings.site().name, *db.session.scalars(select(Author.name))]


def by_section(section: Section) -> Select[Article]:
    """Return the published articles of a section, the newest first."""
    return stream().where(Article.section_id == section.id)


def by_author(author: Author) -> Select[Article]:
    """Return the published articles of an author, the newest first."""
    return stream().where(Article.id.in_(select(Byline.article_id).where(Byline.author_id == author.id)))


def by_tag(tag: Tag) -> Select[Article]:
    """Return the published articles under a tag, the newest first."""
    return stream().where(Article.tags.any(Tag.id == tag.id))


def by_month(year: int, month: int) -> Select[Article]:
    """Return the articles published in a month of the site's zone, the newest first. Raises ValueError for no month."""
    begin, end = clock.month_bounds(year, month)
    return stream().where(Article.published_at >= begin, Article.published_at < end)


def redirect_for(*paths: str) -> str | None:
    """Return where the thing that stood at one of these paths stands now, or None; an article only once readers know of it."""
    target = db.session.scalar(select(Redirect.target).where(Redirect.path.in_(paths)).limit(1))
    article = re.match(r"/archives/(\d{1,10})/", target or "")
    if article is None:
        return target
    found = db.session.get(Article, int(article[1]))
    was_public = found is not None and found.published_at is not None and found.published_at <= clock.now()
    return found.url if found is not None and was_public else None


def showing(picture: Media) -> Select[Article]:
    """Return every article and page with this picture over it or in its text, the newest first."""
    shows = or_(Article.picture_id == picture.id, Article.body.contains(picture.stem))
    return select(Article).where(shows).order_by(Article.id.desc())


def for_desk() -> Select[Article]:
    """Return every article and page, the one that was changed last first."""
    loaded = (joinedload(Article.section), selectinload(Article.bylines))
    return select(Article).options(*loaded).order_by(Article.updated_at.desc(), Article.id.desc())
