"""No word is lost: whatever goes wrong, a sentence says so, the text is back in its form, and one click makes one comment."""

from datetime import timedelta

import pytest
from justhtml import JustHTML
from sqlalchemy import delete, event, func, select

from forum import clock
from forum.accounts.models import UserSession
from forum.articles import operations as articles
from forum.comments.models import Comment, Mode
from forum.extensions import db
from forum.moderation.operations import hide_comment, restore_comment
from forum.settings import operations as settings
from tests.conftest import Visitor
from tests.factories import discussion_of, make_article, make_comment, make_user, sign_in
from tests.trouble import full, gone, impatient, locked

WORDS = "Mijn *lange* betoog, <b>met</b> aanhalingen \"zo\" & 'zo'.\n\nEn een tweede alinea."


@pytest.fixture
def article(session):
    return make_article()


@pytest.fixture
def url(article):
    return f"/discussions/{discussion_of(article).id}/comments"


def form(**changes):
    return {"body": WORDS, "author_name": "Bart", "key": "0123456789abcdef0123456789abcdef", **changes}


def there(words=WORDS):
    db.session.commit()
    found = db.session.scalars(select(Comment.body)).all()
    return sum(body.replace("\r\n", "\n") == words for body in found)


def given_back(answer, sentence, words=WORDS):
    """The fields of the form that came back: all that was typed is in it, and a sentence says what happened."""
    page = JustHTML(answer.text, sanitize=False)
    assert sentence in page.to_text(), page.query_one("main").to_text()
    assert "no-store" not in answer.headers["Cache-Control"]
    found = page.query("form.comment-form")[-1]
    values = {field.attrs["name"]: field.attrs.get("value") or "" for field in found.query("input[name]")}
    values["body"] = found.query_one("textarea[name=body]").to_text(separator="", strip=False)
    assert values["body"].replace("\r\n", "\n") == words
    return values, found.attrs["action"]


def sends(client, fields):
    answer = client.post(fields[1], data=fields[0])
    assert answer.status_code == 303, answer.text
    return answer


@pytest.mark.parametrize("how", ["session expired", "signed out meanwhile"])
def test_a_member_who_is_signed_in_no_more(client, url, how):
    sign_in(client, "ann")
    if how == "session expired":
        db.session.execute(delete(UserSession))
    else:
        client.post("/account/logout")
    sent = {"body": WORDS, "key": "k" * 32}
    fields = given_back(client.post(url, data=sent), "Je bent niet meer ingelogd.")
    assert there() == 0
    sign_in(client, "ann")  # on another tab
    sends(client, fields)
    assert there() == 1


def test_a_discussion_that_was_closed(client, article, url):
    discussion_of(article).mode = Mode.CLOSED.value
    fields = given_back(client.post(url, data=form()), "gesloten")
    discussion_of(article).mode = Mode.OPEN.value
    sends(client, fields)
    assert there() == 1


def test_an_article_that_was_withdrawn(client, article, url):
    articles.withdraw(article, make_user("ed"))
    fields = given_back(client.post(url, data=form()), "gesloten")
    articles.publish(article, make_user("ed"))
    sends(client, fields)
    assert there() == 1


def test_a_parent_that_is_gone(client, article, url):
    parent = make_comment(article)
    hide_comment(parent, make_user("mo"), "Daarom.")
    fields = given_back(client.post(url, data=form(parent_id=str(parent.id))), "niet meer")
    sends(client, fields)
    assert (
        db.session.scalar(select(Comment.parent_id).where(Comment.author_name == "Bart").order_by(Comment.id.desc()))
        is None
    )
    restore_comment(parent, make_user("mo"))
    assert there() == 1


def test_a_rate_limit(make_site, app, url):
    site = make_site(RATE_LIMITS=True)
    site.test_client_class = Visitor
    client = site.test_client()
    for number in range(40):
        answer = client.post(url, data={"body": f"Nummer {number}.", "author_name": "Bart"})
    answer = client.post(url, data=form())
    assert answer.status_code == 429
    fields = given_back(answer, "10 minuten")
    site.config["RATE_LIMITS"] = False  # a minute later
    sends(client, fields)
    assert there() == 1


def test_a_text_that_is_too_long(client, url):
    settings.change(comment_length=20)
    fields = given_back(client.post(url, data=form()), "20")
    settings.change(comment_length=2000)
    sends(client, fields)
    assert there() == 1


@pytest.mark.parametrize(("changes", "sentence"), [({"author_name": "Redactie"}, "naam"), ({"body": "?!"}, "Schrijf")])
def test_a_text_that_a_rule_refuses(client, url, changes, sentence):
    values, action = given_back(client.post(url, data=form(**changes)), sentence, changes.get("body", WORDS))
    sends(client, ({**values, **form()}, action))
    assert there() == 1


def test_a_double_click(client, url):
    assert sends(client, (form(), url)).location == sends(client, (form(), url)).location
    assert there() == 1


def test_back_and_send_again(client, url):
    client.get(f"{url}/new")
    first = sends(client, (form(key="a" * 32), url))
    assert sends(client, (form(key="b" * 32), url)).location == first.location  # Back fetched another form
    assert there() == 1


def test_a_retry_after_an_answer_that_was_dropped(client, app, url):
    first = sends(client, (form(), url))
    other = app.test_client()  # the cookie went with the answer
    assert sends(other, (form(), url)).location == first.location
    assert there() == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_server_that_dies_at_the_commit(make_site, client, url, moment):
    def die(session):
        if not session.in_nested_transaction():
            raise KeyboardInterrupt

    db.session.commit()
    visitor = make_site().test_client()
    event.listen(db.session, f"{moment}_commit", die)
    try:
        with pytest.raises(KeyboardInterrupt):
            visitor.post(url, data=form())
    finally:
        event.remove(db.session, f"{moment}_commit", die)
    assert there() == (0 if moment == "before" else 1)
    sends(client, (form(), url))
    assert there() == 1


def test_a_database_that_is_locked_past_the_timeout(make_site, app, url):
    site = impatient(make_site)
    site.test_client_class = Visitor
    client = site.test_client()
    with locked():
        answer = client.post(url, data=form())
    assert answer.status_code == 503
    sends(client, given_back(answer, "niet worden bewaard"))
    assert there() == 1


def test_a_disk_that_is_full(make_site, app, url):
    site = make_site()
    site.test_client_class = Visitor
    client = site.test_client()
    long = WORDS + " Lang." * 1500
    with full(site):
        answer = client.post(url, data=form(body=long))
    assert answer.status_code == 503
    sends(client, given_back(answer, "geen ruimte", long))
    assert there(long) == 1


def test_a_database_server_that_is_gone(make_site, app, url):
    site = make_site(PROPAGATE_EXCEPTIONS=False)
    site.test_client_class = Visitor
    client = site.test_client()
    with gone(site):
        answer = client.post(url, data=form())
    assert answer.status_code == 503
    fields = given_back(answer, "niet worden bewaard")
    assert fields[0]["key"] == form()["key"]
    sends(client, fields)
    assert there() == 1


def test_pages_with_a_form_may_be_come_back_to(client, article, url):
    for address in (article.url, f"{url}/new"):
        assert "no-store" not in client.get(address).headers["Cache-Control"]
    assert clock.now() - timedelta(days=1) < article.published_at
    assert db.session.scalar(select(func.count(Comment.id))) == 0
