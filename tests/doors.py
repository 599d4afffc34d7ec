"""Every door of the site: an example of each address in a furnished house, and who is let in. The sweeps walk past all of them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select

from forum import clock, mail
from forum.accounts.first_admin import make_token
from forum.articles.models import AuthorAlias, Kind, Redirect
from forum.articles.operations import author_of
from forum.comments.models import Mode
from forum.corrections.operations import send_in
from forum.extensions import db
from forum.following.operations import confirm_guest
from forum.mail import MailAddress
from forum.media.models import Media
from forum.moderation.operations import hide_comment
from forum.settings import operations as settings
from forum.settings.models import SettingChange
from tests.factories import (
    discussion_of,
    make_article,
    make_comment,
    make_guest,
    make_poll,
    make_section,
    make_user,
)

# What nobody may read who has not the right to it: words, names and addresses of what is held, hidden, removed or not public.
SECRETS = (
    "verstopte woorden",
    "Verstopte Naam",
    "wachtende woorden",
    "Wachtende Naam",
    "weggehaalde woorden",
    "Weggehaalde Naam",
    "Kop van een klad",
    "kop-van-een-klad",
    "Kop van morgen",
    "kop-van-morgen",
    "Vraag van morgen",
    "woorden onder een klad",
    "example.org",  # every account's address
    "geheim.example",  # every guest's
)


def furnish() -> dict[str, Any]:
    """Fill the house with one of everything, and return the names that stand in addresses."""
    now, hour, day = clock.now(), timedelta(hours=1), timedelta(days=1)
    settings.change(articles_per_page=2, comments_per_page=4)
    ed, mo, cas = make_user("ed"), make_user("mo"), make_user("cas")
    for name in ("ann", "adam"):
        make_user(name)
    section = make_section("Recht", description="Over wetten.")
    writer = author_of(ed)
    writer.aliases.append(AuthorAlias(slug="edward", name="Edward"))
    old = [make_article(f"Bericht {number}", "Tekst.", now - number * day, section=section) for number in (3, 2)]
    article = make_article(
        "Neem klanten serieus",
        "Het bericht.\n\n[poll id=1]\n\nEn een die er niet is: [poll id=4040]",
        now - hour,
        section=section,
        tags=["IPv6"],
        standfirst="Een vonnis.",
    )
    poll = make_poll()
    coming = make_poll("Vraag van morgen", day=clock.today() + day)
    guest = make_guest("Bart", email="bart@geheim.example")
    visible = make_comment(article, "Zichtbare woorden.", guest)
    reply = make_comment(article, "Een antwoord.", make_user("ann"), parent=visible)
    hidden = make_comment(article, "verstopte woorden", make_guest("Verstopte Naam"), parent=visible)
    make_comment(article, "Antwoord op wat er niet meer staat.", guest, parent=hidden)
    held = make_comment(
        article, "wachtende woorden https://a.nl https://b.nl https://c.nl", make_guest("Wachtende Naam")
    )
    removed = make_comment(article, "weggehaalde woorden", make_guest("Weggehaalde Naam"))
    make_comment(article, "Laatste woord.", guest, parent=removed)
    make_comment(discussion_of_poll(poll), "Onder een vraag.", guest)
    hide_comment(hidden, mo, "Daarom.")
    removed.removed_at = now
    discussion_of(article).comment_count -= 1
    draft = make_article("Kop van een klad", "Nog niet.", published=False, editor=cas)
    secret = make_article("Ooit", "Nog niet.")
    under_draft = make_comment(secret, "woorden onder een klad", guest)
    secret.published_at, secret.headline, secret.slug = None, "Kop van een klad", "kop-van-een-klad"
    scheduled = make_article("Kop van morgen", "Nog niet.", now + day)
    withdrawn = make_article("Teruggetrokken", "Weg.", withdrawn_at=now)
    page = make_article("Huisregels", "Wees aardig.", kind=Kind.PAGE)
    discussion_of(page).mode = Mode.OPEN.value
    dead_letters = [mail.send("lijst@post.example", "test", "nl", mailing="digest") for _ in range(2)]
    for letter in dead_letters:
        letter.failed_at = now
    picture = Media(name="0" * 24 + ".jpg", width=320, height=200, alt="Een vlak", uploaded_by_id=ed.id, created_at=now)
    db.session.add(picture)
    stranger, suspended = make_user("sam"), make_user("sara")
    suspended.suspended_until = now + 9 * day
    db.session.add(Redirect(path="/sections/oud/", target="/sections/recht/"))
    db.session.commit()
    return {
        "reader": make_user("ann").id,
        "stranger": stranger.id,
        "suspended": suspended.id,
        "article": article.id,
        "slug": article.slug,
        "older": old[0].id,
        "draft": draft.id,
        "secret": secret.id,
        "scheduled": scheduled.id,
        "withdrawn": withdrawn.id,
        "page": page.slug,
        "section": section.slug,
        "section_id": section.id,
        "author_id": writer.id,
        "change": db.session.scalars(select(SettingChange.id)).first(),
        "author": writer.slug,
        "tag": "ipv6",
        "month": f"{now.astimezone(clock.zone()):%Y/%m}",
        "poll": poll.id,
        "choice": poll.choices[0].id,
        "coming": coming.id,
        "discussion": discussion_of(article).id,
        "visible": visible.id,
        "reply": reply.id,
        "held": held.id,
        "hidden": hidden.id,
        "removed": removed.id,
        "under_draft": under_draft.id,
        "dead_letter": dead_letters[0].id,
        "last_letter": dead_letters[1].id,
        "mail_token": db.session.scalar(select(MailAddress.token)),
        "token": make_token(),
        "correction": send_in(article, make_user("ann"), "Het was dinsdag.", wants_thanks=True).id,
        "follower": confirm_guest("bart@geheim.example", visible.guest_key or "", "nl").token,
        "static": current_app.config["STATIC_HASH"],
        "media": "0" * 24 + ".webp",
        "picture": picture.id,
    }


def discussion_of_poll(poll: Any) -> Any:
    from forum.comments.queries import of_poll

    return of_poll(poll.id)


ROLES = ("anonymous", "ann", "cas", "ed", "mo", "adam")


def only(names: str, allowed: int, anonymous: int) -> dict[str, int]:
    """Who is let in: these, with this status; the others that are signed in get 403."""
    return {role: allowed if role in names.split() else anonymous if role == "anonymous" else 403 for role in ROLES}


def everybody(status: int) -> dict[str, int]:
    return dict.fromkeys(ROLES, status)


@dataclass(frozen=True)
class Door:
    """An example of an address, what is sent to it, and the status for each role."""

    address: str
    entry: dict[str, int]
    kept: bool = False  # a public page that may be kept and served again
    form: dict[str, str] | None = None
    is_page: bool = True  # HTML, with masthead and all


SETTINGS = {
    "name": "De Proef",
    "articles_per_page": "5",
    "comments_per_page": "20",
    "latest_comments": "5",
    "discussion_mode": "open",
    "close_after_days": "0",
    "comment_length": "10000",
    "edit_minutes": "10",
    "links_before_hold": "3",
    "hold_first_comments": "0",
}

KEPT = {"entry": everybody(200), "kept": True}
DESK = "cas ed adam"

SIGNED_IN = {**everybody(200), "anonymous": 302}  # to sign in and back
FOR_STRANGERS = {**everybody(302), "anonymous": 200}


def users_get(status: int) -> dict[str, int]:
    """Who is signed in gets this far; who is not is told to sign in."""
    return {**everybody(status), "anonymous": 403}


# By method and by the rule of the URL map: a rule that is not here fails the sweep that compares them.
DOORS: dict[tuple[str, str], Door] = {
    ("GET", "/"): Door("/", **KEPT),
    ("GET", "/page/<id:number>/"): Door("/page/2/", **KEPT),
    ("GET", "/archives/<id:article_id>/<slug>/"): Door("/archives/{article}/{slug}/", **KEPT),
    ("GET", "/archives/<id:article_id>/"): Door("/archives/{article}/", everybody(301)),
    ("GET", "/pages/<slug>/"): Door("/pages/{page}/", **KEPT),
    ("GET", "/sections/<slug>/"): Door("/sections/{section}/", **KEPT),
    ("GET", "/authors/<slug>/"): Door("/authors/{author}/", **KEPT),
    ("GET", "/tags/<slug>/"): Door("/tags/{tag}/", **KEPT),
    ("GET", "/archives/date/<int(fixed_digits=4):year>/<int(fixed_digits=2):month>/"): Door(
        "/archives/date/{month}/", **KEPT
    ),
    ("GET", "/polls/"): Door("/polls/", **KEPT),
    ("GET", "/polls/<id:poll_id>/"): Door("/polls/{poll}/", **KEPT),
    ("POST", "/polls/<id:poll_id>/votes"): Door("/polls/{poll}/votes", everybody(303), form={"choice": "{choice}"}),
    ("GET", "/comments/<id:comment_id>"): Door("/comments/{visible}", everybody(302)),
    ("GET", "/discussions/<id:discussion_id>/comments/new"): Door(
        "/discussions/{discussion}/comments/new?parent={visible}", everybody(200)
    ),
    ("POST", "/discussions/<id:discussion_id>/comments"): Door(
        "/discussions/{discussion}/comments", everybody(303), form={"body": "Een nieuw woord.", "author_name": "Bart"}
    ),
    ("GET", "/discussions/<id:discussion_id>/follow"): Door(
        "/discussions/{discussion}/follow?branch={visible}", everybody(200)
    ),
    ("POST", "/discussions/<id:discussion_id>/follow"): Door(
        "/discussions/{discussion}/follow",
        everybody(200),
        form={"what": "discussion", "pace": "daily", "email": "bart@geheim.example"},
    ),
    ("POST", "/discussions/<id:discussion_id>/unfollow"): Door(
        "/discussions/{discussion}/unfollow", everybody(303), form={}
    ),
    ("GET", "/following/confirm/<proof>"): Door("/following/confirm/nothing", everybody(404)),
    ("POST", "/following/confirm/<proof>"): Door("/following/confirm/nothing", everybody(404), form={}),
    ("GET", "/following/<token>/"): Door("/following/{follower}/", everybody(200)),
    ("POST", "/following/<token>/"): Door("/following/{follower}/", everybody(303), form={"pace": "weekly"}),
    ("GET", "/account/following/"): Door("/account/following/", SIGNED_IN),
    ("POST", "/account/following/"): Door("/account/following/", users_get(303), form={"pace": "weekly"}),
    # Nobody's mute, nobody's notice.
    ("POST", "/account/following/mutes/<id:mute_id>/end"): Door(
        "/account/following/mutes/4040/end", users_get(404), form={}
    ),
    ("GET", "/account/inbox/"): Door("/account/inbox/", SIGNED_IN),
    ("POST", "/account/inbox/"): Door("/account/inbox/", users_get(303), form={}),
    ("POST", "/account/inbox/<id:notice_id>"): Door("/account/inbox/4040", users_get(404), form={}),
    ("GET", "/articles/<id:article_id>/corrections/new"): Door("/articles/{article}/corrections/new", everybody(200)),
    ("POST", "/articles/<id:article_id>/corrections"): Door(
        "/articles/{article}/corrections", everybody(200), form={"body": "Het was dinsdag."}
    ),
    ("GET", "/corrections/confirm/<proof>"): Door("/corrections/confirm/nothing", everybody(404)),
    ("POST", "/corrections/confirm/<proof>"): Door("/corrections/confirm/nothing", everybody(404), form={}),
    ("GET", "/account/corrections/"): Door("/account/corrections/", SIGNED_IN),
    ("POST", "/account/corrections/"): Door("/account/corrections/", users_get(303), form={}),
    ("GET", "/desk/corrections/"): Door("/desk/corrections/", only("ed adam", 200, 302)),
    ("GET", "/desk/corrections/<id:correction_id>/"): Door(
        "/desk/corrections/{correction}/", only("ed adam", 200, 302)
    ),
    ("POST", "/desk/corrections/<id:correction_id>/"): Door(
        "/desk/corrections/{correction}/",
        only("ed adam", 303, 403),
        form={"outcome": "corrected", "note": "Verbeterd."},
    ),
    ("GET", "/comments/<id:comment_id>/more"): Door("/comments/{visible}/more", everybody(200)),
    ("POST", "/comments/<id:comment_id>/value"): Door("/comments/{visible}/value", users_get(303), form={}),
    ("POST", "/comments/<id:comment_id>/mute"): Door("/comments/{visible}/mute", users_get(303), form={}),
    ("POST", "/comments/<id:comment_id>/highlight"): Door(
        "/comments/{visible}/highlight", only("ed adam", 303, 403), form={"reason": "Van binnenuit."}
    ),
    ("GET", "/discussions/<id:discussion_id>/summary"): Door(
        "/discussions/{discussion}/summary", only("ed adam", 200, 302)
    ),
    ("POST", "/discussions/<id:discussion_id>/summary"): Door(
        "/discussions/{discussion}/summary", only("ed adam", 303, 403), form={"body": "Men is het eens."}
    ),
    ("GET", "/readers/<path:name>/"): Door("/readers/Ann/", **KEPT),
    ("GET", "/account/about"): Door("/account/about", SIGNED_IN),
    # Without its token: tests/comments/test_readers.py walks through with it.
    ("POST", "/account/about"): Door("/account/about", users_get(422), form={}),
    # A comment of ann's: for others it is not there.
    ("GET", "/comments/<id:comment_id>/edit"): Door("/comments/{reply}/edit", {**everybody(404), "ann": 200}),
    ("POST", "/comments/<id:comment_id>/edit"): Door(
        "/comments/{reply}/edit", {**everybody(404), "ann": 303}, form={"body": "Een beter antwoord."}
    ),
    ("POST", "/comments/<id:comment_id>/remove"): Door(
        "/comments/{reply}/remove", {**everybody(404), "ann": 303}, form={}
    ),
    ("POST", "/discussions/<id:discussion_id>/draft"): Door(
        "/discussions/{discussion}/draft", users_get(204), form={"body": "Nog niet af"}, is_page=False
    ),
    ("POST", "/discussions/<id:discussion_id>/seen"): Door("/discussions/{discussion}/seen", users_get(303), form={}),
    ("GET", "/discussions/<id:discussion_id>/news"): Door(
        "/discussions/{discussion}/news", everybody(200), is_page=False
    ),
    ("GET", "/desk/discussions/<id:discussion_id>/"): Door(
        "/desk/discussions/{discussion}/", only("ed adam", 200, 302)
    ),
    ("POST", "/desk/discussions/<id:discussion_id>/"): Door(
        "/desk/discussions/{discussion}/", only("ed adam", 303, 403), form={"mode": "members"}
    ),
    ("GET", "/desk/experts/"): Door("/desk/experts/", only("ed adam", 200, 302)),
    ("POST", "/desk/experts/"): Door(
        "/desk/experts/", only("ed adam", 303, 403), form={"name": "Ann", "line": "Netwerkbeheerder"}
    ),
    ("POST", "/language"): Door("/language", everybody(303), form={"language": "en", "back": "/polls/"}),
    ("GET", "/account/login"): Door("/account/login", {**everybody(302), "anonymous": 200}),
    # Without its token: tests/accounts/test_views.py walks through with it.
    ("POST", "/account/login"): Door("/account/login", everybody(400), form={"email": "nobody"}),
    ("POST", "/account/logout"): Door("/account/logout", everybody(302), form={}),
    ("GET", "/account/"): Door("/account/", {**everybody(200), "anonymous": 302}),
    ("GET", "/account/sessions/"): Door("/account/sessions/", SIGNED_IN),
    # Nobody's session.
    ("POST", "/account/sessions/<id:session_id>/end"): Door("/account/sessions/4040/end", users_get(404), form={}),
    ("POST", "/account/sessions/end"): Door("/account/sessions/end", users_get(303), form={}),
    ("GET", "/account/leave"): Door("/account/leave", SIGNED_IN),
    ("POST", "/account/leave"): Door("/account/leave", users_get(422), form={}),
    ("GET", "/account/earlier"): Door("/account/earlier", SIGNED_IN),
    ("POST", "/account/earlier"): Door("/account/earlier", users_get(422), form={}),
    # Nobody's letter.
    ("GET", "/account/earlier/<token>"): Door("/account/earlier/nothing", {**everybody(404), "anonymous": 302}),
    ("POST", "/account/earlier/<token>"): Door("/account/earlier/nothing", users_get(404), form={}),
    # Flask-Security's. Their forms carry a token: tests/accounts walks through them.
    ("GET", "/account/register"): Door("/account/register", FOR_STRANGERS),
    ("POST", "/account/register"): Door("/account/register", {**everybody(302), "anonymous": 400}, form={}),
    ("GET", "/account/confirm"): Door("/account/confirm", everybody(200)),
    ("POST", "/account/confirm"): Door("/account/confirm", everybody(400), form={}),
    ("GET", "/account/confirm/<token>"): Door("/account/confirm/nothing", everybody(200)),
    ("POST", "/account/confirm/<token>"): Door("/account/confirm/nothing", everybody(302), form={}),
    ("GET", "/account/reset"): Door("/account/reset", everybody(200)),
    ("POST", "/account/reset"): Door("/account/reset", everybody(400), form={}),
    ("GET", "/account/reset/<token>"): Door("/account/reset/nothing", everybody(302)),
    ("POST", "/account/reset/<token>"): Door("/account/reset/nothing", everybody(400), form={}),
    ("GET", "/account/password"): Door("/account/password", SIGNED_IN),
    ("POST", "/account/password"): Door("/account/password", users_get(400), form={}),
    ("GET", "/account/email"): Door("/account/email", SIGNED_IN),
    ("POST", "/account/email"): Door("/account/email", users_get(400), form={}),
    ("GET", "/account/email/<token>"): Door("/account/email/nothing", everybody(200)),
    ("POST", "/account/email/<token>"): Door("/account/email/nothing", everybody(302), form={}),
    ("GET", "/account/verify"): Door("/account/verify", SIGNED_IN),
    ("POST", "/account/verify"): Door("/account/verify", users_get(400), form={}),
    ("GET", "/account/codes"): Door("/account/codes", SIGNED_IN),
    ("POST", "/account/codes"): Door("/account/codes", users_get(400), form={}),
    ("POST", "/account/codes/<token>"): Door("/account/codes/nothing", users_get(400), form={}),
    # Only between the password and the second step.
    ("GET", "/account/code"): Door("/account/code", everybody(302)),
    ("POST", "/account/code"): Door("/account/code", {**everybody(302), "anonymous": 400}, form={}),
    ("GET", "/account/code-lost"): Door("/account/code-lost", everybody(302)),
    ("POST", "/account/code-lost"): Door("/account/code-lost", everybody(302), form={}),
    ("GET", "/account/second-step"): Door("/account/second-step", everybody(302)),
    ("POST", "/account/second-step"): Door("/account/second-step", everybody(400), form={}),
    ("GET", "/account/recovery"): Door("/account/recovery", everybody(302)),
    ("POST", "/account/recovery"): Door("/account/recovery", {**everybody(302), "anonymous": 400}, form={}),
    ("GET", "/account/recovery-codes"): Door("/account/recovery-codes", SIGNED_IN),
    ("POST", "/account/recovery-codes"): Door("/account/recovery-codes", users_get(400), form={}),
    ("GET", "/account/passkeys"): Door("/account/passkeys", SIGNED_IN),
    ("POST", "/account/passkeys"): Door("/account/passkeys", users_get(400), form={}),
    ("POST", "/account/passkeys/<token>"): Door("/account/passkeys/nothing", users_get(400), form={}),
    ("GET", "/account/passkeys-delete"): Door("/account/passkeys-delete", everybody(302)),
    ("POST", "/account/passkeys-delete"): Door("/account/passkeys-delete", users_get(400), form={}),
    ("GET", "/account/passkey"): Door("/account/passkey", FOR_STRANGERS),
    ("POST", "/account/passkey"): Door("/account/passkey", {**everybody(302), "anonymous": 400}, form={}),
    ("POST", "/account/passkey/<token>"): Door("/account/passkey/nothing", everybody(400), form={}),
    ("GET", "/account/verify-passkey"): Door("/account/verify-passkey", SIGNED_IN),
    ("POST", "/account/verify-passkey"): Door("/account/verify-passkey", users_get(400), form={}),
    ("POST", "/account/verify-passkey/<token>"): Door("/account/verify-passkey/nothing", users_get(400), form={}),
    # There is an admin: the link that makes the first one is dead.
    ("GET", "/account/first-admin/<token>"): Door("/account/first-admin/{token}", everybody(404)),
    ("POST", "/account/first-admin/<token>"): Door("/account/first-admin/{token}", everybody(404), form={}),
    ("GET", "/desk/"): Door("/desk/", only(DESK, 200, 302)),
    ("GET", "/desk/articles/new"): Door("/desk/articles/new", only(DESK, 200, 302)),
    ("POST", "/desk/articles/new"): Door(
        "/desk/articles/new", only(DESK, 303, 403), form={"headline": "Nieuw", "body": "Tekst."}
    ),
    ("GET", "/desk/articles/<id:article_id>/"): Door("/desk/articles/{article}/", only("ed adam", 200, 302)),
    ("POST", "/desk/articles/<id:article_id>/"): Door(
        "/desk/articles/{article}/",
        only("ed adam", 303, 403),
        form={"headline": "Anders", "body": "Anders.", "based_on": "1"},
    ),
    ("POST", "/desk/articles/<id:article_id>/publish"): Door(
        "/desk/articles/{article}/publish", only("ed adam", 303, 403), form={}
    ),
    ("GET", "/desk/media/"): Door("/desk/media/", only(DESK, 200, 302)),
    # Without a picture: tests/media/test_desk.py sends some.
    ("POST", "/desk/media/"): Door("/desk/media/", only(DESK, 422, 403), form={}),
    ("GET", "/desk/media/<id:media_id>/"): Door("/desk/media/{picture}/", only("ed adam", 200, 302)),
    ("POST", "/desk/media/<id:media_id>/"): Door(
        "/desk/media/{picture}/", only("ed adam", 303, 403), form={"alt": "Anders", "focus_x": "20", "focus_y": "80"}
    ),
    ("POST", "/desk/media/<id:media_id>/remove"): Door(
        "/desk/media/{picture}/remove", only("ed adam", 303, 403), form={}
    ),
    ("POST", "/desk/articles/<id:article_id>/withdraw"): Door(
        "/desk/articles/{article}/withdraw", only("ed adam", 303, 403), form={}
    ),
    ("GET", "/desk/styleguide/"): Door("/desk/styleguide/", only(f"{DESK} mo", 200, 302)),
    ("GET", "/moderation/"): Door("/moderation/", only("mo adam", 200, 302)),
    ("GET", "/moderation/log/"): Door("/moderation/log/", only("mo adam", 200, 302)),
    ("GET", "/moderation/comments/<id:comment_id>/hide"): Door(
        "/moderation/comments/{visible}/hide", only("mo adam", 200, 302)
    ),
    ("POST", "/moderation/comments/<id:comment_id>/hide"): Door(
        "/moderation/comments/{visible}/hide", only("mo adam", 303, 403), form={"reason": "spam"}
    ),
    ("POST", "/moderation/comments/<id:comment_id>/restore"): Door(
        "/moderation/comments/{hidden}/restore", only("mo adam", 303, 403), form={}
    ),
    ("POST", "/moderation/comments/<id:comment_id>/approve"): Door(
        "/moderation/comments/{held}/approve", only("mo adam", 303, 403), form={}
    ),
    ("GET", "/moderation/people/"): Door("/moderation/people/", only("mo adam", 200, 302)),
    ("GET", "/moderation/people/<id:user_id>/"): Door("/moderation/people/{reader}/", only("mo adam", 200, 302)),
    ("POST", "/moderation/people/<id:user_id>/suspend"): Door(
        "/moderation/people/{stranger}/suspend",
        only("mo adam", 303, 403),
        form={"until": "2099-01-01", "reason": "Dreigt."},
    ),
    ("POST", "/moderation/people/<id:user_id>/reinstate"): Door(
        "/moderation/people/{suspended}/reinstate", only("mo adam", 303, 403), form={}
    ),
    ("GET", "/desk/settings/"): Door("/desk/settings/", only("adam", 200, 302)),
    ("POST", "/desk/settings/"): Door("/desk/settings/", only("adam", 303, 403), form=SETTINGS),
    ("GET", "/desk/setup/"): Door("/desk/setup/", only("adam", 200, 302)),
    ("POST", "/desk/setup/"): Door(
        "/desk/setup/",
        only("adam", 303, 403),
        form={"name": "De Proef", "imprint": "Proef BV", "contact": "redactie@proef.example"},
    ),
    # Without a picture: tests/settings/test_desk.py sends one.
    ("POST", "/desk/settings/logo"): Door("/desk/settings/logo", only("adam", 422, 403), form={}),
    ("GET", "/desk/settings/log/"): Door("/desk/settings/log/", only("adam", 200, 302)),
    ("POST", "/desk/settings/log/<id:change_id>/take-back"): Door(
        "/desk/settings/log/{change}/take-back", only("adam", 303, 403), form={}
    ),
    ("GET", "/desk/settings/sections/"): Door("/desk/settings/sections/", only("adam", 200, 302)),
    ("POST", "/desk/settings/sections/"): Door(
        "/desk/settings/sections/", only("adam", 303, 403), form={"name": "Techniek", "position": "2"}
    ),
    ("GET", "/desk/settings/sections/<id:section_id>/"): Door(
        "/desk/settings/sections/{section_id}/", only("adam", 200, 302)
    ),
    ("POST", "/desk/settings/sections/<id:section_id>/"): Door(
        "/desk/settings/sections/{section_id}/", only("adam", 303, 403), form={"name": "Recht", "position": "1"}
    ),
    ("GET", "/desk/settings/pages/"): Door("/desk/settings/pages/", only("adam", 200, 302)),
    ("POST", "/desk/settings/pages/"): Door(
        "/desk/settings/pages/", only("adam", 303, 403), form={"headline": "Over ons"}
    ),
    ("GET", "/desk/settings/authors/"): Door("/desk/settings/authors/", only("adam", 200, 302)),
    ("GET", "/desk/settings/authors/<id:author_id>/"): Door(
        "/desk/settings/authors/{author_id}/", only("adam", 200, 302)
    ),
    ("POST", "/desk/settings/authors/<id:author_id>/"): Door(
        "/desk/settings/authors/{author_id}/",
        only("adam", 303, 403),
        form={"name": "Ed", "kind": "person", "merge_into": "0"},
    ),
    ("GET", "/static/<version>/css/main-<accent>.css"): Door(
        "/static/{static}/css/main-14459b.css", everybody(200), is_page=False
    ),
    ("GET", "/desk/jobs/"): Door("/desk/jobs/", only("adam", 200, 302)),
    ("POST", "/desk/jobs/<id:job_id>/retry"): Door("/desk/jobs/{dead_letter}/retry", only("adam", 303, 403), form={}),
    ("POST", "/desk/jobs/<id:job_id>/drop"): Door("/desk/jobs/{last_letter}/drop", only("adam", 303, 403), form={}),
    ("GET", "/mail/lists/<mailing>/<token>"): Door("/mail/lists/digest/{mail_token}", everybody(200)),
    ("POST", "/mail/lists/<mailing>/<token>"): Door("/mail/lists/digest/{mail_token}", everybody(303), form={}),
    # The tests' mail stays in memory: tests/test_backstage.py reads the folder's.
    ("GET", "/dev/mail"): Door("/dev/mail", everybody(404)),
    ("GET", "/dev/mail/<name>"): Door("/dev/mail/0a.0b", everybody(404)),
    ("GET", "/healthz"): Door("/healthz", everybody(200), is_page=False),
    ("GET", "/readyz"): Door("/readyz", everybody(200), is_page=False),
    ("GET", "/favicon.ico"): Door("/favicon.ico", everybody(200), is_page=False),
    ("GET", "/robots.txt"): Door("/robots.txt", everybody(200), is_page=False),
    ("GET", "/static/<version>/<path:name>"): Door("/static/{static}/css/main.css", everybody(200), is_page=False),
    ("GET", "/media/<name>"): Door("/media/{media}", everybody(404), is_page=False),
}
GETS = {rule: door for (method, rule), door in DOORS.items() if method == "GET"}
POSTS = {rule: door for (method, rule), door in DOORS.items() if method == "POST"}
KEPT_PAGES = {rule: door for rule, door in GETS.items() if door.kept}


def knock(browser: Any, house: dict[str, Any], method: str, door: Door, **more: Any) -> Any:
    """Go to a door with what belongs to it and return the answer."""
    form = None if door.form is None else {name: value.format(**house) for name, value in door.form.items()}
    if method in {"GET", "HEAD", "OPTIONS"}:
        form = None
    return browser.open(door.address.format(**house), method=method, data=form, buffered=True, **more)


def routes(app: Any) -> set[tuple[str, str]]:
    """Return every method and rule of the URL map but those that come by themselves."""
    return {(method, rule.rule) for rule in app.url_map.iter_rules() for method in rule.methods - {"HEAD", "OPTIONS"}}
