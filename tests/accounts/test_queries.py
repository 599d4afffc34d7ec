"""Reading users."""

from forum.accounts import queries
from forum.accounts.models import RoleName
from forum.accounts.operations import revoke
from tests.factories import make_user


def test_a_user_is_found_by_address_in_whatever_case(session):
    ann = make_user("ann")
    assert queries.by_email(" ANN@example.org") is ann
    assert queries.by_email("anna@example.org") is None


def test_a_site_knows_whether_it_has_an_admin(session):
    make_user("ed")
    assert not queries.has_admin()
    adam = make_user("adam")
    assert queries.has_admin()
    revoke(adam, RoleName.ADMIN)
    assert not queries.has_admin()


def test_the_desk_is_editors_moderators_and_admins(session):
    desk = {make_user(name).id for name in ("ed", "mo", "adam")}
    for name in ("ann", "cas"):
        make_user(name)
    assert queries.desk_ids() == desk
