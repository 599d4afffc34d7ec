"""Paragraphs from the blank lines of an old site."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum import text
from forum.imports.autop import autop


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("een\n\ntwee\ndrie", "<p>een</p>\n<p>twee<br />\ndrie</p>"),
        ("een\r\n\r\ntwee", "<p>een</p>\n<p>twee</p>"),
        ("een\n \t\ntwee", "<p>een</p>\n<p>twee</p>"),
        ("  \n\n ", ""),
        ("een<br>\ntwee<br/>\ndrie<br />\nvier", "<p>een<br />\ntwee<br />\ndrie<br />\nvier</p>"),
        ("een<br>\n<br/>\ntwee<br/>\n<br />\n", "<p>een</p>\n<p>twee</p>"),
        ("&nbsp;\n\neen", "<p>&nbsp;</p>\n<p>een</p>"),
    ],
)
def test_a_blank_line_ends_a_paragraph_and_a_line_break_is_a_break(source: str, html: str) -> None:
    assert autop(source) == html


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("een<div>twee</div>drie", "<p>een</p>\n<div>twee</div>\n<p>drie</p>"),
        ("een<hr>twee", "<p>een</p>\n<hr>\n<p>twee</p>"),
        ("<h2>een</h2>\ntwee", "<h2>een</h2>\n<p>twee</p>"),
        ("<ul>\n<li>een</li>\n<li>twee</li>\n</ul>", "<ul><li>een</li>\n<li>twee</li></ul>"),
        ("<table>\n<tr>\n<td>een\ntwee</td>\n</tr>\n</table>", "<table><tr><td>een<br />\ntwee</td></tr></table>"),
        ("<div>\n\neen\n\n</div>", "<div><p>een</p></div>"),
        ("<li>een<ul><li>twee</li></ul>drie</li>", "<li>een\n<ul><li>twee</li></ul>\n<p>drie</p></li>"),
        (
            "<figure>\n<img src='x'>\n<figcaption>een</figcaption>\n</figure>",
            "<figure><img src='x'>\n<figcaption>een</figcaption></figure>",
        ),
    ],
)
def test_a_block_stands_by_itself_and_what_is_right_within_it_gets_no_paragraph(source: str, html: str) -> None:
    assert autop(source) == html


def test_what_a_quote_says_is_a_paragraph() -> None:
    assert autop("<blockquote>een</blockquote>") == "<blockquote><p>een</p></blockquote>"


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("<p>een</p>\n\n<p>twee</p>", "<p>een</p>\n<p>twee</p>"),
        ('<p class="x">een\n\ntwee</p>drie', '<p class="x">een</p>\n<p>twee</p>\n<p>drie</p>'),
        ("<p></p>een", "<p>een</p>"),
        ("<p>een<div>twee</div>drie</p>", "<p>een</p>\n<div>twee</div>\n<p>drie</p>"),
        ("<blockquote>\n<p>een</p>\n</blockquote>", "<blockquote><p>een</p></blockquote>"),
    ],
)
def test_paragraphs_that_are_there_are_not_made_twice(source: str, html: str) -> None:
    assert autop(source) == html


def test_a_pre_keeps_its_lines() -> None:
    code = "<pre>\n\nif a < b:\n\n\treturn</pre>"
    assert autop(f"Kijk:\n\n{code}\n\nMooi.") == f"<p>Kijk:</p>\n{code}\n<p>Mooi.</p>"


@pytest.mark.parametrize("element", ["script", "svg", "select", "object", "video", "textarea"])
def test_no_break_comes_into_what_is_no_text(element: str) -> None:
    whole = f"<{element}>\n\n<x>\n</x>\n</{element}>"
    assert autop(f"een {whole}") == f"<p>een {whole}</p>"


def test_line_breaks_within_a_tag_stay() -> None:
    assert autop("een <a\nhref='x'>twee</a>") == "<p>een <a\nhref='x'>twee</a></p>"


def test_tags_around_a_block_make_no_empty_paragraph() -> None:
    assert autop("<a href='x'><div>een</div></a>") == "<a href='x'>\n<div>een</div></a>"


@pytest.mark.parametrize("shortcode", ["[poll id=5]", "[poll=5]", "[advpoll id=”51″ title=”Vraag van de dag”]"])
def test_a_poll_stands_between_paragraphs(shortcode: str) -> None:
    polls = ("poll", "advpoll")
    assert autop(f"een\n\n{shortcode}\n\ntwee", alone=polls) == f"<p>een</p>\n{shortcode}\n<p>twee</p>"
    assert autop(f"een {shortcode} twee", alone=polls) == f"<p>een</p>\n{shortcode}\n<p>twee</p>"


def test_other_brackets_are_words() -> None:
    assert autop("[polls] en [sic]", alone=("poll",)) == "<p>[polls] en [sic]</p>"


TAGS = "p div li ul b pre blockquote h2".split()
LOOSE = [
    "woord ",
    "\n",
    "\n\n",
    "<br>",
    "<hr>",
    "<",
    ">",
    "<a href='",
    "<!--",
    "-->",
    "[poll id=1]",
    '"',
    "\x01",
    "\x02",
]
FRAGMENTS = st.sampled_from([*LOOSE, *(f"<{tag}>" for tag in TAGS), *(f"</{tag}>" for tag in TAGS)])


def letters(source: str) -> str:
    return "".join(text.plain_text(source).split())


@given(st.lists(FRAGMENTS, max_size=40).map("".join))
def test_no_word_is_lost_and_doing_it_twice_changes_no_word(source: str) -> None:
    once = autop(source, alone=("poll",))
    assert letters(once) == letters(source)
    assert letters(autop(once, alone=("poll",))) == letters(once)
