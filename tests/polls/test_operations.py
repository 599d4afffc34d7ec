"""Asking and answering: one vote per voter, whoever comes at the same moment."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum import clock, signals, versions
from forum.errors import AlreadyVoted, InvalidChoice, PollClosed
from forum.polls.models import Choice, Poll, Vote, VoteAnswer
from forum.polls.operations import InvalidPoll, cast_vote, create_poll, voter_key
from tests.at_once import in_programs, in_threads
from tests.factories import make_guest, make_poll, make_user


@pytest.fixture
def poll(session, now):
    return make_poll()


def stand(poll):
    """How the poll stands: its voters, and the votes of each answer."""
    return poll.vote_count, [choice.vote_count for choice in poll.choices]


def test_a_poll_keeps_its_answers_in_order(session):
    poll = create_poll("  Biedt u IPv6 aan? ", ["Ja", " Nee ", "", "Binnenkort"], explanation=" Kies. ")
    assert (poll.question, poll.explanation) == ("Biedt u IPv6 aan?", "Kies.")
    assert [(choice.position, choice.label) for choice in poll.choices] == [(0, "Ja"), (1, "Nee"), (2, "Binnenkort")]


@pytest.mark.parametrize("question", ["", "   "])
def test_a_poll_needs_a_question(session, question):
    with pytest.raises(InvalidPoll):
        create_poll(question, ["Ja", "Nee"])


@pytest.mark.parametrize("labels", [[], ["Ja"], ["Ja", "  "], [str(number) for number in range(13)]])
def test_a_poll_has_two_to_twelve_answers(session, labels):
    with pytest.raises(InvalidPoll):
        create_poll("Biedt u IPv6 aan?", labels)
    assert len(create_poll("Welke?", [str(number) for number in range(12)]).choices) == 12


def test_a_day_has_one_poll(session, poll):
    with pytest.raises(Exception, match=r"(?i)unique"):
        make_poll("Nog een vraag?", day=poll.day)


def test_others_hear_of_a_new_poll_and_the_sidebar_is_new(session):
    heard = []
    listener = heard.append
    with signals.poll_created.connected_to(listener):
        poll = make_poll()
    session.commit()
    assert heard == [poll]
    assert versions.current([versions.SIDEBAR]) == {versions.SIDEBAR: 1}


def test_a_vote_is_counted_for_the_poll_and_its_answer(poll):
    cast_vote(poll, poll.choices[:1], make_guest("Bart"))
    cast_vote(poll, poll.choices[1:], make_guest("Carla"))
    cast_vote(poll, poll.choices[1:], make_user("ann"))
    assert stand(poll) == (3, [1, 2])


def test_a_vote_makes_new_what_shows_its_numbers_and_nothing_else(session, poll):
    session.commit()
    names = [versions.votes(poll.id), versions.poll(poll.id), versions.SIDEBAR]
    before = versions.current(names)
    cast_vote(poll, poll.choices[:1], make_guest())
    session.commit()
    after = versions.current(names)
    assert [after[name] - before[name] for name in names] == [1, 0, 0]


@pytest.mark.parametrize("make_voter", [make_guest, make_user], ids=["guest", "member"])
def test_a_second_vote_is_refused_kindly_and_counts_nothing(session, poll, make_voter):
    cast_vote(poll, poll.choices[:1], make_voter())
    with pytest.raises(AlreadyVoted):
        cast_vote(poll, poll.choices[1:], make_voter())
    session.commit()
    assert stand(poll) == (1, [1, 0])
    assert len(session.scalars(select(VoteAnswer)).all()) == 1


def test_a_guest_is_their_cookie_and_not_their_name(poll):
    cast_vote(poll, poll.choices[:1], make_guest("Bart", token="a" * 43))
    cast_vote(poll, poll.choices[:1], make_guest("Bart", token="b" * 43))
    with pytest.raises(AlreadyVoted):
        cast_vote(poll, poll.choices[:1], make_guest("Carla", token="a" * 43))
    assert poll.vote_count == 2


def test_who_voted_here_may_vote_there(session, poll):
    other = make_poll("Een andere vraag?", day=None)
    cast_vote(poll, poll.choices[:1], make_guest())
    cast_vote(other, other.choices[:1], make_guest())
    assert stand(other) == (1, [1, 0])


@pytest.mark.parametrize(("at_once", "many"), [(in_threads, 8), (in_programs, 2)])
def test_of_one_voters_votes_at_once_one_counts(app, session, poll, at_once, many):
    number = poll.id

    def vote(index):
        found = session.get(Poll, number)
        cast_vote(found, [found.choices[index % 2]], make_guest())
        session.commit()
        return "counted"

    answers = [str(answer) for answer in at_once(app, vote, many)]
    assert sorted(answers) == sorted(["counted"] + [str(AlreadyVoted())] * (many - 1))
    session.expire_all()
    assert poll.vote_count == sum(stand(poll)[1]) == 1
    assert len(session.scalars(select(Vote)).all()) == 1


@pytest.mark.parametrize(("at_once", "many"), [(in_threads, 8), (in_programs, 2)])
def test_of_many_voters_at_once_every_vote_counts(app, session, poll, at_once, many):
    poll.max_choices = 2
    number = poll.id

    def vote(index):
        for turn in range(3):
            found = session.get(Poll, number)
            chosen = list(found.choices) if index % 2 else list(reversed(found.choices))
            cast_vote(found, chosen, make_guest(token=f"{index}{turn}".ljust(43, "x")))
            session.commit()
        return "counted"

    assert at_once(app, vote, many) == ["counted"] * many
    session.expire_all()
    assert stand(poll) == (3 * many, [3 * many, 3 * many])


def test_a_poll_takes_votes_until_it_closes(poll, now):
    poll.closes_at = now.moment + timedelta(hours=1)
    cast_vote(poll, poll.choices[:1], make_guest("Bart"))
    now.moment += timedelta(hours=1)
    with pytest.raises(PollClosed):
        cast_vote(poll, poll.choices[:1], make_guest("Carla"))
    assert stand(poll) == (1, [1, 0])


def test_a_poll_takes_no_votes_before_its_day_begins(session, now):
    poll = make_poll(day=clock.today() + timedelta(days=1))
    now.set(2026, 11, 22, 22, 59)
    with pytest.raises(PollClosed):
        cast_vote(poll, poll.choices[:1], make_guest())
    now.set(2026, 11, 22, 23, 0)
    assert cast_vote(poll, poll.choices[:1], make_guest()).voted_at == now.moment


def test_yesterdays_poll_still_takes_votes(session, now):
    poll = make_poll(day=clock.today() - timedelta(days=1))
    cast_vote(poll, poll.choices[:1], make_guest())
    assert poll.vote_count == 1


def test_only_answers_of_this_poll_count_one_at_least_and_no_more_than_it_takes(session, poll):
    other = make_poll("Een andere vraag?", day=None)
    for chosen in ([], poll.choices, [other.choices[0]], [poll.choices[0], other.choices[0]]):
        with pytest.raises(InvalidChoice):
            cast_vote(poll, list(chosen), make_guest())
    assert stand(poll) == (0, [0, 0])
    assert session.scalar(select(Vote.id)) is None


def test_where_more_answers_may_be_given_each_is_counted_and_the_voter_once(session, now):
    poll = make_poll("Welke?", ["Glas", "Koper", "Kabel"], max_choices=2)
    cast_vote(poll, [poll.choices[0], poll.choices[2]], make_guest("Bart"))
    cast_vote(poll, [poll.choices[2]], make_guest("Carla"))
    with pytest.raises(InvalidChoice):
        cast_vote(poll, list(poll.choices), make_guest("Dirk"))
    assert stand(poll) == (2, [1, 0, 2])


def test_an_answer_given_twice_is_given_once(poll):
    cast_vote(poll, [poll.choices[0], poll.choices[0]], make_guest())
    assert stand(poll) == (1, [1, 0])


def test_a_voters_key_names_nobody_and_joins_no_two_polls(session, poll):
    other, bart, ann = make_poll("Een andere vraag?", day=None), make_guest("Bart"), make_user("ann")
    keys = {voter_key(about, voter) for about in (poll, other) for voter in (bart, ann)}
    assert len(keys) == 4
    assert {len(key) for key in keys} == {64}
    assert voter_key(poll, bart) == voter_key(poll, make_guest("Bart"))


def test_another_installation_makes_other_keys(make_site, session, poll):
    here = voter_key(poll, make_guest())
    with make_site(VOTE_KEY="een andere sleutel").app_context():
        assert voter_key(poll, make_guest()) != here


def test_what_came_with_an_import_is_counted_on(session, poll):
    poll.vote_count = poll.carried_count = 100
    for choice, count in zip(poll.choices, (60, 40), strict=True):
        choice.vote_count = choice.carried_count = count
    cast_vote(poll, poll.choices[1:], make_guest())
    assert stand(poll) == (101, [60, 41])
    assert session.scalars(select(Choice.carried_count).order_by(Choice.position)).all() == [60, 40]
