"""Reading polls: today's, one, all of them, and how a poll stands."""

from sqlalchemy import Select, func, select

from forum import clock, versions
from forum.accounts.models import Actor
from forum.extensions import db
from forum.polls.models import Poll, Vote
from forum.polls.operations import voter_key


def of_today() -> Poll | None:
    """Return the question of the day: the one of today or of the last day that had one.

    What is made of it holds until the next question's day begins, or until this one closes.
    """
    versions.depends_on(versions.SIDEBAR)
    today = clock.today()
    next_day = db.session.scalar(select(func.min(Poll.day)).where(Poll.day > today))
    versions.holds_until(clock.day_start(next_day) if next_day else None)
    poll = db.session.scalar(select(Poll).where(Poll.day <= today).order_by(Poll.day.desc()).limit(1))
    if poll is not None:
        _watch_closing(poll)
    return poll


def shown(poll_id: int) -> Poll | None:
    """Return the poll with this id if readers may see it: never one of a day that is still to come."""
    versions.depends_on(versions.poll(poll_id))
    poll = db.session.get(Poll, poll_id)
    return _if_begun(poll)


def embedded(source: str | None, number: str) -> Poll | None:
    """Return the poll that a shortcode names: in an imported text the old site's, elsewhere ours; None when there is none.

    A page without it holds until polls change: the sidebar's version moves with every new one.
    """
    versions.depends_on(versions.SIDEBAR)
    if source is not None:
        return _if_begun(db.session.scalar(select(Poll).where(Poll.source == source, Poll.source_id == number)))
    if len(number) > 9:  # more than the numbers of rows go to
        return None
    return shown(int(number))


def archive() -> Select[Poll]:
    """Return every poll whose day has come, the newest first, then those without a day."""
    versions.depends_on(versions.SIDEBAR)
    today = clock.today()
    next_day = db.session.scalar(select(func.min(Poll.day)).where(Poll.day > today))
    versions.holds_until(clock.day_start(next_day) if next_day else None)
    begun = (Poll.day.is_(None)) | (Poll.day <= today)
    return select(Poll).where(begun).order_by(Poll.day.desc().nulls_last(), Poll.id.desc())


def has_voted(poll: Poll, voter: Actor) -> bool:
    """Tell whether this voter's key stands with the poll."""
    found = select(Vote.id).where(Vote.poll_id == poll.id, Vote.voter_key == voter_key(poll, voter))
    return db.session.scalar(found) is not None


def percentages(counts: list[int]) -> list[int]:
    """Return whole percentages that add up to 100, by largest remainder (Hamilton's method); all 0 without votes."""
    total = sum(counts)
    if total == 0:
        return [0] * len(counts)
    shares = [divmod(count * 100, total) for count in counts]
    left = 100 - sum(whole for whole, _ in shares)
    by_remainder = sorted(range(len(counts)), key=lambda index: (-shares[index][1], index))
    lucky = set(by_remainder[:left])
    return [whole + (index in lucky) for index, (whole, _) in enumerate(shares)]


def _if_begun(poll: Poll | None) -> Poll | None:
    if poll is None:
        return None
    versions.depends_on(versions.poll(poll.id))
    if poll.day is not None and poll.day > clock.today():
        versions.holds_until(clock.day_start(poll.day))
        return None
    _watch_closing(poll)
    return poll


def _watch_closing(poll: Poll) -> None:
    if poll.closes_at is not None and poll.closes_at > clock.now():
        versions.holds_until(poll.closes_at)
