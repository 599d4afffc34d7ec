"""Where articles stand: changing sections and authors, and putting two spellings of one author together."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select, update

from forum import text, versions
from forum.accounts import policy
from forum.accounts.models import User
from forum.articles.models import SECTION_COLOURS, Article, Author, AuthorAlias, Byline, Section
from forum.articles.operations import InvalidArticle, free_author_slug
from forum.extensions import db


def save_section(
    section: Section | None, admin: User, name: str, description: str, position: int, colour: str = ""
) -> Section:
    """Change a section, or make one (None), and return it. Its address stays once it has one. Raises NotAllowed, InvalidArticle."""
    policy.require(policy.may_administer(admin))
    if not name.strip():
        raise InvalidArticle(_l("A section needs a name."))
    if section is None:
        wanted, number = text.slug(name, "rubriek"), 2
        taken = set(db.session.scalars(select(Section.slug)))
        slug = wanted
        while slug in taken:
            slug, number = f"{wanted}-{number}", number + 1
        section = Section(slug=slug)
        db.session.add(section)
    if colour not in SECTION_COLOURS:
        raise InvalidArticle(_l("Choose one of the colours."))
    section.name, section.description, section.position = name.strip(), description.strip(), position
    section.colour = colour
    db.session.flush()
    _changed()
    return section


def remove_section(section: Section, admin: User) -> None:
    """Remove a section in which no article stands. Raises NotAllowed, InvalidArticle."""
    policy.require(policy.may_administer(admin))
    if db.session.scalar(select(func.count()).where(Article.section_id == section.id)):
        raise InvalidArticle(_l("Articles stand in this section. Give them another one first."))
    db.session.delete(section)
    db.session.flush()
    _changed()


def save_author(author: Author, admin: User, name: str, bio: str, is_organisation: bool) -> None:
    """Change an author; the name it had stays as another spelling. Raises NotAllowed, InvalidArticle."""
    policy.require(policy.may_administer(admin))
    name = " ".join(name.split())
    if not name:
        raise InvalidArticle(_l("An author needs a name."))
    if name != author.name:
        _remember_spelling(author, author.name)
    author.name, author.bio, author.is_organisation = name, bio.strip(), is_organisation
    db.session.flush()
    _changed()


def merge_authors(author: Author, into: Author, admin: User) -> None:
    """Let one author be another: its articles and spellings go over, and its address leads to the other from now on.

    Raises NotAllowed, InvalidArticle when both are the same or belong to different accounts.
    """
    policy.require(policy.may_administer(admin))
    if author.id == into.id:
        raise InvalidArticle(_l("These are the same author already."))
    if author.user_id is not None and into.user_id is not None and author.user_id != into.user_id:
        raise InvalidArticle(_l("These two belong to different accounts."))
    both = select(Byline.article_id).where(Byline.author_id == into.id)
    db.session.execute(delete(Byline).where(Byline.author_id == author.id, Byline.article_id.in_(both)))
    db.session.execute(update(Byline).where(Byline.author_id == author.id).values(author_id=into.id))
    db.session.execute(update(AuthorAlias).where(AuthorAlias.author_id == author.id).values(author_id=into.id))
    into.user_id = into.user_id or author.user_id
    name, slug = author.name, author.slug
    db.session.expire(author)
    db.session.execute(delete(Author).where(Author.id == author.id))
    db.session.add(AuthorAlias(slug=slug, name=name, author_id=into.id))
    db.session.flush()
    db.session.expire_all()
    _changed()


def _remember_spelling(author: Author, name: str) -> None:
    slug = free_author_slug(name)
    if db.session.get(AuthorAlias, slug) is None:
        db.session.add(AuthorAlias(slug=slug, name=name, author_id=author.id))


def _changed() -> None:
    versions.bump(versions.SITE, versions.ARTICLES)
