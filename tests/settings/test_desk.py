"""The settings of the site in the browser."""

import re

import pytest

from forum.articles.models import Article, Author, AuthorAlias, Section
from forum.extensions import db
from forum.media.models import Media
from forum.settings import operations as settings
from forum.settings import queries
from forum.settings.models import SettingChange
from tests.factories import discussion_of, make_article, make_section, make_user, sign_in
from tests.media.pictures import do_jobs, photo
from tests.media.test_desk import file, send

DOORS = tuple(f"/desk/settings/{page}" for page in ("", "log/", "sections/", "pages/", "authors/"))


def filled(**changes):
    """Return the form as the page sends it."""
    site = queries.site()
    shown = {name: getattr(site, name) for name in site.__dataclass_fields__} | changes
    return {name: value for name, value in shown.items() if value is not False}  # a box that is not ticked is not sent


def test_a_changed_setting_is_on_the_next_page(client):
    make_article()
    sign_in(client, "adam")
    answer = client.post(
        "/desk/settings/", data=filled(name="De Proef", tagline="Onpartijdig", imprint="Proef BV\nKvK 12")
    )
    assert answer.status_code == 303
    client.delete_cookie("session")
    page = client.get("/").text
    assert "De Proef" in page
    assert "Onpartijdig" in page
    assert "Proef BV<br>KvK 12" in page


def test_every_change_is_kept_with_who_made_it_and_can_be_taken_back(client):
    admin = sign_in(client, "adam")
    client.post("/desk/settings/", data=filled(name="De Proef"))
    (change,) = db.session.scalars(db.select(SettingChange)).all()
    assert (change.name, change.old_value, change.new_value, change.user_id) == ("name", "Forum", "De Proef", admin.id)
    assert "De Proef" in client.get("/desk/settings/log/").text
    assert client.post(f"/desk/settings/log/{change.id}/take-back").status_code == 303
    assert queries.site().name == "Forum"
    assert client.post(f"/desk/settings/log/{change.id}/take-back").status_code == 409


def test_what_was_not_changed_is_no_change(client):
    sign_in(client, "adam")
    client.post("/desk/settings/", data=filled())
    assert db.session.scalars(db.select(SettingChange)).all() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("accent", "#ffff00"),
        ("accent", "rood"),
        ("name", ""),
        ("comments_per_page", "0"),
        ("comments_per_page", "veel"),
        ("discussion_mode", "soms"),
        ("publication_time", "half acht"),
        ("publication_time", "25:00"),
        ("navigation", "Over ons"),
        ("navigation", "Over ons //elders.example"),
        ("navigation", "Klik javascript:alert(1)"),
        ("contact", "geen adres"),
    ],
)
def test_a_setting_that_cannot_be_comes_back_with_what_was_typed(client, field, value):
    sign_in(client, "adam")
    answer = client.post("/desk/settings/", data=filled(tagline="Mijn regel", **{field: value}))
    assert answer.status_code == 422
    assert "Mijn regel" in answer.text
    assert queries.site().tagline == ""


def test_an_accent_colours_every_page(client):
    sign_in(client, "adam")
    client.post("/desk/settings/", data=filled(accent="#7A1F2B"))
    address = re.search(r'rel="stylesheet" href="([^"]+)"', client.get("/polls/").text)[1]
    assert address.endswith("/css/main-7a1f2b.css")
    style = client.get(address)
    assert "#7a1f2b" in style.text
    assert ".masthead" in style.text
    assert style.content_type.startswith("text/css")
    assert client.get(address.replace("7a1f2b", "ffff00")).status_code == 404
    assert client.get(address.replace("7a1f2b", "javasc")).status_code == 404


def test_a_colour_that_is_too_light_is_told_its_contrast_in_the_language_of_the_page(client):
    sign_in(client, "adam")
    answer = client.post("/desk/settings/", data=filled(accent="#aaaaaa"))
    assert "het contrast is 2, en dat moet minstens 4,5 zijn" in answer.text


def test_a_logo_stands_for_the_name_is_read_as_the_name_and_can_be_taken_back(client):
    sign_in(client, "adam")
    client.post("/desk/settings/", data=filled(name="De Proef"))
    answer = send(client, {"file": file(photo(300, 80))}, "/desk/settings/logo")
    assert (answer.status_code, answer.location) == (303, "/desk/settings/")
    media = db.session.scalars(db.select(Media)).one()
    do_jobs(client.application)
    page = client.get("/polls/").text
    assert f'src="{media.url}"' in page
    assert 'alt="De Proef"' in page
    assert f"/media/{media.stem}.webp" in page
    assert client.post(f"/desk/media/{media.id}/remove").status_code == 409
    change = db.session.scalars(queries.changes()).first()
    assert change.name == "logo"
    client.post(f"/desk/settings/log/{change.id}/take-back")
    assert media.url not in client.get("/polls/").text


def test_what_is_no_picture_is_no_logo(client):
    sign_in(client, "adam")
    for data in ({"file": file(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.svg")}, {}):
        answer = send(client, data, "/desk/settings/logo")
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    send(client, {"file": file()}, "/desk/settings/logo")
    assert queries.site().logo
    send(client, {"action": "remove"}, "/desk/settings/logo")
    assert queries.site().logo == 0


def test_the_navigation_has_more_than_sections(client):
    sign_in(client, "adam")
    client.post("/desk/settings/", data=filled(navigation="Over ons /pages/over/\nStatus https://status.proef.example"))
    page = client.get("/polls/").text
    assert '<a href="/pages/over/">Over ons</a>' in page
    assert '<a href="https://status.proef.example">Status</a>' in page


def test_a_standing_page_is_begun_written_and_becomes_the_house_rules(client):
    article = make_article()
    sign_in(client, "adam")
    begun = client.post("/desk/settings/pages/", data={"headline": "Huisregels"})
    page = db.session.scalars(db.select(Article).where(Article.kind == "page")).one()
    assert (begun.status_code, begun.location) == (303, f"/desk/articles/{page.id}/")
    assert "Concept" in client.get("/desk/settings/pages/").text
    fields = {"headline": "Huisregels", "body": "Wees aardig.", "based_on": "0", "action": "publish"}
    client.post(f"/desk/articles/{page.id}/", data=fields)
    assert client.post("/desk/settings/", data=filled(house_rules="huisregels")).status_code == 303
    assert "(Huisregels)" in client.get("/desk/settings/pages/").text
    assert "/pages/huisregels/" in client.get(article.url).text.split('class="form comment-form"')[1]


def test_the_desk_can_be_asked_for_a_second_step_in_the_browser(client):
    sign_in(client, "adam")
    assert client.post("/desk/settings/", data=filled(staff_needs_second_factor="y")).status_code == 303
    assert queries.site().staff_needs_second_factor
    assert client.get("/desk/").location == "/account/?needed=1"


def test_the_desk_offers_the_usual_time_of_publication(client, now):
    sign_in(client, "adam")
    assert 'value="schedule' not in client.get("/desk/articles/new").text
    client.post("/desk/settings/", data=filled(publication_time="07:30"))
    page = client.get("/desk/articles/new").text
    assert "Plan in op 23 november 2026 07:30 uur" in page  # 14:05 has passed it
    fields = {"headline": "Kop", "body": "Tekst.", "action": "schedule 2026-11-23T07:30:00+01:00"}
    client.post("/desk/articles/new", data=fields)
    article = db.session.scalars(db.select(Article)).one()
    assert article.published_at.isoformat() == "2026-11-23T06:30:00+00:00"
    assert client.get(article.url).status_code == 404


@pytest.mark.parametrize("name", ["ann", "cas", "ed", "mo"])
@pytest.mark.parametrize("door", DOORS)
def test_settings_are_the_admins(client, door, name):
    sign_in(client, name)
    assert client.get(door).status_code == 403


def test_an_admin_reads_every_page_of_the_settings(client):
    make_article(section=make_section())
    sign_in(client, "adam")
    for door in DOORS:
        assert client.get(door).status_code == 200, door


def test_new_discussions_are_as_the_site_asks(client, now):
    settings.change(discussion_mode="members", close_after_days=7)
    article = make_article()
    discussion = discussion_of(article)
    assert discussion.mode == "members"
    assert (discussion.closes_at - article.published_at).days == 7


def test_sections_are_made_changed_and_removed_only_when_empty(client):
    sign_in(client, "adam")
    client.post("/desk/settings/sections/", data={"name": "Recht & orde", "description": "Vonnissen", "position": "1"})
    (section,) = db.session.scalars(db.select(Section)).all()
    assert section.slug == "recht-orde"
    changed = {"name": "Recht", "description": "", "position": "2", "colour": "green"}
    client.post(f"/desk/settings/sections/{section.id}/", data=changed)
    assert (section.name, section.slug, section.position) == ("Recht", "recht-orde", 2)
    refused = client.post(f"/desk/settings/sections/{section.id}/", data={**changed, "colour": "neon"})
    assert refused.status_code == 422
    article = make_article(section=section)
    assert 'class="kicker kicker--green" href="/sections/recht-orde/"' in client.get("/").text
    assert 'class="kicker kicker--green" href="/sections/recht-orde/"' in client.get(article.url).text
    refused = client.post(
        f"/desk/settings/sections/{section.id}/", data={"action": "remove", "name": "Recht", "position": "2"}
    )
    assert refused.status_code == 422
    article.section = None
    gone = client.post(
        f"/desk/settings/sections/{section.id}/", data={"action": "remove", "name": "Recht", "position": "2"}
    )
    assert gone.status_code == 303
    assert db.session.scalars(db.select(Section)).all() == []


def test_two_spellings_become_one_author_and_both_addresses_lead_there(client):
    one, other = (
        Author(name=name, slug=slug)
        for name, slug in (("A. Veenman", "a-veenman"), ("Arnout Veenman", "arnout-veenman"))
    )
    db.session.add_all([one, other])
    db.session.flush()
    article = make_article(authors=[one])
    number, one_id, other_id = article.id, one.id, other.id
    sign_in(client, "adam")
    data = {"name": "A. Veenman", "kind": "person", "bio": "", "merge_into": str(other_id)}
    assert client.post(f"/desk/settings/authors/{one_id}/", data=data).status_code == 303
    assert [author.id for author in db.session.get(Article, number).authors] == [other_id]
    assert db.session.get(AuthorAlias, "a-veenman").author_id == other_id
    moved = client.get("/authors/a-veenman/")
    assert (moved.status_code, moved.location) == (301, "/authors/arnout-veenman/")


def test_a_renamed_author_keeps_the_old_spelling(client):
    author = Author(name="Veenman", slug="veenman")
    db.session.add(author)
    db.session.flush()
    number = author.id
    sign_in(client, "adam")
    client.post(
        f"/desk/settings/authors/{number}/",
        data={"name": "Arnout Veenman", "kind": "organisation", "bio": "Schrijft.", "merge_into": "0"},
    )
    assert (author.name, author.is_organisation, author.bio) == ("Arnout Veenman", True, "Schrijft.")
    assert "Veenman" in client.get(f"/desk/settings/authors/{number}/").text
    assert [alias.name for alias in author.aliases] == ["Veenman"]


def test_an_author_of_one_account_does_not_become_one_of_another(client):
    one, other = (Author(name=name, slug=name, user_id=make_user(name).id) for name in ("ann", "cas"))
    db.session.add_all([one, other])
    db.session.flush()
    number, into = one.id, other.id
    sign_in(client, "adam")
    data = {"name": "ann", "kind": "person", "bio": "", "merge_into": str(into)}
    assert client.post(f"/desk/settings/authors/{number}/", data=data).status_code == 422
