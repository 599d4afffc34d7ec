"""What every view relies on: who is here, cookies, languages, fragments, valid pages, and what nobody may read."""

import re

import pytest
from justhtml import JustHTML

from forum import clock, web
from forum.comments.models import Comment, Discussion, guest_key
from forum.extensions import db
from tests.conftest import Visitor
from tests.doors import DOORS, GETS, ROLES, SECRETS, furnish, knock
from tests.factories import discussion_of, make_article, make_poll, make_user, sign_in

WORDS = {"body": "Daar ben ik het mee eens.", "author_name": "Bart"}


def cookies_of(answer):
    """The cookies that an answer sets: name to value and the rest."""
    found = {}
    for cookie in answer.headers.getlist("Set-Cookie"):
        pair, _, rest = cookie.partition("; ")
        name, _, value = pair.partition("=")
        found[name] = (value, set(rest.split("; ")))
    return found


# Valid pages


@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_valid_html_with_a_title_and_a_language(client, role):
    house = furnish()
    if role != "anonymous":
        sign_in(client, role)
    wrong = {}
    for rule, door in GETS.items():
        answer = knock(client, house, "GET", door)
        if not door.is_page or answer.status_code in {301, 302, 303}:
            continue
        try:
            page = JustHTML(answer.text, strict=True, sanitize=False)
        except Exception as error:
            wrong[rule] = str(error)
            continue
        ids = [node.attrs["id"] for node in page.query("[id]")]
        if len(ids) != len(set(ids)):
            wrong[rule] = f"an id stands twice: {sorted(each for each in set(ids) if ids.count(each) > 1)}"
        elif (
            len(page.query("h1")) != 1
            or not page.query_one("title").to_text()
            or "lang" not in page.query_one("html").attrs
        ):
            wrong[rule] = "no single heading, no title or no language"
        elif answer.content_type != "text/html; charset=utf-8":
            wrong[rule] = answer.content_type
    assert wrong == {}


def test_every_answer_to_a_form_is_valid_html(client):
    house = furnish()
    sign_in(client, "adam")
    for rule, door in DOORS.items():
        if rule[0] != "POST" or rule[1] == "/account/logout":
            continue
        answer = client.post(door.address.format(**house), data={})
        if answer.mimetype == "text/html" and answer.status_code not in {301, 302, 303}:
            JustHTML(answer.text, strict=True)


# What nobody may read


def everything_sent(answer):
    return answer.text + str(answer.headers) if answer.mimetype != "application/octet-stream" else ""


def test_what_is_not_public_stands_in_no_answer_to_a_stranger(app):
    house = furnish()
    others = [
        f"/archives/{house['secret']}/",
        f"/archives/{house['scheduled']}/kop-van-morgen/",
        f"/?p={house['scheduled']}",
        f"/polls/{house['coming']}/",
        f"/comments/{house['held']}",
        f"/comments/{house['hidden']}",
        f"/comments/{house['removed']}",
        f"/comments/{house['under_draft']}",
        f"/archives/{house['article']}/{house['slug']}/?from={house['held']}",
        f"/archives/{house['article']}/{house['slug']}/?from={house['hidden']}",
        *(
            f"/discussions/{house['discussion']}/comments/new?parent={house[name]}"
            for name in ("held", "hidden", "removed")
        ),
    ]
    visitor = app.test_client()
    wrong = {}
    for address in [door.address.format(**house) for door in GETS.values()] + others:
        sent = everything_sent(visitor.get(address, buffered=True))
        if found := [secret for secret in SECRETS if secret in sent and secret not in address]:
            wrong[address] = found
    for rule, door in DOORS.items():
        if rule[0] == "POST":
            answer = knock(visitor, house, "POST", door)
            if found := [secret for secret in SECRETS if secret in everything_sent(answer)]:
                wrong[rule] = found
    for discussion in db.session.scalars(db.select(Discussion.id)).all():
        answer = visitor.post(f"/discussions/{discussion}/comments", data={"body": "", "parent_id": house["hidden"]})
        if found := [secret for secret in SECRETS if secret in everything_sent(answer)]:
            wrong[discussion] = found
    assert wrong == {}


@pytest.mark.parametrize("role", ["ann", "cas", "ed"])
def test_who_does_not_moderate_reads_no_hidden_words_either(client, role):
    house = furnish()
    sign_in(client, role)
    words = ("verstopte woorden", "Verstopte Naam", "wachtende woorden", "Wachtende Naam", "geheim.example")
    for rule, door in GETS.items():
        sent = everything_sent(knock(client, house, "GET", door))
        assert not [word for word in words if word in sent], rule


def test_a_guests_address_is_shown_to_nobody_at_all(client):
    house = furnish()
    sign_in(client, "adam")
    for rule, door in GETS.items():
        assert "geheim.example" not in everything_sent(knock(client, house, "GET", door)), rule


# The guest's cookie


@pytest.mark.parametrize("secure", [False, True])
def test_writing_and_voting_bring_one_cookie_that_is_not_for_scripts(make_site, app, secure):
    address = "https://www.example.nl" if secure else "http://localhost"
    site = make_site(SITE_URL=address)
    site.test_client_class = Visitor
    article, poll = make_article(), make_poll()
    sends = (
        (f"/discussions/{discussion_of(article).id}/comments", WORDS),
        (f"/polls/{poll.id}/votes", {"choice": poll.choices[0].id}),
    )
    for path, form in sends:
        visitor = site.test_client()
        answer = visitor.post(path, data=form, base_url=address)
        assert answer.status_code == 303
        cookies = cookies_of(answer)
        assert list(cookies) == ["__Host-forum_guest" if secure else "forum_guest"]
        value, rest = next(iter(cookies.values()))
        assert re.fullmatch(r"[\w-]{43}", value)
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= rest
        assert ("Secure" in rest) == secure
        assert not any(part.startswith("Domain") for part in rest)
        again = visitor.post(path, data={**form, "body": "Nog iets."}, base_url=address)
        assert not cookies_of(again)


def test_only_the_hash_of_the_cookie_is_kept(client):
    article = make_article()
    answer = client.post(f"/discussions/{discussion_of(article).id}/comments", data=WORDS)
    token = cookies_of(answer)["forum_guest"][0]
    kept = db.session.scalar(db.select(Comment.guest_key))
    assert kept == guest_key(token)
    assert token not in kept


@pytest.mark.parametrize("token", ["", "x", "a" * 42, "a" * 44, "a" * 42 + "!", "\x00" * 43, "é" * 43])
def test_a_cookie_that_we_did_not_give_is_replaced(client, token):
    article = make_article()
    answer = client.post(
        f"/discussions/{discussion_of(article).id}/comments",
        data=WORDS,
        headers={"Cookie": f"forum_guest={token}".encode().decode("latin-1")},
    )
    assert answer.status_code == 303
    assert re.fullmatch(r"[\w-]{43}", cookies_of(answer)["forum_guest"][0])


def test_what_is_refused_brings_no_cookie(client):
    article, poll = make_article(), make_poll()
    refused = client.post(
        f"/discussions/{discussion_of(article).id}/comments", data={"body": "", "author_name": "Bart"}
    )
    assert (refused.status_code, cookies_of(refused)) == (422, {})
    refused = client.post(f"/polls/{poll.id}/votes", data={})
    assert (refused.status_code, cookies_of(refused)) == (422, {})


def test_a_guest_gets_pages_made_for_them(client, app):
    article = make_article()
    client.post(f"/discussions/{discussion_of(article).id}/comments", data=WORDS)
    mine = client.get(article.url)
    assert "private" in mine.headers["Cache-Control"]
    assert "ETag" not in mine.headers
    assert 'value="Bart"' in mine.text
    theirs = app.test_client().get(article.url)
    assert 'value="Bart"' not in theirs.text
    assert "ETag" in theirs.headers


# Languages


def test_a_visitor_chooses_their_language_and_keeps_it(client, app):
    make_article()
    answer = client.post("/language", data={"language": "en", "back": "/polls/?page=1"})
    assert (answer.status_code, answer.location) == (303, "/polls/?page=1")
    value, rest = cookies_of(answer)["forum_language"]
    assert value == "en"
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= rest
    page = client.get("/").text
    assert '<html lang="en">' in page
    assert "Latest comments" in page or "Question of the day" in page
    client.post("/language", data={"language": "nl"})
    assert '<html lang="nl">' in client.get("/").text
    assert '<html lang="nl">' in app.test_client().get("/", headers={"Accept-Language": "en"}).text


def test_the_cookie_of_the_language_is_for_this_host_only_under_https(make_site, app):
    site = make_site(SITE_URL="https://www.example.nl")
    site.test_client_class = Visitor
    visitor = site.test_client()
    answer = visitor.post("/language", data={"language": "en"}, base_url="https://www.example.nl")
    _value, rest = cookies_of(answer)["__Host-forum_language"]
    assert "Secure" in rest
    assert '<html lang="en">' in visitor.get("/", base_url="https://www.example.nl").text


@pytest.mark.parametrize("language", ["", "de", "nl-BE", "EN", "<b>", "\x00", "x" * 1000])
def test_a_language_that_we_do_not_speak_changes_nothing(client, app, language):
    answer = client.post("/language", data={"language": language, "back": "/"})
    assert (answer.status_code, cookies_of(answer)) == (303, {})


def test_every_page_leads_back_to_itself_in_the_other_language(client):
    house = furnish()
    for rule, door in GETS.items():
        address = door.address.format(**house)
        answer = client.get(address, buffered=True)
        if answer.status_code != 200 or not door.is_page:
            continue
        back = JustHTML(answer.text, sanitize=False).query_one('input[name="back"]').attrs["value"]
        assert back == address, rule
        assert client.post("/language", data={"back": back}).location == address


# Our own styles and scripts


def test_styles_and_scripts_may_be_kept_for_good_under_an_address_that_changes_with_them(client, app):
    page = client.get("/").text
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page):
        answer = client.get(address, buffered=True)
        assert answer.status_code == 200, address
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        old = client.get(re.sub(r"/static/\w+/", "/static/000000000000/", address), buffered=True)
        assert (old.status_code, old.headers["Cache-Control"]) == (200, "no-cache")
        again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]}, buffered=True)
        assert again.status_code == 304
    assert app.config["STATIC_HASH"] in page


def test_nothing_outside_the_folder_is_served(client, app):
    version = app.config["STATIC_HASH"]
    for name in (
        "../pyproject.toml",
        "..%2fpyproject.toml",
        "%2e%2e/pyproject.toml",
        "/etc/passwd",
        "css",
        "",
        "css/%00",
    ):
        assert client.get(f"/static/{version}/{name}").status_code in {301, 404}, name


def test_robots_keep_out_of_what_is_personal(client, app):
    lines = client.get("/robots.txt").text.splitlines()
    for folder in ("/account/", "/desk/", "/moderation/", "/discussions/"):
        assert f"Disallow: {folder}" in lines


# Pages of lists


def test_a_page_number_is_a_number_or_one(app):
    for raw, wanted in (
        ("1", 1), ("2", 2), ("007", 7), ("999999", 999999),
        ("0", 1), ("-1", 1), ("", 1), ("abc", 1), ("1.5", 1), ("9999999", 1), ("²", 1), ("٣", 3),
    ):  # fmt: skip
        with app.test_request_context("/", query_string={"page": raw}):
            assert web.page_number() == wanted, raw


def test_a_moved_page_keeps_what_was_asked_of_it(app):
    with app.test_request_context("/oud/?from=7&x=%C3%A9"):
        answer = web.moved("/nieuw/")
        assert (answer.status_code, answer.location) == (301, "/nieuw/?from=7&x=%C3%A9")
        assert web.moved("/nieuw/?p=1").location == "/nieuw/?p=1"


def test_nobody_is_here_until_somebody_is(app):
    with app.test_request_context("/"):
        assert web.viewer() is None
        assert web.actor() is None
        assert web.reader() is None


def test_a_rows_author_is_the_user_and_not_a_stand_in(client):
    """Flask-Login gives a stand-in for the user, which must not land in a row."""
    article, ann = make_article(), make_user("ann")
    sign_in(client, "ann")
    client.post(f"/discussions/{discussion_of(article).id}/comments", data={"body": "Van Ann."})
    assert db.session.scalar(db.select(Comment.user_id)) == ann.id
    assert clock.now() >= db.session.scalar(db.select(Comment.created_at))
