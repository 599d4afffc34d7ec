"""Pictures at the desk: taking in, describing, choosing what stays in sight, removing."""

from flask import Blueprint, abort, flash, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from werkzeug.datastructures import FileStorage

from forum import web
from forum.accounts import policy
from forum.accounts.models import User
from forum.articles import queries as articles
from forum.errors import ForumError, with_retry
from forum.extensions import db, may_write
from forum.media import operations, queries
from forum.media.forms import PictureForm, UploadForm
from forum.media.models import Media
from forum.settings import queries as settings

bp = Blueprint("pictures", __name__, url_prefix="/desk/media")
PER_PAGE = 24
AT_ONCE = 4  # pictures in one form


def make_room(pictures: int) -> None:
    """Let this request be as large as so many pictures, of who is signed in; everybody else keeps the room of a form."""
    usual = request.max_content_length
    if "_user_id" in session and usual is not None:
        request.max_content_length = usual + pictures * operations.MOST_BYTES


@bp.url_value_preprocessor
def _make_room(endpoint: str | None, _values: object) -> None:
    if endpoint == "pictures.upload":
        make_room(AT_ONCE)


def prepared(file: FileStorage) -> operations.Prepared:
    """Return a picture that was sent along, written anew, while no transaction is open. Raises NotAllowed, PictureRefused."""
    may_write.set(False)
    _staff()
    db.session.rollback()
    found = operations.prepare(file.stream.read(operations.MOST_BYTES + 1))
    may_write.set(True)
    return found


def _staff() -> User:
    user = web.require_user()
    policy.require(policy.may_write(user))
    return user


@bp.get("/")
def index() -> ResponseReturnValue:
    """Every picture, the newest first, and a form for more."""
    _staff()
    return _list([UploadForm(formdata=None, prefix=f"picture{number}") for number in range(AT_ONCE)])


@bp.post("/")
def upload() -> ResponseReturnValue:
    """Take in what was sent; what is refused comes back with its words, and the others are here."""
    _staff()
    forms = [UploadForm(prefix=f"picture{number}") for number in range(AT_ONCE)]
    taken: list[Media] = []
    refusal: ForumError | None = None
    for place, form in enumerate(forms):
        if not form.validate() or not (form.file.data or form.has_words()):
            continue
        if not form.file.data:
            form.file.errors = [gettext("Choose a file.")]
            continue
        try:
            picture = prepared(form.file.data)
            words = (form.alt.data or "", form.caption.data or "", form.credit.data or "", form.licence.data or "")
            taken.append(operations.upload_picture(picture, _staff(), *words))
            db.session.commit()
        except Exception as error:
            refusal = web.refused(error)
            form.file.errors = [str(refusal)]
        else:
            forms[place] = UploadForm(formdata=None, prefix=f"picture{place}")
    if any(form.errors for form in forms):
        return _list(forms, refusal, len(taken))
    if not taken:
        forms[0].file.errors = [gettext("Choose a file.")]
        return _list(forms)
    flash(ngettext("%(num)s picture is here.", "%(num)s pictures are here.", len(taken)))
    return make_response(redirect(_address(taken[0]) if len(taken) == 1 else url_for("pictures.index"), 303))


@bp.get("/<id:media_id>/")
def edit(media_id: int) -> ResponseReturnValue:
    """A picture with its words, the point that stays in sight, and where it is shown."""
    media = _picture(media_id)
    return _edit_page(media, PictureForm(formdata=None, obj=media))


@bp.post("/<id:media_id>/")
def save(media_id: int) -> ResponseReturnValue:
    """Keep what was typed about a picture."""
    form = PictureForm()
    if not form.validate():
        may_write.set(False)
        return _edit_page(_picture(media_id), form, status=422)
    try:
        words = (form.alt.data or "", form.caption.data or "", form.credit.data or "", form.licence.data or "")
        operations.describe(_picture(media_id), _staff(), *words, form.focus_x.data or 0, form.focus_y.data or 0)
        db.session.commit()
    except Exception as error:
        refusal = web.refused(error)
        return _edit_page(_picture(media_id), form, refusal)
    flash(gettext("Saved."))
    return make_response(redirect(url_for("pictures.edit", media_id=media_id), 303))


@bp.post("/<id:media_id>/remove")
def remove(media_id: int) -> ResponseReturnValue:
    """Remove a picture for good, unless something shows it."""
    media = _picture(media_id)
    if db.session.scalars(articles.showing(media)).first() is not None or settings.site().logo == media.id:
        refusal = PictureInUse()
        return _edit_page(media, PictureForm(formdata=None, obj=media), refusal)
    operations.discard(media, _staff())
    db.session.commit()
    flash(gettext("The picture is gone."))
    return make_response(redirect(url_for("pictures.index"), 303))


class PictureInUse(ForumError):
    """An article shows it, or it is the logo."""

    status = 409

    def __init__(self) -> None:
        super().__init__(gettext("This picture is shown: by articles, or as the logo. Take it out there first."))


def _picture(media_id: int) -> Media:
    """Return the picture. Raises NotAllowed when its words are not this person's to change."""
    user = _staff()
    media = db.session.get(Media, media_id)
    if media is None:
        abort(404)
    policy.require(media.editable_by(user))
    return media


def _address(media: Media) -> str:
    return url_for("pictures.edit", media_id=media.id)


def _list(forms: list[UploadForm], refusal: ForumError | None = None, taken: int = 0) -> ResponseReturnValue:
    user = _staff()
    found = web.paged(queries.newest(), web.page_number(), PER_PAGE, lambda n: url_for("pictures.index", page=n))
    if found is None:
        abort(404)
    rows, paging = found
    status = refusal.status if refusal else 422 if any(form.errors for form in forms) else 200
    pictures = [{"row": row, "edit_url": _address(row) if row.editable_by(user) else None} for row in rows]
    response = web.page("desk/media.html", status, pictures=pictures, paging=paging, forms=forms, taken=taken)
    return with_retry(response, refusal) if refusal else response


def _edit_page(
    media: Media, form: PictureForm, refusal: ForumError | None = None, status: int = 200
) -> ResponseReturnValue:
    response = web.page(
        "desk/picture.html",
        refusal.status if refusal else status,
        picture=media,
        form=form,
        refusal=str(refusal) if refusal else None,
        shown_in=[
            {"headline": article.headline, "edit_url": f"/desk/articles/{article.id}/"}
            for article in db.session.scalars(articles.showing(media).limit(PER_PAGE))
        ],
    )
    return with_retry(response, refusal) if refusal else response
