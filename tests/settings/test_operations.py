"""Changing the site's settings."""

import pytest

from forum import versions
from forum.settings.models import SiteSetting
from forum.settings.operations import change
from forum.settings.queries import SiteSettings, site


def test_what_was_chosen_is_kept_and_the_rest_stays(session):
    change(name="ISPam", comments_per_page=50)
    change(comments_per_page=20)
    session.commit()
    settings = site()
    assert (settings.name, settings.comments_per_page) == ("ISPam", 20)
    assert settings.latest_comments == SiteSettings().latest_comments
    assert session.query(SiteSetting).count() == 2


def test_a_setting_that_does_not_exist_is_refused(session):
    with pytest.raises(KeyError):
        change(naam="ISPam")


@pytest.mark.parametrize("chosen", [{"comments_per_page": "50"}, {"comments_per_page": True}, {"name": None}])
def test_a_value_of_another_kind_is_refused(session, chosen):
    with pytest.raises(TypeError):
        change(**chosen)
    session.rollback()
    assert site() == SiteSettings()


def test_a_change_makes_every_page_new(session):
    change(name="ISPam")
    session.commit()
    assert versions.current([versions.SITE]) == {versions.SITE: 1}
