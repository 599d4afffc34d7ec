"""The settings of the site in the browser: its name and behaviour, sections, standing pages, authors, and what was changed when."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import func, select

from forum import clock, web
from forum.accounts import policy
from forum.accounts.models import User
from forum.articles import places
from forum.articles import queries as articles
from forum.articles.models import Article, Author, Byline, Kind, Section
from forum.articles.operations import create_article
from forum.errors import ForumError
from forum.extensions import db
from forum.media.desk import make_room, prepared
from forum.media.operations import PictureRefused, upload_picture
from forum.settings import operations, queries
from forum.settings.forms import AuthorForm, LogoForm, PageForm, SectionForm, SettingsForm
from forum.settings.models import SettingChange

bp = Blueprint("settings", __name__, url_prefix="/desk/settings")
PER_PAGE = 50


@bp.url_value_preprocessor
def _make_room(endpoint: str | None, _values: object) -> None:
    if endpoint == "settings.save_logo":
        make_room(pictures=1)


def _admin() -> User:
    user = web.require_user()
    policy.require(policy.may_administer(user))
    return user


@bp.get("/")
def index() -> ResponseReturnValue:
    """The form with every setting in it."""
    _admin()
    return _page(SettingsForm(formdata=None, data=asdict(queries.site())))


@bp.post("/")
def save() -> ResponseReturnValue:
    """Keep what was changed; what cannot be comes back in the form."""
    admin = _admin()
    form = SettingsForm()
    form.accent.data = (form.accent.data or "").strip().lower()
    if (form.house_rules.data or "") not in dict(_pages_to_choose()):
        form.house_rules.data = ""  # a page that went meanwhile
    if not form.validate():
        return _page(form, status=422)
    try:
        operations.change(
            admin.id, **{name: value or type(getattr(queries.site(), name))() for name, value in form.data.items()}
        )
        db.session.commit()
    except Exception as error:  # a colour that cannot be read, database locked
        return _page(form, web.refused(error))
    return make_response(redirect("/desk/settings/", 303))


@bp.post("/logo")
def save_logo() -> ResponseReturnValue:
    """Let a picture stand for the name, or the name itself again."""
    _admin()
    form = LogoForm()
    try:
        number = 0
        if request.form.get("action") != "remove":
            if not form.file.data:
                raise PictureRefused()
            number = upload_picture(prepared(form.file.data), _admin(), alt=queries.site().name).id
        operations.change(_admin().id, logo=number)
        db.session.commit()
    except Exception as error:  # no picture, a store that is silent, database locked
        return _page(SettingsForm(formdata=None, data=asdict(queries.site())), web.refused(error))
    return make_response(redirect("/desk/settings/", 303))


@bp.get("/log/")
def log() -> ResponseReturnValue:
    """What was changed, by whom and when."""
    _admin()
    found = web.paged(
        queries.changes(), web.page_number(), PER_PAGE, lambda number: f"/desk/settings/log/?page={number}"
    )
    if found is None:
        abort(404)
    labels = {field.name: field.label.text for field in SettingsForm(formdata=None)} | {"logo": gettext("Logo")}
    people = select(User.id, User.name).where(User.id.in_({row.user_id for row in found[0]}))
    names = dict(db.session.execute(people).all())
    changes = [
        {
            "label": labels.get(row.name, row.name),
            "old": _value(row.name, row.old_value),
            "new": _value(row.name, row.new_value),
            "by": names.get(row.user_id or 0, ""),
            "at": row.changed_at,
            "take_back_url": f"/desk/settings/log/{row.id}/take-back",
        }
        for row in found[0]
    ]
    return web.page("desk/settings_log.html", changes=changes, paging=found[1])


def _value(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("on") if value else gettext("off")
    return "" if name == "logo" and not value else str(value)


@bp.post("/log/<id:change_id>/take-back")
def take_back(change_id: int) -> ResponseReturnValue:
    """Give a setting back the value that it had before a change."""
    admin = _admin()
    operations.take_back(db.get_or_404(SettingChange, change_id), admin.id)
    db.session.commit()
    return make_response(redirect("/desk/settings/log/", 303))


@bp.get("/sections/")
def sections() -> ResponseReturnValue:
    """The sections in their order, and a form for one more."""
    _admin()
    form = SectionForm(formdata=None)
    form.position.data = len(articles.sections()) + 1
    return _sections_page(form)


@bp.post("/sections/")
def create_section() -> ResponseReturnValue:
    """Make a section."""
    admin = _admin()
    form = SectionForm()
    if not form.validate():
        return _sections_page(form, status=422)
    try:
        places.save_section(
            None, admin, form.name.data, form.description.data or "", form.position.data, form.colour.data
        )
        db.session.commit()
    except Exception as error:
        return _sections_page(form, web.refused(error))
    return make_response(redirect("/desk/settings/sections/", 303))


@bp.get("/sections/<id:section_id>/")
def edit_section(section_id: int) -> ResponseReturnValue:
    """The form of a section."""
    _admin()
    section = db.get_or_404(Section, section_id)
    return _section_page(section, SectionForm(formdata=None, obj=section))


@bp.post("/sections/<id:section_id>/")
def save_section(section_id: int) -> ResponseReturnValue:
    """Change a section, or remove one in which nothing stands."""
    admin = _admin()
    section = db.get_or_404(Section, section_id)
    form = SectionForm()
    try:
        if request.form.get("action") == "remove":
            places.remove_section(section, admin)
        elif not form.validate():
            return _section_page(section, form, status=422)
        else:
            places.save_section(
                section, admin, form.name.data, form.description.data or "", form.position.data, form.colour.data
            )
        db.session.commit()
    except Exception as error:
        refusal = web.refused(error)
        return _section_page(db.get_or_404(Section, section_id), form, refusal)
    return make_response(redirect("/desk/settings/sections/", 303))


@bp.get("/pages/")
def pages() -> ResponseReturnValue:
    """The standing pages, also those that nobody reads yet, and a form for one more."""
    _admin()
    return _pages_page(PageForm(formdata=None))


@bp.post("/pages/")
def create_page() -> ResponseReturnValue:
    """Begin a standing page; its text is written where articles are."""
    admin = _admin()
    form = PageForm()
    if not form.validate():
        return _pages_page(form, status=422)
    try:
        page = create_article(admin, (form.headline.data or "").strip(), Kind.PAGE)
        db.session.commit()
    except Exception as error:
        return _pages_page(form, web.refused(error))
    return make_response(redirect(f"/desk/articles/{page.id}/", 303))


@bp.get("/authors/")
def authors() -> ResponseReturnValue:
    """Every author with how many articles they stand over."""
    _admin()
    counted = dict(db.session.execute(select(Byline.author_id, func.count()).group_by(Byline.author_id)).all())
    rows = [
        {"name": author.name, "url": f"/desk/settings/authors/{author.id}/", "articles": counted.get(author.id, 0)}
        for author in articles.authors()
    ]
    return web.page("desk/authors.html", authors=rows)


@bp.get("/authors/<id:author_id>/")
def edit_author(author_id: int) -> ResponseReturnValue:
    """The form of an author."""
    _admin()
    author = db.get_or_404(Author, author_id)
    form = AuthorForm(formdata=None, obj=author)
    form.kind.data = "organisation" if author.is_organisation else "person"
    form.merge_into.data = 0
    return _author_page(author, form)


@bp.post("/authors/<id:author_id>/")
def save_author(author_id: int) -> ResponseReturnValue:
    """Change an author, or put them together with another."""
    admin = _admin()
    author = db.get_or_404(Author, author_id)
    form = AuthorForm()
    form.merge_into.choices = []
    if not form.validate():
        return _author_page(author, form, status=422)
    try:
        other = db.session.get(Author, form.merge_into.data) if form.merge_into.data else None
        if other is not None:
            places.merge_authors(author, other, admin)
        else:
            places.save_author(author, admin, form.name.data, form.bio.data or "", form.kind.data == "organisation")
        db.session.commit()
    except Exception as error:
        refusal = web.refused(error)
        return _author_page(db.get_or_404(Author, author_id), form, refusal)
    return make_response(redirect("/desk/settings/authors/", 303))


def _pages_to_choose() -> list[tuple[str, str]]:
    return [("", gettext("(none)")), *((row.slug, row.headline) for row in articles.pages())]


def _page(form: SettingsForm, refusal: ForumError | None = None, status: int | None = None) -> Response:
    form.house_rules.choices = _pages_to_choose()
    return web.page(
        "desk/settings.html",
        status or (refusal.status if refusal else 200),
        form=form,
        logo_form=LogoForm(formdata=None),
        refusal=_words(refusal),
    )


def _pages_page(form: PageForm, refusal: ForumError | None = None, status: int | None = None) -> Response:
    now, rules = clock.now(), queries.site().house_rules
    found = select(Article).where(Article.kind == Kind.PAGE.value).order_by(Article.headline, Article.id)
    rows = [
        {
            "headline": row.headline,
            "edit_url": f"/desk/articles/{row.id}/",
            "url": row.url if row.is_published(now) else None,
            "is_house_rules": row.slug == rules,
        }
        for row in db.session.scalars(found)
    ]
    return web.page(
        "desk/pages.html",
        status or (refusal.status if refusal else 200),
        pages=rows,
        form=form,
        refusal=_words(refusal),
    )


def _sections_page(form: SectionForm, refusal: ForumError | None = None, status: int | None = None) -> Response:
    counted = dict(db.session.execute(select(Article.section_id, func.count()).group_by(Article.section_id)).all())
    rows = [
        {
            "name": row.name,
            "url": f"/desk/settings/sections/{row.id}/",
            "position": row.position,
            "articles": counted.get(row.id, 0),
        }
        for row in articles.sections()
    ]
    return web.page(
        "desk/sections.html",
        status or (refusal.status if refusal else 200),
        sections=rows,
        form=form,
        refusal=_words(refusal),
    )


def _section_page(
    section: Section, form: SectionForm, refusal: ForumError | None = None, status: int | None = None
) -> Response:
    here: dict[str, Any] = {"name": section.name, "url": f"/sections/{section.slug}/"}
    return web.page(
        "desk/section.html",
        status or (refusal.status if refusal else 200),
        section=here,
        form=form,
        refusal=_words(refusal),
    )


def _author_page(
    author: Author, form: AuthorForm, refusal: ForumError | None = None, status: int | None = None
) -> Response:
    others = [(other.id, other.name) for other in articles.authors() if other.id != author.id]
    form.merge_into.choices = [(0, gettext("(nobody else)")), *others]
    here = {
        "name": author.name,
        "url": f"/authors/{author.slug}/",
        "spellings": [alias.name for alias in author.aliases],
    }
    return web.page(
        "desk/author.html",
        status or (refusal.status if refusal else 200),
        author=here,
        form=form,
        refusal=_words(refusal),
    )


def _words(refusal: ForumError | None) -> str | None:
    return str(refusal) if refusal else None
