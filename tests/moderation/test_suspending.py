"""A moderator suspends somebody until a day, with a reason, and lets them in again; it is told, and it stands in the log."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum import clock
from forum.accounts.models import User
from forum.accounts.operations import InvalidAccount
from forum.errors import AlreadyDone, NotAllowed, ReasonNeeded
from forum.extensions import db
from forum.moderation.models import ModerationAction
from forum.moderation.operations import reinstate_user, suspend_user
from tests.accounts.pages import is_signed_in, letters, text_of
from tests.accounts.pages import sign_in as try_to_sign_in
from tests.conftest import Visitor
from tests.factories import make_article, make_comment, make_user, sign_in

WEEK = timedelta(days=7)


def later(client, app):
    """Another browser at the same site."""
    app.test_client_class = Visitor
    return app.test_client()


def test_somebody_is_kept_out_until_the_day_and_told_why(client, app, now):
    ann = sign_in(client, "ann")
    mo = later(client, app)
    sign_in(mo, "mo")
    answer = mo.post(f"/moderation/people/{ann.id}/suspend", data={"until": "2026-11-29", "reason": "Scheldt <b>."})
    assert (answer.status_code, answer.location) == (303, f"/moderation/people/{ann.id}/")
    assert not is_signed_in(client)
    refused = try_to_sign_in(client, "ann@example.org")
    assert "geschorst tot 29 november 2026. De reden: Scheldt &lt;b&gt;." in refused.text
    assert "geschorst" not in try_to_sign_in(client, "ann@example.org", "verkeerd").text
    (letter,) = letters()
    assert letter["To"] == "ann@example.org"
    assert "29 november 2026" in text_of(letter)
    assert "Scheldt" in text_of(letter)
    for page in ("/moderation/log/", "/moderation/people/", f"/moderation/people/{ann.id}/"):
        assert "Ann" in mo.get(page).text, page
    assert "Scheldt &lt;b&gt;." in mo.get("/moderation/log/").text
    now.set(2026, 11, 28, 23, 1)  # in Amsterdam the day has begun
    try_to_sign_in(client, "ann@example.org")
    assert is_signed_in(client)
    assert "Niemand is geschorst" in mo.get("/moderation/people/").text


def test_who_is_reinstated_may_come_in_at_once(client, app, now):
    ann, mo = make_user("ann"), make_user("mo")
    suspend_user(ann, mo, now() + WEEK, "Dreigt.")
    sign_in(client, "mo")
    client.post(f"/moderation/people/{ann.id}/reinstate", data={"reason": "Excuses aangeboden"})
    assert client.post(f"/moderation/people/{ann.id}/reinstate").status_code == 409
    assert [act.verb for act in db.session.scalars(select(ModerationAction).order_by(ModerationAction.id))] == [
        "suspend",
        "reinstate",
    ]
    reader = later(client, app)
    try_to_sign_in(reader, "ann@example.org")
    assert is_signed_in(reader)
    assert "Je account is weer open" in text_of(letters()[-1])


@pytest.mark.parametrize(
    ("until", "reason"), [("2026-11-22", "Dreigt."), ("2026-11-29", " "), ("ooit", "Dreigt."), ("", "")]
)
def test_without_a_day_to_come_and_a_reason_the_form_comes_back(client, now, until, reason):
    ann = make_user("ann")
    sign_in(client, "mo")
    answer = client.post(f"/moderation/people/{ann.id}/suspend", data={"until": until, "reason": reason})
    assert answer.status_code == 422
    assert reason in answer.text
    assert ann.suspended_until is None


@pytest.mark.parametrize(
    ("name", "whom", "may"),
    [
        ("mo", "ann", True),
        ("mo", "mo", False),
        ("mo", "cas", False),
        ("mo", "ed", False),
        ("mo", "adam", False),
        ("adam", "mo", True),
        ("adam", "adam", False),
        ("ed", "ann", False),
        ("ann", "cas", False),
    ],
)
def test_only_an_admin_suspends_who_works_here_and_nobody_themselves(session, now, name, whom, may):
    moderator, user = make_user(name), make_user(whom)
    if may:
        assert suspend_user(user, moderator, now() + WEEK, "Daarom.").until == now() + WEEK
        assert user.is_suspended
        return
    with pytest.raises(NotAllowed):
        suspend_user(user, moderator, now() + WEEK, "Daarom.")
    with pytest.raises(NotAllowed):
        reinstate_user(user, moderator)
    assert session.scalar(select(User.suspended_until).where(User.id == user.id)) is None


def test_what_cannot_be_is_refused(session, now):
    ann, mo = make_user("ann"), make_user("mo")
    with pytest.raises(ReasonNeeded):
        suspend_user(ann, mo, now() + WEEK, "  ")
    with pytest.raises(InvalidAccount):
        suspend_user(ann, mo, now(), "Daarom.")
    with pytest.raises(AlreadyDone):
        reinstate_user(ann, mo)


def test_somebody_is_found_by_name_and_from_their_comment(client, now):
    ann = make_user("ann")
    comment = make_comment(make_article(), "Iets.", ann)
    sign_in(client, "mo")
    link = f'href="/moderation/people/{ann.id}/"'
    assert link in client.get("/moderation/people/?name=AN").text
    assert link not in client.get("/moderation/people/?name=%25").text
    assert link in client.get(f"/moderation/comments/{comment.id}/hide").text


def test_a_suspension_is_over_by_itself(session, now):
    ann = make_user("ann")
    ann.suspended_until = clock.now() + timedelta(seconds=1)
    assert not ann.is_active
    now.moment += timedelta(seconds=1)
    assert ann.is_active
