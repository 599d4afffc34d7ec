"""Blocks, shortcodes and players of an old site's texts, each accounted for."""

import pytest

from forum import text
from forum.imports import reasons
from forum.imports.bodies import Body, article_body, comment_body
from forum.imports.records import AttachmentRecord, Note
from forum.imports.shortcodes import Gallery

OUTCOMES = pytest.mark.parametrize


def attachment(number: int, **changes: object) -> AttachmentRecord:
    facts = {"url": f"https://oud.example/wp-content/uploads/2014/06/{number}.jpg", "path": f"2014/06/{number}.jpg"}
    texts = {"title": "", "alt": f"Foto {number}", "caption": "", "credit": ""}
    return AttachmentRecord(**{"source_id": number, **facts, **texts, "parent_id": None, "position": 0, **changes})  # type: ignore[arg-type]


def body(source: str, gallery: Gallery | None = None) -> Body:
    return article_body(source, gallery or Gallery())


def account(found: Body) -> list[tuple[str, str, str]]:
    return [(use.name, use.outcome, use.reason) for use in found.shortcodes]


# --- The block editor ------------------------------------------------------------------------------------------------------


def test_markers_of_blocks_go_and_their_html_stays_as_it_is() -> None:
    source = (
        '<!-- wp:heading {"level":2} -->\n<h2>Kop</h2>\n<!-- /wp:heading -->\n\n'
        "<!-- wp:paragraph -->\n<p>Een\nregel</p>\n<!-- /wp:paragraph -->\n\n"
        "<!-- wp:more -->\n<!--more-->\n<!-- /wp:more -->\n<!-- wp:separator -->\n<hr/>\n<!-- /wp:separator -->"
    )
    assert body(source).html.split("\n") == ["<h2>Kop</h2>", "<p>Een", "regel</p>", "<hr/>"]


def test_what_stands_between_blocks_still_gets_its_paragraphs() -> None:
    source = "Klassiek\n\nbegin\n\n<!-- wp:paragraph -->\n<p>Blok</p>\n<!-- /wp:paragraph -->\n\nSlot"
    assert body(source).html == "<p>Klassiek</p>\n<p>begin</p>\n<p>Blok</p>\n<p>Slot</p>"


def test_a_block_that_the_old_site_filled_in_is_noted() -> None:
    found = body('<!-- wp:latest-posts {"a":{"b":1}} /-->\n<!-- wp:acme/teller /-->')
    assert found.html == ""
    assert found.notes == (Note(reasons.BLOCK_LEFT_OUT, "latest-posts"), Note(reasons.BLOCK_LEFT_OUT, "acme/teller"))


def test_the_more_and_next_page_marks_of_the_classic_editor_go() -> None:
    assert body("een <!--more Lees verder--> twee\n<!--nextpage-->\ndrie").html == "<p>een  twee</p>\n<p>drie</p>"


# --- Shortcodes ------------------------------------------------------------------------------------------------------------


@OUTCOMES(
    "source",
    [
        '[caption id="attachment_1" align="alignleft" width="300" caption="Een <em>zaal</em>"]<img src="a.jpg" />[/caption]',
        '[caption id="attachment_1" align="alignleft" width="300"]<img src="a.jpg" /> Een <em>zaal</em>[/caption]',
        "[wp_caption align='alignleft']<img src=\"a.jpg\" /><br />Een <em>zaal</em>[/wp_caption]",
    ],
)
def test_a_caption_of_either_age_is_a_figure(source: str) -> None:
    found = body(f"Tekst.\n\n{source}\n\nMeer.")
    assert (
        '<figure class="alignleft"><img src="a.jpg" />\n<figcaption>Een <em>zaal</em></figcaption></figure>'
        in found.html
    )
    assert account(found) == [(found.shortcodes[0].name, "figure", reasons.BECAME_FIGURE)]


def test_a_picture_with_a_caption_keeps_its_link() -> None:
    found = body('[caption width="1"]<a href="/groot"><img src="a.jpg"></a> Zaal[/caption]')
    assert found.html == '<figure><a href="/groot"><img src="a.jpg"></a>\n<figcaption>Zaal</figcaption></figure>'


def test_a_gallery_shows_the_pictures_that_it_names_or_else_those_of_its_article() -> None:
    own = attachment(3, caption="De <zaal>")
    gallery = Gallery({1: attachment(1), 3: own}, [own, attachment(4, url="https://oud.example/a.pdf")])
    named = body("[gallery ids=”1,2″]", gallery)
    assert named.html.count("<figure>") == 2
    assert 'src="https://oud.example/wp-content/uploads/2014/06/1.jpg" alt="Foto 1"' in named.html
    assert 'src="attachment:2"' in named.html
    mine = body("[gallery]", gallery)
    assert mine.html.count("<figure>") == 1
    assert "<figcaption>De &lt;zaal&gt;</figcaption>" in mine.html
    assert account(body("[gallery]")) == [("gallery", "text", reasons.NO_PICTURES)]


@OUTCOMES(
    ("source", "addresses"),
    [
        ("[audio:http://oud.example/ispam-podcast23072008.mp3]", ["http://oud.example/ispam-podcast23072008.mp3"]),
        (
            "[audio:http://a.example/1.mp3,http://a.example/2.mp3|titles=A]",
            ["http://a.example/1.mp3", "http://a.example/2.mp3"],
        ),
        ("[audio https://a.example/1.mp3]", ["https://a.example/1.mp3"]),
        ('[audio mp3="https://a.example/1.mp3" ogg="https://a.example/1.ogg"][/audio]', ["https://a.example/1.mp3"]),
        ('[video width="640" poster="https://a.example/p.jpg" mp4="/uploads/1.mp4"][/video]', ["/uploads/1.mp4"]),
        ('[embed width="100/3"]https://a.example/?a=1&amp;b=2[/embed]', ["https://a.example/?a=1&amp;b=2"]),
        ("[youtube=https://youtu.be/abc]", ["https://youtu.be/abc"]),
        ('[youtube id="jgz0uSaOZbE"]', ["https://www.youtube.com/watch?v=jgz0uSaOZbE"]),
        ("[vimeo 12345678]", ["https://vimeo.com/12345678"]),
    ],
)
def test_a_player_is_a_link_and_loads_nothing(source: str, addresses: list[str]) -> None:
    found = body(source)
    assert found.html == "\n".join(f'<p><a href="{address}">{address}</a></p>' for address in addresses)
    assert [use.outcome for use in found.shortcodes] == ["link"]


@OUTCOMES(
    "source",
    [
        "[poll id=51]",
        "[poll=51]",
        "[POLL ID = 51]",
        "[poll id='51']",
        "[poll id=51 /]",
        '[poll type="result" id="0051"]',
        '[poll id="51"][/poll]',
        "[poll id=51\ntitle=Vraag]",
        "[advpoll id=”51″ title=”Vraag van de dag” width=”100%”]",
        f"[advpoll id=”51″ title=”{'Vraag van de dag ' * 20}”]",
        "[poll id=&#8221;51&#8243;]",
    ],
)
def test_a_poll_stays_for_the_house_to_place(source: str) -> None:
    found = body(f"Stem mee: {source} Dank!")
    assert found.html == "<p>Stem mee:</p>\n[poll id=51]\n<p>Dank!</p>"
    assert [use.outcome for use in found.shortcodes] == ["poll"]
    assert text.PollEmbed(51) in text.parts(text.imported_html(found.html))


def test_what_stands_between_the_tags_of_a_poll_stays() -> None:
    found = body("[poll id=51]Stem mee![/poll]")
    assert found.html == "[poll id=51]\n<p>Stem mee![/poll]</p>"


@OUTCOMES(
    "source",
    [
        "[poll]",
        "[poll 51]",
        "[poll id=]",
        "[poll id=vijf]",
        "[poll id=1234567890]",
        '[poll title="id=5"]',
        "[poll id=5x]",
    ],
)
def test_a_poll_without_a_number_is_no_poll_here_and_no_poll_on_the_page(source: str) -> None:
    found = body(source)
    assert [use.outcome for use in found.shortcodes] == ["text"]
    shown = text.imported_html(found.html)
    assert text.parts(shown) == [shown]


def test_a_poll_in_a_paragraph_of_the_block_editor_is_placed_too() -> None:
    found = body("<!-- wp:paragraph -->\n<p>[poll id=5]</p>\n<!-- /wp:paragraph -->")
    assert text.parts(text.imported_html(found.html)) == [text.PollEmbed(5)]


@OUTCOMES(
    ("source", "name"),
    [
        ('[contact-form-7 id="3" title="Contact"]', "contact-form-7"),
        ("[page_polls]", "page_polls"),
        ("[playlist ids='1,2']", "playlist"),
        ("[b]vet[/b]", "b"),
        ("een\n[nieuwsbrief]\ntwee", "nieuwsbrief"),
        ("[poll]", "poll"),
    ],
)
def test_an_unknown_shortcode_stays_in_the_text_and_is_reported(source: str, name: str) -> None:
    found = body(source)
    assert text.plain_text(found.html).split() == text.plain_text(source).split()
    assert account(found) == [(name, "text", reasons.NOT_KNOWN)]


@OUTCOMES(
    "words",
    [
        "[sic]",
        "de [M/V] reus",
        "[…]",
        "[...]",
        "[simple boat]",
        "de [eiseres] zei",
        "[red.: nee]",
        "a[1]",
        "[[koppeling]]",
    ],
)
def test_words_in_brackets_are_no_shortcodes(words: str) -> None:
    found = body(f"Zo: {words} en verder.")
    assert found.shortcodes == ()
    assert words in found.html


@OUTCOMES(
    ("source", "words"),
    [
        ('[[gallery ids="1"]]', '[gallery ids="1"]'),
        ("[[poll id=5]]", "[poll id=5]"),
        ("[[caption]x[/caption]]", "[caption]x[/caption]"),
    ],
)
def test_an_escaped_shortcode_is_an_example(source: str, words: str) -> None:
    found = body(f"Schrijf {source} zo.")
    shown = text.imported_html(found.html)
    assert text.plain_text(shown) == f"Schrijf {words} zo."
    assert text.parts(shown) == [shown]
    assert account(found) == [(found.shortcodes[0].name, "example", reasons.ESCAPED)]


@OUTCOMES(
    ("source", "reason"),
    [
        ('[caption width="1"]<img src="a.jpg"> Zonder eind', reasons.NOT_CLOSED),
        ("[caption]geen beeld[/caption]", reasons.NO_PICTURE),
        ("[video]", reasons.NO_ADDRESS),
    ],
)
def test_a_shortcode_that_says_too_little_stays_in_the_text(source: str, reason: str) -> None:
    found = body(source)
    assert source in found.html
    assert [(use.outcome, use.reason) for use in found.shortcodes] == [("text", reason)]


# --- What comes from elsewhere ---------------------------------------------------------------------------------------------


@OUTCOMES(
    ("source", "address"),
    [
        ('<iframe src="//player.example/1" width="1"></iframe>', "//player.example/1"),
        (
            '<object data="https://a.example/1.swf"><param name="movie" value="https://a.example/2.swf"></object>',
            "https://a.example/1.swf",
        ),
        (
            '<object><param name="movie" value="https://a.example/2.swf"><embed src="https://a.example/3.swf"></object>',
            "https://a.example/2.swf",
        ),
        ('<video controls>\n<source src="https://a.example/1.mp4">\n</video>', "https://a.example/1.mp4"),
        ('<embed src="https://a.example/3.swf">', "https://a.example/3.swf"),
        ("een\n\nhttps://youtu.be/abc\n\ntwee", "https://youtu.be/abc"),
        ("<p>https://youtu.be/abc</p>", "https://youtu.be/abc"),
    ],
)
def test_a_frame_a_player_or_an_address_alone_is_a_link(source: str, address: str) -> None:
    found = body(source)
    target = address if address.startswith("http") else f"https:{address}"
    assert f'<p><a href="{target}">{target}</a></p>' in found.html
    assert found.notes == (Note(reasons.EMBED_AS_LINK, address),)


def test_an_address_among_words_stays_words() -> None:
    for source in (
        "Zie https://a.example/x voor meer.",
        "<b>Let op</b> https://a.example/x",
        "<pre>\nhttps://a.example/x\n</pre>",
    ):
        assert "<a" not in body(source).html


def test_scripts_and_styles_go_with_what_is_in_them() -> None:
    assert body("een<script>\nalert(1)\n\n</script> twee<style>p{}</style>").html == "<p>een twee</p>"


def test_a_picture_behind_the_text_is_noted() -> None:
    found = body('<div style="background-image:url(https://a.example/x.jpg)">tekst</div>')
    assert found.notes == (Note(reasons.BACKGROUND_LEFT_OUT, "https://a.example/x.jpg"),)


def test_a_comment_gets_its_paragraphs_and_later_its_links() -> None:
    html = comment_body("Zie https://a.example/x\n\n[poll id=5] &lt;b&gt;")
    assert html == "<p>Zie https://a.example/x</p>\n<p>[poll id=5] &lt;b&gt;</p>"
    assert 'href="https://a.example/x"' in text.imported_comment_html(html)
