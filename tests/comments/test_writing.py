"""Writing with a preview, changing and removing one's own words, saying what binds one, and who may write how fast."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from forum import checking
from forum.comments import operations, queries
from forum.comments.models import Comment, CommentDraft, CommentRevision, DiscussionVisit, Mode, State
from forum.comments.reading import since_in_address
from forum.errors import AlreadyDone, EditTooLate, InvalidComment, NotAllowed, TooFast
from forum.extensions import db
from forum.settings import operations as settings
from tests.factories import discussion_of, make_article, make_comment, make_guest, make_user, sign_in

WORDS = {"body": "Dat *klopt* niet.", "author_name": "Bart"}


@pytest.fixture
def article(session, now):
    return make_article(published_at=now.moment - timedelta(days=1))


@pytest.fixture
def url(article):
    return f"/discussions/{discussion_of(article).id}/comments"


def only_comment():
    return db.session.scalar(select(Comment))


def test_a_preview_shows_what_the_server_would_make_of_it_and_places_nothing(client, url):
    for headers in ({}, {"X-Fragment": "1"}):
        page = client.post(url, data={**WORDS, "ask": "preview"}, headers=headers)
        assert page.status_code == 200
        assert "Dat <em>klopt</em> niet." in page.text
        assert "Dat *klopt* niet." in page.text
    assert only_comment() is None


def test_an_interest_stands_beside_the_name(client, article, url):
    client.post(url, data={**WORDS, "interest": "werkt bij \u202eVoorbeeld BV"})
    page = client.get(article.url).text
    assert '<span class="comment__interest">werkt bij Voorbeeld BV</span>' in page


# One's own words


def test_a_guest_changes_their_comment_by_their_cookie_and_readers_see_that(app, client, article, url, now):
    client.post(url, data=WORDS)
    comment = only_comment()
    address = f"/comments/{comment.id}/edit"
    assert f'href="{address}"' in client.get(article.url).text
    assert f'href="{address}"' not in app.test_client().get(article.url).text
    assert "Dat *klopt* niet." in client.get(address).text
    now.moment += timedelta(minutes=7)
    assert "Dat <em>klopt</em> wel." in client.post(address, data={"body": "Dat *klopt* wel.", "ask": "preview"}).text
    assert client.post(address, data={"body": "Dat *klopt* wel."}).location == f"{article.url}#comment-{comment.id}"
    page = app.test_client().get(article.url).text
    assert "Dat <em>klopt</em> wel." in page
    assert "bewerkt om 14:12" in page
    assert db.session.scalars(select(CommentRevision.body)).all() == ["Dat *klopt* niet."]
    stranger = app.test_client()
    for token in ("", "c" * 43):
        if token:
            stranger.set_cookie("forum_guest", token)
        assert stranger.get(address).status_code == 404
        assert stranger.post(address, data={"body": "Gekaapt."}).status_code == 404
        assert stranger.post(f"/comments/{comment.id}/remove").status_code == 404


def test_after_the_minutes_the_words_come_back_and_nothing_changes(client, url, now):
    client.post(url, data=WORDS)
    address = f"/comments/{only_comment().id}/edit"
    now.moment += timedelta(minutes=10)
    answer = client.post(address, data={"body": "Te laat bedacht."})
    assert answer.status_code == 409
    assert "Te laat bedacht." in answer.text
    assert only_comment().body == WORDS["body"]


@pytest.mark.parametrize("body", ["", "x" * 201, "?!"])
def test_other_words_are_screened_again_and_come_back_when_refused(client, url, body):
    settings.change(comment_length=200)
    client.post(url, data=WORDS)
    answer = client.post(f"/comments/{only_comment().id}/edit", data={"body": body})
    assert answer.status_code == 422
    assert body in answer.text
    assert only_comment().edited_at is None


def test_what_is_changed_into_an_advertisement_waits(article, now):
    bart = make_guest()
    comment = make_comment(article, author=bart)
    operations.edit_comment(comment, bart, "https://a.nl https://b.nl https://c.nl")
    assert (comment.state, comment.hold_reasons) == (State.HELD, "links")
    assert discussion_of(article).comment_count == 0
    assert checking.everything() == []


def test_how_long_words_may_be_changed_is_a_setting_and_the_same_words_are_no_change(article, now):
    bart = make_guest()
    comment = make_comment(article, author=bart)
    operations.edit_comment(comment, bart, comment.body)
    assert comment.edited_at is None
    settings.change(edit_minutes=0)
    with pytest.raises(EditTooLate):
        operations.edit_comment(comment, bart, "Anders.")
    for stranger in (make_guest("Carla"), make_user("mo")):
        with pytest.raises(NotAllowed):
            operations.edit_comment(comment, stranger, "Anders.")
    settings.change(edit_minutes=10)
    with pytest.raises(InvalidComment):
        operations.edit_comment(comment, bart, " ")


def test_who_removes_their_comment_leaves_a_place_only_where_it_was_answered(client, article, url):
    client.post(url, data=WORDS)
    first = only_comment()
    reply = make_comment(article, "Waarom?", parent=first)
    client.post(url, data={**WORDS, "body": "Nog iets."})
    second = db.session.scalar(select(Comment).where(Comment.body == "Nog iets."))
    assert client.post(f"/comments/{first.id}/remove").location == f"{article.url}#comment-{first.id}"
    assert client.post(f"/comments/{second.id}/remove").location == f"{article.url}#discussion"
    page = client.get(article.url).text
    assert "klopt" not in page
    assert "comment--removed" in page
    assert f"comment-{reply.id}" in page
    assert f"comment-{second.id}" not in page
    assert client.post(f"/comments/{first.id}/remove").status_code == 404
    assert checking.everything() == []
    with pytest.raises(AlreadyDone):
        operations.remove_comment(first, make_guest(token=client.get_cookie("forum_guest").value))


def test_who_leaves_with_their_words_leaves_no_earlier_words_either(session, article):
    ann = make_user("ann")
    comment = make_comment(article, author=ann)
    operations.edit_comment(comment, ann, "Anders.")
    operations.signals.user_leaving.send(ann, blank_comments=True)
    assert session.scalar(select(func.count(CommentRevision.id))) == 0


# On every device


def test_a_draft_waits_on_the_next_device_until_it_is_placed(app, client, article, url):
    sign_in(client, "ann")
    assert client.post(url.replace("comments", "draft"), data={"body": "Half af", "key": "k" * 32}).status_code == 204
    phone = app.test_client()
    sign_in(phone, "ann")
    page = phone.get(article.url).text
    assert "Half af</textarea>" in page
    assert f'value="{"k" * 32}"' in page
    assert phone.post(url, data={"body": "Helemaal af.", "key": "k" * 32}).status_code == 303
    assert "Half af" not in client.get(article.url).text
    assert db.session.scalar(select(CommentDraft)) is None
    assert app.test_client().post(url.replace("comments", "draft"), data={"body": "x"}).status_code == 403


def test_a_member_says_until_where_they_read(client, article, url):
    comment = make_comment(article)
    sign_in(client, "ann")
    until = since_in_address(comment.created_at)
    for sent in (until, "gisteren", since_in_address(comment.created_at - timedelta(hours=1))):
        client.post(url.replace("comments", "seen"), data={"until": sent})
    assert db.session.scalar(select(DiscussionVisit.seen_at)) == comment.created_at


def test_an_open_page_asks_whether_there_is_more_and_is_told_once(app, client, article, url, now):
    first = make_comment(article)
    address = f"{url.replace('comments', 'news')}?since={since_in_address(first.created_at)}"
    quiet = client.get(address)
    assert "<a" not in quiet.text
    etag = quiet.headers["ETag"]
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    now.moment += timedelta(minutes=1)
    second = make_comment(article)
    told = client.get(address, headers={"If-None-Match": etag})
    assert told.status_code == 200
    assert "1 nieuwe reactie" in told.text
    assert f"/comments/{second.id}?since=" in told.text


# The editors' switches


def test_a_closed_discussion_says_since_when_and_why(client, article, now):
    discussion = discussion_of(article)
    operations.set_rules(discussion, make_user("ed"), Mode.CLOSED, "het liep uit de hand")
    assert (
        "De redactie sloot dit gesprek op 22 november 2026 14:05 uur: het liep uit de hand"
        in client.get(article.url).text
    )
    now.moment += timedelta(hours=1)
    operations.set_rules(discussion, make_user("ed"), Mode.CLOSED, "om een andere reden")
    assert discussion.closed_at == now.moment - timedelta(hours=1)
    operations.set_rules(discussion, make_user("ed"), Mode.OPEN)
    assert (discussion.closed_at, discussion.closed_reason) == (None, None)
    with pytest.raises(NotAllowed):
        operations.set_rules(discussion, make_user("ann"), Mode.CLOSED)


def test_a_discussion_closes_so_many_days_after_its_article(client, article, now):
    discussion = discussion_of(article)
    ed = make_user("ed")
    operations.set_rules(discussion, ed, Mode.OPEN, close_after_days=3)
    assert discussion.closes_at == article.published_at + timedelta(days=3)
    now.moment += timedelta(days=3)
    assert "sloot vanzelf op 24 november 2026 14:05 uur" in client.get(article.url).text
    operations.set_rules(discussion, ed, Mode.OPEN, close_after_days=0)
    assert discussion.closes_at is None
    settings.change(close_after_days=7)
    operations.set_rules(discussion, ed, Mode.OPEN, close_after_days=None)
    assert discussion.closes_at == article.published_at + timedelta(days=7)


def test_slow_mode_lets_one_person_write_once_in_so_many_seconds(article, now):
    discussion = discussion_of(article)
    operations.set_rules(discussion, make_user("ed"), Mode.OPEN, slow_seconds=60)
    make_comment(article)
    make_comment(article, author=make_guest("Carla"))
    now.moment += timedelta(seconds=20)
    with pytest.raises(TooFast) as refusal:
        make_comment(article)
    assert refusal.value.retry_after in {40, 41}
    for _ in range(2):
        assert make_comment(article, author=make_user("mo")).is_visible
    now.moment += timedelta(seconds=40)
    assert make_comment(article).is_visible


def test_an_editor_sets_the_rules_and_the_experts_in_the_browser(client, article):
    sign_in(client, "ed")
    make_user("ann")
    discussion = discussion_of(article)
    address = f"/desk/discussions/{discussion.id}/"
    assert f'href="{address}"' in client.get(article.url).text
    form = {"mode": "members", "reason": "", "close_after_days": "5", "slow_seconds": "30"}
    assert client.post(address, data=form).status_code == 303
    assert (discussion.mode, discussion.close_after_days, discussion.slow_seconds) == ("members", 5, 30)
    assert client.post(address, data={**form, "slow_seconds": "snel"}).status_code == 422
    assert client.post("/desk/experts/", data={"name": "ann", "line": "Netwerkbeheerder"}).status_code == 303
    assert "Netwerkbeheerder" in client.get("/desk/experts/").text
    assert client.post("/desk/experts/", data={"name": "Niemand", "line": "x"}).status_code == 422
    assert queries.last_visit(discussion, make_user("ann").id) is None
