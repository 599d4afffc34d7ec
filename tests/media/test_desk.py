"""At the desk: pictures are taken in, described, put over and into articles, and removed when nothing shows them."""

import io
import re

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from forum.articles.models import Article
from forum.extensions import db
from forum.media.models import Media
from forum.media.operations import prepare, upload_picture
from tests.data.make_hostile_pictures import MADE
from tests.factories import make_article, make_user, sign_in
from tests.media.pictures import photo


def file(content=None, name="vlak.jpg"):
    return FileStorage(io.BytesIO(photo() if content is None else content), name)


def send(client, data, address="/desk/media/", **more):
    boundary, body = encode_multipart(data)
    return client.post(
        address, data=body, content_type=f'multipart/form-data; boundary="{boundary}"', buffered=True, **more
    )


def pictures():
    return db.session.scalars(select(Media).order_by(Media.id)).all()


def picture_of(name, **words):
    media = upload_picture(prepare(photo(colour="navy")), make_user(name), **words)
    db.session.commit()
    return media


@pytest.mark.parametrize(
    ("name", "status"), [(None, 403), ("ann", 403), ("mo", 403), ("cas", 303), ("ed", 303), ("adam", 303)]
)
def test_pictures_are_taken_in_from_staff_only(client, name, status):
    if name is not None:
        sign_in(client, name)
    assert send(client, {"picture0-file": file(), "picture0-alt": "Een vlak"}).status_code == status
    assert len(pictures()) == (status == 303)
    assert client.get("/desk/media/").status_code == {303: 200}.get(status, 302 if name is None else 403)


def test_what_was_typed_goes_with_the_picture(client):
    ed = sign_in(client, "ed")
    words = {"alt": "Een vlak", "caption": "Het vlak.", "credit": "Anna de Wit", "licence": "CC BY 4.0"}
    answer = send(client, {"picture0-file": file(), **{f"picture0-{name}": value for name, value in words.items()}})
    (media,) = pictures()
    assert {name: getattr(media, name) for name in words} == words
    assert media.uploaded_by_id == ed.id
    page = client.get(answer.location).text
    assert all(value in page for value in words.values())
    assert "![Een vlak](/media/" in page


def test_of_several_the_good_ones_are_here_and_the_others_come_back_with_their_words(client):
    sign_in(client, "ed")
    answer = send(
        client,
        {
            "picture0-file": file(),
            "picture0-alt": "Een goed plaatje",
            "picture1-file": file(MADE["a-page.jpg"][1](), "vlak.jpg"),
            "picture1-alt": "Een pagina",
            "picture1-caption": "Blijft staan <b>",
            "picture2-alt": "Vergeten te kiezen",
            "picture3-file": file(photo(colour="gold")),
        },
    )
    assert answer.status_code == 422
    assert [media.alt for media in pictures()] == ["Een goed plaatje", ""]
    form = answer.text.split('action="/desk/media/"', 1)[1].split("</form>", 1)[0]
    assert "Een goed plaatje" not in form
    for words in ("Een pagina", "Blijft staan &lt;b&gt;", "Vergeten te kiezen", "geen afbeelding die we kunnen lezen"):
        assert words in form, words


@pytest.mark.parametrize("data", [{}, {"picture0-file": "vlak.jpg"}])
def test_nothing_chosen_is_said(client, data):
    sign_in(client, "ed")
    answer = send(client, data)
    assert answer.status_code == 422
    assert "Kies een bestand." in answer.text


@pytest.mark.parametrize("name", ["a-drawing.svg", "bomb-in-the-header.png", "cut-off.jpg", "nothing.jpg"])
def test_what_is_no_picture_is_refused_with_a_sentence_and_keeps_what_was_typed(client, name):
    sign_in(client, "ed")
    answer = send(client, {"picture0-file": file(MADE[name][1](), name), "picture0-alt": "Mijn woorden"})
    assert answer.status_code == 422
    assert "Mijn woorden" in answer.text
    assert pictures() == []


def test_words_that_are_too_long_come_back(client):
    sign_in(client, "ed")
    answer = send(client, {"picture0-file": file(), "picture0-alt": "lang " * 300, "picture0-licence": "x"})
    assert answer.status_code == 422
    assert "lang " * 100 in answer.text
    assert pictures() == []


def test_long_words_are_shown_whole_and_break_nothing(client):
    sign_in(client, "ed")
    alt, caption = "Donaudampfschiff" * 60, "Een hele lange zin & <meer>. " * 60
    media = picture_of("ed", alt=alt, caption=caption)
    for address in ("/desk/media/", f"/desk/media/{media.id}/", "/desk/articles/new"):
        page = client.get(address).text
        assert alt in page
        assert "<meer>" not in page


def test_a_large_picture_is_read_from_staff_and_from_nobody_else(app, client, make_site):
    large = b"\xff\xd8\xff" + b"\0" * (6 * 1024 * 1024)
    assert send(client, {"picture0-file": file(large)}).status_code == 413
    sign_in(client, "ed")
    assert send(client, {"picture0-file": file(large)}).status_code == 422
    more = b"\xff\xd8\xff" + b"\0" * (21 * 1024 * 1024)
    answer = send(client, {"picture0-file": file(more), "picture0-alt": "Te groot"})
    assert answer.status_code == 422
    assert "20 MB" in answer.text
    assert "Te groot" in answer.text
    assert send(client, {"body": file(large)}, "/discussions/1/comments").status_code == 413


# One picture


def test_a_picture_is_described_by_its_uploader_and_by_editors(client):
    media = picture_of("ed", alt="Van Ed")
    own = picture_of("cas", alt="Van Cas")
    sign_in(client, "cas")
    assert client.get(f"/desk/media/{media.id}/").status_code == 403
    form = {"alt": "Anders", "caption": "", "credit": "", "licence": "CC0", "focus_x": "10", "focus_y": "90"}
    assert send(client, form, f"/desk/media/{media.id}/").status_code == 403
    assert send(client, {}, f"/desk/media/{media.id}/remove").status_code == 403
    assert send(client, form, f"/desk/media/{own.id}/").status_code == 303
    assert (own.alt, own.licence, own.focus_x, own.focus_y) == ("Anders", "CC0", 10, 90)
    assert media.alt == "Van Ed"
    listed = client.get("/desk/media/").text
    assert f'href="/desk/media/{own.id}/"' in listed
    assert f'href="/desk/media/{media.id}/"' not in listed
    assert "Van Ed" in listed


@pytest.mark.parametrize(
    "changes", [{"focus_x": "101"}, {"focus_y": "-1"}, {"focus_x": "midden"}, {"focus_y": ""}, {"alt": "x" * 1001}]
)
def test_what_cannot_be_is_refused_with_everything_still_in_the_form(client, changes):
    media = picture_of("ed", alt="Van Ed")
    sign_in(client, "ed")
    form = {
        "alt": "Anders",
        "caption": "Mijn bijschrift",
        "credit": "",
        "licence": "",
        "focus_x": "10",
        "focus_y": "90",
    }
    answer = send(client, form | changes, f"/desk/media/{media.id}/")
    assert answer.status_code == 422
    assert "Mijn bijschrift" in answer.text
    assert media.alt == "Van Ed"


def test_a_picture_that_is_shown_is_not_removed(client):
    media = picture_of("ed")
    over, within = make_article("Erboven", picture=media), make_article("Erin", f"![]({media.url})")
    sign_in(client, "ed")
    page = client.get(f"/desk/media/{media.id}/").text
    assert "Erboven" in page
    assert "Erin" in page
    assert send(client, {}, f"/desk/media/{media.id}/remove").status_code == 409
    over.picture, within.body = None, "Zonder."
    assert send(client, {}, f"/desk/media/{media.id}/remove").status_code == 303
    assert pictures() == []
    assert client.get("/desk/media/1/").status_code == 404


def test_there_is_no_picture_beyond_the_last(client):
    sign_in(client, "ed")
    for address in ("/desk/media/77/", "/desk/media/?page=9", "/desk/media/2147483648/"):
        assert client.get(address).status_code == 404


# In the form of an article


def test_a_picture_sent_along_stands_over_the_article(client):
    sign_in(client, "cas")
    answer = send(
        client,
        {
            "headline": "Met plaatje",
            "body": "Tekst.",
            "picture-file": file(),
            "picture-alt": "Een vlak",
            "picture-licence": "CC0",
            "picture_id": "0",
        },
        "/desk/articles/new",
    )
    assert answer.status_code == 303
    (article,) = db.session.scalars(select(Article)).all()
    (media,) = pictures()
    assert article.picture is media
    assert (media.alt, media.licence) == ("Een vlak", "CC0")
    page = client.get(answer.location).text
    assert re.search(rf'name="picture_id" value="{media.id}" checked', page)
    assert media.markdown.replace('"', "&#34;") in page


def test_a_picture_is_chosen_changed_and_taken_away(client):
    first, second = picture_of("ed", alt="Een"), picture_of("ed", alt="Twee")
    article = make_article(published=False)
    sign_in(client, "ed")
    address, based_on = f"/desk/articles/{article.id}/", "1"
    words = {"headline": article.headline, "body": article.body, "based_on": based_on}
    for chosen, expected in (
        (str(first.id), first),
        (None, first),
        (str(second.id), second),
        ("4040", None),
        ("0", None),
    ):
        data = words | ({"picture_id": chosen} if chosen is not None else {})
        assert send(client, data, address).status_code == 303
        assert article.picture is expected
    assert send(client, words | {"picture_id": "99999999999999"}, address).status_code == 303
    assert send(client, words | {"picture_id": "alles"}, address).status_code == 422


@pytest.mark.parametrize("data", [{"action": "preview"}, {"headline": "x" * 301}, {"headline": ""}])
def test_a_picture_sent_along_is_not_to_be_chosen_again_whatever_becomes_of_the_text(client, data):
    sign_in(client, "ed")
    form = {"headline": "Met plaatje", "body": "Alle tekst.", "picture-file": file(), "picture-alt": "Een vlak"}
    answer = send(client, form | data, "/desk/articles/new")
    assert "Alle tekst." in answer.text
    if data.get("headline") == "x" * 301:  # not read beyond its words
        assert answer.status_code == 422
        assert "Een vlak" in answer.text
        return
    (media,) = pictures()
    assert re.search(rf'name="picture_id" value="{media.id}" checked', answer.text)
    if "action" in data:
        assert f'src="{media.url}"' in answer.text.split("<form", 2)[1]


def test_a_refused_picture_leaves_every_word_of_the_article(client):
    sign_in(client, "ed")
    form = {"headline": "Met plaatje", "body": "Alle tekst.", "picture-alt": "Bij het plaatje"}
    answer = send(client, form | {"picture-file": file(MADE["a-drawing.svg"][1](), "a.svg")}, "/desk/articles/new")
    assert answer.status_code == 422
    for words in ("Met plaatje", "Alle tekst.", "Bij het plaatje", "SVG", "#picture-file"):
        assert words in answer.text, words
    assert db.session.scalars(select(Article)).all() == []


@pytest.mark.parametrize("name", [None, "ann", "mo"])
def test_nobody_else_sends_a_picture_in_with_an_article(client, name):
    if name is not None:
        sign_in(client, name)
    answer = send(client, {"headline": "x", "body": "y", "picture-file": file()}, "/desk/articles/new")
    assert answer.status_code == 403
    assert pictures() == []


def test_nobody_waits_to_write_while_a_picture_is_read(app, client, make_site, monkeypatch):
    """On SQLite one writes at a time: a slow picture must not hold the pen."""
    from forum.media import desk

    seen = []
    original = desk.operations.prepare

    def watching(content):
        seen.append(db.session().in_transaction())
        return original(content)

    monkeypatch.setattr(desk.operations, "prepare", watching)
    sign_in(client, "ed")
    assert send(client, {"picture0-file": file()}).status_code == 303
    assert seen == [False]
