"""Who may do what: every role against every right."""

import pytest

from forum.accounts import policy
from forum.accounts.models import RoleName
from forum.errors import NotAllowed
from tests.factories import make_guest, make_user

RIGHTS = {
    policy.may_write: {RoleName.CONTRIBUTOR, RoleName.EDITOR, RoleName.ADMIN},
    policy.may_publish: {RoleName.EDITOR, RoleName.ADMIN},
    policy.may_moderate: {RoleName.MODERATOR, RoleName.ADMIN},
    policy.may_administer: {RoleName.ADMIN},
}


@pytest.mark.parametrize("may", RIGHTS, ids=lambda may: may.__name__)
@pytest.mark.parametrize("role", RoleName)
def test_a_role_may_what_it_is_for_and_nothing_else(session, may, role):
    assert may(make_user("iemand", [role])) == (role in RIGHTS[may])


@pytest.mark.parametrize("may", RIGHTS, ids=lambda may: may.__name__)
def test_who_is_not_signed_in_may_nothing(session, may):
    assert not may(None)
    assert not may(make_guest())


@pytest.mark.parametrize("may", RIGHTS, ids=lambda may: may.__name__)
def test_an_account_that_was_switched_off_may_nothing(session, may):
    adam = make_user("adam")
    assert may(adam)
    adam.active = False
    assert not may(adam)


def test_roles_add_up(session):
    both = make_user("iemand", [RoleName.MODERATOR, RoleName.CONTRIBUTOR])
    assert [may(both) for may in RIGHTS] == [True, False, True, False]


def test_what_is_not_allowed_is_refused(session):
    policy.require(policy.may_publish(make_user("ed")))
    with pytest.raises(NotAllowed) as refusal:
        policy.require(policy.may_publish(make_user("ann")))
    assert refusal.value.status == 403
