"""What the site is called and how it behaves."""

from forum import versions
from forum.settings.models import SiteSetting
from forum.settings.queries import SiteSettings, site


def test_without_a_choice_the_defaults_hold(session):
    assert site() == SiteSettings()


def test_a_setting_of_the_past_harms_nobody(session):
    session.add(SiteSetting(name="afgeschaft", value=7))
    session.add(SiteSetting(name="tagline", value="Voor providers"))
    session.flush()
    assert site() == SiteSettings(tagline="Voor providers")


def test_what_shows_a_setting_depends_on_the_site(session):
    with versions.watching() as watch:
        site()
    assert watch.names == {versions.SITE}
