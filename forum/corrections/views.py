"""Under an article: saying that something in it is wrong, and confirming the address for the answer."""

import secrets

from flask import Blueprint, abort, current_app, make_response, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from itsdangerous import BadData, URLSafeTimedSerializer

from forum import clock, limits, mail, web
from forum.accounts.models import Guest
from forum.articles.models import Article, Kind
from forum.corrections import operations, queries
from forum.corrections.forms import CorrectionForm
from forum.corrections.models import Correction
from forum.errors import ForumError, with_retry
from forum.extensions import db, may_write

bp = Blueprint("corrections", __name__)

CONFIRM_WITHIN = 14 * 24 * 3600  # seconds


def marked(article_id: int) -> list[dict[str, object]]:
    """Return what was put right in an article as its page shows it: note, moment, and the name of who is thanked or ""."""
    return [
        {"note": row.note, "at": row.settled_at, "thanks": row.sender_name if row.wants_thanks else ""}
        for row in queries.at_article(article_id)
    ]


@bp.get("/articles/<id:article_id>/corrections/new")
def new(article_id: int) -> ResponseReturnValue:
    """The form."""
    form = CorrectionForm(formdata=None)
    form.key.data = secrets.token_hex(16)
    return _form_page(_article(article_id), form)


@bp.post("/articles/<id:article_id>/corrections")
def create(article_id: int) -> ResponseReturnValue:
    """Send it to the desk; what cannot be taken comes back with every word in the form."""
    form = CorrectionForm()
    article = _article(article_id)
    if not form.validate():
        may_write.set(False)
        return _form_page(article, form, status=422)
    who = web.author(form.author_name.data or "", (form.author_email.data or "").strip().lower() or None)
    try:
        limits.take("correction from address", web.client_block())
        key, trap = (form.key.data or "")[:64], form.website.data or ""
        thanks = bool(form.wants_thanks.data)
        correction = operations.send_in(article, who, form.body.data or "", wants_thanks=thanks, key=key, trap=trap)
        if isinstance(who, Guest):
            _ask_confirmation(correction)
        db.session.commit()
    except Exception as error:  # empty, too fast, database locked: the words go back to their writer
        return _form_page(article, form, web.refused(error))
    if isinstance(who, Guest) and correction.address and not correction.is_doubtful:
        sentence = gettext(
            "Thank you: the editors have it. Press the button in the letter that we sent, and you hear what became of it."
        )
    elif isinstance(who, Guest):
        sentence = gettext("Thank you: the editors have it.")
    else:
        sentence = gettext("Thank you: the editors have it. You hear what becomes of it in your inbox and by mail.")
    return web.page("following/done.html", title=gettext("Seen a fault?"), sentence=sentence, back_url=article.url)


def _ask_confirmation(correction: Correction) -> None:
    if not correction.address or correction.is_doubtful or correction.confirmed_at:
        return
    limits.take("letter", correction.address)
    links = {"action": f"/corrections/confirm/{_signer().dumps(correction.id)}"}
    key = f"correction confirm {correction.id}"
    title = correction.article.headline
    mail.send(correction.address, "confirm-correction", web.language(), links=links, key=key, title=title)


@bp.get("/corrections/confirm/<proof>")
def ask_confirmation(proof: str) -> ResponseReturnValue:
    """Show the button: programs that look for harm follow links."""
    correction = _proved(proof)
    return web.page("corrections/confirm.html", title=correction.article.headline, url=f"/corrections/confirm/{proof}")


@bp.post("/corrections/confirm/<proof>")
def confirm(proof: str) -> ResponseReturnValue:
    """Take the address as its owner's."""
    correction = _proved(proof)
    operations.confirm(correction)
    db.session.commit()
    sentence = gettext("You hear what becomes of it. Your address is used for that only.")
    back = correction.article.url
    return web.page("following/done.html", title=gettext("Seen a fault?"), sentence=sentence, back_url=back)


def _proved(proof: str) -> Correction:
    try:
        number = _signer().loads(proof, max_age=CONFIRM_WITHIN)
    except BadData:
        abort(404)
    return db.get_or_404(Correction, number)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="correction")


@bp.get("/account/corrections/")
def mine() -> ResponseReturnValue:
    """What a member sent in, and what became of it."""
    rows = db.session.scalars(queries.of_user(web.require_user()).limit(100)).all()
    response = web.page("corrections/mine.html", rows=rows)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.post("/account/corrections/")
def see() -> ResponseReturnValue:
    """Note that a member read it, and show it."""
    operations.see(web.require_user())
    db.session.commit()
    return make_response(redirect("/account/corrections/", 303))


def _article(article_id: int) -> Article:
    article = db.get_or_404(Article, article_id)
    if article.kind != Kind.ARTICLE.value or not article.is_published(clock.now()):
        abort(404)
    return article


def _form_page(
    article: Article, form: CorrectionForm, refusal: ForumError | None = None, status: int | None = None
) -> ResponseReturnValue:
    response = web.page(
        "corrections/new.html",
        status or (refusal.status if refusal else 200),
        title=article.headline,
        url=article.url,
        form=form,
        post_url=f"/articles/{article.id}/corrections",
        refusal=str(refusal) if refusal else None,
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return with_retry(response, refusal) if refusal else response
