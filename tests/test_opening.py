"""A site in earnest opens when it has said who publishes it and how to reach them, and when its mail leaves."""

import pytest
from justhtml import JustHTML

from forum.extensions import db
from forum.settings import operations as settings
from forum.settings import queries
from tests.conftest import Visitor
from tests.factories import make_article, make_user, sign_in

EARNEST = {"SITE_URL": "https://www.proef.example", "TESTING": False}
SMTP = {"MAIL_BACKEND": "smtp", "MAIL_HOST": "127.0.0.1", "MAIL_PORT": 9}
SAID = {"name": "De Proef", "tagline": "", "imprint": "Proef BV, KvK 12", "contact": "Redactie@proef.example"}


class AtItsAddress(Visitor):
    """A browser that went to the site's own address."""

    def open(self, *args, **kwargs):
        return super().open(*args, base_url=self.application.config["SITE_URL"] or None, **kwargs)


@pytest.fixture
def visit(make_site, app):
    """A browser at a site with these settings."""

    def visit(**settings):
        site = make_site(**settings)
        site.test_client_class = AtItsAddress
        return site.test_client()

    return visit


def test_a_site_in_earnest_is_closed_until_it_says_who_publishes_it(visit):
    article = make_article()
    reader, admin, second = visit(**EARNEST, **SMTP), visit(**EARNEST, **SMTP), visit(**EARNEST, **SMTP)
    answer = reader.get(article.url)
    JustHTML(answer.text, strict=True)
    assert (answer.status_code, answer.headers["Retry-After"], answer.headers["Cache-Control"]) == (
        503,
        "3600",
        "no-store",
    )
    assert "Nog niet open" in answer.text
    assert reader.post("/polls/1/votes").status_code == 503
    assert [reader.get(path).status_code for path in ("/healthz", "/account/login")] == [200, 200]
    sign_in(admin, "adam")
    assert admin.get("/").status_code == 200
    assert "nog niet open" in admin.get("/desk/setup/").text
    assert admin.post("/desk/setup/", data=SAID).status_code == 303
    assert queries.site().contact == "redactie@proef.example"
    page = second.get("/")
    assert page.status_code == 200
    assert "mailto:redactie@proef.example" in page.text
    assert reader.get("/").status_code == 200


@pytest.mark.parametrize("missing", ["name", "imprint", "contact"])
def test_what_is_missing_comes_back_with_what_was_typed_and_the_site_stays_closed(visit, missing):
    admin = visit(**EARNEST, **SMTP)
    sign_in(admin, "adam")
    answer = admin.post("/desk/setup/", data=SAID | {"tagline": "Mijn regel", missing: " "})
    assert answer.status_code == 422
    assert "Mijn regel" in answer.text
    assert not queries.is_opened()


def test_a_contact_is_an_address(visit):
    admin = visit()
    sign_in(admin, "adam")
    assert admin.post("/desk/setup/", data=SAID | {"contact": "zomaar iets"}).status_code == 422


def test_a_site_whose_letters_stay_in_a_folder_does_not_open(visit):
    admin, reader = visit(**EARNEST, MAIL_BACKEND="folder"), visit(**EARNEST, MAIL_BACKEND="folder")
    sign_in(admin, "adam")
    answer = admin.post("/desk/setup/", data=SAID)
    assert (answer.status_code, answer.location) == (303, "/desk/setup/")
    assert "MAIL_BACKEND" in admin.get("/desk/setup/").text
    assert queries.site().imprint == SAID["imprint"]
    assert reader.get("/").status_code == 503


@pytest.mark.parametrize("address", ["", "http://127.0.0.1:8000", "http://localhost:8000"])
def test_a_site_on_trial_is_open_and_keeps_what_was_typed(visit, address):
    admin = visit(SITE_URL=address, TESTING=False)
    assert admin.get("/").status_code == 200
    sign_in(admin, "adam")
    assert admin.post("/desk/setup/", data=SAID).location == "/desk/"
    assert queries.site().name == "De Proef"


def test_the_demonstration_is_never_in_earnest(visit):
    make_user("ann").source = "demo"
    assert visit(**EARNEST).get("/").status_code == 200


@pytest.mark.parametrize(("name", "code"), [("ann", 503), ("cas", 200), ("mo", 200)])
def test_only_who_works_here_sees_a_closed_site(visit, name, code):
    visitor = visit(**EARNEST)
    sign_in(visitor, name)
    assert visitor.get("/").status_code == code


def test_what_a_public_site_must_say_is_not_emptied_again(visit, make_site):
    with make_site(**EARNEST).test_request_context():
        settings.change(imprint="Proef BV")
        with pytest.raises(settings.InvalidSetting):
            settings.change(imprint="")
    db.session.rollback()


def test_the_page_says_where_the_machine_is_told_what(visit, app, monkeypatch):
    monkeypatch.setenv("FORUM_MAIL_HOST", "127.0.0.1")
    admin = visit(**SMTP, MAIL_FROM="redactie@proef.example")
    sign_in(admin, "adam")
    page = admin.get("/desk/setup/").text
    JustHTML(page, strict=True)
    assert "FORUM_MAIL_HOST" in page
    assert "nergens: de gewone waarde" in page


def test_a_test_letter_goes_to_the_admin_and_nothing_typed_is_lost(visit):
    admin = visit()
    sign_in(admin, "adam")
    answer = admin.post("/desk/setup/", data=SAID | {"imprint": "", "tagline": "Mijn regel", "action": "test"})
    assert answer.status_code == 200
    assert "Mijn regel" in answer.text
    assert "aan adam@example.org is onderweg" in answer.text
    assert queries.site().tagline == ""
