"""Following through the pages: a member at once, a guest after one letter; the inbox; the way out with one press."""

import re

import pytest

from forum import mail
from forum.extensions import db
from forum.following import operations, queries
from forum.following.models import Follow, Follower
from tests.factories import discussion_of, make_article, make_comment, make_guest, make_user, sign_in
from tests.post_office import post_office
from tests.test_jobs import run


@pytest.fixture
def article(app):
    mail.outbox().clear()
    return make_article("Een kop")


def follow(client, article, **form):
    form = {"what": "discussion", "pace": "direct", **form}
    return client.post(f"/discussions/{discussion_of(article).id}/follow", data=form)


def link_in(message, start):
    words = message.get_body(("plain",)).get_content()
    return re.search(rf"http://[^/\s]+({start}\S*)", words)[1]


def test_a_member_follows_finds_the_count_and_reads(client, app, article):
    sign_in(client, "ann")
    assert follow(client, article, pace="never").status_code == 200
    page = client.get(f"/discussions/{discussion_of(article).id}/follow").text
    assert "Niet meer volgen" in page
    comment = make_comment(article, "Een woord.")
    run(app)
    assert "Postvak (1)" in client.get("/").text
    inbox = client.get("/account/inbox/").text
    assert "Een woord." in inbox
    opened = client.post(re.search(r"/account/inbox/\d+", inbox)[0])
    assert opened.location == f"/comments/{comment.id}"
    assert "Postvak (" not in client.get("/").text
    client.post(f"/discussions/{discussion_of(article).id}/unfollow")
    assert db.session.query(Follow).count() == 0


def test_nobody_reads_another_ones_notices(client, app, article):
    cor = operations.follower_of(make_user("cor"))
    operations.follow(cor, discussion_of(article))
    make_comment(article)
    run(app)
    number = db.session.scalars(queries.notices(cor)).one().id
    sign_in(client, "ann")
    assert client.post(f"/account/inbox/{number}").status_code == 404
    assert queries.unseen_count(make_user("cor")) == 1


def test_a_guest_confirms_an_address_once(client, app, article):
    assert "E-mail" in client.get(f"/discussions/{discussion_of(article).id}/follow").text
    assert follow(client, article, email="").status_code == 422
    assert follow(client, article, email="geen adres").status_code == 422
    assert follow(client, article, email="Bart@Post.example").status_code == 200
    assert db.session.query(Follower).count() == 0  # nothing is kept before the owner says yes
    run(app)
    link = link_in(mail.outbox()[-1], "/following/confirm/")
    assert "Ja, hou me op de hoogte" in client.get(link).text
    assert db.session.query(Follower).count() == 0  # who follows a link confirms nothing
    answer = client.post(link)
    assert answer.status_code == 303
    assert "Een kop" in client.get(answer.location).text
    other = make_article("Een andere kop")
    mail.outbox().clear()
    follow(client, other, email="bart@post.example")
    run(app)
    assert mail.outbox() == []  # from this browser it is confirmed
    assert "Een andere kop" in client.get(answer.location).text
    stranger = app.test_client()
    follow(stranger, make_article("Derde"), email="bart@post.example")
    assert db.session.query(Follow).count() == 2
    assert client.post(answer.location, data={"forget": "1"}).status_code == 200
    assert client.get(answer.location).status_code == 404
    assert client.post(f"{link}x").status_code == 404


def test_through_a_real_mail_server_a_comment_arrives_and_one_press_ends_it(make_site, app, now, tmp_path):
    with post_office(tmp_path / "post") as office:
        site = make_site(**office.settings)
        with site.app_context():
            article = make_article("Een kop")
            cor = operations.follower_of(make_user("cor"))
            cor.pace = "direct"
            operations.follow(cor, discussion_of(article))
            make_comment(article, "Een woord.", make_guest("Anna"))
            run(site)
            now.moment = cor.due_at
            run(site)
            (letter,) = office.letters()
            assert "Een woord." in letter.get_body(("plain",)).get_content()
            assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            link = re.search(r"<http://[^/]+(/mail/lists/comments/[^>]+)>", letter["List-Unsubscribe"])[1]
            db.session.commit()
            answer = site.test_client().post(link, data={"List-Unsubscribe": "One-Click"})
            assert answer.status_code == 303
            db.session.rollback()
            make_comment(article, "Nog een woord.", make_guest("Anna"))
            run(site)
            now.moment = cor.due_at
            run(site)
            assert len(office.letters()) == 1
