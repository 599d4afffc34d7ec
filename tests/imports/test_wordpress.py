"""An export of WordPress as records: the real files, and the damage that real files have."""

import tracemalloc
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest

from forum import text
from forum.errors import ImportRefused
from forum.imports import reasons, wordpress
from forum.imports.pictures import replace_pictures
from forum.imports.records import (
    ArticleRecord,
    AttachmentRecord,
    AuthorRecord,
    CommentRecord,
    Note,
    Record,
    SiteRecord,
    SkippedRecord,
    TermRecord,
)
from tests.conftest import SHARED, left_out

OWN = Path(__file__).resolve().parent.parent / "data"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")

Kind = TypeVar("Kind", bound=Record)


def shared(name: str) -> Path:
    """Return a real export; without the folder with them the test is left out."""
    if not SHARED.is_dir():
        left_out("the folder ../shared/data with real exports is missing")
    return SHARED / name


def records(path: Path) -> list[Record]:
    return list(wordpress.read(path, AMSTERDAM))


def only(found: list[Record], kind: type[Kind]) -> list[Kind]:
    return [record for record in found if isinstance(record, kind)]


def articles(found: list[Record]) -> dict[int, ArticleRecord]:
    return {article.source_id: article for article in only(found, ArticleRecord)}


def skipped(found: list[Record]) -> dict[tuple[str, int | None], str]:
    return {(record.kind, record.source_id): record.reason for record in only(found, SkippedRecord)}


@pytest.fixture(scope="module")
def krant() -> list[Record]:
    return records(OWN / "wordpress.xml")


# --- Real files ------------------------------------------------------------------------------------------------------------


def test_an_article_of_ispam_comes_with_its_four_comments_and_its_poll() -> None:
    found = records(shared("ispam.wxr.xml"))
    article = articles(found)[50751]
    assert article.headline == "Veroordeling KPN: Neem MKB-klanten serieus"
    assert article.slug == "veroordeling-kpn-neem-mkb-klanten-serieus"
    assert article.path == "/archives/50751/veroordeling-kpn-neem-mkb-klanten-serieus/"
    assert article.published_at == datetime(2014, 6, 23, 6, 1, tzinfo=UTC)
    assert article.author == "rashid-niamat"
    assert AuthorRecord("rashid-niamat", "Rashid Niamat", 1) in found
    assert article.section == TermRecord("section", "journalistiek", "Journalistiek")
    assert article.body.count("<p>") == 4
    assert [(use.name, use.outcome) for use in article.shortcodes] == [("advpoll", "poll")]
    assert text.parts(text.imported_html(article.body))[-1] == text.PollEmbed(51)
    thread = [(c.source_id, c.parent_id, c.state) for c in only(found, CommentRecord) if c.article_id == 50751]
    assert thread == [
        (70411, None, "visible"),
        (70412, 70411, "visible"),
        (70413, 70411, "visible"),
        (70414, 70413, "visible"),
    ]
    assert not only(found, SkippedRecord)


def test_the_stream_of_a_campaign_is_six_articles_with_real_paragraphs() -> None:
    found = articles(records(shared("campaign.wxr.xml")))
    assert sorted(found) == [43, 46, 49, 52, 55, 58]
    assert [found[number].body.count("<p>") for number in sorted(found)] == [7, 3, 4, 8, 3, 8]
    assert all("\n\n" not in article.body and article.is_public and article.headline for article in found.values())


def test_every_item_and_comment_of_the_theme_test_is_accounted_for() -> None:
    path = shared("theme-unit-test-data.xml")
    inventory = wordpress.check(path)
    assert sum(inventory.items.values()) == 186
    assert inventory.comments == 33
    found = list(wordpress.read(path, AMSTERDAM, inventory))
    left_out = Counter(record.kind for record in only(found, SkippedRecord))
    assert len(only(found, ArticleRecord)) + len(only(found, AttachmentRecord)) + left_out["item"] == 186
    assert Counter(comment.state for comment in only(found, CommentRecord)) == {"visible": 26, "held": 3}
    assert len(only(found, CommentRecord)) + left_out["comment"] == 33
    assert {record.reason for record in only(found, SkippedRecord) if record.kind == "comment"} == {reasons.PING}


def test_the_theme_test_accounts_for_each_of_its_shortcodes() -> None:
    found = records(shared("theme-unit-test-data.xml"))
    uses = Counter((use.name, use.outcome) for article in only(found, ArticleRecord) for use in article.shortcodes)
    assert uses == {("gallery", "figure"): 12, ("caption", "figure"): 12, ("audio", "link"): 1}


def test_what_the_theme_test_hides_stays_hidden() -> None:
    found = records(shared("theme-unit-test-data.xml"))
    drafts = {article.headline: article for article in only(found, ArticleRecord) if not article.is_public}
    assert set(drafts) == {'Template: Password Protected (the password is "enter")', "Draft"}
    assert all(article.published_at is None for article in drafts.values())
    assert [article.headline for article in only(found, ArticleRecord) if article.is_sticky] == ["Template: Sticky"]


def test_no_marker_of_a_block_and_no_foreign_picture_or_player_is_left() -> None:
    for article in only(records(shared("theme-unit-test-data.xml")), ArticleRecord):
        body = replace_pictures(article.body, lambda _: None, "Niet meegekomen")
        assert "<!--" not in body
        for tag in ("<img", "<iframe", "<script", "<video", "<audio", "<embed", "<object"):
            assert tag not in body, (article.headline, tag)
        assert text.imported_html(body).strip() or not article.body


def test_the_ten_levels_of_the_theme_test_hang_together() -> None:
    comments = {c.source_id: c for c in only(records(shared("theme-unit-test-data.xml")), CommentRecord)}
    deepest = next(comment for comment in comments.values() if "Comment Depth 10" in comment.body)
    levels = 1
    while deepest.parent_id is not None:
        deepest = comments[deepest.parent_id]
        levels += 1
    assert levels == 10


def test_no_note_of_an_editor_becomes_a_comment() -> None:
    found = records(shared("wxr-with-note-comments.xml"))
    assert [comment.source_id for comment in only(found, CommentRecord)] == [4]
    assert skipped(found) == {("comment", 2): reasons.EDITORS_NOTE, ("comment", 3): reasons.EDITORS_NOTE}


def test_the_oldest_version_names_its_labels_twice_and_they_come_once() -> None:
    found = records(shared("valid-wxr-1.0.xml"))
    article = articles(found)[4]
    assert article.section == TermRecord("section", "alpha", "alpha")
    assert [tag.slug for tag in article.tags] == ["news", "roar"]
    assert AuthorRecord("admin", "admin") in found
    assert articles(found)[8].parent_id == 10


def test_an_old_small_export_keeps_its_private_post_to_itself() -> None:
    found = articles(records(shared("small-export.xml")))
    assert len(found) == 11
    assert sum(Note(reasons.WAS_PRIVATE) in article.notes for article in found.values()) == 1


def test_a_site_exported_twice_is_one_site() -> None:
    half, whole = records(shared("idempotency-partial.xml")), records(shared("idempotency-complete.xml"))
    assert only(half, SiteRecord)[0].source == only(whole, SiteRecord)[0].source == "wordpress:source.example.com"
    assert {each.source_id for each in only(half, AttachmentRecord)} < {
        each.source_id for each in only(whole, AttachmentRecord)
    }


@pytest.mark.parametrize(
    ("name", "where", "what"),
    [
        ("crazy-cdata.xml", "Line 18, column 72", "not well-formed"),
        ("missing-version-tag.xml", "Line 27", "no WordPress export: its channel has no <wp:wxr_version>"),
        ("disqus.xml", "Line 2", "no WordPress export: it begins with <disqus>"),
    ],
)
def test_a_damaged_or_foreign_file_is_refused_with_line_and_reason(name: str, where: str, what: str) -> None:
    with pytest.raises(ImportRefused) as refusal:
        wordpress.check(shared(name))
    assert str(refusal.value).startswith(where)
    assert what in str(refusal.value)


# --- What must be in any checkout ------------------------------------------------------------------------------------------


def test_the_site_comes_first_and_knows_who_it_is(krant: list[Record]) -> None:
    assert krant[0] == SiteRecord(
        source="wordpress:hostingkrant.example/blog",
        url="https://www.hostingkrant.example/blog",
        title="De Hostingkrant & meer",
        tagline="Nieuws ‘voor’ hosters",
        language="nl-NL",
        version="1.3",
    )


def test_everything_in_the_file_is_accounted_for(krant: list[Record]) -> None:
    inventory = wordpress.check(OWN / "wordpress.xml")
    left_out = Counter(record.kind for record in only(krant, SkippedRecord))
    placed = len(only(krant, ArticleRecord)) + len(only(krant, AttachmentRecord))
    assert placed + left_out["item"] == sum(inventory.items.values()) == 18
    assert len(only(krant, CommentRecord)) + left_out["comment"] == inventory.comments == 16


def test_an_article_comes_with_all_that_was_known_of_it(krant: list[Record]) -> None:
    article = articles(krant)[10]
    assert article.headline == "Rechter: ISP’s aan zet – deel 1"
    assert article.standfirst == "Wat de rechter zei & waarom."
    assert article.body == "<p>Eerste alinea<br />\nop twee regels.</p>\n[poll id=7]\n<p>Laatste alinea [sic].</p>"
    assert article.slug == "rechter-isp-s"
    assert article.old_slugs == ("rechter-oud",)
    assert article.path == "/blog/archives/10/rechter/?utm=x"
    assert article.published_at == article.created_at == datetime(2014, 7, 1, 10, tzinfo=UTC)
    assert article.updated_at == datetime(2014, 7, 2, 8, 30, tzinfo=UTC)
    assert article.picture_id == 20
    assert article.is_sticky
    assert article.takes_comments
    assert article.section == TermRecord("section", "recht", "Recht")
    assert article.tags == (TermRecord("tag", "kpn", "KPN"), TermRecord("tag", "nieuws", "Nieuws & meer"))
    assert set(article.notes) == {
        Note(reasons.STICKY),
        Note(reasons.SECOND_SECTION, "Nieuws & meer"),
        Note(reasons.OTHER_LABEL, "post_format: Aside"),
        Note(reasons.CUSTOM_FIELD, "bron"),
    }


def test_authors_come_by_login_and_who_is_not_listed_comes_with_the_article(krant: list[Record]) -> None:
    assert only(krant, AuthorRecord) == [
        AuthorRecord("ann", "Ann de Wit", 1),
        AuthorRecord("ed", "Ed Mulder", 2),
        AuthorRecord("Gast Schrijver", "Gast Schrijver"),
    ]
    assert krant.index(AuthorRecord("Gast Schrijver", "Gast Schrijver")) < krant.index(articles(krant)[11])


def test_sections_and_tags_come_once_and_other_labels_are_left_out(krant: list[Record]) -> None:
    assert only(krant, TermRecord) == [
        TermRecord("section", "nieuws", "Nieuws & meer"),
        TermRecord("section", "recht", "Recht", "Over wetten", "nieuws"),
        TermRecord("tag", "kpn", "KPN"),
        TermRecord("tag", "ddos", "DDoS"),
    ]
    assert SkippedRecord("term", 7, reasons.OTHER_TAXONOMY, "nav_menu: Hoofdmenu") in krant


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        (13, reasons.WAS_PRIVATE),
        (14, reasons.HAD_PASSWORD),
        (16, reasons.NO_DATE),
        (19, reasons.OTHER_STATUS),
        (12, reasons.NO_TITLE),
    ],
)
def test_what_readers_could_not_see_is_a_draft_and_says_why(krant: list[Record], number: int, sentence: str) -> None:
    article = articles(krant)[number]
    assert not article.is_public
    assert article.published_at is None
    assert sentence in {note.sentence for note in article.notes}


def test_no_password_address_or_browser_comes_out(krant: list[Record]) -> None:
    everything = repr(krant)
    for secret in ("secret", "192.0.2.9", "sesam-open-u", "akismet"):
        assert secret not in everything


def test_a_scheduled_article_keeps_its_moment_in_the_zone_of_the_site(krant: list[Record]) -> None:
    article = articles(krant)[11]
    assert article.is_public
    assert article.published_at == datetime(2099, 1, 1, 8, tzinfo=UTC)
    assert not article.takes_comments
    assert article.slug == "morgen"


def test_an_article_without_title_has_its_first_words_as_one(krant: list[Record]) -> None:
    article = articles(krant)[12]
    assert article.headline == "Een tekst zonder kop, maar met een heel verhaal dat lang…"
    assert article.created_at == datetime(2014, 7, 3, 7, tzinfo=UTC)


def test_the_date_of_the_feed_serves_where_there_is_no_other(krant: list[Record]) -> None:
    assert articles(krant)[17].published_at == datetime(2014, 7, 4, 6, tzinfo=UTC)


def test_a_page_is_a_page_and_an_item_without_number_takes_that_of_its_address(krant: list[Record]) -> None:
    assert articles(krant)[18].kind == "page"
    assert articles(krant)[18].parent_id == 2
    assert articles(krant)[25].headline == "Uit het adres"


def test_a_picture_comes_with_its_words_and_its_maker(krant: list[Record]) -> None:
    assert only(krant, AttachmentRecord) == [
        AttachmentRecord(
            source_id=20,
            url="https://www.hostingkrant.example/wp-content/uploads/2014/07/zaal.jpg",
            path="2014/07/zaal.jpg",
            title="Foto",
            alt="Een volle zaal",
            caption="De zaal",
            credit="Bo Bakker",
            parent_id=10,
            position=2,
        )
    ]


def test_what_is_left_out_says_why(krant: list[Record]) -> None:
    assert {key: reason for key, reason in skipped(krant).items() if key[0] == "item"} == {
        ("item", 15): reasons.TRASH,
        ("item", 21): reasons.MENU_ITEM,
        ("item", 22): reasons.REVISION,
        ("item", 23): reasons.FURNITURE,
        ("item", 24): reasons.OTHER_TYPE,
        ("item", None): reasons.NO_ID,
        ("item", 10): reasons.TWICE,
    }
    assert {key: reason for key, reason in skipped(krant).items() if key[0] == "comment"} == {
        ("comment", 104): reasons.SPAM,
        ("comment", 106): reasons.TRASH,
        ("comment", 107): reasons.PING,
        ("comment", 108): reasons.EDITORS_NOTE,
        ("comment", 109): reasons.OTHER_COMMENT,
        ("comment", 110): reasons.EMPTY,
        ("comment", None): reasons.NO_ID,
        ("comment", 101): reasons.TWICE,
        ("comment", 150): reasons.NO_ARTICLE,
        ("comment", 200): reasons.ON_PICTURE,
    }


def test_comments_come_after_their_parents_and_waiting_ones_stay_held(krant: list[Record]) -> None:
    thread = [c for c in only(krant, CommentRecord) if c.article_id == 10]
    assert [(c.source_id, c.parent_id, c.state) for c in thread] == [
        (111, None, "held"),
        (101, None, "visible"),
        (102, 101, "held"),
        (103, 101, "visible"),
        (105, 103, "visible"),
    ]
    by_number = {c.source_id: c for c in thread}
    assert by_number[101].created_at == datetime(2014, 7, 1, 11, tzinfo=UTC)
    assert by_number[103].author_name == "Mo & Co"
    assert by_number[103].body == "<p>Eens.</p>\n<p>Zie [poll id=7].</p>"
    assert by_number[105].notes == (Note(reasons.PARENT_LEFT_OUT, "104"),)
    assert by_number[111].created_at == articles(krant)[10].created_at
    assert {note.sentence for note in by_number[111].notes} == {reasons.COMMENT_DATE, reasons.OTHER_STATE}


# --- Damage ----------------------------------------------------------------------------------------------------------------


def test_forbidden_bytes_are_dropped_and_counted_by_line() -> None:
    path = OWN / "wordpress-bytes.xml"
    inventory = wordpress.check(path)
    assert (inventory.repairs.dropped, inventory.repairs.replaced) == (6, 2)
    assert inventory.repairs.lines == [6, 7, 8, 9]
    article = articles(records(path))[1]
    assert article.headline == "Beter laat"
    assert article.body == "<p>Een regel<br />\nen caf\ufffd met een \ufffd,<br />\nen  en  en &#8217; en .</p>"


def test_a_declared_encoding_is_read_as_such() -> None:
    found = records(OWN / "wordpress-latin1.xml")
    assert only(found, SiteRecord)[0].title == "Café “De Hoster”"
    assert articles(found)[1].headline == "Privé: € 10 per site"


def test_a_file_in_utf_16_is_read(tmp_path: Path) -> None:
    source = (OWN / "wordpress.xml").read_text(encoding="utf-8").replace('encoding="UTF-8"', 'encoding="UTF-16"')
    path = tmp_path / "export.xml"
    path.write_bytes(source.encode("utf-16"))
    assert articles(records(path)).keys() == articles(records(OWN / "wordpress.xml")).keys()


def test_an_encoding_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    path.write_text('<?xml version="1.0" encoding="klingon"?><rss/>', encoding="utf-8")
    with pytest.raises(ImportRefused, match=r"Line 1: .*klingon"):
        wordpress.check(path)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("wordpress-truncated.xml", r"Line 56: the file ends too early"),
        ("wordpress-entities.xml", r"Line 2: the file declares entities or a document type"),
        ("wordpress-unescaped.xml", r"Line 4, column 16: this is not well-formed XML"),
    ],
)
def test_damage_that_cannot_be_repaired_is_refused_before_anything_is_yielded(name: str, sentence: str) -> None:
    reading = wordpress.read(OWN / name, AMSTERDAM)
    with pytest.raises(ImportRefused, match=sentence):
        next(reading)


@pytest.mark.parametrize("size", [0, 1, 70, 700, 4000])
def test_a_file_that_ends_too_early_is_refused_wherever_it_ends(tmp_path: Path, size: int) -> None:
    path = tmp_path / "export.xml"
    path.write_bytes((OWN / "wordpress.xml").read_bytes()[:size])
    with pytest.raises(ImportRefused):
        wordpress.check(path)


def test_a_version_of_another_age_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "export.xml"
    source = (OWN / "wordpress.xml").read_text(encoding="utf-8")
    path.write_text(source.replace("wxr_version>1.3<", "wxr_version>2.0<"), encoding="utf-8")
    with pytest.raises(ImportRefused, match=r"Line 13: .*version “2\.0”"):
        wordpress.check(path)


# --- Who answers whom ------------------------------------------------------------------------------------------------------


def export(comments: Iterator[tuple[int, int]], path: Path) -> Path:
    """Write an article with comments (number, parent), a minute apart."""
    start = datetime(2014, 1, 1, tzinfo=UTC)
    inner = "".join(
        f"<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_author>Kees</wp:comment_author>"
        f"<wp:comment_date_gmt>{start + timedelta(minutes=number):%Y-%m-%d %H:%M:%S}</wp:comment_date_gmt>"
        f"<wp:comment_content>Reactie {number}</wp:comment_content><wp:comment_approved>1</wp:comment_approved>"
        f"<wp:comment_parent>{parent}</wp:comment_parent></wp:comment>\n"
        for number, parent in comments
    )
    path.write_text(
        '<rss xmlns:wp="https://wordpress.org/export/1.1/"><channel><wp:wxr_version>1.1</wp:wxr_version><item>'
        "<wp:post_id>1</wp:post_id><wp:post_type>post</wp:post_type><wp:status>publish</wp:status>"
        f"<wp:post_date_gmt>2014-01-01 00:00:00</wp:post_date_gmt>{inner}</item></channel></rss>",
        encoding="utf-8",
    )
    return path


def test_an_answer_to_a_comment_that_is_nowhere_stands_by_itself(tmp_path: Path) -> None:
    found = only(records(export(iter([(2, 99), (3, 2)]), tmp_path / "x.xml")), CommentRecord)
    assert [(c.source_id, c.parent_id) for c in found] == [(2, None), (3, 2)]
    assert found[0].notes == (Note(reasons.PARENT_MISSING, "99"),)


def test_a_loop_of_answers_is_broken_at_its_oldest(tmp_path: Path) -> None:
    pairs = [(5, 7), (6, 5), (7, 6), (8, 7), (9, 9)]
    found = only(records(export(iter(pairs), tmp_path / "x.xml")), CommentRecord)
    assert [(c.source_id, c.parent_id) for c in found] == [(5, None), (6, 5), (7, 6), (8, 7), (9, None)]
    assert {c.source_id for c in found if c.notes} == {5, 9}


def test_a_chain_of_a_thousand_answers_in_the_wrong_order_comes_in_the_right_one(tmp_path: Path) -> None:
    chain = ((number, number - 1) for number in range(1000, 0, -1))
    found = only(records(export(chain, tmp_path / "x.xml")), CommentRecord)
    assert [c.source_id for c in found] == list(range(1, 1001))


# --- Size ------------------------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_fifty_megabytes_take_the_memory_of_one_item(tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    body = "De prijs van een domeinnaam stijgt, <em>zegt</em> de vereniging.\n\n" * 40
    with path.open("w", encoding="utf-8") as file:
        file.write(
            '<rss xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        )
        file.write("<channel><wp:wxr_version>1.2</wp:wxr_version>")
        number = 0
        while file.tell() < 50_000_000:
            number += 1
            file.write(
                f"<item><wp:post_id>{number}</wp:post_id><wp:post_type>post</wp:post_type><wp:status>publish</wp:status>"
                f"<content:encoded><![CDATA[{body}]]></content:encoded></item>\n"
            )
        file.write("</channel></rss>")
    tracemalloc.start()
    try:
        assert sum(wordpress.check(path).items.values()) == number
        checked = tracemalloc.get_traced_memory()[1]
        reading = wordpress.read(path, AMSTERDAM, wordpress.check(path))
        assert sum(isinstance(record, ArticleRecord) for record, _ in zip(reading, range(2000), strict=False)) > 1000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert checked < 8_000_000
    assert peak < 12_000_000
