"""The checks that a new comment passes, each with its reason."""

import pytest

from forum.comments.models import State
from forum.comments.operations import post_comment
from forum.comments.screening import reason_in_words
from forum.errors import InvalidComment
from forum.moderation.operations import approve_comment, hide_comment
from forum.settings import operations as settings
from tests.factories import discussion_of, make_article, make_guest, make_user


@pytest.fixture
def discussion(session):
    return discussion_of(make_article())


def send(discussion, body, author=None, trap=""):
    return post_comment(discussion, author or make_guest(), body, trap=trap)


@pytest.mark.parametrize("body", ["", "   \n", "...", "---", "\u200b\u2060", "<!-- -->", "\u202e", "> ", "[]()"])
def test_a_text_that_says_nothing_is_refused(discussion, body):
    with pytest.raises(InvalidComment):
        send(discussion, body)


@pytest.mark.parametrize("body", ["Ja", "5", "👍", "да", "中", "<b>vet</b>", "½"])
def test_a_short_text_that_says_something_is_taken(discussion, body):
    assert send(discussion, body).state == State.VISIBLE


def test_a_text_of_exactly_the_longest_length_is_taken_whole(discussion):
    settings.change(comment_length=200)
    body = "woord " * 33 + "ja"
    assert len(body) == 200
    assert send(discussion, body).body == body
    with pytest.raises(InvalidComment, match="201"):
        send(discussion, body + "!")


@pytest.mark.parametrize("name", ["ann", "mo", "adam"])
def test_nobody_is_exempt_from_the_longest_length(discussion, name):
    settings.change(comment_length=20)
    with pytest.raises(InvalidComment):
        send(discussion, "x" * 21, author=make_user(name))


def test_a_field_that_people_do_not_see_holds_what_fills_it(discussion):
    comment = send(discussion, "Eens.", trap="http://spam.example")
    assert (comment.state, comment.hold_reasons) == (State.HELD, "trap")
    assert send(discussion, "Ook eens.", trap="  ").state == State.VISIBLE


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ("Zie https://een.nl en http://twee.nl", State.VISIBLE),
        ("Zie https://een.nl, HTTP://twee.nl en www.drie.nl", State.HELD),
        ("[een](https://een.nl) [twee](https://twee.nl) [drie](https://drie.nl)", State.HELD),
        ("Een, twee, drie.", State.VISIBLE),
    ],
)
def test_a_guests_text_with_three_links_waits(discussion, body, state):
    assert send(discussion, body).state == state


def test_how_many_links_wait_is_the_sites_choice(discussion):
    settings.change(links_before_hold=1)
    comment = send(discussion, "Zie https://een.nl")
    assert (comment.state, comment.hold_reasons) == (State.HELD, "links")


def test_a_members_links_do_not_wait(discussion):
    links = "https://een.nl https://twee.nl https://drie.nl"
    assert send(discussion, links, author=make_user("ann")).state == State.VISIBLE


def test_a_comment_may_wait_for_more_than_one_reason(discussion):
    settings.change(hold_first_comments=1)
    comment = send(discussion, "https://een.nl https://twee.nl https://drie.nl", trap="x")
    assert comment.hold_reasons == "trap links first"


def test_a_guests_first_comments_wait_where_the_site_asks_for_it(discussion):
    settings.change(hold_first_comments=2)
    mo = make_user("mo")
    first, second = send(discussion, "Eerste."), send(discussion, "Tweede.")
    assert (first.hold_reasons, second.hold_reasons) == ("first", "first")
    approve_comment(first, mo)
    assert send(discussion, "Derde.").state == State.HELD
    approve_comment(second, mo)
    assert send(discussion, "Vierde.").state == State.VISIBLE
    hide_comment(second, mo, "Reclame")
    assert send(discussion, "Vijfde.").state == State.VISIBLE  # the first and the fourth are approved
    hide_comment(first, mo, "Reclame")
    hide_comment(send(discussion, "Zesde."), mo, "Reclame")
    assert send(discussion, "Zevende.", author=make_guest("Carla")).state == State.HELD


@pytest.mark.parametrize("name", ["ann", "mo"])
def test_a_members_first_comment_does_not_wait(discussion, name):
    settings.change(hold_first_comments=3)
    assert send(discussion, "Eens.", author=make_user(name)).state == State.VISIBLE


@pytest.mark.parametrize("name", ["cas", "ed", "mo", "adam"])
def test_staff_pass_every_check_but_that_for_words(discussion, name):
    user = make_user(name)
    assert send(discussion, "Eens.", author=user, trap="x").state == State.VISIBLE
    with pytest.raises(InvalidComment):
        send(discussion, "...", author=user)


def test_switched_off_nothing_is_held_and_nonsense_is_still_refused(make_site, discussion, session):
    number = discussion.id
    session.commit()
    with make_site(SCREENING=False).app_context():
        there = session.get(type(discussion), number)
        assert send(there, "https://een.nl https://twee.nl https://drie.nl", trap="x").state == State.VISIBLE
        with pytest.raises(InvalidComment):
            send(there, "...")
        session.rollback()


@pytest.mark.parametrize("code", ["trap", "links", "first", "imported"])
def test_every_reason_has_its_words(app, code):
    with app.test_request_context():
        assert reason_in_words(code) not in {"", code}
        assert reason_in_words("onbekend") == "onbekend"
