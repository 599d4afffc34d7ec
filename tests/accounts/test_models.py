"""Facts about one user."""

import pytest

from forum.accounts.models import User
from tests.factories import make_user


@pytest.mark.parametrize(("source", "is_demo"), [(None, False), ("demo", True), ("ispam", False)])
def test_an_account_of_the_demonstration_is_known_as_such(source, is_demo):
    assert User(source=source).is_demo == is_demo


def test_a_users_roles_are_known_by_name(session):
    assert make_user("mo").role_names == {"moderator"}
    assert User().role_names == frozenset()
