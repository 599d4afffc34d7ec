"""What a refusal or a failure becomes: a page with a way on, and every word back to who wrote it."""

import re

from flask import abort
from justhtml import JustHTML

from forum import errors
from forum.extensions import db
from tests.conftest import Visitor
from tests.doors import GETS, furnish, knock
from tests.factories import discussion_of, make_article, make_comment, make_poll, sign_in
from tests.trouble import gone, impatient, locked

HOSTILE = "</textarea><script>alert(1)</script> \"' & \u202e {{ 7*7 }} ünïcödé 🙂"
ESCAPED = "&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;"


def browser(site):
    site.test_client_class = Visitor
    return site.test_client()


# Pages


def test_every_error_has_a_page_with_a_way_on(make_site, app):
    site = make_site(PROPAGATE_EXCEPTIONS=False)
    for status in (400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 501, 503):
        site.add_url_rule(f"/fout/{status}", f"fout{status}", lambda status=status: abort(status))
    visitor = browser(site)
    for status in (400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 501, 503):
        answer = visitor.get(f"/fout/{status}")
        assert answer.status_code == status
        assert answer.headers["Cache-Control"] == "no-store"
        JustHTML(answer.text, strict=True)
        assert '<html lang="nl">' in answer.text
        assert re.search(r'<a href="/">[^<]+</a>', answer.text), status


def test_an_error_is_told_in_the_language_that_the_visitor_chose(client, app):
    assert "Niet gevonden" in client.get("/niets").text
    client.post("/language", data={"language": "en"})
    assert "Not found" in client.get("/niets").text


def test_a_page_that_is_not_found_holds_nothing_of_the_machine(client, app):
    page = client.get("/niets?geheim=1").text
    assert not re.search(r"werkzeug|flask|python|traceback|sqlite|/home/", page, re.IGNORECASE)
    assert "Set-Cookie" not in client.get("/niets").headers


def test_what_was_withdrawn_is_gone_and_what_never_was_public_is_not_found(client):
    house = furnish()
    withdrawn, draft, scheduled = (house[name] for name in ("withdrawn", "draft", "scheduled"))
    assert client.get(f"/archives/{withdrawn}/").status_code == 410
    assert client.get(f"/?p={withdrawn}").status_code == 410
    for number in (draft, scheduled, 4040):
        assert client.get(f"/archives/{number}/").status_code == 404
        assert client.get(f"/?p={number}").status_code == 404


def test_a_refusal_that_knows_when_to_come_back_says_so(make_site, app):
    site = make_site()

    def hurried():
        raise errors.TooFast(17)

    site.add_url_rule("/snel", "snel", hurried)
    answer = browser(site).get("/snel")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "17")
    assert "17" in answer.text


def test_words_that_are_sent_where_nothing_takes_them_go_back(client, app):
    """Signed out meanwhile: what an editor typed is not lost."""
    number = make_article().id
    form = {"headline": f"Kop {HOSTILE}", "standfirst": "Inleiding", "body": f"Lang stuk {HOSTILE}", "based_on": "1"}
    answer = client.post(f"/desk/articles/{number}/", data=form)
    assert answer.status_code == 403
    JustHTML(answer.text, strict=True)
    for words in (f"Kop {ESCAPED}", "Inleiding", f"Lang stuk {ESCAPED}"):
        assert words in answer.text
    sign_in(client, "ann")
    assert f"Lang stuk {ESCAPED}" in client.post("/desk/articles/new", data=form).text


# The database


def test_a_comment_that_meets_a_locked_database_comes_back_as_the_form(make_site, app):
    article = make_article()
    parent = make_comment(article, "Waarop ik antwoord.")
    address = f"/discussions/{discussion_of(article).id}/comments"
    form = {
        "body": f"Mijn betoog. {HOSTILE}",
        "author_name": "Bart <b>",
        "author_email": "bart@example.nl",
        "parent_id": str(parent.id),
        "key": "abc123",
    }
    visitor = browser(impatient(make_site))
    with locked():
        answer = visitor.post(address, data=form)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    JustHTML(answer.text, strict=True)
    fields = fields_of(answer.text)
    assert {name: fields[name] for name in form} == {**form, "body": form["body"]}
    assert "Waarop ik antwoord." in answer.text
    again = visitor.post(address, data=form)
    assert again.status_code == 303


def test_a_vote_that_meets_a_locked_database_is_told_on_the_page_of_the_poll(make_site, app):
    poll = make_poll()
    number, choice = poll.id, poll.choices[0].id
    visitor = browser(impatient(make_site))
    with locked():
        answer = visitor.post(f"/polls/{number}/votes", data={"choice": choice})
        fragment = visitor.post(f"/polls/{number}/votes", data={"choice": choice}, headers={"X-Fragment": "1"})
    assert answer.status_code == fragment.status_code == 503
    assert "Retry-After" in answer.headers
    assert "Biedt u IPv6 aan?" in answer.text
    assert "<html" not in fragment.text
    assert visitor.post(f"/polls/{number}/votes", data={"choice": choice}).status_code == 303


def test_an_article_that_meets_a_locked_database_stays_in_the_form(make_site, app):
    number = make_article().id
    visitor = browser(impatient(make_site))
    sign_in(visitor, "ed")
    form = {"headline": f"Kop {HOSTILE}", "standfirst": "Inleiding", "body": f"Lang stuk {HOSTILE}", "based_on": "1"}
    with locked():
        for address in (f"/desk/articles/{number}/", "/desk/articles/new"):
            answer = visitor.post(address, data=form)
            assert answer.status_code == 503, address
            assert {name: fields_of(answer.text)[name] for name in form} == form
        for address in (f"/desk/articles/{number}/publish", f"/desk/articles/{number}/withdraw"):
            assert visitor.post(address).status_code == 503, address
    assert visitor.post(f"/desk/articles/{number}/", data=form).status_code == 303


def test_an_act_of_a_moderator_that_meets_a_locked_database_is_told(make_site, app):
    number = make_comment(make_article()).id
    visitor = browser(impatient(make_site))
    sign_in(visitor, "mo")
    with locked():
        answer = visitor.post(f"/moderation/comments/{number}/hide", data={"reason": "other", "note": "Zo niet."})
        assert answer.status_code == 503
        assert 'value="Zo niet."' in answer.text
        for verb in ("approve", "restore"):
            assert visitor.post(f"/moderation/comments/{number}/{verb}").status_code == 503
    assert visitor.get(f"/comments/{number}").status_code == 302


def test_who_only_reads_does_not_notice_a_locked_database(make_site, app):
    house = furnish()
    visitor = browser(impatient(make_site))
    with locked():
        wrong = {
            rule: status
            for rule, door in GETS.items()
            if (status := knock(visitor, house, "GET", door).status_code) != door.entry["anonymous"]
        }
    assert wrong == {}


def test_without_its_database_the_site_still_has_a_page_and_gives_every_word_back(make_site, app):
    house = furnish()
    site = make_site(PROPAGATE_EXCEPTIONS=False)
    visitor = browser(site)
    sign_in(visitor, "ed")
    with gone(site):
        for rule, door in GETS.items():
            answer = knock(visitor, house, "GET", door)
            if not door.is_page:
                continue
            assert answer.status_code == 503, rule
            assert answer.headers["Retry-After"] == "5"
            JustHTML(answer.text, strict=True)
            assert 'class="masthead' in answer.text
        answer = visitor.post(
            f"/discussions/{house['discussion']}/comments", data={"body": HOSTILE, "author_name": "B"}
        )
        assert answer.status_code == 503
        assert ESCAPED in answer.text
        assert browser(site).get("/niets").status_code == 503  # whether it ever stood here is the database's to say
    assert visitor.get("/desk/").status_code == 200


def test_a_failing_statement_shows_nobodys_words_in_the_log(make_site, app, caplog):
    site = make_site(PROPAGATE_EXCEPTIONS=False)
    words = "iemands".upper()

    def fail():
        db.session.execute(db.text("SELECT nothing_of_that_name, :words"), {"words": words})

    site.add_url_rule("/mis", "mis", fail)
    assert browser(site).get("/mis").status_code == 500
    assert "nothing_of_that_name" in caplog.text
    assert words not in caplog.text


def fields_of(page: str) -> dict[str, str]:
    """The values of the fields of a page's forms by name, as a browser would send them."""
    document = JustHTML(page, sanitize=False)
    values = {}
    for field in document.query("input[name]"):
        if field.attrs.get("type") not in {"submit", "radio", "checkbox"}:
            values[field.attrs["name"]] = field.attrs.get("value") or ""
    for field in document.query("textarea[name]"):
        # The first newline after the tag is not part of the text (HTML, 13.1.2.5).
        values[field.attrs["name"]] = field.to_text(separator="", strip=False)
    return values
