"""What readers read: the front page, lists, an article, a standing page."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, abort, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext
from markupsafe import Markup
from sqlalchemy import Select
from werkzeug.exceptions import NotFound

from forum import clock, gate, text, web
from forum.accounts import policy
from forum.articles import operations, queries
from forum.articles.models import Article, Author, Kind, Section
from forum.comments import queries as comments
from forum.comments.reading import discussion_page
from forum.comments.views import comment_form
from forum.corrections.views import marked
from forum.media.models import Media
from forum.media.views import in_all_sizes
from forum.polls import queries as polls
from forum.polls.views import Ballot, ballot
from forum.translations import languages

bp = Blueprint("articles", __name__)
EXCERPT_LENGTH = 220


@dataclass(frozen=True)
class Teaser:
    """An article in a list."""

    url: str
    headline: str
    standfirst: str
    excerpt: str
    section: dict[str, str] | None
    authors: list[dict[str, str]]
    published_at: datetime | None
    comment_count: int
    picture: Media | None


@dataclass(frozen=True)
class ArticlePage:
    """An article or standing page as a template shows it."""

    id: int
    url: str
    kind: str
    headline: str
    standfirst: str
    section: dict[str, str] | None
    authors: list[dict[str, str]]
    tags: list[dict[str, str]]
    published_at: datetime | None
    picture: Media | None
    edit_url: str | None


@dataclass(frozen=True)
class Part:
    """A piece of a body: HTML, a poll, or the place of a poll that there is not."""

    html: Markup | None = None
    ballot: Ballot | None = None
    missing_poll: str | None = None


@bp.get("/", endpoint="front")
@web.kept
def front() -> ResponseReturnValue:
    """The front page: the lead story, then the newest first. `/?p=<id>` is an old address of an article."""
    for name in ("p", "page_id"):
        old = request.args.get(name, "")
        if old.isdecimal() and len(old) < 19:
            return _old_number(int(old))
    return _front_page(1)


@bp.before_app_request
def old_address() -> ResponseReturnValue | None:
    """Lead on from an address of the old site. Only where there is nothing of ours: no address of ours is ever hidden by one."""
    if not isinstance(request.routing_exception, NotFound) or request.method not in gate.SAFE_METHODS:
        return None
    path = request.path.rstrip("/")
    elsewhere = queries.redirect_for(path, f"{path}/")
    return web.moved(elsewhere) if elsewhere is not None else None


@bp.get("/page/<id:number>/", endpoint="page_of_front")
@web.kept
def page_of_front(number: int) -> ResponseReturnValue:
    """An older page of the front page."""
    return web.moved("/") if number == 1 else _front_page(number)


@bp.get("/archives/<id:article_id>/", strict_slashes=False)
@bp.get("/archives/<id:article_id>/<slug>/", strict_slashes=False)
@web.kept
def show(article_id: int, slug: str = "") -> ResponseReturnValue:
    """An article with its discussion; a missing or wrong slug leads to the right address."""
    canonical = f"{request.path.rstrip('/')}/"
    article = queries.published(article_id)
    if article is None or article.slug != slug:
        elsewhere = queries.redirect_for(canonical)
        if elsewhere is not None:
            return web.moved(elsewhere)
    if article is None:
        page = queries.published(article_id, Kind.PAGE)
        if page is not None:
            return web.moved(page.url)
        abort(410 if queries.withdrawn(article_id) else 404)
    if request.path != article.url:
        return web.moved(article.url)
    return article_page(article)


@bp.get("/pages/<slug>/", strict_slashes=False)
@web.kept
def standing_page(slug: str) -> ResponseReturnValue:
    """A standing page, with its discussion if it has one."""
    article = queries.page_at(slug)
    if article is None:
        elsewhere = queries.redirect_for(f"/pages/{slug}/")
        return web.moved(elsewhere) if elsewhere else abort(404)
    if request.path != article.url:
        return web.moved(article.url)
    return article_page(article)


@bp.get("/sections/<slug>/")
@web.kept
def by_section(slug: str) -> ResponseReturnValue:
    """The articles of a section."""
    section = queries.section_at(slug)
    if section is None:
        return _redirected()
    return _list(gettext("Section"), section.name, section.description, queries.by_section(section))


@bp.get("/authors/<slug>/")
@web.kept
def by_author(slug: str) -> ResponseReturnValue:
    """The articles of an author; another spelling of the name leads here."""
    author = queries.author_at(slug)
    if author is None:
        return _redirected()
    if author.slug != slug:
        return web.moved(f"/authors/{author.slug}/")
    kicker = gettext("Organisation") if author.is_organisation else gettext("Author")
    return _list(kicker, author.name, author.bio, queries.by_author(author))


@bp.get("/tags/<slug>/")
@web.kept
def by_tag(slug: str) -> ResponseReturnValue:
    """The articles under a tag."""
    tag = queries.tag_at(slug)
    if tag is None:
        return _redirected()
    return _list(gettext("Tag"), tag.name, "", queries.by_tag(tag))


@bp.get("/archives/date/<int(fixed_digits=4):year>/<int(fixed_digits=2):month>/")
@web.kept
def by_month(year: int, month: int) -> ResponseReturnValue:
    """The articles of a month."""
    if not (1 <= month <= 12 and 1970 <= year <= 9990):
        abort(404)
    first = clock.day_start(date(year, month, 1)).astimezone(clock.zone()).date()
    return _list(gettext("Archive"), format_date(first, "LLLL yyyy"), "", queries.by_month(year, month))


@bp.post("/language")
def choose_language() -> ResponseReturnValue:
    """Remember the language that a visitor chose, and go back to where they were."""
    chosen = request.form.get("language", "")
    response = make_response(redirect(gate.own_path(request.form.get("back")) or "/", 303))
    if chosen in languages():
        web.set_cookie(response, web.LANGUAGE_COOKIE, chosen)
    return response


def article_page(article: Article) -> ResponseReturnValue:
    """Return the page of an article or standing page with its discussion."""
    discussion = comments.of_article(article.id)
    shown = None
    if discussion is not None and (
        discussion.is_open(clock.now()) or discussion.last_piece or article.kind == Kind.ARTICLE
    ):
        writers = frozenset(author.user_id for author in article.authors if author.user_id is not None)
        shown = discussion_page(discussion, writers)
    return web.page(
        "articles/show.html",
        article=view_of(article),
        parts=parts_of(article),
        discussion=shown,
        form=comment_form(discussion=discussion) if shown is not None and shown.is_open else None,
        corrections=marked(article.id),
        correct_url=f"/articles/{article.id}/corrections/new" if article.kind == Kind.ARTICLE else None,
    )


def view_of(article: Article) -> ArticlePage:
    """Return an article for a template."""
    return ArticlePage(
        id=article.id,
        url=article.url,
        kind=article.kind,
        headline=article.headline,
        standfirst=article.standfirst,
        section=section_of(article.section),
        authors=authors_of(article.authors),
        tags=[{"name": tag.name, "url": f"/tags/{tag.slug}/"} for tag in article.tags],
        published_at=article.published_at,
        picture=article.picture,
        edit_url=f"/desk/articles/{article.id}/" if policy.may_publish(web.actor()) else None,
    )


def parts_of(article: Article) -> list[Part]:
    """Return a body in pieces, the polls that it names among them."""
    html = article.body_html
    if article.render_version != text.RENDER_VERSION:
        html = operations.render(article.body, article.body_format)
    return [_part(piece, article.source) for piece in text.parts(in_all_sizes(html))]


def authors_of(authors: list[Author]) -> list[dict[str, str]]:
    """Return names and addresses of authors, in their order."""
    return [{"name": author.name, "url": f"/authors/{author.slug}/"} for author in authors]


def teasers_of(articles: list[Article]) -> list[Teaser]:
    """Return articles as a list shows them."""
    counted = comments.counts([article.id for article in articles])
    return [
        Teaser(
            url=article.url,
            headline=article.headline,
            standfirst=article.standfirst,
            excerpt=article.standfirst or text.excerpt(article.body_html, EXCERPT_LENGTH),
            section=section_of(article.section),
            authors=authors_of(article.authors),
            published_at=article.published_at,
            comment_count=counted.get(article.id, 0),
            picture=article.picture,
        )
        for article in articles
    ]


def _front_page(number: int) -> ResponseReturnValue:
    size = web.site().settings.articles_per_page
    found = web.paged(queries.stream(), number, size, lambda other: "/" if other == 1 else f"/page/{other}/")
    if found is None:
        abort(404)
    teasers = teasers_of(found[0])
    lead = teasers[0] if number == 1 and teasers else None
    return web.page("articles/front.html", lead=lead, teasers=teasers[1:] if lead else teasers, paging=found[1])


def _list(kicker: str, heading: str, intro: str, rows: Select[*tuple[Any, ...]]) -> ResponseReturnValue:
    def address(number: int) -> str:
        return request.path if number == 1 else f"{request.path}?page={number}"

    found = web.paged(rows, web.page_number(), web.site().settings.articles_per_page, address)
    if found is None:
        abort(404)
    return web.page(
        "articles/list.html", kicker=kicker, heading=heading, intro=intro, teasers=teasers_of(found[0]), paging=found[1]
    )


def _old_number(number: int) -> ResponseReturnValue:
    elsewhere = queries.redirect_for(f"/?p={number}")
    if elsewhere is not None:
        return redirect(elsewhere, 301)
    if number >= 2**31:
        abort(404)
    article = queries.published(number) or queries.published(number, Kind.PAGE)
    if article is None:
        abort(410 if queries.withdrawn(number) else 404)
    return redirect(article.url, 301)


def _redirected() -> ResponseReturnValue:
    elsewhere = queries.redirect_for(request.path)
    return web.moved(elsewhere) if elsewhere else abort(404)


def _part(piece: "str | text.PollEmbed", source: str | None) -> Part:
    if isinstance(piece, str):
        return Part(html=Markup(piece))  # noqa: S704  made by text.py
    poll = polls.embedded(source, str(piece.poll_id))
    return Part(ballot=ballot(poll)) if poll is not None else Part(missing_poll=str(piece.poll_id))


def section_of(section: Section | None) -> dict[str, str] | None:
    """Return a section as templates show it over a text."""
    if section is None:
        return None
    return {"name": section.name, "url": f"/sections/{section.slug}/", "colour": section.colour}
