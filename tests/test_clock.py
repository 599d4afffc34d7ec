"""It is the same moment everywhere, and the day it is in the paper's own zone."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from forum import clock


@pytest.fixture
def clock_file(tmp_path):
    return tmp_path / "clock"


def test_now_is_this_moment_in_utc(app):
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    "written", ["2026-03-29T01:30:00+01:00", "2026-03-29T00:30:00Z\n", "2026-03-28T19:30:00-05:00"]
)
def test_in_test_mode_the_file_says_what_time_it_is(make_site, clock_file, written):
    clock_file.write_text(written)
    with make_site(CLOCK=str(clock_file)).app_context():
        assert clock.now() == datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
        assert clock.now().tzinfo is UTC


def test_a_running_site_obeys_the_file_when_it_changes(make_site, clock_file):
    with make_site(CLOCK=str(clock_file)).app_context():
        assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
        for year in (2014, 2031):
            clock_file.write_text(f"{year}-06-23T08:01:00+02:00")
            assert clock.today() == date(year, 6, 23)


def test_outside_test_mode_the_file_is_not_obeyed(make_site, clock_file):
    clock_file.write_text("2014-06-23T08:01:00+02:00")
    with make_site(CLOCK=str(clock_file), TESTING=False).app_context():
        assert clock.now().year > 2014


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ((2026, 11, 22, 22, 59, 59), (2026, 11, 22)),  # winter: midnight is 23:00 UTC
        ((2026, 11, 22, 23, 0), (2026, 11, 23)),
        ((2026, 7, 1, 21, 59, 59), (2026, 7, 1)),  # summer: 22:00 UTC
        ((2026, 7, 1, 22, 0), (2026, 7, 2)),
        ((2026, 3, 28, 23, 0), (2026, 3, 29)),  # the night in which the clock goes forward
        ((2026, 3, 29, 21, 59), (2026, 3, 29)),
        ((2026, 3, 29, 22, 0), (2026, 3, 30)),
        ((2026, 10, 24, 22, 0), (2026, 10, 25)),  # and back
        ((2026, 10, 25, 22, 59), (2026, 10, 25)),
        ((2026, 10, 25, 23, 0), (2026, 10, 26)),
    ],
)
def test_the_day_begins_at_midnight_in_amsterdam(app, now, moment, day):
    now.set(*moment)
    assert clock.today() == date(*day)


def test_another_zone_has_another_day(make_site, now):
    now.set(2026, 11, 22, 23, 30)
    with make_site(TIMEZONE="America/Paramaribo").app_context():
        assert clock.today() == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("day", "hour", "length"),
    [((2026, 1, 5), 23, 24), ((2026, 3, 29), 23, 23), ((2026, 7, 1), 22, 24), ((2026, 10, 25), 22, 25)],
)
def test_a_day_starts_at_its_midnight_and_is_23_to_25_hours_long(app, day, hour, length):
    start = clock.day_start(date(*day))
    assert (start.tzinfo, start.hour) == (UTC, hour)
    assert clock.day_start(date(*day) + timedelta(days=1)) - start == timedelta(hours=length)


def test_a_month_runs_from_its_first_midnight_to_the_next_ones(app):
    assert clock.month_bounds(2026, 3) == (
        datetime(2026, 2, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 31, 22, tzinfo=UTC),
    )
    assert clock.month_bounds(2025, 12)[1] == clock.month_bounds(2026, 1)[0]


@pytest.mark.parametrize("month", [0, 13])
def test_a_month_that_cannot_be_is_refused(app, month):
    with pytest.raises(ValueError, match="month"):
        clock.month_bounds(2026, month)


def test_machines_read_a_moment_with_the_zones_offset(app):
    summer = datetime(2014, 6, 23, 6, 1, 0, 999, tzinfo=UTC)
    assert clock.iso(summer) == "2014-06-23T08:01:00+02:00"
    assert clock.iso(summer.astimezone(timezone(timedelta(hours=-5)))) == "2014-06-23T08:01:00+02:00"
    assert clock.iso(datetime(2014, 12, 23, 6, 1, tzinfo=UTC)) == "2014-12-23T07:01:00+01:00"
    assert clock.iso(date(2014, 6, 23)) == "2014-06-23"


def test_days_later_are_counted_in_days_and_not_in_hours(app):
    assert clock.days_later(date(2026, 10, 24), 2) == datetime(2026, 10, 25, 23, tzinfo=UTC)
