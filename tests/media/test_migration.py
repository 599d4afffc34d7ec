"""Pictures that were here before keep their files, their words and their articles."""

from sqlalchemy import inspect, select, text

from forum import migrating
from forum.articles.models import Article
from forum.extensions import db
from forum.media.models import Media
from forum.media.storage import storage
from tests.conftest import make_app
from tests.factories import make_article
from tests.media.pictures import photo

BEFORE = "ab" * 12 + ".webp"
OLD_ROW = text(
    "INSERT INTO media (id, name, width, height, widths, alt, caption, credit, created_at)"
    f" VALUES (7, '{BEFORE}', 1600, 900, '480 960', 'Een vlak', '', 'Anna', '2026-11-22 13:05:00')"
)
NEW = {"formats", "licence", "focus_x", "focus_y", "uploaded_by_id"}


def columns():
    return {column["name"] for column in inspect(db.engine).get_columns("media")}


def test_a_picture_from_before_is_shown_as_it_was_and_the_step_can_be_taken_back(home):
    site = make_app(home, home.make_database())
    with site.app_context():
        migrating.upgrade()
        address = make_article("Met een oud plaatje", published=True).url
        db.session.commit()
        migrating.downgrade("0003")
        assert not NEW & columns()
        db.session.execute(OLD_ROW)
        db.session.execute(text("UPDATE article SET picture_id = 7"))
        db.session.commit()
        migrating.upgrade()
        assert columns() >= NEW
        storage().write(BEFORE, photo(kind="WEBP"))
        media = db.session.get(Media, 7)
        assert (media.alt, media.credit, media.licence, media.formats) == ("Een vlak", "Anna", "", "")
        assert (media.focus_x, media.focus_y, media.uploaded_by_id, media.is_finished) == (50, 50, None, True)
        page = site.test_client().get(address, buffered=True).text
        assert f'src="/media/{BEFORE}" srcset="/media/{"ab" * 12}-480.webp 480w' in page
        db.session.commit()
        migrating.downgrade("0003")
        migrating.upgrade()
        assert db.session.scalars(select(Article.picture_id)).all() == [7]
        db.session.remove()
        db.engine.dispose()
