"""Writing and publishing."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from forum import clock, signals, text, versions
from forum.accounts import policy
from forum.accounts.models import User
from forum.articles import queries
from forum.articles.models import Article, Author, AuthorAlias, BodyFormat, Byline, Kind, Revision, Section, Tag
from forum.errors import Conflict, ForumError
from forum.extensions import db
from forum.media.models import Media


class InvalidArticle(ForumError):
    """An article that cannot be kept or published as it is; the sentence says what to change."""

    status = 422


def render(body: str, body_format: str) -> str:
    """Return the safe HTML of a body."""
    return text.imported_html(body) if body_format == BodyFormat.HTML else text.article_html(body)


def may_edit(article: Article, user: User | None) -> bool:
    """Tell whether this user may change the article: an editor any, a contributor their own until it is published."""
    if policy.may_publish(user):
        return True
    return (
        user is not None
        and policy.may_write(user)
        and article.created_by_id == user.id
        and article.published_at is None
    )


def create_article(writer: User, headline: str, kind: Kind = Kind.ARTICLE) -> Article:
    """Return a new draft of this writer, with a slug made from its headline. Raises NotAllowed; a page is an editor's."""
    policy.require(policy.may_publish(writer) if kind == Kind.PAGE else policy.may_write(writer))
    moment = clock.now()
    article = Article(
        kind=kind.value,
        headline=headline,
        slug=free_slug(text.slug(headline), kind),
        created_at=moment,
        updated_at=moment,
        created_by_id=writer.id,
    )
    db.session.add(article)
    db.session.flush()
    signals.article_created.send(article)
    return article


def save(
    article: Article,
    editor: User,
    headline: str,
    standfirst: str,
    body: str,
    section: Section | None,
    tag_names: list[str],
    authors: list[Author],
    based_on: int,
) -> Revision:
    """Keep this text as the article's next revision and return it; what has changed nothing returns the last one.

    `based_on` is the number of the revision that the editor had before them (0: none): with another one in between, Conflict.
    Raises NotAllowed, InvalidArticle.
    """
    policy.require(may_edit(article, editor))
    if not headline.strip():
        raise InvalidArticle(_l("An article needs a headline."))
    # One at a time: who had to wait here sees the revision of who was first.
    db.session.execute(select(Article.id).where(Article.id == article.id).with_for_update())
    last = latest_revision(article)
    if (last.number if last else 0) != based_on:
        raise Conflict()
    was_format = article.body_format
    if last is None or body != article.body:
        # What is typed here is Markdown; an imported HTML body stays what it is until somebody changes it.
        article.body_format = was_format if body == article.body else BodyFormat.MARKDOWN.value
    article.headline, article.standfirst, article.body = headline.strip(), standfirst.strip(), body
    article.section = section
    article.tags = tags_named(tag_names)
    _set_authors(article, authors)
    if article.published_at is None:  # once published an address stays
        article.slug = free_slug(text.slug(headline), Kind(article.kind), except_id=article.id)
    article.body_html = render(body, article.body_format)
    article.render_version = text.RENDER_VERSION
    article.updated_at = clock.now()
    touched(article)
    same = last is not None and (last.headline, last.standfirst, last.body) == (
        article.headline,
        article.standfirst,
        body,
    )
    return last if same and last is not None else _add_revision(article, editor)


def publish(article: Article, editor: User, at: datetime | None = None) -> None:
    """Let readers see the article from this moment on (None: now). A moment to come schedules it; nothing needs to fire.

    Publishing again what was withdrawn keeps its first date. Raises NotAllowed, InvalidArticle.
    """
    policy.require(policy.may_publish(editor))
    if not article.headline.strip() or not article.body.strip():
        raise InvalidArticle(_l("An article needs a headline and a body before it is published."))
    now = clock.now()
    was_public = article.published_at is not None and article.published_at <= now
    if not was_public:
        article.published_at = at or now
    article.withdrawn_at = None
    touched(article)
    db.session.flush()
    signals.article_published.send(article)


def withdraw(article: Article, editor: User) -> None:
    """Take the article from public view; its comments are kept. One that was never public becomes a draft again."""
    policy.require(policy.may_publish(editor))
    now = clock.now()
    if article.published_at is not None and article.published_at > now:
        article.published_at = None
    elif article.published_at is not None:
        article.withdrawn_at = now
    touched(article)
    db.session.flush()
    signals.article_withdrawn.send(article)


def illustrate(article: Article, editor: User, picture: Media | None) -> None:
    """Let this picture stand over the article, or none. Raises NotAllowed."""
    policy.require(may_edit(article, editor))
    article.picture = picture
    touched(article)
    db.session.flush()


@signals.picture_changed.connect
def _shown_differently(media: Media) -> None:
    """Let what shows a picture over it or in its text have changed with it."""
    for article in db.session.scalars(queries.showing(media)):
        touched(article)


def carry_over(
    article: Article | None,
    *,
    kind: Kind,
    headline: str,
    standfirst: str,
    body: str,
    slug: str,
    section: Section | None,
    tags: list[Tag],
    authors: list[Author],
    picture: Media | None,
    published_at: datetime | None,
    created_at: datetime,
    updated_at: datetime,
    source: str,
    source_id: str,
    source_digest: str,
    article_id: int | None = None,
) -> Article:
    """Place an article or page that was written elsewhere, in HTML, or place it again with what it is there by now; return it.

    The road of imports: no form, no rights. `article_id` asks a new one for that number, which must be free. Its text as it
    came is its first revision, without an editor, so that what is changed here can be told from what was carried over.
    """
    is_new = article is None
    slug = free_slug(slug[:200], kind, except_id=article.id if article else None)
    if article is None:
        article = Article(id=article_id, source=source, source_id=source_id, created_at=created_at, kind=kind.value)
        db.session.add(article)
    article.headline, article.standfirst, article.body = headline, standfirst, body
    article.body_format = BodyFormat.HTML.value
    article.body_html = render(body, article.body_format)
    article.render_version = text.RENDER_VERSION
    article.slug = slug
    article.section, article.tags, article.picture = section, tags, picture
    article.published_at, article.updated_at = published_at, updated_at
    article.source_digest = source_digest
    db.session.flush()
    _set_authors(article, authors)
    if is_new:
        signals.article_created.send(article)
    touched(article)
    _add_revision(article, None)
    return article


def edited_here(article: Article) -> bool:
    """Tell whether somebody changed or withdrew an article here since it was carried over."""
    by_somebody = select(Revision.id).where(Revision.article_id == article.id, Revision.editor_id.is_not(None)).limit(1)
    return article.withdrawn_at is not None or db.session.scalar(by_somebody) is not None


def touched(article: Article) -> None:
    """Say that pages which show this article have changed."""
    names = [versions.article(article.id), versions.ARTICLES, versions.SIDEBAR]
    versions.bump(*names, *([versions.SITE] if article.kind == Kind.PAGE else []))


def latest_revision(article: Article) -> Revision | None:
    """Return the last saved version, or None."""
    found = select(Revision).where(Revision.article_id == article.id).order_by(Revision.number.desc()).limit(1)
    return db.session.scalar(found)


def free_slug(wanted: str, kind: Kind, except_id: int | None = None) -> str:
    """Return the slug as wanted; a page's with a number behind it where another page has it (an article's id tells it apart)."""
    if kind == Kind.ARTICLE:
        return wanted
    taken = set(
        db.session.scalars(select(Article.slug).where(Article.kind == Kind.PAGE.value, Article.id != (except_id or 0)))
    )
    candidate, number = wanted, 2
    while candidate in taken:
        candidate, number = f"{wanted[:190]}-{number}", number + 1
    return candidate


def tags_named(names: list[str]) -> list[Tag]:
    """Return the tags with these names, each once; one that does not exist is made."""
    wanted: dict[str, str] = {}
    for name in (" ".join(name.split())[:200] for name in names):
        if name:
            wanted.setdefault(text.slug(name), name)
    # Made in one order, so that two who name the same new tags never wait for each other in a circle.
    made = {slug: _tag(slug, wanted[slug]) for slug in sorted(wanted)}
    return [made[slug] for slug in wanted]


def _tag(slug: str, name: str) -> Tag:
    known = select(Tag).where(Tag.slug == slug)
    tag = db.session.scalar(known)
    if tag is not None:
        return tag
    try:
        with db.session.begin_nested():
            tag = Tag(name=name, slug=slug)
            db.session.add(tag)
    except IntegrityError:  # somebody else has just made it
        return db.session.scalars(known).one()
    return tag


def author_of(user: User) -> Author:
    """Return the byline author that belongs to this account; the first time it is made."""
    author = db.session.scalar(select(Author).where(Author.user_id == user.id).order_by(Author.id).limit(1))
    if author is None:
        author = Author(name=user.name, slug=free_author_slug(user.name), user_id=user.id)
        db.session.add(author)
        db.session.flush()
    return author


def free_author_slug(name: str) -> str:
    """Return an address for an author of this name that no author or alias has."""
    wanted = text.slug(name)
    taken = {
        slug
        for column in (Author.slug, AuthorAlias.slug)
        for slug in db.session.scalars(select(column).where(column.startswith(wanted, autoescape=True)))
    }
    candidate, number = wanted, 2
    while candidate in taken:
        candidate, number = f"{wanted}-{number}", number + 1
    return candidate


def _set_authors(article: Article, authors: list[Author]) -> None:
    known = {byline.author_id: byline for byline in article.bylines}
    wanted = list(dict.fromkeys(authors))
    if [byline.author_id for byline in article.bylines] != [author.id for author in wanted]:
        article.bylines[:] = [known.get(author.id) or Byline(author=author) for author in wanted]


def _add_revision(article: Article, editor: User | None) -> Revision:
    number = db.session.scalar(select(func.max(Revision.number)).where(Revision.article_id == article.id)) or 0
    revision = Revision(
        article_id=article.id,
        number=number + 1,
        headline=article.headline,
        standfirst=article.standfirst,
        body=article.body,
        body_format=article.body_format,
        editor_id=editor.id if editor else None,
        saved_at=clock.now(),
    )
    db.session.add(revision)
    db.session.flush()
    return revision
