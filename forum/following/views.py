"""Following under a discussion, the inbox of a member, and what somebody follows: a member's by account, a guest's by a secret link."""

from functools import cached_property
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from itsdangerous import BadData, URLSafeTimedSerializer

from forum import limits, mail, text, web
from forum.accounts import mutes, policy
from forum.accounts.models import Guest, User
from forum.comments import queries as comments
from forum.comments.models import Comment, Discussion, guest_key
from forum.comments.reading import subject_of
from forum.corrections import queries as corrections
from forum.corrections.operations import see as see_corrections
from forum.errors import ForumError, with_retry
from forum.extensions import db, may_write
from forum.following import operations, queries
from forum.following.forms import FollowForm, PaceForm
from forum.following.models import Follower, Notice, Pace, Reason

bp = Blueprint("following", __name__)

PER_PAGE = 30
EXCERPT = 200
CONFIRM_WITHIN = 2 * 24 * 3600  # seconds


class Inbox:
    """What the head of every page says of a member's inbox; asked when a template names it."""

    @cached_property
    def count(self) -> int:
        """Return how much was not read yet."""
        who = web.viewer()
        if who is None or who.user is None:
            return 0
        return queries.unseen_count(who.user) + corrections.unseen_count(who.user)


@bp.after_request
def _keep_nowhere(response: Response) -> Response:
    if request.path.startswith(("/account/", "/following/")):
        response.headers["Cache-Control"] = "private, no-store"
    return response


# Under a discussion


@bp.get("/discussions/<id:discussion_id>/follow")
def show(discussion_id: int) -> ResponseReturnValue:
    """Ask what somebody wants to be told of here, and say what they follow already."""
    discussion = _public(discussion_id)
    top = _top(discussion, request.args.get("branch", ""))
    form = FollowForm(formdata=None)
    form.what.data = "branch" if top is not None else "discussion"
    follower = _follower_here()
    if follower is not None:
        form.pace.data = queries.pace_of(follower).value
    return _follow_page(discussion, top, form)


@bp.post("/discussions/<id:discussion_id>/follow")
def create(discussion_id: int) -> ResponseReturnValue:
    """Follow; a guest's address first gets a letter, unless this browser confirmed it before."""
    discussion = _public(discussion_id)
    top = _top(discussion, request.form.get("branch", ""))
    form = FollowForm()
    if not form.validate():
        may_write.set(False)
        return _follow_page(discussion, top, form, status=422)
    who = web.author()
    try:
        sentence = _follow(who, discussion, top, form)
        db.session.commit()
    except Exception as error:  # no address, too many letters, database locked: the form says so
        return _follow_page(discussion, top, form, web.refused(error))
    where = f"/comments/{top.id}" if top is not None else f"{subject_of(discussion).url}#discussion"
    page = web.page("following/done.html", title=gettext("Following"), sentence=sentence, back_url=where)
    return web.remember_guest(page, who)


@bp.post("/discussions/<id:discussion_id>/unfollow")
def remove(discussion_id: int) -> ResponseReturnValue:
    """Follow this discussion, or this branch of it, no more."""
    discussion = db.get_or_404(Discussion, discussion_id)
    follower = _follower_here()
    raw = request.form.get("branch", "")
    known = queries.follow_of(follower, discussion.id, int(raw) if _is_number(raw) else None) if follower else None
    if follower is not None and known is not None:
        operations.unfollow(follower, known.id)
        db.session.commit()
    branch = f"?branch={raw}" if _is_number(raw) else ""
    return make_response(redirect(f"/discussions/{discussion.id}/follow{branch}", 303))


def _follow(who: User | Guest, discussion: Discussion, top: Comment | None, form: FollowForm) -> str:
    """Follow as the form asks and return what became of it, in a sentence."""
    what, pace = form.what.data, Pace(form.pace.data)
    if what == "branch" and top is None:
        what = "discussion"
    if isinstance(who, Guest):
        address = (form.email.data or "").strip().lower()
        if not address:
            raise _NoAddress()
        key = guest_key(who.token)
        if queries.of_guest(mail.plain_address(address), key) is None:
            return _ask(address, key, discussion, top if what == "branch" else None, what, pace)
        follower = operations.confirm_guest(address, key, web.language())
    else:
        follower = operations.follower_of(who, web.language())
    _take_up(follower, discussion, top if what == "branch" else None, what, pace)
    return gettext("You will be told. Under “What you follow” you can change it.")


def _take_up(follower: Follower, discussion: Discussion, top: Comment | None, what: str, pace: Pace) -> None:
    if what != "replies":
        operations.follow(follower, discussion, top)
    wants_replies = follower.wants_replies or what == "replies"
    operations.choose(follower, pace, wants_replies, web.language())


def _ask(address: str, key: str, discussion: Discussion, top: Comment | None, what: str, pace: Pace) -> str:
    """Send the letter with which a guest confirms; until then nothing is kept of what they asked but that letter."""
    limits.take("letter from address", web.client_block())
    limits.take("letter", address)
    asked = {
        "address": address,
        "key": key,
        "discussion": discussion.id,
        "top": top.id if top else None,
        "what": what,
        "pace": pace.value,
    }
    proof = _signer().dumps(asked)
    title = subject_of(discussion).title
    mail.send(
        address, "confirm-following", web.language(), links={"action": f"/following/confirm/{proof}"}, title=title
    )
    return gettext("We sent you a letter. Press the button behind its link, and you will be told.")


class _NoAddress(ForumError):
    status = 422

    def __str__(self) -> str:
        return gettext("Give an address to write to, or sign in.")


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="follow")


@bp.get("/following/confirm/<proof>")
def ask_confirmation(proof: str) -> ResponseReturnValue:
    """Show the button: programs that look for harm follow links."""
    asked = _asked(proof)
    return web.page("following/confirm.html", title=subject_of(_public(asked["discussion"])).title, url=request.path)


@bp.post("/following/confirm/<proof>")
def confirm(proof: str) -> ResponseReturnValue:
    """Take an address as its owner's, and what they asked for as asked."""
    asked = _asked(proof)
    discussion = _public(asked["discussion"])
    top = db.session.get(Comment, asked["top"]) if asked["top"] else None
    follower = operations.confirm_guest(asked["address"], asked["key"], web.language())
    _take_up(follower, discussion, top, asked["what"], Pace(asked["pace"]))
    db.session.commit()
    return make_response(redirect(f"/following/{follower.token}/", 303))


def _asked(proof: str) -> dict[str, Any]:
    try:
        return _signer().loads(proof, max_age=CONFIRM_WITHIN)  # type: ignore[no-any-return]
    except BadData:
        abort(404)


def _public(discussion_id: object) -> Discussion:
    discussion = db.get_or_404(Discussion, discussion_id)
    if not comments.subject_is_public(discussion):
        abort(404)
    return discussion


def _top(discussion: Discussion, raw: str) -> Comment | None:
    comment = db.session.get(Comment, int(raw)) if _is_number(raw) else None
    return comment if comment is not None and comment.discussion_id == discussion.id and comment.is_visible else None


def _is_number(raw: str) -> bool:
    return raw.isdecimal() and len(raw) < 10


def _follower_here() -> Follower | None:
    user = web.actor()
    return queries.of_user(user) if user is not None else None


def _follow_page(
    discussion: Discussion,
    top: Comment | None,
    form: FollowForm,
    refusal: ForumError | None = None,
    status: int | None = None,
) -> ResponseReturnValue:
    about = subject_of(discussion)
    form.what.choices = [choice for choice in form.what.choices if top is not None or choice[0] != "branch"]
    follower = _follower_here()
    followed = queries.follow_of(follower, discussion.id, top.id if top else None) if follower else None
    response = web.page(
        "following/show.html",
        status or (refusal.status if refusal else 200),
        title=about.title,
        url=about.url,
        top={"id": top.id, "author_name": comments.names_of({top.id}).get(top.id, ""), "url": f"/comments/{top.id}"}
        if top
        else None,
        form=form,
        refusal=str(refusal) if refusal else None,
        post_url=f"/discussions/{discussion.id}/follow",
        unfollow_url=f"/discussions/{discussion.id}/unfollow" if followed else None,
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return with_retry(response, refusal) if refusal else response


# What somebody follows


@bp.get("/account/following/")
def mine(form: PaceForm | None = None) -> ResponseReturnValue:
    """What a member follows, how often letters come, and whom they muted."""
    user = web.require_user()
    return _following_page(queries.of_user(user), form, "/account/following/", mutes.of(user))


@bp.post("/account/following/")
def change_mine() -> ResponseReturnValue:
    """Change how often letters come, or follow something no more."""
    user = web.require_user()
    return _change(operations.follower_of(user, web.language()), "/account/following/", mutes.of(user))


@bp.post("/account/following/mutes/<id:mute_id>/end")
def unmute(mute_id: int) -> ResponseReturnValue:
    """Fold somebody's comments no more."""
    if not mutes.unmute(web.require_user(), mute_id):
        abort(404)
    db.session.commit()
    return make_response(redirect("/account/following/", 303))


@bp.get("/following/<token>/")
def of_guest(token: str) -> ResponseReturnValue:
    """What a guest follows, by the link in their letters."""
    return _following_page(_guest(token), None, f"/following/{token}/")


@bp.post("/following/<token>/")
def change_of_guest(token: str) -> ResponseReturnValue:
    """Change how often a guest's letters come, follow something no more, or forget the address."""
    follower = _guest(token)
    if request.form.get("forget"):
        operations.forget(follower)
        db.session.commit()
        sentence = gettext("Your address is forgotten. You get no more letters about comments.")
        return web.page("following/done.html", title=gettext("Following"), sentence=sentence, back_url="/")
    return _change(follower, f"/following/{token}/")


def _guest(token: str) -> Follower:
    return queries.of_token(token) or abort(404)


def _change(follower: Follower, url: str, muted: object = ()) -> ResponseReturnValue:
    stop = request.form.get("stop", "")
    if _is_number(stop):
        operations.unfollow(follower, int(stop))
    else:
        form = PaceForm()
        if not form.validate():
            db.session.rollback()
            may_write.set(False)
            return _following_page(follower, form, url, muted, status=422)
        operations.choose(follower, Pace(form.pace.data), bool(form.wants_replies.data), web.language())
        flash(gettext("Saved."), "success")
    db.session.commit()
    return make_response(redirect(url, 303))


def _following_page(
    follower: Follower | None, form: PaceForm | None, url: str, muted: object = (), status: int = 200
) -> ResponseReturnValue:
    if form is None:
        form = PaceForm(formdata=None)
        form.pace.data = (queries.pace_of(follower) if follower is not None else _first_pace()).value
        form.wants_replies.data = follower.wants_replies if follower is not None else True
    rows = queries.follows(follower) if follower is not None else []
    names = comments.names_of({row.top_id for row in rows if row.top_id is not None})
    followed = [
        {
            "id": row.id,
            "title": subject_of(row.discussion).title,
            "url": f"/comments/{row.top_id}" if row.top_id else subject_of(row.discussion).url,
            "branch_of": names.get(row.top_id, "") if row.top_id else None,
        }
        for row in rows
        if comments.subject_is_public(row.discussion)
    ]
    is_member = web.actor() is not None and url.startswith("/account/")
    return web.page("following/index.html", status, form=form, rows=followed, url=url, muted=muted, is_member=is_member)


def _first_pace() -> Pace:
    user = web.actor()
    return Pace.HOURLY if policy.may_write(user) or policy.may_moderate(user) else Pace.NEVER


# The inbox


@bp.get("/account/inbox/")
def inbox() -> ResponseReturnValue:
    """What a member is told of, the newest first."""
    user = web.require_user()
    follower = queries.of_user(user)
    settled = db.session.scalars(corrections.unseen(user)).all()
    if follower is None:
        return web.page("following/inbox.html", rows=[], settled=settled, paging=web.Paging(1, None, None))
    found = web.paged(
        queries.notices(follower), web.page_number(), PER_PAGE, lambda number: f"/account/inbox/?page={number}"
    )
    if found is None:
        abort(404)
    rows, paging = found
    names = comments.names_of({notice.comment_id for notice in rows})
    told = [_inbox_row(notice, names) for notice in rows]
    return web.page("following/inbox.html", rows=told, settled=settled, paging=paging)


def _inbox_row(notice: Notice, names: dict[int, str]) -> dict[str, object]:
    is_held = notice.reason == Reason.HELD.value
    comment = notice.comment
    return {
        "url": f"/account/inbox/{notice.id}",
        "is_new": notice.seen_at is None,
        "reason": notice.reason,
        "author_name": comment.author_name if is_held else names.get(comment.id, comment.author_name),
        "title": subject_of(comment.discussion).title,
        "excerpt": text.excerpt(comment.body_html, EXCERPT),
        "told_at": notice.told_at,
    }


@bp.post("/account/inbox/<id:notice_id>")
def read(notice_id: int) -> ResponseReturnValue:
    """Note that a notice was read, and lead to its comment."""
    follower = queries.of_user(web.require_user())
    notice = db.session.get(Notice, notice_id)
    if follower is None or notice is None or notice.follower_id != follower.id:
        abort(404)
    operations.see(follower, notice)
    where = "/moderation/" if notice.reason == Reason.HELD.value else f"/comments/{notice.comment_id}"
    db.session.commit()
    return make_response(redirect(where, 303))


@bp.post("/account/inbox/")
def read_all() -> ResponseReturnValue:
    """Note that everything was read."""
    user = web.require_user()
    follower = queries.of_user(user)
    if follower is not None:
        operations.see(follower)
    see_corrections(user)
    db.session.commit()
    return make_response(redirect("/account/inbox/", 303))
