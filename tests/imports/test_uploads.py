"""Pictures from a copy of the uploads folder: taken in once, never from outside it, and a captioned place where one is missing."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from forum.extensions import db
from forum.imports import operations, reasons
from forum.imports.report import KEPT, PLACED, UNCHANGED, UPDATED
from forum.media.models import Media
from tests.factories import make_user
from tests.imports import exports
from tests.imports.conftest import Load, article, picture, put, tables

BASE = "https://oud.example/wp-content/uploads"
PATH = "2014/06/zaal.jpg"
WORDS = {"excerpt__encoded": "De zaal in Utrecht"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.xml"


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    folder = tmp_path / "uploads"
    folder.mkdir()
    return folder


def shows(number: int, url: str = f"{BASE}/{PATH}", **changes: str) -> str:
    return exports.post(number, f'Eerst.\n\n<img src="{url}" alt="Een zaal">\n\nDan.', **changes)


def total() -> int:
    return db.session.scalar(select(func.count()).select_from(Media)) or 0


def files(app: Flask) -> set[str]:
    folder = Path(app.config["MEDIA_FOLDER"])
    return {str(each) for each in folder.rglob("*") if each.is_file()}


def test_a_picture_is_shown_with_its_words_wherever_it_stood(
    load: Load, file: Path, uploads: Path, client: FlaskClient
) -> None:
    put(uploads, PATH, picture("navy"))
    alt = exports.meta("_wp_attachment_image_alt", "Een volle zaal")
    items = [
        shows(1),
        exports.post(2, "Tekst.", exports.meta("_thumbnail_id", "20")),
        exports.post(3, '[gallery ids="20"]'),
        exports.attachment(20, PATH, alt, exports.meta("_media_credit", "Bo Bakker"), **WORDS),
    ]
    report = load(exports.write(file, *items), uploads)
    row = db.session.scalars(select(Media)).one()
    assert (row.alt, row.caption, row.credit) == ("Een volle zaal", "De zaal in Utrecht", "Bo Bakker")
    assert (row.source, row.source_id) == ("wordpress:oud.example", PATH)
    assert report.items.fates == {PLACED: ["1 Bericht 1", "2 Bericht 2", "3 Bericht 3", f"20 {PATH}"]}
    assert not report.pictures.total
    assert f'src="{row.url}"' in client.get(article(1).url).text
    assert article(2).picture == row
    assert f'src="{row.url}"' in article(3).body_html
    assert "De zaal in Utrecht" in article(3).body_html
    with client.get(row.url) as answer:
        assert answer.status_code == 200
    before = tables("import_run")
    assert load(file, uploads).changes == 0
    assert load(file).changes == 0
    assert tables("import_run") == before


def test_an_old_address_of_a_picture_leads_to_it(load: Load, file: Path, uploads: Path, client: FlaskClient) -> None:
    put(uploads, PATH, picture("teal"))
    load(exports.write(file, shows(1, f"{BASE}/2014/06/zaal-300x200.jpg"), exports.attachment(20, PATH)), uploads)
    ours = db.session.scalars(select(Media)).one().url
    for old in (PATH, "2014/06/zaal-300x200.jpg"):
        answer = client.get(f"/wp-content/uploads/{old}")
        assert (answer.status_code, answer.headers["Location"]) == (301, ours)
    assert client.get("/wp-content/uploads/2014/06/andere.jpg").status_code == 404


def test_a_smaller_copy_stands_where_it_stood_and_the_large_one_stays_large(
    load: Load, file: Path, uploads: Path, client: FlaskClient
) -> None:
    put(uploads, PATH, picture("gold", 600, 400))
    put(uploads, "2014/06/zaal-60x40.jpg", picture("gold", 60, 40))
    load(exports.write(file, shows(1, f"{BASE}/2014/06/zaal-60x40.jpg"), exports.attachment(20, PATH)), uploads)
    small, large = (
        db.session.scalars(select(Media).where(Media.source_id == path)).one()
        for path in ("2014/06/zaal-60x40.jpg", PATH)
    )
    assert small.url in article(1).body
    assert (small.width, large.width) == (60, 600)
    assert client.get(f"/wp-content/uploads/{PATH}").headers["Location"] == large.url
    assert load(file, uploads).changes == 0


def test_a_picture_that_is_no_item_of_the_file_is_accounted_for_too(load: Load, file: Path, uploads: Path) -> None:
    put(uploads, PATH, picture("pink"))
    report = load(exports.write(file, shows(1)), uploads)
    assert report.pictures.fates == {PLACED: [PATH]}
    assert report.changes == 3  # the article, its author, the picture
    assert load(file, uploads).pictures.total == 0


def test_a_missing_picture_leaves_its_caption(load: Load, file: Path, uploads: Path, client: FlaskClient) -> None:
    captioned = f'[caption width="1"]<img src="{BASE}/{PATH}"> De zaal in Utrecht[/caption]'
    report = load(exports.write(file, exports.post(1, captioned), exports.attachment(20, PATH)), uploads)
    assert report.items.left_out == {reasons.FILE_MISSING: [f"20 {PATH}"]}
    assert report.notes[reasons.PICTURE_MISSING] == [f"1 ({BASE}/{PATH})"]
    page = client.get(article(1).url).text
    assert '<figure class="missing">' in page
    assert "De zaal in Utrecht" in page
    assert "<img" not in article(1).body_html


def test_without_the_uploads_every_picture_says_so(load: Load, file: Path) -> None:
    items = [shows(1), exports.attachment(20, PATH), exports.attachment(21, "2008/07/podcast.mp3")]
    report = load(exports.write(file, *items))
    assert report.items.left_out == {
        reasons.NO_UPLOADS: [f"20 {PATH}"],
        reasons.NOT_A_PICTURE: ["21 2008/07/podcast.mp3"],
    }


def test_pictures_that_come_with_the_second_run_are_filled_in(
    load: Load, file: Path, uploads: Path, client: FlaskClient
) -> None:
    items = [shows(1), exports.post(2, "x", exports.meta("_thumbnail_id", "20")), exports.post(3)]
    load(exports.write(file, *items, exports.attachment(20, PATH)))
    assert "<img" not in article(1).body_html
    put(uploads, PATH, picture("lime"))
    report = load(file, uploads)
    assert report.items.fates == {
        UPDATED: ["1 Bericht 1", "2 Bericht 2"],
        UNCHANGED: ["3 Bericht 3"],
        PLACED: [f"20 {PATH}"],
    }
    assert "<img" in client.get(article(1).url).text
    assert article(2).picture is not None
    assert load(file, uploads).changes == 0


def test_an_article_that_was_edited_here_does_not_get_them(load: Load, file: Path, uploads: Path) -> None:
    from forum.articles import operations as articles

    load(exports.write(file, shows(1)))
    articles.save(article(1), make_user("ed"), "Kop", "", "Zelf geschreven.", None, [], article(1).authors, 1)
    db.session.commit()
    put(uploads, PATH, picture("plum"))
    assert load(file, uploads).items.fates == {KEPT: ["1 Bericht 1"]}
    assert article(1).body == "Zelf geschreven."


@pytest.mark.parametrize(
    "path",
    [
        "../geheim.jpg",
        "../../geheim.jpg",
        "%2e%2e/geheim.jpg",
        "2014/../../geheim.jpg",
        "/geheim.jpg",
        "..\\geheim.jpg",
    ],
)
def test_no_path_leads_out_of_the_folder(load: Load, file: Path, uploads: Path, path: str) -> None:
    put(uploads.parent, "geheim.jpg", picture("black"))
    put(uploads.parent.parent, "geheim.jpg", picture("black"))
    item = exports.attachment(20, path, wp__attachment_url=f"{BASE}/{path}")
    load(exports.write(file, shows(1, f"{BASE}/{path}"), item), uploads)
    assert total() == 0


def test_no_link_leads_out_of_the_folder(load: Load, file: Path, uploads: Path, tmp_path: Path) -> None:
    outside = put(tmp_path / "elders", "geheim.jpg", picture("black"))
    (uploads / "link.jpg").symlink_to(outside)
    (uploads / "map").symlink_to(outside.parent)
    (uploads / "kring.jpg").symlink_to(uploads / "kring.jpg")
    (uploads / "2014").mkdir()
    (uploads / "2014" / "binnen.jpg").symlink_to(put(uploads, "echt.jpg", picture("wheat")))
    urls = [f"{BASE}/{path}" for path in ("link.jpg", "map/geheim.jpg", "kring.jpg", "2014/binnen.jpg", "2014")]
    load(exports.write(file, *(shows(number, url) for number, url in enumerate(urls, start=1))), uploads)
    assert [row.source_id for row in db.session.scalars(select(Media))] == ["2014/binnen.jpg"]


@pytest.mark.parametrize(
    "content",
    [b"geen beeld", b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", picture("red")[:200], b"GIF89a" + b"\0" * 20],
)
def test_what_is_no_picture_is_refused_by_name_and_the_rest_comes_in(
    load: Load, file: Path, uploads: Path, content: bytes
) -> None:
    put(uploads, PATH, content)
    report = load(exports.write(file, shows(1), exports.attachment(20, PATH)), uploads)
    assert report.items.left_out == {reasons.FILE_MISSING: [f"20 {PATH}"]}
    assert [each.partition(":")[0] for each in report.notes[reasons.PICTURE_REFUSED]] == [PATH]
    assert total() == 0
    assert "Eerst." in article(1).body


def test_a_file_that_is_too_large_is_not_read_to_its_end(load: Load, file: Path, uploads: Path) -> None:
    with (uploads / "groot.jpg").open("wb") as sparse:
        sparse.truncate(5_000_000_000)
    report = load(exports.write(file, exports.attachment(20, "groot.jpg")), uploads)
    assert report.notes[reasons.PICTURE_REFUSED] == ["groot.jpg: Deze afbeelding is groter dan 20 MB."]


@pytest.mark.parametrize("path", ["x" * 300 + ".jpg", "a/" * 250 + "b.jpg", "2014/06"])
def test_a_name_that_no_file_can_have_is_a_missing_file(load: Load, file: Path, uploads: Path, path: str) -> None:
    (uploads / "2014" / "06").mkdir(parents=True)
    report = load(exports.write(file, shows(1, f"{BASE}/{path}")), uploads)
    assert report.notes[reasons.PICTURE_MISSING] == [f"1 ({BASE}/{path})"]


def test_two_sites_with_a_picture_at_one_path_have_two(load: Load, tmp_path: Path, client: FlaskClient) -> None:
    for site, colour in (("een", "tan"), ("twee", "sienna")):
        put(tmp_path / site, PATH, picture(colour))
        base = f"https://{site}.example"
        item = shows(1, f"{base}/wp-content/uploads/{PATH}")
        load(exports.write(tmp_path / f"{site}.xml", item, site=base), tmp_path / site)
    one, two = (article(1, f"wordpress:{site}.example").body for site in ("een", "twee"))
    assert one != two
    assert total() == 2
    first = db.session.scalars(select(Media).where(Media.source == "wordpress:een.example")).one()
    assert client.get(f"/wp-content/uploads/{PATH}").headers["Location"] == first.url


def test_a_trial_writes_neither_file_nor_row_and_says_what_would_be(
    load: Load, app: Flask, file: Path, uploads: Path
) -> None:
    put(uploads, PATH, picture("orchid"))
    put(uploads, "kapot.jpg", b"geen beeld")
    items = [shows(1), exports.attachment(20, PATH), exports.attachment(21, "kapot.jpg")]
    exports.write(file, *items)
    before, there = tables(), files(app)
    trial = load(file, uploads, dry_run=True)
    assert (tables(), files(app)) == (before, there)
    real = load(file, uploads)
    assert (trial.items, trial.others, trial.pictures, trial.notes) == (
        real.items,
        real.others,
        real.pictures,
        real.notes,
    )
    assert load(file, uploads, dry_run=True).changes == 0


def test_what_breaks_off_leaves_no_picture_behind(app: Flask, load: Load, file: Path, uploads: Path) -> None:
    put(uploads, "oud.jpg", picture("khaki"))
    load(exports.write(file, shows(1, f"{BASE}/oud.jpg")), uploads)
    put(uploads, PATH, picture("indigo"))
    put(uploads, "zelfde.jpg", picture("khaki"))
    there = files(app)

    def stops(done: int, _total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    exports.write(file, shows(1, f"{BASE}/oud.jpg"), shows(2), shows(3, f"{BASE}/zelfde.jpg"))
    with pytest.raises(KeyboardInterrupt):
        operations.import_wordpress(file, uploads, None, dry_run=False, seen=stops)
    db.session.rollback()
    assert files(app) == there
    assert total() == 1


def test_a_picture_of_an_earlier_part_is_found_by_its_number(load: Load, file: Path, uploads: Path) -> None:
    put(uploads, PATH, picture("salmon"))
    load(exports.write(file, exports.attachment(20, PATH, **WORDS)), uploads)
    second: list[Any] = [exports.post(2, '[gallery ids="20"]', exports.meta("_thumbnail_id", "20"))]
    load(exports.write(file, *second))
    assert article(2).picture is not None
    assert article(2).picture.url in article(2).body
