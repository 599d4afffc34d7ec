"""Pictures are judged, turned upright, stripped and written anew; what cannot be read, or should not be, is refused."""

import io

import pytest
from PIL import Image, ImageCms
from sqlalchemy import select

from forum import versions
from forum.errors import NotAllowed
from forum.extensions import db
from forum.jobs import Job
from forum.media import queries
from forum.media.models import Media
from forum.media.operations import (
    PictureRefused,
    add_picture,
    describe,
    discard,
    judge,
    prepare,
    remove_files,
    remove_picture,
    upload_picture,
)
from tests.data.make_hostile_pictures import MADE, SCRIPT, exif
from tests.factories import make_article, make_guest, make_user
from tests.media.pictures import do_jobs, encoded, kept, photo, shown

GIVEAWAYS = (b"script", b"Geheime", b"PK\x03\x04", b"Exif", b"http://ns.adobe.com")


@pytest.mark.parametrize("name", MADE)
def test_a_hostile_file_is_refused_or_harmless(app, name):
    outcome, make = MADE[name]
    try:
        media = add_picture(make())
    except PictureRefused:
        assert outcome in {"refused", "either"}
        assert db.session.scalars(select(Media)).all() == []
        return
    assert outcome in {"taken", "either"}
    made = kept(media.name)
    assert not [word for word in GIVEAWAYS if word in made]
    picture = shown(media.name)
    picture.load()
    assert (picture.format, picture.mode, getattr(picture, "n_frames", 1)) == ("JPEG", "RGB", 1)
    assert picture.size == (media.width, media.height)
    assert picture.width <= 1600


def test_there_are_enough_hostile_files():
    assert len(MADE) >= 30


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xd8" + b"\0" * (20 * 1024 * 1024), "20 MB"),
        (MADE["one-pixel-too-many.png"][1](), "24 miljoen"),
        (MADE["too-long-a-side.png"][1](), "16.000"),
        (MADE["a-drawing.svg"][1](), "SVG"),
        (MADE["a-page.jpg"][1](), "JPEG"),
    ],
    ids=["bytes", "pixels", "side", "drawing", "page"],
)
def test_a_refusal_says_why(app, content, words):
    with pytest.raises(PictureRefused) as refused:
        judge(content)
    assert words in str(refused.value)


def test_judging_keeps_nothing(app):
    before = db.session.scalars(select(Job)).all()
    judge(photo(colour="navy"))
    assert db.session.scalars(select(Media)).all() == []
    assert db.session.scalars(select(Job)).all() == before


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_a_picture_stands_upright_however_the_camera_was_held(app, orientation, kind):
    # Red stands left above, blue right above, white below: as it should be seen.
    upright = Image.new("RGB", (60, 40), "white")
    upright.paste("red", (0, 0, 20, 20))
    upright.paste("blue", (40, 0, 60, 20))
    turned = {
        1: [],
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    lying = upright
    for turn in turned[orientation]:
        lying = lying.transpose(turn)
    media = add_picture(encoded(lying, kind, quality=95, exif=exif(orientation=orientation)))
    seen = shown(media.name)
    assert seen.size == (60, 40)
    corners = [nearest(seen.getpixel(at)) for at in ((8, 8), (52, 8), (8, 32), (52, 32))]
    assert corners == ["red", "blue", "white", "white"]


def nearest(pixel):
    return {(True, False, False): "red", (False, False, True): "blue", (True, True, True): "white"}.get(
        tuple(value > 128 for value in pixel), str(pixel)
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_nothing_tells_where_by_whom_and_with_what_it_was_taken(app, kind):
    media = add_picture(photo(1000, 700, kind=kind, exif=exif()))
    do_jobs(app)
    media = db.session.get(Media, media.id)
    assert len(media.files()) == 9
    for name in media.files():
        assert not [word for word in (*GIVEAWAYS, SCRIPT) if word in kept(name)], name
        assert dict(shown(name).getexif()) == {}
        assert shown(name).info.get("icc_profile") is None


def test_colours_are_those_of_the_pictures_own_profile(app):
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = profile.index(b"rXYZ"), profile.index(b"gXYZ")
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"  # what it calls red is green
    media = add_picture(photo(64, 64, colour="red", icc_profile=bytes(profile)))
    r, g, b = shown(media.name).getpixel((32, 32))
    assert g > 200 > 60 > r
    assert b < 60


def test_transparency_stays_where_it_can_and_is_white_where_not(app):
    media = add_picture(encoded(Image.new("RGBA", (900, 600), (255, 0, 0, 0)), "PNG"))
    assert shown(media.name).getpixel((10, 10)) == (255, 255, 255)
    do_jobs(app)
    for ending in ("webp", "avif"):
        assert shown(f"{media.stem}.{ending}").convert("RGBA").getpixel((10, 10))[3] == 0


def test_sixteen_bits_of_grey_stay_grey(app):
    media = add_picture(MADE["sixteen-bits-of-grey.png"][1]())
    row = [shown(media.name).getpixel((x, 45))[0] for x in (0, 80, 159)]
    assert row[0] < 10
    assert 115 < row[1] < 135
    assert row[2] > 240


# The job


def test_one_jpeg_shows_until_every_size_and_format_is_there(app):
    media = add_picture(photo(2000, 1000))
    assert (media.width, media.height) == (1600, 800)
    assert (media.srcset, media.sources, media.is_finished) == ("", [], False)
    assert media.thumbnail == media.url
    do_jobs(app)
    media = db.session.get(Media, media.id)
    stem = f"/media/{media.stem}"
    assert media.is_finished
    assert media.srcset == f"{stem}-400.jpg 400w, {stem}-800.jpg 800w, {stem}.jpg 1600w"
    assert media.sources == [
        ("image/avif", f"{stem}-400.avif 400w, {stem}-800.avif 800w, {stem}.avif 1600w"),
        ("image/webp", f"{stem}-400.webp 400w, {stem}-800.webp 800w, {stem}.webp 1600w"),
    ]
    assert media.thumbnail == f"{stem}-400.jpg"
    formats = {"jpg": "JPEG", "webp": "WEBP", "avif": "AVIF"}
    for name in media.files():
        width = int(name.partition("-")[2].partition(".")[0] or 1600)
        assert (shown(name).format, shown(name).size) == (formats[name.rpartition(".")[2]], (width, width // 2))


def test_a_picture_is_never_made_wider_than_it_is(app):
    media = add_picture(photo(500, 400))
    do_jobs(app)
    media = db.session.get(Media, media.id)
    assert (media.width, media.widths) == (500, "400")


def test_what_was_sent_in_is_forgotten_once_all_is_made(app):
    content = photo(colour="olive", exif=exif())
    media = add_picture(content)
    assert kept(f"waiting/{media.stem}") == content
    do_jobs(app)
    assert kept(f"waiting/{media.stem}") is None


def test_the_job_done_again_changes_nothing(app, session):
    media = add_picture(photo(colour="maroon"))
    do_jobs(app)
    session.execute(Job.__table__.update().values(finished_at=None, done=0, payload={"name": media.name}))
    do_jobs(app)
    assert session.scalars(select(Job.error).where(Job.kind == "picture")).all() == [None]
    assert session.scalars(select(Media.formats)).all() == ["avif webp"]


def test_pages_that_show_a_picture_change_when_it_does(app, session):
    media = add_picture(photo(900, 600))
    above, within, without = make_article(picture=media), make_article(body=f"![x]({media.url})"), make_article()
    session.commit()
    names = [versions.article(article.id) for article in (above, within, without)]
    before = versions.current(names)
    do_jobs(app)
    after = versions.current(names)
    assert [after[name] - before[name] for name in names] == [1, 1, 0]


def test_the_same_picture_again_has_words_of_its_own_and_the_same_files(app, session):
    first = add_picture(photo(900, 600), alt="Een vlak")
    early = add_picture(photo(900, 600), alt="Hetzelfde vlak")
    do_jobs(app)
    late = add_picture(photo(900, 600), alt="Nog eens")
    rows = session.scalars(select(Media).order_by(Media.id)).all()
    assert [row.alt for row in rows] == ["Een vlak", "Hetzelfde vlak", "Nog eens"]
    assert {(row.name, row.widths, row.formats) for row in rows} == {(first.name, "400 800", "avif webp")}
    assert kept(f"waiting/{late.stem}") is None
    remove_picture(session.get(Media, early.id))
    assert kept(late.name) is not None
    assert queries.named([late.name, "0" * 24 + ".jpg"]) == {late.name: session.get(Media, first.id)}


def test_a_picture_goes_with_all_its_files(app, session):
    media = add_picture(photo(900, 600, "purple"))
    do_jobs(app)
    media = session.get(Media, media.id)
    names = media.files()
    remove_picture(media)
    assert [kept(name) for name in names] == [None] * 9


def test_a_picture_that_goes_before_its_job_leaves_nothing(app, session):
    media = add_picture(photo(900, 600, "orange"))
    session.commit()
    name, stem = media.name, media.stem
    remove_picture(media)
    do_jobs(app)
    assert [kept(each) for each in (name, f"waiting/{stem}", f"{stem}.avif", f"{stem}-400.webp")] == [None] * 4


def test_files_of_a_picture_whose_row_never_came_can_be_removed(app):
    made = prepare(photo(colour="gold"))
    remove_files([made.name])
    assert kept(made.name) is None
    assert kept(f"waiting/{made.name.partition('.')[0]}") is None


def test_a_picture_from_before_is_shown_as_it_was(app, session):
    stem = "ab" * 12
    old = Media(name=f"{stem}.webp", width=1600, height=900, widths="480 960", formats="")
    assert old.srcset == f"/media/{stem}-480.webp 480w, /media/{stem}-960.webp 960w, /media/{stem}.webp 1600w"
    assert (old.sources, old.thumbnail) == ([], f"/media/{stem}-480.webp")


# Who may, and what is said


def test_staff_sends_pictures_in_and_others_do_not(app):
    made = prepare(photo())
    assert upload_picture(made, make_user("cas"), " Een vlak ", licence="CC BY 4.0").alt == "Een vlak"
    for who in (make_user("ann"), make_user("mo"), make_guest()):
        with pytest.raises(NotAllowed):
            upload_picture(made, who)


def test_words_are_changed_by_who_sent_it_in_and_by_editors(app):
    media = upload_picture(prepare(photo()), make_user("cas"))
    for name, may in (("cas", True), ("ed", True), ("adam", True), ("ann", False), ("mo", False)):
        assert media.editable_by(make_user(name)) is may
    describe(media, make_user("cas"), "Alt", "Bijschrift", "Anna", "CC BY", -5, 130)
    assert (media.alt, media.caption, media.credit, media.licence) == ("Alt", "Bijschrift", "Anna", "CC BY")
    assert (media.focus_x, media.focus_y) == (0, 100)
    of_ed = upload_picture(prepare(photo()), make_user("ed"))
    for act in (
        lambda: describe(of_ed, make_user("cas"), "", "", "", "", 1, 1),
        lambda: discard(of_ed, make_user("cas")),
    ):
        with pytest.raises(NotAllowed):
            act()


@pytest.mark.parametrize(
    ("x", "y", "quarters"), [(50, 50, "2-2"), (61, 40, "2-2"), (0, 100, "0-4"), (25, 63, "1-3"), (88, 12, "4-0")]
)
def test_the_focus_point_is_kept_in_sight_to_the_nearest_quarter(x, y, quarters):
    assert Media(name="a.jpg", focus_x=x, focus_y=y).focus == quarters


def test_the_line_for_a_text_holds_whatever_was_typed(app):
    from forum import text

    media = Media(
        name="ab" * 12 + ".jpg", alt='Een [haak] \\ en\n"aanhaling"', caption='Zij zei "nee"\nen ging.', credit="A & B"
    )
    html = text.article_html(media.markdown)
    assert html.startswith("<figure><img ")
    assert 'alt="Een [haak] \\ en &quot;aanhaling&quot;"' in html.replace("&#34;", "&quot;")
    assert "Zij zei" in html
    assert "nee" in html
    assert "en ging. — A &amp; B" in html


def test_the_program_that_decodes_never_takes_what_the_machine_has(app):
    picture = Image.effect_noise((6000, 4000), 80).convert("RGB")
    media = add_picture(encoded(picture, "AVIF", speed=10, quality=30))
    assert Image.open(io.BytesIO(kept(media.name))).size == (1600, 1067)
