"""The desk: writing, previewing, publishing and withdrawing."""

from datetime import UTC, datetime, time
from typing import Any

from flask import Blueprint, abort, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from forum import clock, text, web
from forum.accounts import policy
from forum.accounts.models import User
from forum.articles import operations, queries
from forum.articles.forms import ArticleForm
from forum.articles.models import Article, Author, Section
from forum.articles.views import ArticlePage, authors_of, parts_of, section_of, view_of
from forum.corrections.queries import waiting_count
from forum.errors import Conflict, ForumError, NotAllowed, SignInNeeded, with_retry
from forum.extensions import db, may_write
from forum.media import queries as pictures
from forum.media.desk import make_room, prepared
from forum.media.models import Media
from forum.media.operations import upload_picture
from forum.settings import queries as settings

bp = Blueprint("desk", __name__, url_prefix="/desk")
PER_LIST = 50
RECENT_PICTURES = 12


@bp.url_value_preprocessor
def _make_room(endpoint: str | None, _values: object) -> None:
    if endpoint in {"desk.create", "desk.save"}:
        make_room(pictures=1)


def _writer() -> User:
    user = web.require_user()
    policy.require(policy.may_write(user))
    return user


@bp.get("/")
def index() -> ResponseReturnValue:
    """What is being written, what is scheduled, what was published last."""
    user = _writer()
    mine = queries.for_desk()
    if not policy.may_publish(user):
        mine = mine.where(Article.created_by_id == user.id)
    now = clock.now()
    groups = [
        (gettext("Drafts"), mine.where(Article.published_at.is_(None))),
        (gettext("Scheduled"), mine.where(Article.published_at > now)),
        (gettext("Published"), mine.where(Article.published_at <= now)),
    ]
    return web.page(
        "desk/index.html",
        faults=waiting_count() if policy.may_publish(user) else 0,
        groups=[
            {
                "title": title,
                "articles": [_listed(article) for article in db.session.scalars(rows.limit(PER_LIST)).unique()],
            }
            for title, rows in groups
        ],
    )


@bp.get("/articles/new")
def new() -> ResponseReturnValue:
    """An empty form."""
    user = _writer()
    form = ArticleForm(formdata=None)
    form.author_ids.data = [author.id for author in db.session.scalars(select(Author).where(Author.user_id == user.id))]
    return _edit_page(None, form)


@bp.post("/articles/new")
def create() -> ResponseReturnValue:
    """Make a draft of what was typed, or show it as it would look."""
    form = ArticleForm()
    valid = form.validate() and _takes_picture_in(form)
    if _wants_preview() or not valid:
        may_write.set(False)
        _writer()
        return _edit_page(None, form, status=200 if valid else 422)
    try:
        user = _writer()
        article = operations.create_article(user, (form.headline.data or "").strip())
        _save(article, user, form)
        db.session.commit()
    except Exception as error:  # refused or failed: every word stays in the form
        refusal = web.refused(error)
        _writer()
        return _edit_page(None, form, refusal)
    return _next(article)


@bp.get("/articles/<id:article_id>/")
def edit(article_id: int) -> ResponseReturnValue:
    """The form with the article in it."""
    article = _editable(article_id)
    return _edit_page(article, ArticleForm(formdata=None))


@bp.post("/articles/<id:article_id>/")
def save(article_id: int) -> ResponseReturnValue:
    """Keep what was typed, or show it as it would look; what collides comes back with both texts."""
    form = ArticleForm()
    valid = form.validate() and _takes_picture_in(form)
    if _wants_preview() or not valid:
        may_write.set(False)
        return _edit_page(_editable(article_id), form, status=200 if valid else 422)
    try:
        article = _editable(article_id)
        _save(article, web.require_user(), form)
        db.session.commit()
    except Exception as error:
        refusal = web.refused(error)
        return _edit_page(_editable(article_id), form, refusal)
    return _next(article)


@bp.post("/articles/<id:article_id>/publish")
def publish(article_id: int) -> ResponseReturnValue:
    """Publish the article as it was saved last, now or at the chosen moment."""
    form = ArticleForm()
    try:
        article = _editable(article_id)
        moment = _offered() or form.moment()
        if moment is None and any(form.published_at.raw_data or ()):
            raise operations.InvalidArticle(gettext("This is not a date and time."))
        operations.publish(article, web.require_user(), moment)
        db.session.commit()
    except Exception as error:
        refusal = web.refused(error)
        return _edit_page(_editable(article_id), ArticleForm(formdata=None), refusal)
    return make_response(redirect(article.url if article.is_published(clock.now()) else "/desk/", 303))


@bp.post("/articles/<id:article_id>/withdraw")
def withdraw(article_id: int) -> ResponseReturnValue:
    """Take the article from public view; its comments are kept."""
    operations.withdraw(_editable(article_id), web.require_user())
    db.session.commit()
    return make_response(redirect(f"/desk/articles/{article_id}/", 303))


def _editable(article_id: int) -> Article:
    user = _writer()
    article = db.session.get(Article, article_id)
    if article is None:
        abort(404)
    if not operations.may_edit(article, user):
        raise NotAllowed()
    return article


def _takes_picture_in(form: ArticleForm) -> bool:
    """Take in the picture that was sent along and choose it; False when it is refused, with the reason in the form.

    Before all else and in a transaction of its own: whatever becomes of the text, a file that was chosen is not to be chosen again.
    """
    sent = form.picture.form
    if not sent.file.data:
        return True
    try:
        words = (sent.alt.data or "", sent.caption.data or "", sent.credit.data or "", sent.licence.data or "")
        media = upload_picture(prepared(sent.file.data), _writer(), *words)
        db.session.commit()
    except (SignInNeeded, NotAllowed):
        raise
    except Exception as error:
        sent.file.errors = [str(web.refused(error))]
        return False
    form.picture_id.raw_data, form.picture_id.data = [str(media.id)], media.id
    for field in sent:
        field.data = None
    return True


def _wants_preview() -> bool:
    return request.form.get("action") == "preview"


def _chosen(form: ArticleForm) -> tuple[Section | None, list[Author]]:
    """Return section and authors as they were chosen; a number that none of them has chooses nothing."""
    sections = {section.id: section for section in queries.sections()}
    authors = {author.id: author for author in queries.authors()}
    return sections.get(form.section_id.data or 0), [
        authors[author_id] for author_id in form.author_ids.data or [] if author_id in authors
    ]


def _save(article: Article, user: User, form: ArticleForm) -> None:
    section, authors = _chosen(form)
    based_on = form.based_on.data or "0"
    operations.save(
        article,
        user,
        form.headline.data or "",
        form.standfirst.data or "",
        (form.body.data or "").replace("\r\n", "\n"),
        section,
        form.tag_names(),
        authors or [operations.author_of(user)],
        int(based_on) if based_on.isdecimal() and len(based_on) < 10 else -1,
    )
    if form.picture_id.raw_data:
        operations.illustrate(article, user, _picture(form))
    if article.is_scheduled(clock.now()) and form.moment() is not None:
        operations.publish(article, user, form.moment())


def _next(article: Article) -> Response:
    if request.form.get("action") == "publish" or _offered() is not None:
        return publish(article.id)  # type: ignore[return-value]  # its own transaction: the text is safe whatever comes of it
    return make_response(redirect(f"/desk/articles/{article.id}/", 303))


def _usual_moment() -> datetime | None:
    """Return when an article usually appears next, or None where the site names no time."""
    usual = settings.site().publication_time
    return clock.next_at(time.fromisoformat(usual)) if usual else None


def _offered() -> datetime | None:
    """Return the moment on the button that was pressed, or None when it was another button."""
    name, _, moment = request.form.get("action", "").partition(" ")
    try:
        return datetime.fromisoformat(moment).astimezone(UTC) if name == "schedule" else None
    except (ValueError, OverflowError):
        return None


def _fill(form: ArticleForm, article: Article | None) -> None:
    """Give the form its choices, and the article's own text where nothing was sent."""
    form.section_id.choices = [(0, gettext("(none)")), *((section.id, section.name) for section in queries.sections())]
    form.author_ids.choices = [(author.id, author.name) for author in queries.authors()]
    if form.headline.raw_data is not None:
        return
    form.section_id.data = article.section_id or 0 if article else 0
    form.based_on.data = "0"
    if article is not None:
        last = operations.latest_revision(article)
        form.headline.data, form.standfirst.data, form.body.data = article.headline, article.standfirst, article.body
        form.tags.data = ", ".join(tag.name for tag in article.tags)
        form.author_ids.data = [author.id for author in article.authors]
        form.picture_id.data = article.picture_id or 0
        form.based_on.data = str(last.number if last else 0)
        if article.published_at is not None:
            form.published_at.data = article.published_at.astimezone(clock.zone()).replace(tzinfo=None)


def _edit_page(
    article: Article | None, form: ArticleForm, refusal: ForumError | None = None, status: int | None = None
) -> ResponseReturnValue:
    _fill(form, article)
    conflict = None
    if isinstance(refusal, Conflict) and article is not None:
        last = operations.latest_revision(article)
        editor = db.session.get(User, last.editor_id) if last and last.editor_id else None
        conflict = {
            "headline": article.headline,
            "standfirst": article.standfirst,
            "body": article.body,
            "editor_name": editor.name if editor else "",
            "saved_at": last.saved_at if last else article.updated_at,
        }
        form.based_on.data = str(last.number if last else 0)  # the next save is meant to go over it
    user = web.actor()
    response = web.page(
        "desk/edit.html",
        status or (refusal.status if refusal else 200),
        form=form,
        article=_listed(article) if article else None,
        preview=_preview(form, article) if _wants_preview() else None,
        refusal=str(refusal) if refusal else None,
        conflict=conflict,
        can_publish=policy.may_publish(user),
        pictures=_pictures(form),
        usual_moment=_usual_moment(),
        save_url=f"/desk/articles/{article.id}/" if article else "/desk/articles/new",
    )
    return with_retry(response, refusal) if refusal else response


def _pictures(form: ArticleForm) -> list[Media]:
    """Return the pictures to choose from: the chosen one, then the newest."""
    newest = list(db.session.scalars(pictures.newest().limit(RECENT_PICTURES)))
    chosen = _picture(form)
    return newest if chosen is None else [chosen, *(media for media in newest if media is not chosen)]


def _picture(form: ArticleForm) -> Media | None:
    number = form.picture_id.data or 0
    return db.session.get(Media, number) if 0 < number < 2**31 else None


def _preview(form: ArticleForm, article: Article | None) -> dict[str, Any]:
    """Return what the article's page would show of the text in the form, made by the same renderer."""
    draft = Article(
        id=article.id if article else 0,
        kind=article.kind if article else "article",
        slug=article.slug if article else "",
        headline=form.headline.data or "",
        standfirst=form.standfirst.data or "",
        body=form.body.data or "",
        body_format=article.body_format if article and article.body == form.body.data else "markdown",
        published_at=form.moment() or (article.published_at if article else None),
        source=article.source if article else None,
        render_version=text.RENDER_VERSION,
    )
    draft.body_html = operations.render(draft.body, draft.body_format)
    section, authors = _chosen(form)
    shown = view_of(draft)
    parts = parts_of(draft)
    page = ArticlePage(
        **{
            **vars(shown),
            "authors": authors_of(authors),
            "section": section_of(section),
            "tags": [{"name": name, "url": ""} for name in form.tag_names()],
            "picture": _picture(form),
        }
    )
    return {"article": page, "parts": parts}


def _listed(article: Article) -> dict[str, Any]:
    now = clock.now()
    if article.is_withdrawn(now):
        state, label = "withdrawn", gettext("Withdrawn")
    elif article.published_at is None:
        state, label = "draft", gettext("Draft")
    elif article.is_scheduled(now):
        state, label = "scheduled", gettext("Scheduled")
    else:
        state, label = "published", gettext("Published")
    return {
        "id": article.id,
        "headline": article.headline,
        "kind": article.kind,
        "url": article.url,
        "edit_url": f"/desk/articles/{article.id}/",
        "publish_url": f"/desk/articles/{article.id}/publish",
        "withdraw_url": f"/desk/articles/{article.id}/withdraw",
        "state": state,
        "state_label": label,
        "authors": authors_of(article.authors),
        "published_at": article.published_at,
        "updated_at": article.updated_at,
    }
