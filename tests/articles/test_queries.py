"""Reading articles: what is public at a moment, in which order, and where old addresses lead."""

from datetime import UTC, datetime, timedelta

import pytest

from forum import versions
from forum.articles import queries
from forum.articles.models import Author, AuthorAlias, Kind, Redirect
from forum.articles.operations import withdraw
from forum.extensions import db
from tests.factories import make_article, make_section, make_user


def seen(question):
    """What this query finds, and what was said of how long it holds and what it depends on."""
    with versions.watching() as watch:
        found = question()
        if hasattr(found, "whereclause"):
            found = db.session.scalars(found).unique().all()
    return found, watch


@pytest.fixture
def days(session, now):
    """An article of each of the last five days, the newest first."""
    return [make_article(f"Kop {day}", published_at=now.moment - timedelta(days=day)) for day in range(5)]


def test_the_stream_holds_what_is_published_the_newest_first(days):
    make_article("Concept", published=False)
    make_article("Huisregels", kind=Kind.PAGE)
    withdraw(make_article("Weg"), make_user("ed"))
    found, watch = seen(queries.stream)
    assert found == days
    assert (watch.names, watch.valid_until) == ({versions.ARTICLES}, None)


def test_of_articles_of_the_same_moment_the_last_made_comes_first(session, now):
    first, second = make_article("Eerste"), make_article("Tweede")
    assert seen(queries.stream)[0] == [second, first]


def test_a_scheduled_article_appears_at_its_moment_and_until_then_the_page_holds(days, now):
    later = make_article("Later", published_at=now.moment + timedelta(hours=2))
    soon = make_article("Straks", published_at=now.moment + timedelta(hours=1))
    make_article("Binnenkort een pagina", kind=Kind.PAGE, published_at=now.moment + timedelta(minutes=5))
    found, watch = seen(queries.stream)
    assert (found, watch.valid_until) == (days, soon.published_at)
    now.moment = watch.valid_until
    found, watch = seen(queries.stream)
    assert (found, watch.valid_until) == ([soon, *days], later.published_at)


def test_an_article_that_will_be_withdrawn_is_shown_until_then(days, now):
    days[0].withdrawn_at = now.moment + timedelta(hours=1)
    for question in (queries.stream, lambda: queries.published(days[0].id)):
        assert seen(question)[1].valid_until == days[0].withdrawn_at
    now.moment = days[0].withdrawn_at
    assert seen(queries.stream)[0] == days[1:]
    assert queries.published(days[0].id) is None


def test_one_article_depends_on_itself(days, now):
    found, watch = seen(lambda: queries.published(days[2].id))
    assert (found, watch.names, watch.valid_until) == (days[2], {versions.article(days[2].id)}, None)


def test_what_is_not_public_is_not_found(session, now):
    scheduled = make_article("Straks", published_at=now.moment + timedelta(hours=1))
    page = make_article("Huisregels", kind=Kind.PAGE)
    assert queries.published(make_article("Concept", published=False).id) is None
    assert queries.published(scheduled.id) is None
    assert queries.published(page.id) is None
    assert queries.published(page.id, Kind.PAGE) is page
    assert queries.published(999) is None
    now.moment = scheduled.published_at
    assert queries.published(scheduled.id) is scheduled


def test_what_was_public_once_is_known_as_withdrawn(days, now):
    ed = make_user("ed")
    scheduled = make_article("Straks", published_at=now.moment + timedelta(hours=1))
    for article in (days[0], scheduled):
        withdraw(article, ed)
    assert [queries.withdrawn(number) for number in (days[0].id, days[1].id, scheduled.id, 999)] == [
        True,
        False,
        False,
        False,
    ]


def test_a_standing_page_is_found_by_its_address(session, now):
    rules = make_article("Huisregels", kind=Kind.PAGE)
    make_article("Contact", kind=Kind.PAGE, published=False)
    about = make_article("About", kind=Kind.PAGE)
    make_article("Privacy")
    assert [queries.page_at(slug) for slug in ("huisregels", "contact", "privacy")] == [rules, None, None]
    assert queries.pages() == [about, rules]


def test_a_section_an_author_and_a_tag_each_list_their_own(session, days):
    law = make_section("Recht")
    bart = Author(name="Bart", slug="bart")
    session.add(bart)
    session.flush()
    of_law = make_article("Recht", section=law)
    by_bart = make_article("Van Bart", authors=[bart])
    tagged = make_article("Over KPN", tags=["KPN", "Recht"])
    assert seen(lambda: queries.by_section(law))[0] == [of_law]
    assert seen(lambda: queries.by_author(bart))[0] == [by_bart]
    assert seen(lambda: queries.by_tag(queries.tag_at("kpn")))[0] == [tagged]


def test_a_month_is_that_of_the_sites_zone(session, now):
    last = make_article("Laatste van maart", published_at=datetime(2026, 3, 31, 21, 59, 59, tzinfo=UTC))
    first = make_article("Eerste van april", published_at=datetime(2026, 3, 31, 22, 0, tzinfo=UTC))
    assert seen(lambda: queries.by_month(2026, 3))[0] == [last]
    assert seen(lambda: queries.by_month(2026, 4))[0] == [first]
    with pytest.raises(ValueError, match="month"):
        queries.by_month(2026, 13)


def test_sections_stand_in_their_order(session):
    for name, position in (("Techniek", 1), ("Recht", 0), ("Markt", 1)):
        make_section(name, position=position)
    found, watch = seen(queries.sections)
    assert [section.name for section in found] == ["Recht", "Markt", "Techniek"]
    assert watch.names == {versions.SITE}
    assert queries.section_at("recht").name == "Recht"
    assert queries.section_at("onbekend") is None


def test_another_spelling_of_a_name_leads_to_its_author(session):
    author = Author(name="J. Smit", slug="j-smit", aliases=[AuthorAlias(name="Jan Smit", slug="jan-smit")])
    session.add(author)
    session.flush()
    assert queries.author_at("j-smit") is queries.author_at("jan-smit") is author
    assert queries.author_at("piet") is None


def test_authors_are_listed_by_name(session):
    session.add_all(Author(name=name, slug=name.lower()) for name in ("Carla", "Ann", "Bart"))
    session.flush()
    assert [author.name for author in queries.authors()] == ["Ann", "Bart", "Carla"]


def test_an_old_address_leads_to_where_its_thing_stands_now(session):
    session.add(Redirect(path="/oud/", target="/tags/kpn/"))
    session.flush()
    assert queries.redirect_for("/oud/") == "/tags/kpn/"
    assert queries.redirect_for("/ouder/") is None


def test_the_desk_sees_everything_what_was_changed_last_first(session, now):
    expected = []
    for make in (
        lambda: make_article("Concept", published=False),
        lambda: make_article("Huisregels", kind=Kind.PAGE),
        lambda: make_article("Straks", published_at=now.moment + timedelta(days=9)),
    ):
        now.moment += timedelta(minutes=1)
        expected.insert(0, make())
    assert seen(queries.for_desk)[0] == expected
