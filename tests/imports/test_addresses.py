"""Old addresses over HTTP: each leads to where its thing stands now, and none of ours is hidden by one."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from forum.articles import operations as articles
from forum.articles.models import Redirect
from forum.extensions import db
from forum.imports import reasons
from tests.factories import make_article, make_user
from tests.imports import exports
from tests.imports.conftest import Load, article


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.xml"


def old(path: str) -> str:
    return f"https://oud.example{path}"


@pytest.mark.parametrize(
    ("link", "asked"),
    [
        ("/2014/06/23/boete-voor-kpn/", "/2014/06/23/boete-voor-kpn/"),
        ("/2014/06/23/boete-voor-kpn/", "/2014/06/23/boete-voor-kpn"),
        ("/2014/06/23/boete-voor-kpn", "/2014/06/23/boete-voor-kpn/?utm_source=x"),
        ("/2014/06/boete.html", "/2014/06/boete.html"),
        ("/recht/boete-voor-kpn/", "/recht/boete-voor-kpn/"),
        ("/2014/06/caf%C3%A9-%e2%82%ac/", "/2014/06/caf%c3%a9-%E2%82%AC/"),
        ("/2014/06/23/boete-voor-kpn/", "/2014/06/23/eerste-kop/"),
        ("/2014/06/23/boete-voor-kpn/", "/?p=7"),
        ("/?p=7", "/?p=7"),
        ("/archives/7/boete-voor-kpn/", "/archives/7/eerste-kop/"),
    ],
)
def test_an_old_address_of_an_article_leads_to_it(
    load: Load, file: Path, client: FlaskClient, link: str, asked: str
) -> None:
    earlier = exports.meta("_wp_old_slug", "eerste-kop")
    load(exports.write(file, exports.post(7, "x", earlier, link=old(link), wp__post_name="boete-voor-kpn")))
    answer = client.get(asked)
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (301, "/archives/7/boete-voor-kpn/")
    assert client.head(asked).status_code == 301


@pytest.mark.parametrize(
    "asked", ["/over-ons/", "/over-ons", "/?page_id=8", "/?p=8", "/pages/wie-wij-zijn/", "/archives/8/"]
)
def test_an_old_address_of_a_page_leads_to_it(load: Load, file: Path, client: FlaskClient, asked: str) -> None:
    load(exports.write(file, exports.page(8, "over-ons", exports.meta("_wp_old_slug", "wie-wij-zijn"))))
    answer = client.get(asked)
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (301, "/pages/over-ons/")


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        ("/category/techniek/interviews/", "/sections/interviews/"),
        ("/archives/category/interviews/", "/sections/interviews/"),
        ("/tag/kpn/", "/tags/kpn/"),
        ("/archives/tag/kpn", "/tags/kpn/"),
        ("/author/ann/", "/authors/ann-de-wit/"),
    ],
)
def test_an_old_list_leads_to_ours(load: Load, file: Path, client: FlaskClient, asked: str, target: str) -> None:
    head = [
        exports.author("ann", "Ann de Wit"),
        exports.category("techniek", "Techniek"),
        exports.category("interviews", "Interviews", "techniek"),
    ]
    labels = exports.label("category", "interviews", "Interviews"), exports.label("post_tag", "kpn", "KPN")
    load(exports.write(file, exports.post(1, "x", *labels), head=head))
    answer = client.get(asked)
    assert (answer.status_code, answer.headers["Location"]) == (301, target)


def test_a_site_that_began_below_a_folder_is_found_there(load: Load, file: Path, client: FlaskClient) -> None:
    labels = exports.label("category", "recht", "Recht")
    item = exports.post(7, "x", labels, link=old("/blog/2014/bericht-7/"))
    load(exports.write(file, item, site="https://oud.example/blog"))
    assert client.get("/blog/").headers["Location"] == "/"
    assert client.get("/blog/?p=7").headers["Location"] == "/?p=7"
    assert client.get("/blog/2014/bericht-7/").headers["Location"] == "/archives/7/bericht-7/"
    assert client.get("/blog/category/recht/").headers["Location"] == "/sections/recht/"


def test_an_old_address_follows_what_it_leads_to(load: Load, file: Path, client: FlaskClient, now: Any) -> None:
    load(exports.write(file, exports.page(8, "over-ons")))
    here = article(8)
    here.slug = "colofon"
    assert client.get("/over-ons/").headers["Location"] == "/pages/colofon/"
    articles.withdraw(here, make_user("ed"))
    now.set(2027, 1, 1)
    gone = client.get("/over-ons/", follow_redirects=True)
    assert gone.status_code in {404, 410}


@pytest.mark.parametrize("status", ["private", "draft", "pending", "future"])
def test_an_old_address_of_what_readers_may_not_see_leads_nowhere(
    load: Load, file: Path, client: FlaskClient, status: str
) -> None:
    hidden = {"wp__status": status, "wp__post_date_gmt": "2099-01-01 08:00:00", "wp__post_name": "geheim-plan"}
    load(exports.write(file, exports.post(7, "x", link=old("/2099/01/plan/"), **hidden)))
    answer = client.get("/2099/01/plan/")
    assert answer.status_code == 404
    assert "geheim-plan" not in answer.text


def test_an_address_of_ours_is_never_hidden_by_an_old_one(load: Load, file: Path, client: FlaskClient) -> None:
    own = make_article("Van ons")
    db.session.commit()
    items = [exports.page(8, "polls"), exports.post(900, link=old(own.url))]
    load(exports.write(file, *items))
    assert client.get("/polls/").status_code == 200
    assert client.get(own.url).status_code == 200


def test_an_old_address_that_leads_elsewhere_already_is_left_so_and_reported(
    load: Load, file: Path, client: FlaskClient
) -> None:
    db.session.add(Redirect(path="/contact/", target="/pages/schrijf-ons/"))
    db.session.commit()
    report = load(exports.write(file, exports.page(8, "contact")))
    assert report.notes[reasons.ADDRESS_TAKEN] == ["8 Bericht 8: /contact/"]
    assert client.get("/contact/").headers["Location"] == "/pages/schrijf-ons/"


@pytest.mark.parametrize("link", ["/", "", "//elders.example/x", "/een%00twee/", "/een%0d%0atwee/", f"/{'x' * 600}/"])
def test_an_address_that_cannot_be_asked_for_is_not_kept(
    load: Load, file: Path, client: FlaskClient, link: str
) -> None:
    load(exports.write(file, exports.post(7, link=old(link) if link.startswith("/") else link)))
    assert db.session.get(Redirect, link) is None
    assert all(path.isprintable() and len(path) <= 500 for (path,) in db.session.query(Redirect.path))
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("get", "/geen/enkel/adres/", 404),
        ("head", "/geen/enkel/adres/", 404),
        ("post", "/geen/enkel/adres/", 404),
        ("post", "/over-ons/", 404),
        ("get", "/language", 405),
        ("post", "/healthz", 405),
        ("post", "/", 405),
        ("get", "/media/over-ons", 404),
        ("get", "/archives/99999999999/x/", 404),
        ("get", "/?p=99999999999", 404),
        ("get", "/?p=999999999999999999999", 200),
        ("get", "/%2e%2e/etc/passwd", 404),
    ],
)
def test_every_other_answer_stays_what_it_was(
    load: Load, file: Path, client: FlaskClient, method: str, path: str, status: int
) -> None:
    load(exports.write(file, exports.page(8, "over-ons")))
    assert client.open(path, method=method.upper()).status_code == status
