"""What every request passes and every answer carries, at every door of the site."""

import logging
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from forum import gate
from forum.comments.models import Comment
from forum.extensions import db
from tests.conftest import Visitor
from tests.doors import DOORS, GETS, POSTS, ROLES, furnish, knock, routes
from tests.factories import PASSWORD, discussion_of, make_article, make_poll, make_user, sign_in

EVIL = "https://evil.example"

# Of a link that is none they tell what to do about it: tests/accounts.
FROM_LETTERS = ("/account/confirm/", "/account/earlier/", "/account/email/", "/account/reset/")


def browser(site: Flask) -> Visitor:
    site.test_client_class = Visitor
    return site.test_client()


def token_in(page: str) -> str:
    """The token of the form on this page."""
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]


def rows() -> dict[str, int]:
    """How many rows each table has."""
    counts = {
        table.name: db.session.scalar(select(func.count()).select_from(table)) for table in db.metadata.sorted_tables
    }
    db.session.commit()
    return counts


# Doors


def test_every_address_of_the_site_stands_in_the_list_of_doors(app):
    assert routes(app) == set(DOORS)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_enters_where_it_may_and_nowhere_else(app, client, role):
    house = furnish()
    if role != "anonymous":
        sign_in(client, role)
    wrong = {}
    for (method, rule), door in DOORS.items():
        if rule in {"/account/logout", "/account/sessions/end"}:
            continue
        status = knock(client, house, method, door).status_code
        if status != door.entry[role]:
            wrong[method, rule] = (status, door.entry[role])
    assert wrong == {}


def test_who_is_not_signed_in_is_led_to_the_sign_in_page_and_back(client, app):
    house = furnish()
    for rule, door in GETS.items():
        if door.entry["anonymous"] == 302 and door.entry["ann"] != 302:  # else it leads everybody elsewhere
            where = door.address.format(**house)
            for method in ("GET", "HEAD"):
                answer = client.open(f"{where}?page=1", method=method)
                assert answer.status_code == 302, (method, rule)
                assert answer.location == f"/account/login?next={where}?page%3D1"
    page = client.get("/account/login?next=/desk/%3Fpage%3D1").text
    token = token_in(page)
    answer = client.post(
        "/account/login",
        data={"email": "ed@example.org", "password": PASSWORD, "csrf_token": token, "next": "/desk/?page=1"},
    )
    assert (answer.status_code, answer.location) == (302, "/desk/?page=1")


def test_head_answers_as_get_does_without_a_body(client):
    house = furnish()
    wrong = {}
    for rule, door in GETS.items():
        get, head = (knock(client, house, method, door) for method in ("GET", "HEAD"))
        same = {"Content-Type", "ETag", "Location", "Cache-Control", "Vary", "Content-Length"}
        if rule.startswith("/account/"):  # the first to look is also told what happened just before
            same.remove("Content-Length")
        if get.status_code != head.status_code or head.data:
            wrong[rule] = (get.status_code, head.status_code)
        elif any(get.headers.get(name) != head.headers.get(name) for name in same if "login" not in rule):
            wrong[rule] = (dict(get.headers), dict(head.headers))
    assert wrong == {}


def test_what_an_address_does_not_do_is_405_and_says_what_it_does(client):
    house = furnish()
    posted_only = {rule for rule in POSTS if rule not in GETS}
    for rule in posted_only:
        answer = client.get(POSTS[rule].address.format(**house))
        assert answer.status_code == 405, rule
        assert "POST" in answer.headers["Allow"]
    for method in ("PUT", "DELETE", "PATCH"):
        assert client.open("/polls/", method=method).status_code == 405


@pytest.mark.parametrize(
    "number", ["0", "-1", "2147483648", "99999999999999999999", "1e3", "abc", "1.5", "%00", "٣x", "²"]
)
def test_a_number_that_is_none_is_not_found(client, number):
    house = furnish()
    wrong = {}
    for (method, rule), door in DOORS.items():
        name = re.search(r"<id:(\w+)>", rule)
        if name is None:
            continue
        address = rule.replace(name[0], number).replace("<slug>", house["slug"])
        status = client.open(address, method=method, data=door.form and {}).status_code
        if status not in ({404} if method == "GET" else {404, 405}):
            wrong[method, rule] = status
    assert wrong == {}


def test_a_number_that_nothing_has_is_not_found(client, app):
    furnish()
    sign_in(client, "adam")
    wrong = {}
    for (method, rule), door in DOORS.items():
        name = re.search(r"<id:(\w+)>", rule)
        if name is None:
            continue
        for number in ("999999", "2147483647"):
            address = rule.replace(name[0], number).replace("<slug>", "niets")
            form = {name: value for name, value in (door.form or {}).items() if "{" not in value}
            status = client.open(address, method=method, data=form if method == "POST" else None).status_code
            if status != 404:
                wrong[method, rule, number] = status
    assert wrong == {}


@pytest.mark.parametrize(
    "name",
    ["%00", "a%00b", "%ff%fe", "%ed%a0%80", "..%2f..%2fetc%2fpasswd", "%0d%0aSet-Cookie:%20a=b", "x" * 3000, "'--"],
)
def test_a_name_that_is_none_is_not_found(client, name):
    furnish()
    wrong = {}
    for rule in GETS:
        if (variable := re.search(r"<(?:path:)?(slug|name|version|token)>", rule)) is None:
            continue
        address = re.sub(r"<id:\w+>", "4040", rule.replace(variable[0], name)).replace("<path:name>", "css/nothing.css")
        answer = client.get(address)
        if answer.status_code != 404 and not rule.startswith(FROM_LETTERS):
            wrong[rule] = answer.status_code
        assert "\n" not in str(answer.headers.get("Location", ""))
    assert wrong == {}


# Origin


REFUSED_ORIGINS = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "nonsense"},
    {"Sec-Fetch-Site": ""},
    {"Origin": EVIL},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:8001"},
    {"Origin": "http://localhost@evil.example"},
    {"Origin": "http://[localhost"},
]
ALLOWED_ORIGINS = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin", "Origin": EVIL},  # a browser does not lie about the first
    {"Origin": "http://localhost"},
]


@pytest.mark.parametrize("headers", REFUSED_ORIGINS, ids=str)
def test_what_another_site_sends_is_refused_at_every_door_and_changes_nothing(client, headers):
    house = furnish()
    sign_in(client, "adam")
    before = rows()
    wrong = {}
    for rule, door in POSTS.items():
        answer = knock(client, house, "POST", door, headers=headers)
        if answer.status_code != 403 or answer.headers.getlist("Set-Cookie"):
            wrong[rule] = answer.status_code
    assert wrong == {}
    assert rows() == before
    assert client.get("/account/").status_code == 200  # not signed out either


@pytest.mark.parametrize("headers", ALLOWED_ORIGINS, ids=str)
def test_what_our_own_pages_send_is_taken(client, headers):
    house = furnish()
    for rule, door in POSTS.items():
        status = knock(client, house, "POST", door, headers=headers).status_code
        assert status == door.entry["anonymous"], rule


def test_words_that_another_site_seems_to_have_sent_go_back_to_their_writer(client):
    article = make_article()
    answer = client.post(
        f"/discussions/{discussion_of(article).id}/comments",
        data={"body": "Lang <b>betoog</b>", "author_name": "Bart"},
        headers={"Origin": "null"},
    )
    assert answer.status_code == 403
    assert "Lang &lt;b&gt;betoog&lt;/b&gt;" in answer.text


def test_reading_is_nobodys_business(client):
    make_article()
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site", "Origin": EVIL}).status_code == 200


# Headers


WANTED_HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
}


def lacking(answer: Any) -> dict[str, str | None]:
    return {
        name: answer.headers.get(name)
        for name, start in WANTED_HEADERS.items()
        if not answer.headers.get(name, "").startswith(start)
    } | ({} if "Cache-Control" in answer.headers else {"Cache-Control": None})


def test_every_answer_carries_the_security_headers(app, client):
    house = furnish()
    etag = client.get("/").headers["ETag"]
    not_modified = client.get("/", headers={"If-None-Match": etag})
    assert not_modified.status_code == 304
    answers = {(method, rule): knock(client, house, method, door) for (method, rule), door in DOORS.items()}
    answers |= {
        "unknown address": client.get("/niets"),
        "not modified": not_modified,
        "wrong slug": client.get(f"/archives/{house['article']}/anders/"),
        "no slash": client.get("/polls"),
        "wrong method": client.put("/"),
        "options": client.options("/"),
        "withdrawn": client.get(f"/archives/{house['withdrawn']}/"),
        "refused": client.post("/language", headers={"Origin": EVIL}),
    }
    assert {which: less for which, answer in answers.items() if (less := lacking(answer))} == {}


def test_the_policy_allows_nothing_from_elsewhere_and_nothing_inline(client):
    policy = client.get("/").headers["Content-Security-Policy"]
    parts = dict(part.split(" ", 1) for part in policy.split("; "))
    assert parts.pop("default-src") == "'none'"
    assert parts.pop("base-uri") == parts.pop("frame-ancestors") == "'none'"
    assert parts == dict.fromkeys(
        ["script-src", "style-src", "img-src", "media-src", "connect-src", "form-action"], "'self'"
    )


def test_a_fault_of_ours_has_the_headers_too_and_tells_nothing(make_site, app, caplog):
    site = make_site(PROPAGATE_EXCEPTIONS=False)
    site.add_url_rule("/fault", "fault", lambda: 1 / 0)
    answer = browser(site).get("/fault")
    assert answer.status_code == 500
    assert lacking(answer) == {}
    assert "ZeroDivision" not in answer.text
    number = re.search(r"nummer ([0-9a-f]{8})", answer.text)[1]
    assert f"fault {number}" in caplog.text


def test_strict_transport_security_is_for_https_only(make_site, app):
    site = make_site(SITE_URL="https://www.example.nl")
    visitor = browser(site)
    assert "Strict-Transport-Security" in visitor.get("/healthz", base_url="https://www.example.nl").headers
    assert "Strict-Transport-Security" not in visitor.get("/healthz", base_url="http://localhost").headers


def test_what_is_personal_is_never_kept_by_anybody(client):
    house = furnish()
    sign_in(client, "adam")
    for rule, door in GETS.items():
        answer = knock(client, house, "GET", door)
        if rule.startswith(("/account/", "/moderation/")):
            assert "no-store" in answer.headers["Cache-Control"], rule
        elif door.is_page and answer.status_code == 200:
            assert "private" in answer.headers["Cache-Control"], rule
            assert "ETag" not in answer.headers
            assert "Cookie" in answer.headers["Vary"]


# Host


@pytest.mark.parametrize(
    "host", ["evil.example", "www.example.nl.evil.example", "www.example.nl@evil.example", "[", ""]
)
def test_a_host_name_that_is_not_ours_is_refused(make_site, app, host):
    site = make_site(SITE_URL="https://www.example.nl", PROPAGATE_EXCEPTIONS=False)
    for method in ("GET", "POST"):
        answer = browser(site).open("/language", method=method, environ_overrides={"HTTP_HOST": host})
        assert answer.status_code == 400, (method, answer.text)
        assert lacking(answer) == {}
        assert "evil" not in answer.text


@pytest.mark.parametrize("host", ["www.example.nl", "127.0.0.1:8000", "localhost", "alias.example.nl"])
def test_our_own_host_names_are_answered(make_site, app, host):
    site = make_site(SITE_URL="https://www.example.nl", TRUSTED_HOSTS=["alias.example.nl"])
    assert browser(site).get("/", environ_overrides={"HTTP_HOST": host}).status_code == 200


def test_a_forwarded_host_counts_behind_a_trusted_proxy_only(make_site, app):
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    plain = browser(make_site(SITE_URL="https://www.example.nl"))
    answer = plain.get("/", headers=headers, base_url="http://localhost")
    assert answer.status_code == 200
    assert "Strict-Transport-Security" not in answer.headers
    behind = browser(make_site(SITE_URL="https://www.example.nl", TRUSTED_PROXIES=1))
    assert behind.get("/", headers=headers).status_code == 400
    answer = behind.get("/", headers={**headers, "X-Forwarded-Host": "www.example.nl"})
    assert "Strict-Transport-Security" in answer.headers


# Redirects


ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https://evil.example/",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/%09/evil.example\r\nSet-Cookie: a=b",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "http:///evil.example",
    "//[evil",
    "/\x00/evil.example",
    " //evil.example",
]


@pytest.mark.parametrize("target", ELSEWHERE, ids=ascii)
def test_nobody_is_led_to_another_site(client, app, target):
    make_user("ann")
    assert gate.own_path(target) is None
    answer = client.post("/language", data={"language": "en", "back": target})
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/account/login", query_string={"next": target}).status_code == 400
    page = client.get("/account/login").text
    token = token_in(page)
    form = {"email": "ann@example.org", "password": PASSWORD, "csrf_token": token, "next": target}
    assert client.post("/account/login", data=form).status_code == 400
    answer = client.post("/account/login", data={**form, "next": ""}, query_string={"next": target})
    assert answer.status_code == 400
    assert client.post("/account/logout", query_string={"next": target}).status_code == 400


@pytest.mark.parametrize(
    "target", ["/", "/desk/?a=b#c", "/archives/1/kop/#comment-2", "/tags/caf%C3%A9/", "/%09/evil.example"]
)
def test_a_path_of_ours_is_followed(client, app, target):
    assert gate.own_path(target) == target
    assert client.post("/language", data={"back": target}).location == target


@pytest.mark.parametrize(
    "path",
    ["/met%20spatie", "/caf%C3%A9", "/%5Cevil.example", "/a%0Ab", "/pagina%3Fvraag", "/%2F/evil.example", "/?a=%C3%A9"],
)
def test_who_signs_in_from_a_strange_address_stays_on_our_site(client, app, path):
    user = make_user("ann")
    where = re.search(r'href="(/account/login\?next=[^"]*)"', client.get(path).text)[1]
    page = client.get(where)
    assert page.status_code == 200
    goal = re.search(r'name="next"[^>]*value="([^"]*)"', page.text)[1]
    form = {"email": user.email, "password": PASSWORD, "csrf_token": token_in(page.text), "next": goal}
    answer = client.post("/account/login", data=form)
    assert answer.status_code == 302
    assert re.match(r"/(?![/\\])", answer.location)


def test_a_redirect_names_no_host(client):
    house = furnish()
    addresses = [
        "/polls",
        "/sections/recht",
        "//archives//1",
        f"/archives/{house['article']}",
        f"/?p={house['article']}",
    ]
    for address in addresses:
        answer = client.get(address, environ_overrides={"PATH_INFO": address} if address.startswith("//") else {})
        assert answer.status_code in {301, 308}, address
        assert re.match(r"/(?!/)", answer.location), (address, answer.location)


# What is sent


def test_what_no_text_can_hold_is_left_out_of_every_field(client):
    house = furnish()
    sign_in(client, "adam")
    wrong = {}
    for rule, door in POSTS.items():
        form = {name: f"{value}\x00".format(**house) for name, value in (door.form or {}).items()}
        answer = client.post(door.address.format(**house), data={**form, "x\x00": "\x00"})
        if answer.status_code != door.entry["adam"]:
            wrong[rule] = answer.status_code
        if rule in {"/account/logout", "/account/sessions/end"}:
            sign_in(client, "adam")
    assert wrong == {}
    assert db.session.scalar(select(Comment.id).where(Comment.body == "Een nieuw woord."))


@pytest.mark.parametrize("address", ["/?a=\xff", "/polls/?page=\xff", "/niets?\xe9", "/desk/?\xff"])
def test_an_address_that_is_no_text_is_not_understood(client, address):
    path, _, query = address.partition("?")
    assert client.get(path, environ_overrides={"QUERY_STRING": query}).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"body=\xff\xfe&author_name=Bart",
        b"body=%ff&author_name=%ed%a0%80",
        b"body=a&body=b&author_name=c",
        b"&&&=;%",
        b"%",
    ],
)
def test_a_form_that_is_no_text_is_never_a_fault(client, body):
    article = make_article()
    answer = client.post(
        f"/discussions/{discussion_of(article).id}/comments",
        data=body,
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code in {303, 400, 403, 422}  # 403: without a name it was a member's form


def test_a_form_is_sent_as_a_form(client, app):
    make_user("ann")
    for kind in ("application/json", "application/vnd.api+json"):
        for path in ("/account/login", "/language"):
            answer = client.post(path, data='{"email": 5, "password": "\\ud800"}', content_type=kind)
            assert answer.status_code == 415, (kind, path)
    answer = client.get("/account/login", headers={"Accept": "application/json"})
    assert answer.mimetype == "text/html"


def test_what_is_too_large_has_a_page_of_its_own(client):
    article = make_article()
    address = f"/discussions/{discussion_of(article).id}/comments"
    for form in ({"body": "x" * 5 * 1024 * 1024}, {f"veld{number}": "x" for number in range(1100)}):
        part = '--grens\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
        bodies = {
            "application/x-www-form-urlencoded": "&".join(f"{name}={value}" for name, value in form.items()),
            "multipart/form-data; boundary=grens": "".join(part.format(*field) for field in form.items()) + "--grens--",
        }
        for kind, body in bodies.items():
            answer = client.post(address, data=body.encode(), content_type=kind)
            assert answer.status_code == 413, (len(form), kind)
            assert lacking(answer) == {}
            assert 'class="masthead' in answer.text


# The access log


@pytest.fixture
def log(caplog):
    caplog.set_level(logging.INFO, "forum.access")
    return lambda: [record.getMessage() for record in caplog.records if record.name == "forum.access"]


def test_the_access_log_names_no_person(client, app, log):
    house = furnish()
    sign_in(client, "ann")
    client.get("/?p=1&zoek=geheim", headers={"User-Agent": "Kijker/1.0", "Referer": "https://elders.example/"})
    client.get("/niets/%0A2026-01-01%20valse%20regel?geheim=1", environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    knock(client, house, "GET", GETS["/account/first-admin/<token>"])
    client.get(f"/account/first-admin/{house['token']}/")
    client.post(f"/account/first-admin/{house['token']}", headers={"Origin": EVIL})
    lines = log()
    everything = "\n".join(lines)
    assert len(lines) >= 7
    for secret in (
        "geheim",
        "zoek",
        "?",
        "203.0.113.9",
        "127.0.0.1",
        "Kijker",
        "elders",
        house["token"],
        "example.org",
    ):
        assert secret not in everything, secret
    for line in lines:
        assert re.fullmatch(r"[A-Z]+ /[\x20-\x7e]* \d{3} \d+ \d+\.\d ms", line), line


def test_a_secret_is_not_logged_where_the_host_is_wrong_either(make_site, app, log):
    site = make_site(SITE_URL="https://www.example.nl")
    browser(site).get("/account/first-admin/het-geheim", environ_overrides={"HTTP_HOST": "evil.example"})
    assert len(log()) == 1
    assert "het-geheim" not in log()[0]


# Proxies and limits


def vote_from(visitor: Visitor, poll: int, forwarded: str) -> int:
    visitor.delete_cookie("forum_guest")
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return visitor.post(f"/polls/{poll}/votes", data={}, headers=headers).status_code


def test_a_forged_address_does_not_get_around_a_limit(make_site, app):
    poll = make_poll().id
    visitor = browser(make_site(RATE_LIMITS=True))
    statuses = [vote_from(visitor, poll, f"203.0.113.{number}") for number in range(21)]
    assert statuses == [422] * 20 + [429]


def test_behind_a_trusted_proxy_everybody_has_a_limit_of_their_own(make_site, app):
    poll = make_poll().id
    visitor = browser(make_site(RATE_LIMITS=True, TRUSTED_PROXIES=1))
    assert [vote_from(visitor, poll, f"203.0.113.{number}") for number in range(21)] == [422] * 21
    # What stands before the address that our own proxy saw is anybody's invention.
    statuses = [vote_from(visitor, poll, f"10.0.0.{number}, 203.0.113.250") for number in range(21)]
    assert statuses == [422] * 20 + [429]


def test_a_network_of_one_connection_counts_as_one(make_site, app):
    poll = make_poll().id
    visitor = browser(make_site(RATE_LIMITS=True, TRUSTED_PROXIES=1))
    statuses = [vote_from(visitor, poll, f"2001:db8:1:2::{number:x}") for number in range(21)]
    assert statuses[-1] == 429
    assert vote_from(visitor, poll, "2001:db8:1:3::1") == 422
    assert vote_from(visitor, poll, "geen adres") == 422


# Demonstration accounts


ELSEWHERE_REQUESTS = [
    {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}},
    {"environ_overrides": {"REMOTE_ADDR": ""}},
    {"base_url": "http://demo.example.nl"},
    {"base_url": "http://localhost.example.nl"},
    {"headers": {"X-Forwarded-For": "127.0.0.1"}},
    {"headers": {"Forwarded": "for=127.0.0.1"}},
    {"headers": {"X-Real-IP": "127.0.0.1"}},
    {"headers": {"Via": "1.1 proxy"}},
]


@pytest.mark.parametrize("how", ELSEWHERE_REQUESTS, ids=str)
def test_a_demonstration_account_works_on_the_machine_itself_only(client, app, how):
    make_user("ed").source = "demo"
    token = token_in(client.get("/account/login", **how).text)
    form = {"email": "ed@example.org", "password": PASSWORD, "csrf_token": token}
    answer = client.post("/account/login", data=form, **how)
    assert answer.status_code == 200
    assert "Demonstratie" in answer.text
    sign_in(client, "ed")
    assert client.get("/desk/").status_code == 200
    elsewhere = how.get("base_url", "http://localhost").removeprefix("http://")
    client.set_cookie("session", client.get_cookie("session").value, domain=elsewhere)
    assert client.get("/desk/", **how).status_code == 302


def test_an_account_of_the_site_works_from_everywhere(client, app):
    sign_in(client, "ed")
    assert client.get("/desk/", environ_overrides={"REMOTE_ADDR": "203.0.113.9"}).status_code == 200
