"""The one-time link of an empty site: ours, for a week."""

import pytest
from itsdangerous import TimestampSigner

from forum.accounts.first_admin import make_token, token_is_good

WEEK = 7 * 24 * 3600


def test_a_link_that_we_made_is_good(app):
    assert token_is_good(make_token())


@pytest.mark.parametrize(
    "spoil", [lambda token: token[:-1], lambda token: "x" + token, lambda _: "", lambda _: "a.b.c"]
)
def test_a_link_that_somebody_else_made_is_not(app, spoil):
    assert not token_is_good(spoil(make_token()))


def test_a_link_of_another_site_is_not(app, make_site):
    with make_site(SECRET_KEY="een andere sleutel").app_context():
        theirs = make_token()
    assert not token_is_good(theirs)


@pytest.mark.parametrize(("age", "good"), [(WEEK - 60, True), (WEEK + 60, False)])
def test_a_link_works_for_a_week(app, monkeypatch, age, good):
    then = TimestampSigner("-").get_timestamp() - age
    with monkeypatch.context() as past:
        past.setattr(TimestampSigner, "get_timestamp", lambda _signer: then)
        token = make_token()
    assert token_is_good(token) == good
