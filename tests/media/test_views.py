"""Pictures come from a path where nothing may run, and texts offer every size of them."""

import pytest

from forum.extensions import db
from forum.media.models import Media
from forum.media.operations import add_picture
from forum.media.storage import storage
from forum.media.views import in_all_sizes
from tests.factories import make_article
from tests.media.pictures import do_jobs, kept, photo


def test_a_picture_may_be_kept_for_good_and_may_not_do_a_thing(client):
    media = add_picture(photo())
    answer = client.get(media.url, buffered=True)
    assert answer.data == kept(media.name)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Disposition"] == "inline"
    assert "Set-Cookie" not in answer.headers
    again = client.get(media.url, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    head = client.head(media.url, buffered=True)
    assert (head.status_code, head.data, head.content_length) == (200, b"", len(answer.data))


@pytest.mark.parametrize(
    "name",
    [
        "a.jpg",
        "0" * 24 + ".svg",
        "0" * 24 + ".html",
        "0" * 24 + ".jpg.html",
        "waiting/" + "0" * 24,
        "0" * 24,
        "..%2Fsecrets.toml",
    ],
)
def test_nothing_else_is_served_from_there(client, name):
    storage().write("0" * 24 + ".html", b"<script>")
    storage().write("waiting/" + "0" * 24, b"x")
    assert client.get(f"/media/{name}").status_code == 404


def test_a_picture_from_before_is_served_as_what_it_is(client):
    name = "ab" * 12 + "-480.webp"
    storage().write(name, photo(480, 300, kind="WEBP"))
    assert client.get(f"/media/{name}", buffered=True).headers["Content-Type"] == "image/webp"


def test_an_article_shows_its_picture_with_all_that_is_said_of_it(app, client):
    media = add_picture(photo(900, 600), alt="Een <vlak>", caption="Het vlak.", credit="Anna de Wit")
    media.licence, media.focus_x, media.focus_y = "CC BY 4.0", 20, 80
    article = make_article(picture=media)
    early = client.get(article.url).text
    assert f'src="{media.url}"' in early
    assert "<picture>" not in early
    do_jobs(app)
    page = client.get(article.url).text
    for words in (
        'alt="Een &lt;vlak&gt;"',
        "Het vlak.",
        "Anna de Wit, CC BY 4.0",
        '<source type="image/avif" srcset="/media/',
        '<source type="image/webp" srcset="/media/',
        'width="900" height="600"',
    ):
        assert words in page, words
    front = client.get("/").text
    assert 'class="focus--1-3"' in front
    assert f'src="{media.url}"' in front


def test_a_picture_in_a_text_is_offered_in_every_size(app, client):
    media = add_picture(photo(900, 600), alt="Een vlak")
    article = make_article(body=f"Kijk:\n\n{media.markdown}\n\nEn een die er niet is: ![x](/media/{'0' * 24}.jpg)")
    do_jobs(app)
    page = client.get(article.url).text
    assert page.count("<picture>") == 1
    assert f'srcset="/media/{media.stem}-400.avif 400w' in page
    assert f'<img src="/media/{"0" * 24}.jpg"' in page


def test_only_pictures_of_ours_are_touched_in_a_text(app, session):
    session.add(add_picture(photo(900, 600)))
    name = "cd" * 12 + ".jpg"
    session.add(Media(name=name, width=900, height=600, widths="400", formats="avif", created_at=db.func.now()))
    session.flush()
    for html in (
        f'<p title="<img src=&quot;/media/{name}&quot;>">x</p>',
        '<img src="/media/elders.jpg" alt="">',
        f'<code>&lt;img src="/media/{name}"&gt;</code>',
        "",
    ):
        assert in_all_sizes(html) == html
    assert in_all_sizes(f'<img alt="a > b" src="/media/{name}" width="5" height="6">') == (
        f'<picture><source type="image/avif" srcset="/media/{"cd" * 12}-400.avif 400w, /media/{"cd" * 12}.avif 900w" '
        'sizes="(min-width: 48rem) 42rem, 100vw">'
        f'<img alt="a > b" src="/media/{name}" width="5" height="6" srcset="/media/{"cd" * 12}-400.jpg 400w, /media/{name} 900w" '
        'sizes="(min-width: 48rem) 42rem, 100vw"></picture>'
    )
