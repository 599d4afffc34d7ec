"""What moderators do: let through, hide with a reason, restore, and look back."""

import re

import pytest
from justhtml import JustHTML
from sqlalchemy import func, select

from forum import clock
from forum.comments import queries as discussions
from forum.comments.models import Comment
from forum.extensions import db
from forum.moderation.models import ModerationAction
from forum.moderation.operations import hide_comment
from tests.factories import make_article, make_comment, make_guest, make_poll, make_user, sign_in

HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def mo(client):
    """Mo, who moderates."""
    sign_in(client, "mo")
    return client


def acts():
    db.session.commit()
    return list(db.session.scalars(select(ModerationAction.verb).order_by(ModerationAction.id)))


def state(comment):
    db.session.expire_all()
    return db.session.get(Comment, comment.id).state


# Hiding and restoring


def test_a_moderator_hides_with_a_reason_and_restores(mo, app):
    article = make_article()
    comment = make_comment(article, "Koop nu!", make_guest("Verkoper"))
    reply = make_comment(article, "Nee.", parent=comment)
    form = mo.get(f"/moderation/comments/{comment.id}/hide")
    JustHTML(form.text, strict=True)
    assert "Koop nu!" in form.text
    answer = mo.post(f"/moderation/comments/{comment.id}/hide", data={"reason": "spam", "note": "Drie keer."})
    assert (answer.status_code, answer.location) == (303, f"/comments/{comment.id}")
    assert mo.get(answer.location).location == f"{article.url}#comment-{comment.id}"
    page = app.test_client().get(article.url).text
    assert "Koop nu!" not in page
    assert "Reclame – Drie keer." in page
    assert f'id="comment-{reply.id}"' in page
    answer = mo.post(f"/moderation/comments/{comment.id}/restore")
    assert (answer.status_code, answer.location) == (303, f"/comments/{comment.id}")
    assert "Koop nu!" in app.test_client().get(article.url).text
    assert acts() == ["hide", "restore"]


@pytest.mark.parametrize(
    "form",
    [{}, {"reason": ""}, {"reason": "other"}, {"reason": "other", "note": "  "}, {"reason": "nonsense"}],
    ids=str,
)
def test_nothing_is_hidden_without_a_reason(mo, form):
    comment = make_comment(make_article())
    answer = mo.post(f"/moderation/comments/{comment.id}/hide", data=form)
    assert answer.status_code == 422
    JustHTML(answer.text, strict=True)
    assert 'role="alert"' in answer.text
    assert (state(comment), acts()) == ("visible", [])


def test_a_note_that_is_too_long_comes_back(mo):
    comment = make_comment(make_article())
    form = {"reason": "other", "note": f"{HOSTILE} {'x' * 300}"}
    answer = mo.post(f"/moderation/comments/{comment.id}/hide", data=form)
    assert answer.status_code == 422
    assert "&lt;script&gt;" in answer.text
    assert "x" * 300 in answer.text
    assert "<script>alert" not in answer.text


def test_what_is_done_already_is_told(mo):
    comment = make_comment(make_article())
    assert mo.post(f"/moderation/comments/{comment.id}/restore").status_code == 409
    assert mo.post(f"/moderation/comments/{comment.id}/approve").status_code == 409
    hide_comment(comment, make_user("adam"), "Daarom.")
    answer = mo.post(f"/moderation/comments/{comment.id}/hide", data={"reason": "spam", "note": "Mijn woorden."})
    assert answer.status_code == 409
    assert "Mijn woorden." in answer.text
    assert acts() == ["hide"]


def test_nobody_judges_their_own_words(mo):
    comment = make_comment(make_article(), "Van Mo.", make_user("mo"))
    answer = mo.post(f"/moderation/comments/{comment.id}/hide", data={"reason": "spam"})
    assert answer.status_code == 403
    comment.hidden_at = clock.now()
    assert mo.post(f"/moderation/comments/{comment.id}/restore").status_code == 403
    assert acts() == []


def test_only_a_moderator_acts_and_nobody_learns_whether_there_is_anything(app, client):
    comment = make_comment(make_article())
    held = make_comment(make_article("Ander stuk"), "Wacht.", held_at=clock.now())
    for name in (None, "ann", "cas", "ed"):
        visitor = app.test_client()
        if name:
            sign_in(visitor, name)
        for number in (comment.id, held.id, 4040):
            answers = [
                visitor.post(f"/moderation/comments/{number}/{verb}", data={"reason": "spam"})
                for verb in ("hide", "restore", "approve")
            ]
            assert [answer.status_code for answer in answers] == [403] * 3, (name, number)
            assert visitor.get(f"/moderation/comments/{number}/hide").status_code == (403 if name else 302)
    assert acts() == []


# The queue


def test_what_waits_stands_in_the_queue_with_why(mo, app):
    article, poll = make_article("Een kop"), make_poll()
    first = make_comment(article, "https://a.nl https://b.nl https://c.nl", make_guest("Dirk"))
    parent = make_comment(article, "Eerst.", make_guest("Els"))
    second = make_comment(discussions.of_poll(poll.id), "www.x www.y www.z", make_guest("Fer"))
    third = make_comment(article, HOSTILE + " http://a http://b http://c", make_guest("Gé"), parent=parent)
    page = mo.get("/moderation/").text
    JustHTML(page, strict=True)
    assert "<script>alert" not in page
    assert re.findall(r'<article class="queue__item" id="comment-(\d+)">', page) == [
        str(comment.id) for comment in (first, second, third)
    ]
    for words in ("Een kop", "Biedt u IPv6 aan?", "Dirk", "Fer", "in antwoord op Els", "Veel links."):
        assert words in page, words
    for comment in (first, second, third):
        assert f'action="/moderation/comments/{comment.id}/approve"' in page
        assert f'href="/moderation/comments/{comment.id}/hide"' in page
    answer = mo.post(f"/moderation/comments/{first.id}/approve")
    assert (answer.status_code, answer.location) == (303, "/moderation/")
    assert f'id="comment-{first.id}"' in app.test_client().get(article.url).text
    assert state(first) == "visible"


def test_what_is_hidden_from_the_queue_was_never_seen(mo, app):
    article = make_article()
    comment = make_comment(article, "Wacht.", held_at=clock.now())
    assert mo.post(f"/moderation/comments/{comment.id}/hide", data={"reason": "spam"}).status_code == 303
    assert "Wacht." not in app.test_client().get(article.url).text
    assert f"comment-{comment.id}" not in mo.get("/moderation/").text
    assert acts() == ["hide"]


def test_a_long_queue_has_pages(mo):
    article = make_article()
    numbers = [make_comment(article, f"Nummer {number}.", held_at=clock.now()).id for number in range(52)]
    first, second = mo.get("/moderation/").text, mo.get("/moderation/?page=2").text
    assert first.count('class="queue__item"') == 50
    assert [f"comment-{number}" in second for number in numbers[50:]] == [True, True]
    assert 'href="/moderation/?page=2" rel="next"' in first
    assert mo.get("/moderation/?page=3").status_code == 404


def test_an_empty_queue_says_so(mo):
    page = mo.get("/moderation/")
    assert page.status_code == 200
    assert 'class="empty"' in page.text


# The log


def test_the_log_has_every_act_the_newest_first(mo):
    comment = make_comment(make_article(), author=make_guest("Bart <b>"))
    mo.post(f"/moderation/comments/{comment.id}/hide", data={"reason": "other", "note": HOSTILE})
    mo.post(f"/moderation/comments/{comment.id}/restore")
    page = mo.get("/moderation/log/").text
    JustHTML(page, strict=True)
    assert "<script>alert" not in page
    rows = re.findall(r"<tr>\s*<td.*?</tr>", page, re.DOTALL)
    assert len(rows) == db.session.scalar(select(func.count(ModerationAction.id))) == 2
    assert "&lt;script&gt;" not in rows[0]
    assert "&lt;script&gt;" in rows[1]
    for row in rows:
        assert "Mo" in row
        assert f'href="/comments/{comment.id}"' in row


@pytest.mark.parametrize("page", ["1", "900", "0", "-1", "abc", "9" * 30])
def test_any_page_of_the_log_can_be_asked_for(mo, page):
    assert mo.get(f"/moderation/log/?page={page}").status_code in {200, 404}
