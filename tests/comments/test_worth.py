"""What a comment is worth: once for each reader, never one's own; what editors put above a discussion; whom a reader folded."""

import pytest
from sqlalchemy import select, text

from forum import checking
from forum.accounts import operations as accounts
from forum.comments import queries, worth
from forum.comments.models import Comment
from forum.errors import InvalidComment, NotAllowed, ParentGone, ReasonNeeded
from forum.extensions import db
from forum.moderation.operations import hide_comment
from tests.at_once import in_threads
from tests.factories import discussion_of, make_article, make_comment, make_guest, make_user, sign_in


def count(comment):
    db.session.expire_all()
    return db.session.get_one(Comment, comment.id).valued_count


def test_each_reader_counts_once_and_may_take_it_back(session):
    comment = make_comment(make_article())
    for name in ("ann", "bob", "ann"):
        worth.value(comment, make_user(name))
    assert count(comment) == 2
    worth.take_back(comment, make_user("ann"))
    worth.take_back(comment, make_user("ann"))
    assert count(comment) == 1
    assert checking.everything() == []
    session.execute(text("UPDATE comment SET valued_count = 7"))
    assert f"comment {comment.id}: counts 7 readers that value it, 1 do" in checking.everything()


def test_eight_clicks_at_once_count_once(app, session):
    number, ann = make_comment(make_article()).id, make_user("ann").id

    def click(_number):
        worth.value(db.session.get_one(Comment, number), make_user("ann"))
        db.session.commit()

    answers = in_threads(app, click)
    assert ann
    assert answers == [None] * 8
    assert db.session.get_one(Comment, number).valued_count == 1


def test_nobody_values_their_own_or_what_cannot_be_read(session):
    article = make_article()
    mine, hidden = make_comment(article, author=make_user("ann")), make_comment(article, "Onzin.")
    hide_comment(hidden, make_user("mo"), "Spam")
    with pytest.raises(NotAllowed):
        worth.value(mine, make_user("ann"))
    with pytest.raises(ParentGone):
        worth.value(hidden, make_user("ann"))


def test_who_leaves_counts_no_longer(session):
    comment = make_comment(make_article())
    for name in ("ann", "bob"):
        worth.value(comment, make_user(name))
    accounts.delete_user(make_user("bob"), blank_comments=False)
    assert count(comment) == 1
    assert checking.everything() == []


def test_the_most_valued_come_first(client, session):
    article = make_article()
    make_comment(article, "Niet zo.")
    best = make_comment(article, "Het best.")
    worth.value(best, make_user("ann"))
    page = queries.page(discussion_of(article), 10, order=queries.Order.VALUED)
    assert next(row.id for row in page.rows) == best.id


def test_a_reader_values_with_a_button_and_who_has_no_session_sees_the_count(client, app):
    article = make_article()
    comment = make_comment(article, "Goed gezegd.")
    assert client.post(f"/comments/{comment.id}/value").status_code == 403
    sign_in(client, "ann")
    assert f'action="/comments/{comment.id}/value"' in client.get(article.url).text
    assert client.post(f"/comments/{comment.id}/value").location == f"{article.url}#comment-{comment.id}"
    stranger = app.test_client()
    before = stranger.get(article.url).text
    assert "Waardevol 1" in before
    assert "/value" not in before
    client.post(f"/comments/{comment.id}/value", data={"take_back": "1"})
    assert "Waardevol" not in stranger.get(article.url).text.split('id="discussion"')[1].split("orders")[0]


def test_editors_put_a_comment_above_the_discussion_with_a_reason(client, session):
    article = make_article()
    comment = make_comment(article, "Van binnenuit gezien klopt dit.")
    ed = make_user("ed")
    for reason in (" ", "x" * 301):
        with pytest.raises(ReasonNeeded):
            worth.highlight(comment, ed, reason)
    with pytest.raises(NotAllowed):
        worth.highlight(comment, make_user("mo"), "Goed.")
    sign_in(client, "ed")
    assert client.post(f"/comments/{comment.id}/highlight", data={"reason": ""}).status_code == 422
    client.post(f"/comments/{comment.id}/highlight", data={"reason": "Iemand die er werkt."})
    page = client.get(article.url).text
    assert "Uitgelicht door de redactie" in page
    assert "Iemand die er werkt." in page
    hide_comment(comment, make_user("mo"), "Toch niet")
    assert "Iemand die er werkt." not in client.get(article.url).text
    worth.end_highlight(comment, ed)
    assert list(worth.highlights(discussion_of(article))) == []


def test_an_editor_pins_where_the_discussion_stands(client, session):
    article = make_article()
    discussion = discussion_of(article)
    with pytest.raises(NotAllowed):
        worth.summarise(discussion, make_user("ann"), "Zo.")
    with pytest.raises(InvalidComment):
        worth.summarise(discussion, make_user("ed"), "x" * 4001)
    sign_in(client, "ed")
    address = f"/discussions/{discussion.id}/summary"
    assert client.post(address, data={"body": "x" * 4001}).status_code == 422
    client.post(address, data={"body": "Men is het **eens**. <script>"})
    page = client.get(article.url).text
    assert "Men is het <strong>eens</strong>. &lt;script&gt;" in page
    client.post(address, data={"body": " "})
    assert "Stand van de discussie" not in client.get(article.url).text


def test_who_is_muted_is_folded_everywhere_for_who_mutes_and_for_nobody_else(client, app):
    article = make_article()
    bart = make_comment(article, "Van Bart.", make_guest("Bart"))
    make_comment(article, "Van Anna.", make_guest("Anna"))
    bob = make_comment(article, "Van Bob.", make_user("bob"))
    stranger = app.test_client()
    before = stranger.get(article.url).text
    sign_in(client, "ann")
    for comment in (bart, bob):
        assert client.post(f"/comments/{comment.id}/mute").status_code == 303
    page = client.get(article.url).text
    assert page.count("comment__muted") == 2
    assert "Van Bart." not in page.split('class="latest"')[1]
    assert "Van Anna." in page.split('class="latest"')[1]
    assert stranger.get(article.url).text == before
    following = client.get("/account/following/").text
    assert "Bart" in following
    ends = [part.split('"')[0] for part in following.split('action="')[1:] if "/mutes/" in part.split('"')[0]]
    for address in ends:
        client.post(address)
    assert "comment__muted" not in client.get(article.url).text
    mine = make_comment(article, "Van mij.", make_user("ann"))
    assert client.post(f"/comments/{mine.id}/mute").status_code == 403


def test_a_look_at_everything_that_can_be_done_changes_nothing(client, session):
    comment = make_comment(make_article(), "Goed gezegd.", make_guest("Bart"))
    assert "Meld je aan" in client.get(f"/comments/{comment.id}/more").text
    sign_in(client, "ann")
    page = client.get(f"/comments/{comment.id}/more").text
    assert "Demp Bart" in page
    assert "Uitlichten" not in page
    assert db.session.scalars(select(Comment.valued_count)).all() == [0]
    hide_comment(comment, make_user("mo"), "Spam")
    assert client.get(f"/comments/{comment.id}/more").status_code == 404
