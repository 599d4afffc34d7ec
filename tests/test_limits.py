"""Who goes too fast is told for how long to wait, and nobody else notices."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from forum import limits, tally
from forum.errors import TooFast, in_words
from forum.extensions import db
from tests.conftest import ON_POSTGRESQL


@pytest.fixture
def strict(make_site):
    """A site that keeps its limits."""
    site = make_site(RATE_LIMITS=True)
    with site.app_context():
        yield site


def refusals(name, who, tries):
    refused = []
    for number in range(tries):
        try:
            limits.take(name, who)
        except TooFast:
            refused.append(number)
    return refused


def test_a_limit_lets_through_as_many_as_it_says(strict):
    assert refusals("vote from address", "192.0.2.1", 22) == [20, 21]


def test_who_is_refused_hears_how_long_to_wait(strict):
    assert refusals("comment by guest", "bart", 6) == []
    with pytest.raises(TooFast) as refusal:
        limits.take("comment by guest", "bart")
    assert 50 <= refusal.value.retry_after <= 61
    assert refusal.value.status == 429
    assert f"{refusal.value.retry_after} seconden" in str(refusal.value)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 seconde"), (90, "90 seconden"), (91, "2 minuten"), (900, "15 minuten"), (5401, "2 uur"), (86400, "24 uur")],
)
def test_a_wait_is_told_in_what_people_count_in(app, seconds, words):
    assert str(in_words(seconds)) == words


def test_each_next_delay_at_the_sign_in_is_longer(strict, monkeypatch):
    start, waits = time.time(), []
    for number in range(6):  # one comes back again and again, five wrong passwords each time
        monkeypatch.setattr(tally.time, "time", lambda moment=start + number * 15 * 61: moment)
        for _ in range(5):
            try:
                limits.take("sign-in", "ann@example.org 192.0.2.1")
            except TooFast as refusal:
                waits.append(refusal.retry_after)
                break
    assert waits[0] > 60 * 60
    assert refusals("sign-in", "ann@example.org 198.51.100.7", 1) == []  # and who owns the account comes in


def test_one_persons_haste_slows_nobody_else(strict):
    assert refusals("comment by guest", "bart", 7) == [6]
    assert refusals("comment by guest", "carla", 1) == []


def test_looking_counts_nothing(strict):
    for _ in range(20):
        limits.look("comment by guest", "bart")
    assert refusals("comment by guest", "bart", 7) == [6]
    with pytest.raises(TooFast):
        limits.look("comment by guest", "bart")


def test_each_limit_counts_for_itself(strict):
    assert refusals("sign-in", "ann@example.org", 6) == [5]
    assert refusals("sign-in from address", "ann@example.org", 1) == []


def test_a_site_of_its_own_counts_from_nothing(make_site, strict):
    assert refusals("comment by guest", "bart", 7) == [6]
    with make_site(RATE_LIMITS=True).app_context():
        assert refusals("comment by guest", "bart", 1) == []


def test_switched_off_nobody_is_told_to_slow_down(app):
    assert refusals("comment by guest", "bart", 100) == []


def test_what_is_counted_is_not_kept_in_the_clear(strict):
    limits.take("comment from address", "192.0.2.77")
    with strict.extensions["forum-limits"][0].limiter.storage.engine.connect() as connection:
        kept = str(connection.execute(select(tally.hits)).all())
    assert "comment from address" in kept
    assert "192.0.2.77" not in kept


def test_two_processes_share_their_counts(make_site, tmp_path):
    where = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    one, other = (make_site(RATE_LIMITS=True, LIMITS_ADDRESS=where) for _ in range(2))
    with one.app_context():
        assert refusals("comment by guest", "bart", 4) == []
    with other.app_context():
        assert refusals("comment by guest", "bart", 4) == [2, 3]


@pytest.mark.skipif(not ON_POSTGRESQL, reason="on PostgreSQL")
def test_on_postgresql_the_counts_lie_in_its_table(app, make_site):
    site = make_site(RATE_LIMITS=True, LIMITS_ADDRESS=app.config["SQLALCHEMY_DATABASE_URI"])
    with site.app_context():
        assert refusals("comment by guest", "bart", 8) == [6, 7]
    assert (
        db.session.scalar(select(func.count()).select_from(tally.hits)) == 6 * 3
    )  # a row for each of its three windows
    site.extensions["forum-limits"][0].limiter.storage.engine.dispose()


def test_eight_at_once_get_no_more_than_the_limit(strict):
    def tries():
        with strict.app_context():
            return 3 - len(refusals("sign-in", "ann@example.org", 3))

    with ThreadPoolExecutor(8) as pool:
        assert sum(job.result() for job in [pool.submit(tries) for _ in range(8)]) == 5


def test_a_window_that_has_passed_leaves_room_again(strict, monkeypatch):
    assert refusals("sign-in", "ann@example.org", 6) == [5]
    later = time.time() + 15 * 60 + 1
    monkeypatch.setattr(tally.time, "time", lambda: later)
    assert refusals("sign-in", "ann@example.org", 1) == []


def test_while_redis_is_away_the_database_counts(make_site):
    with make_site(RATE_LIMITS=True, REDIS_URL="redis://127.0.0.1:1/0").app_context():
        assert refusals("comment by guest", "bart", 7) == [6]


def test_a_counter_that_does_not_answer_is_left_alone_for_a_while(make_site, monkeypatch, caplog):
    with make_site(RATE_LIMITS=True, REDIS_URL="redis://127.0.0.1:1/0").app_context():
        refusals("comment by guest", "bart", 7)
        assert len(caplog.records) == 1
        later = time.monotonic() + limits.REST + 1
        monkeypatch.setattr(limits.time, "monotonic", lambda: later)
        refusals("comment by guest", "bart", 1)
        assert len(caplog.records) == 2


def test_while_the_database_is_away_too_the_process_counts_for_itself(make_site):
    with make_site(RATE_LIMITS=True, LIMITS_ADDRESS="sqlite:////nowhere/at/all.sqlite").app_context():
        assert refusals("comment by guest", "bart", 7) == [6]


def test_a_limit_that_does_not_exist_is_a_fault(strict):
    with pytest.raises(KeyError):
        limits.take("comment by ghost", "bart")


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unix:", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_connection_counts_as_one_block_of_addresses(address, block):
    assert limits.address_block(address) == block


def test_tries_that_no_limit_looks_at_any_more_are_forgotten(strict, monkeypatch):
    limits.take("sign-in", "wie nooit terugkomt")
    limits.take("comment by guest", "bart")
    limits.clean(None)
    storage = strict.extensions["forum-limits"][0].limiter.storage
    assert storage.reset() == len(limits._PARSED["sign-in"]) + len(limits._PARSED["comment by guest"])
    limits.take("sign-in", "wie nooit terugkomt")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + limits.LONGEST + 1)
    limits.clean(None)
    assert storage.reset() == 0
