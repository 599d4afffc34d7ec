"""Moments as exports write them: in UTC, in the old site's own time, or as a feed's date."""

from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime


def first_valid(in_utc: str, local: str, zone: tzinfo, feed_date: str = "") -> datetime | None:
    """Return a moment in UTC from the first of three texts that is one, or None; years that no page can show are none.

    `in_utc` and `local` are "2014-06-23 08:01:00", the second in `zone`; WordPress writes "0000-00-00 00:00:00" for no date.
    `feed_date` is "Mon, 23 Jun 2014 06:01:00 +0000" (RFC 5322); of a draft it has the year -0001.
    """
    found = (_stamp(in_utc, UTC), _stamp(local, zone), _feed_date(feed_date))
    return next((moment for moment in found if moment is not None and 1000 <= moment.year <= 9990), None)


def _stamp(text: str, zone: tzinfo) -> datetime | None:
    try:
        return (
            datetime.strptime(text.strip()[:19].replace("T", " "), "%Y-%m-%d %H:%M:%S")
            .replace(tzinfo=zone)
            .astimezone(UTC)
        )
    except (ValueError, OverflowError):
        return None


def _feed_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
