"""How often anybody may do what: one place that names every rate limit.

Counted per person (account or guest cookie) and per address block (IPv4 /32, IPv6 /64: what one connection is given, RFC 6177).
All processes share the counts: in Redis where there is one, else (and while it is away) in the
database. Addresses are kept only as a keyed hash.
"""

import hashlib
import hmac
import ipaddress
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time as time_of_day

from flask import Flask, current_app
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from forum import jobs
from forum.errors import TooFast
from forum.tally import DatabaseStorage

log = logging.getLogger("forum")

LIMITS: dict[str, str] = {
    "comment by guest": "6 per minute; 20 per 10 minutes; 100 per day",
    "comment by member": "10 per minute; 40 per 10 minutes; 300 per day",
    "comment from address": "30 per 10 minutes; 300 per day",  # an office shares one address
    "value by member": "60 per minute; 600 per day",
    "correction from address": "5 per 10 minutes; 30 per day",
    "vote from address": "20 per minute; 200 per hour",
    # Failed ones, per account and address block together, so that nobody keeps the owner out; each next delay is longer.
    "sign-in": "5 per 15 minutes; 12 per 3 hours; 30 per day",
    "sign-in to account": "60 per hour",  # failed ones, from anywhere
    "sign-in from address": "30 per hour",  # failed ones
    "password": "10 per 15 minutes",  # typed again by who is signed in
    "code": "10 per 15 minutes",  # of an app or from paper: a million of six digits outlast that
    "sign-up from address": "10 per hour; 30 per day",
    "letter": "1 per minute; 5 per hour; 15 per day",  # to confirm or to reset, per address that it goes to
    "letter from address": "10 per hour; 30 per day",
}
_PARSED: dict[str, list[RateLimitItem]] = {name: parse_many(text) for name, text in LIMITS.items()}


# Seconds after which no limit looks at a try any more.
LONGEST = max(item.get_expiry() for items in _PARSED.values() for item in items)

REST = (
    5.0  # seconds that a counter is not asked after it did not answer: its time-out is not waited for by every visitor
)


@dataclass
class Counter:
    """One place that counts tries, and until when it is left alone (`time.monotonic`)."""

    limiter: MovingWindowRateLimiter
    resting_until: float = 0.0


def register(app: Flask) -> None:
    """Give the program its counters, the first that answers counts: Redis where there is one, the database, this process."""
    counters = [
        Counter(MovingWindowRateLimiter(storage))
        for storage in (DatabaseStorage(app.config["LIMITS_ADDRESS"]), MemoryStorage())
    ]
    if app.config["REDIS_URL"]:
        shared = storage_from_string(
            app.config["REDIS_URL"], wrap_exceptions=True, socket_timeout=0.5, socket_connect_timeout=0.5
        )
        counters.insert(0, Counter(MovingWindowRateLimiter(shared)))
    app.extensions["forum-limits"] = counters


@jobs.handles("limit-cleaning", daily=time_of_day(4, 50))
def clean(_task: jobs.Task) -> None:
    """Forget the tries in the database that no limit looks at any more: who never comes back would leave theirs for good."""
    for counter in current_app.extensions["forum-limits"]:
        if isinstance(counter.limiter.storage, DatabaseStorage):
            counter.limiter.storage.forget_before(time.time() - LONGEST)


def take(name: str, who: str) -> None:
    """Count one try under this limit. Raises TooFast, with the seconds until the next one is welcome, when there is no room."""
    _ask(name, who, lambda limiter, item, key: limiter.hit(item, name, key))


def look(name: str, who: str) -> None:
    """Raise TooFast as `take` would, without counting."""
    _ask(name, who, lambda limiter, item, key: limiter.test(item, name, key))


def _ask(name: str, who: str, room: Callable[[MovingWindowRateLimiter, RateLimitItem, str], bool]) -> None:
    if not current_app.config["RATE_LIMITS"]:
        return
    key = hmac.new(current_app.config["SECRET_KEY"].encode(), who.encode(), hashlib.sha256).hexdigest()[:32]
    for counter in current_app.extensions["forum-limits"]:
        if counter.resting_until > time.monotonic():
            continue
        try:
            for item in _PARSED[name]:
                if not room(counter.limiter, item, key):
                    reset = counter.limiter.get_window_stats(item, name, key).reset_time
                    raise TooFast(max(1, int(reset - time.time()) + 1))
            return
        except StorageError:
            counter.resting_until = time.monotonic() + REST
            log.warning("limits: %s does not answer, the next one counts", type(counter.limiter.storage).__name__)


def address_block(address: str | None) -> str:
    """Return the block of addresses that counts as one: the IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
