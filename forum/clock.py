"""What time it is: now() in UTC, today() and days in the site's zone."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import current_app
from flask_babel import get_locale, gettext


def now() -> datetime:
    """Return this moment in UTC; in test mode the moment written in the FORUM_CLOCK file, if there is one."""
    file = current_app.config.get("CLOCK")
    if file and current_app.config["TESTING"] and Path(file).exists():
        return datetime.fromisoformat(Path(file).read_text(encoding="utf-8").strip()).astimezone(UTC)
    return datetime.now(UTC)


def zone() -> ZoneInfo:
    """Return the zone in which the paper lives."""
    return ZoneInfo(current_app.config["TIMEZONE"])


def today() -> date:
    """Return the day it is for the paper and its readers."""
    return now().astimezone(zone()).date()


def next_at(time_of_day: time) -> datetime:
    """Return the next moment (UTC) at which clocks in the site's zone show this time."""
    here = now().astimezone(zone())
    later = 0 if here.time() < time_of_day else 1
    return datetime.combine(here.date() + timedelta(days=later), time_of_day, zone()).astimezone(UTC)


def day_start(day: date) -> datetime:
    """Return the moment (UTC) at which this day begins in the site's zone; summer time is the zone's affair."""
    return datetime.combine(day, time.min, zone()).astimezone(UTC)


def month_bounds(year: int, month: int) -> tuple[datetime, datetime]:
    """Return the first moment of a month and of the next one, in UTC. Raises ValueError for a month that cannot be."""
    first = date(year, month, 1)
    return day_start(first), day_start((first + timedelta(days=32)).replace(day=1))


def iso(value: date) -> str:
    """Return a moment with the offset of the site's zone, or a day, as machines read it (ISO 8601, RFC 3339)."""
    if isinstance(value, datetime):
        return value.astimezone(zone()).isoformat(timespec="seconds")
    return value.isoformat()


def in_words(value: datetime) -> str:
    """Return day and time as the paper writes them: "23 juni 2014 08:01 uur"."""
    there = value.astimezone(zone())
    return gettext("%(date_and_time)s", date_and_time=f"{_day_in_words(there.date(), str(get_locale()))} {there:%H:%M}")


@lru_cache(maxsize=1000)  # a page of a discussion names a few days a hundred times
def _day_in_words(day: date, locale: str) -> str:
    return format_date(day, "d MMMM y", locale=locale)


def days_later(day: date, days: int) -> datetime:
    """Return the moment (UTC) at which the day begins that lies so many days after this one."""
    return day_start(day + timedelta(days=days))
