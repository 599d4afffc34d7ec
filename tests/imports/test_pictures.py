"""Pictures of an old site: ours where there is one, else a captioned place."""

import pytest

from forum import text
from forum.imports.pictures import Picture, PictureUse, pictures, replace_pictures, upload_paths

OURS = Picture("/media/abc.webp", 300, 200, "Een zaal")


def known(url: str) -> Picture | None:
    return OURS if "zaal" in url else None


def replaced(source: str) -> str:
    return replace_pictures(source, known, "Beeld ontbreekt")


IMG = '<img src="/media/abc.webp" alt="Een zaal" width="300" height="200">'


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ('<img src="https://oud.example/zaal.jpg">', f"<figure>{IMG}</figure>"),
        (
            '<p><img class="alignleft" src="zaal.jpg" />Tekst</p>',
            f'<figure class="alignleft">{IMG}</figure>\n<p>Tekst</p>',
        ),
        ('<p>Voor<br />\n<img src="zaal.jpg" /><br />\nna</p>', f"<p>Voor</p>\n<figure>{IMG}</figure>\n<p>na</p>"),
        ('<p>Een <b><img src="zaal.jpg"></b> midden</p>', f"<p>Een <b>{IMG}</b> midden</p>"),
        ('<ul><li><img src="zaal.jpg"></li></ul>', f"<ul><li>{IMG}</li></ul>"),
        (
            '<figure><img src="zaal.jpg"><figcaption>Zo</figcaption></figure>',
            f"<figure>{IMG}<figcaption>Zo</figcaption></figure>",
        ),
        ('<picture><source srcset="x.webp"><img src="zaal.jpg"></picture>', f"<figure>{IMG}</figure>"),
        ('<img src="dot.gif" data-lazy-src="zaal.jpg">', f"<figure>{IMG}</figure>"),
        ('<a href="https://oud.example/zaal-groot.jpg"><img src="zaal.jpg"></a>', f"<figure>{IMG}</figure>"),
        (
            '<a href="https://kpn.example/"><img src="zaal.jpg"></a>',
            f'<figure><a href="https://kpn.example/">{IMG}</a></figure>',
        ),
    ],
)
def test_a_picture_that_is_here_stands_as_a_figure_where_one_may_stand(source: str, html: str) -> None:
    assert replaced(source) == html


@pytest.mark.parametrize(
    ("source", "html"),
    [
        (
            '<p><img src="weg.jpg" alt="KPN &amp; co">Tekst</p>',
            '<figure class="missing"><figcaption>Beeld ontbreekt: KPN &amp; co</figcaption></figure>\n<p>Tekst</p>',
        ),
        ('<img src="weg.jpg">', '<figure class="missing"><figcaption>Beeld ontbreekt</figcaption></figure>'),
        (
            '<figure class="alignleft"><a href="weg.jpg"><img src="weg.jpg"></a><figcaption>De <em>zaal</em></figcaption></figure>',
            '<figure class="missing"><figcaption>Beeld ontbreekt: De <em>zaal</em></figcaption></figure>',
        ),
        (
            '<figure><img src="attachment:12" alt=""></figure>',
            '<figure class="missing"><figcaption>Beeld ontbreekt</figcaption></figure>',
        ),
        ('<h2>Kop <img src="weg.jpg" alt="logo"></h2>', "<h2>Kop <em>Beeld ontbreekt: logo</em></h2>"),
    ],
)
def test_a_picture_that_is_missing_leaves_its_words(source: str, html: str) -> None:
    assert replaced(source) == html
    assert text.imported_html(html)


def test_smileys_become_their_sign_and_invisible_pictures_nothing() -> None:
    source = '<p>Leuk <img class="wp-smiley" src="s.gif" alt=":)"> <img src="t.gif" width="1" height="1"></p>'
    assert replaced(source) == "<p>Leuk :) </p>"
    assert pictures(source) == []


def test_the_pictures_of_a_body_are_listed_with_their_number() -> None:
    source = '<p><img class="size-full wp-image-906" src="a.jpg?x=1&amp;y=2" title="A"></p><img src="b.jpg" alt="B">'
    assert pictures(source) == [PictureUse("a.jpg?x=1&y=2", "A", 906), PictureUse("b.jpg", "B", None)]


@pytest.mark.parametrize(
    ("url", "paths"),
    [
        ("https://oud.example/wp-content/uploads/2014/06/kpn.jpg?w=604", ["2014/06/kpn.jpg"]),
        (
            "http://oud.example/blog/wp-content/uploads/2014/06/kpn-300x200.jpg",
            ["2014/06/kpn-300x200.jpg", "2014/06/kpn.jpg"],
        ),
        ("https://x.files.wordpress.com/2008/06/100_5478.jpg", ["2008/06/100_5478.jpg"]),
        ("https://oud.example/wp-content/uploads/sites/3/2014/a%20b.png", ["2014/a b.png"]),
        ("https://oud.example/wp-content/uploads/2021/kop-scaled.jpg", ["2021/kop-scaled.jpg", "2021/kop.jpg"]),
        ("2014/06/kpn.jpg", ["2014/06/kpn.jpg"]),
        ("https://oud.example/wp-content/uploads/../../etc/passwd", []),
        ("https://oud.example/wp-content/uploads/%2e%2e/%2e%2e/etc/passwd", []),
        ("https://oud.example/wp-content/uploads//etc/passwd", []),
        ("https://[kapot/x.jpg", []),
        ("data:image/gif;base64,R0lGODlhAQABAAAAACw=", []),
        ("", []),
    ],
)
def test_the_file_of_an_address_is_sought_below_the_uploads_and_never_outside(url: str, paths: list[str]) -> None:
    assert upload_paths(url) == paths
