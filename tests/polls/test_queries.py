"""Reading polls: the question of the day from midnight to midnight, and how a poll stands."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from forum import clock, versions
from forum.extensions import db
from forum.polls import queries
from forum.polls.operations import cast_vote
from tests.factories import make_guest, make_poll, make_user


def seen(question):
    """What this query finds, and what was said of how long it holds and what it depends on."""
    with versions.watching() as watch:
        found = question()
    return found, watch


# The question of the day


@pytest.mark.parametrize(
    ("day", "last_moment"),
    [
        ((2026, 11, 22), (2026, 11, 22, 22, 59, 59)),
        ((2026, 7, 1), (2026, 7, 1, 21, 59, 59)),
        ((2026, 3, 28), (2026, 3, 28, 22, 59, 59)),  # the day before the clock goes forward
        ((2026, 3, 29), (2026, 3, 29, 21, 59, 59)),  # 23 hours
        ((2026, 10, 24), (2026, 10, 24, 21, 59, 59)),  # the day before it goes back
        ((2026, 10, 25), (2026, 10, 25, 22, 59, 59)),  # 25 hours
    ],
)
def test_a_days_question_is_asked_until_midnight_in_amsterdam(session, now, day, last_moment):
    today = make_poll("Vandaag?", day=date(*day))
    tomorrow = make_poll("Morgen?", day=date(*day) + timedelta(days=1))
    now.set(*last_moment)
    poll, watch = seen(queries.of_today)
    assert poll is today
    assert watch.valid_until == now.moment + timedelta(seconds=1) == clock.day_start(tomorrow.day)
    now.moment += timedelta(seconds=1)
    poll, watch = seen(queries.of_today)
    assert (poll, watch.valid_until) == (tomorrow, None)


def test_a_question_stays_until_the_next_ones_day(session, now):
    friday = make_poll("Vrijdag?", day=date(2026, 11, 20))
    monday = make_poll("Maandag?", day=date(2026, 11, 23))
    for moment in ((2026, 11, 20, 12), (2026, 11, 21, 12), (2026, 11, 22, 22, 59)):
        now.set(*moment)
        poll, watch = seen(queries.of_today)
        assert (poll, watch.valid_until) == (friday, datetime(2026, 11, 22, 23, tzinfo=UTC))
    now.set(2026, 11, 22, 23)
    assert queries.of_today() is monday


def test_before_the_first_questions_day_there_is_none(session, now):
    make_poll("Zonder dag?", day=None)
    assert seen(queries.of_today)[0] is None
    first = make_poll("Eerste?", day=date(2026, 11, 24))
    poll, watch = seen(queries.of_today)
    assert (poll, watch.valid_until) == (None, clock.day_start(first.day))
    assert watch.names == {versions.SIDEBAR}


def test_the_day_is_that_of_the_sites_zone(make_site, session, now):
    make_poll("Vandaag?", day=date(2026, 11, 22))
    make_poll("Morgen?", day=date(2026, 11, 23))
    session.commit()
    now.set(2026, 11, 22, 23, 30)
    assert queries.of_today().question == "Morgen?"
    session.commit()
    with make_site(TIMEZONE="America/Paramaribo").app_context():
        assert queries.of_today().question == "Vandaag?"


def test_what_shows_a_poll_holds_until_it_closes(session, now):
    poll = make_poll(closes_at=now.moment + timedelta(hours=2))
    make_poll("Morgen?", day=clock.today() + timedelta(days=1))
    for question in (queries.of_today, lambda: queries.shown(poll.id)):
        found, watch = seen(question)
        assert (found, watch.valid_until) == (poll, poll.closes_at)
    assert poll.is_open(poll.closes_at - timedelta(microseconds=1))
    assert not poll.is_open(poll.closes_at)
    now.moment = poll.closes_at
    assert seen(lambda: queries.shown(poll.id))[1].valid_until is None


# One poll, and all of them


def test_a_poll_of_a_day_to_come_is_not_shown_before_its_day(session, now):
    poll = make_poll(day=clock.today() + timedelta(days=1))
    found, watch = seen(lambda: queries.shown(poll.id))
    assert (found, watch.valid_until) == (None, clock.day_start(poll.day))
    now.moment = clock.day_start(poll.day)
    found, watch = seen(lambda: queries.shown(poll.id))
    assert (found, watch.names) == (poll, {versions.poll(poll.id)})


def test_a_poll_that_is_not_there_is_not_shown(session):
    assert queries.shown(999) is None


def test_the_archive_holds_what_has_been_asked_the_newest_first(session, now):
    today = clock.today()
    timeless, other = make_poll("Altijd?", day=None), make_poll("Ook altijd?", day=None)
    old, new = make_poll("Toen?", day=today - timedelta(days=9)), make_poll("Nu?", day=today)
    coming = make_poll("Straks?", day=today + timedelta(days=3))
    make_poll("Later?", day=today + timedelta(days=9))
    rows, watch = seen(queries.archive)
    assert db.session.scalars(rows).all() == [new, old, other, timeless]
    assert (watch.valid_until, watch.names) == (clock.day_start(coming.day), {versions.SIDEBAR})


# A poll in a text


def test_a_text_of_ours_names_our_poll(session, now):
    poll = make_poll()
    assert queries.embedded(None, str(poll.id)) is poll
    assert queries.embedded(None, "999") is None


def test_an_imported_text_names_the_old_sites_poll_only(session, now):
    ours = make_poll("Van ons?")
    theirs = make_poll("Van hen?", day=None, source="ispam", source_id="51")
    assert queries.embedded("ispam", "51") is theirs
    assert queries.embedded("ispam", str(ours.id)) is None
    assert queries.embedded("elders", "51") is None


def test_a_text_shows_no_poll_of_a_day_to_come(session, now):
    poll = make_poll(day=clock.today() + timedelta(days=1))
    found, watch = seen(lambda: queries.embedded(None, str(poll.id)))
    assert (found, watch.valid_until) == (None, clock.day_start(poll.day))


def test_a_text_without_its_poll_holds_until_there_are_new_polls(session):
    _, watch = seen(lambda: queries.embedded("ispam", "51"))
    assert versions.SIDEBAR in watch.names


@pytest.mark.parametrize("number", ["2147483648", "999999999999999", "9" * 40])
def test_a_number_that_no_poll_can_have_is_no_poll(session, number):
    assert queries.embedded(None, number) is None


# How it stands


def test_who_voted_is_known_by_their_key(session, now):
    poll, other = make_poll(), make_poll("Anders?", day=None)
    cast_vote(poll, poll.choices[:1], make_guest("Bart"))
    cast_vote(poll, poll.choices[:1], make_user("ann"))
    assert queries.has_voted(poll, make_guest("Bart"))
    assert queries.has_voted(poll, make_user("ann"))
    assert not queries.has_voted(poll, make_guest("Carla"))
    assert not queries.has_voted(other, make_guest("Bart"))


@pytest.mark.parametrize(
    ("counts", "shares"),
    [
        ([0, 0], [0, 0]),
        ([], []),
        ([5], [100]),
        ([1, 1, 1], [34, 33, 33]),
        ([1, 1, 1, 1, 1, 1], [17, 17, 17, 17, 16, 16]),
        ([2, 1], [67, 33]),
        ([199, 1], [100, 0]),  # 99.5 and 0.5: a tie goes to the first
        ([0, 1, 199], [0, 1, 99]),
        ([41, 47, 12], [41, 47, 12]),
        ([1, 998, 1], [0, 100, 0]),
    ],
)
def test_percentages_are_shared_out_by_largest_remainder(counts, shares):
    assert queries.percentages(counts) == shares


@given(some.lists(some.integers(min_value=0, max_value=10**6), min_size=1, max_size=12))
def test_percentages_add_up_to_a_hundred_and_keep_to_their_share(counts):
    shares = queries.percentages(counts)
    total = sum(counts)
    assert sum(shares) == (100 if total else 0)
    for count, share in zip(counts, shares, strict=True):
        assert abs(share - (100 * count / total if total else 0)) < 1
