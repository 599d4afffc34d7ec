"""Making users and giving them roles."""

import pytest
from flask_security.utils import verify_password
from sqlalchemy import func, select

from forum.accounts.models import Role, RoleName, User
from forum.accounts.operations import InvalidAccount, create_user, grant, normalised_email, revoke
from forum.errors import ForumError
from tests.at_once import in_threads
from tests.factories import PASSWORD, make_user


def test_a_new_user_has_a_name_an_address_and_roles(session, now):
    user = create_user(" Ann@Example.ORG ", "  Ann\u202e de Wit ", PASSWORD, [RoleName.READER, RoleName.EDITOR])
    assert (user.email, user.name) == ("ann@example.org", "Ann de Wit")
    assert user.role_names == {"reader", "editor"}
    assert (user.active, user.is_demo, user.created_at, user.confirmed_at) == (True, False, now.moment, now.moment)


def test_a_password_is_kept_as_a_hash_only(session):
    user = create_user("ann@example.org", "Ann", PASSWORD, [])
    assert user.password.startswith("$argon2id$")
    assert PASSWORD not in str(vars(user))
    assert verify_password(PASSWORD, user.password)
    assert not verify_password(PASSWORD + "!", user.password)


@pytest.mark.parametrize("typed", ["café-zonder-suiker-77", "cafe\u0301-zonder-suiker-77"])
def test_a_password_with_an_accent_works_however_a_keyboard_writes_it(app, session, typed):
    user = create_user("ann@example.org", "Ann", "café-zonder-suiker-77", [])
    at_sign_in = app.extensions["security"].password_util.normalize(typed)
    assert verify_password(at_sign_in, user.password)


@pytest.mark.parametrize("address", ["", "ann", "ann@", "@example.org", "ann@example", "an n@example.org", "a@b@c.nl"])
def test_what_is_no_address_is_refused(session, address):
    with pytest.raises(InvalidAccount):
        normalised_email(address)


@pytest.mark.parametrize("name", ["", "   ", "...", "\u200b"])
def test_a_name_needs_a_letter_or_digit(session, name):
    with pytest.raises(InvalidAccount):
        create_user("ann@example.org", name, PASSWORD, [])


@pytest.mark.parametrize("password", ["", "kort-1!", "x9-" * 67])
def test_a_password_has_8_to_200_characters(session, password):
    with pytest.raises(InvalidAccount):
        create_user("ann@example.org", "Ann", password, [])


@pytest.mark.parametrize("address", ["ann@example.org", "ANN@example.org ", "ann@EXAMPLE.org"])
def test_an_address_is_one_users(session, address):
    create_user("ann@example.org", "Ann", PASSWORD, [])
    with pytest.raises(InvalidAccount):
        create_user(address, "Marja", PASSWORD, [])
    assert session.scalar(select(func.count(User.id))) == 1


def test_of_two_who_take_an_address_at_once_one_has_it(app, session):
    make_user("ed")  # so that the roles are there

    def take(index):
        create_user("ann@example.org", ["Marja", "Willemijn"][index], PASSWORD, [RoleName.READER])
        session.commit()
        return "taken"

    answers = in_threads(app, take, 2)
    assert answers.count("taken") == 1
    assert sum(isinstance(answer, ForumError) for answer in answers) == 1, answers


def test_a_role_is_given_once_and_taken_away(session):
    ann = make_user("ann")
    for _ in range(2):
        grant(ann, RoleName.MODERATOR)
    assert ann.role_names == {"reader", "moderator"}
    assert session.scalar(select(func.count(Role.id)).where(Role.name == "moderator")) == 1
    for _ in range(2):
        revoke(ann, RoleName.MODERATOR)
    session.commit()
    assert ann.role_names == {"reader"}
