"""Polls: today's and older ones, and voting."""

import re
from datetime import timedelta

import pytest
from justhtml import JustHTML

from forum import clock
from forum.extensions import db
from forum.polls.models import Poll
from tests.factories import make_article, make_poll, sign_in


def results_on(page):
    """The bars of a page: label, percentage, votes and how full the bar is."""
    found = []
    for row in JustHTML(page, sanitize=False).query(".results__choice"):
        label, share, count = (row.query_one(f".results__{part}").to_text() for part in ("label", "share", "count"))
        found.append((label, share, count, row.query_one("progress").attrs["value"]))
    return found


def vote(client, poll, *choices, **more):
    return client.post(f"/polls/{poll.id}/votes", data={"choice": [str(choice) for choice in choices]}, **more)


def votes_in(poll):
    db.session.expire_all()
    return db.session.get(Poll, poll.id).vote_count


def test_a_visitor_votes_once_and_sees_how_it_stands(client):
    poll = make_poll()
    yes, no = (choice.id for choice in poll.choices)
    page = client.get(f"/polls/{poll.id}/").text
    JustHTML(page, strict=True)
    assert "Biedt u IPv6 aan?" in page
    assert page.count('type="radio" name="choice"') == 2
    assert results_on(page) == [("Ja", "0%", "0 stemmen", "0"), ("Nee", "0%", "0 stemmen", "0")]
    answer = vote(client, poll, yes)
    assert (answer.status_code, answer.location) == (303, f"/polls/{poll.id}/#results")
    page = client.get(f"/polls/{poll.id}/").text
    assert results_on(page) == [("Ja", "100%", "1 stem", "100"), ("Nee", "0%", "0 stemmen", "0")]
    assert 'name="choice"' not in page
    again = vote(client, poll, no)
    assert again.status_code == 409
    assert 'role="alert"' in again.text
    assert results_on(again.text)[0][2] == "1 stem"
    assert votes_in(poll) == 1


def test_who_has_no_cookie_votes_as_somebody_else(app):
    poll = make_poll()
    for _ in range(3):
        assert vote(app.test_client(), poll, poll.choices[0].id).status_code == 303
    assert votes_in(poll) == 3


def test_a_member_votes_once_wherever_they_sign_in(app):
    poll = make_poll()
    statuses = []
    for _ in range(2):
        visitor = app.test_client()
        sign_in(visitor, "ann")
        answer = vote(visitor, poll, poll.choices[0].id)
        statuses.append(answer.status_code)
        assert not [cookie for cookie in answer.headers.getlist("Set-Cookie") if "guest" in cookie]
    assert statuses == [303, 409]


def test_several_answers_where_the_poll_takes_them(client):
    poll = make_poll("Welke?", ["a", "b", "c"], max_choices=2)
    a, b, c = (choice.id for choice in poll.choices)
    assert client.get(f"/polls/{poll.id}/").text.count('type="checkbox" name="choice"') == 3
    assert vote(client, poll, a, b, c).status_code == 422
    assert vote(client, poll, a, b).status_code == 303
    assert [row[1] for row in results_on(client.get(f"/polls/{poll.id}/").text)] == ["100%", "100%", "0%"]
    assert votes_in(poll) == 1


@pytest.mark.parametrize("choice", [[], [""], ["abc"], ["999999"], ["-1"], ["9" * 40], ["\x00"], ["²"], ["1", "2"]])
def test_an_answer_that_is_none_is_refused_on_the_page_of_the_poll(client, choice):
    poll, other = make_poll(), make_poll("Andere", day=clock.today() - timedelta(days=1))
    for answer in (vote(client, poll, *choice), vote(client, poll, other.choices[0].id)):
        assert answer.status_code == 422
        JustHTML(answer.text, strict=True)
        assert "Biedt u IPv6 aan?" in answer.text
        assert 'role="alert"' in answer.text
    assert votes_in(poll) == votes_in(other) == 0


def test_a_closed_poll_takes_no_votes_and_shows_its_numbers(client, now):
    poll = make_poll(closes_at=now.moment + timedelta(hours=1))
    vote(client, poll, poll.choices[0].id)
    page = client.get("/").text
    assert "<progress" in page  # who has voted
    now.moment += timedelta(hours=1)
    answer = vote(client, poll, poll.choices[1].id)
    assert answer.status_code == 409
    assert votes_in(poll) == 1
    page = client.get(f"/polls/{poll.id}/").text
    assert 'name="choice"' not in page
    assert results_on(page)[0][1] == "100%"


def test_a_question_of_tomorrow_is_nowhere(client, now):
    poll = make_poll("Vraag van morgen", day=clock.today() + timedelta(days=1))
    choice = poll.choices[0].id
    for address in ("/", "/polls/", f"/polls/{poll.id}/"):
        assert "Vraag van morgen" not in client.get(address).text
    answer = vote(client, poll, choice)
    assert answer.status_code == 404
    assert "Vraag van morgen" not in answer.text
    now.moment += timedelta(days=1)
    assert "Vraag van morgen" in client.get("/").text
    assert vote(client, poll, choice).status_code == 303


def test_the_day_turns_at_midnight_in_the_papers_zone(client, now):
    now.set(2026, 7, 1, 12, 0)
    make_poll("Vraag van een", day=clock.today())
    make_poll("Vraag van twee", day=clock.today() + timedelta(days=1))
    for parts, asked in (((2026, 7, 1, 21, 59), "een"), ((2026, 7, 1, 22, 0), "twee"), ((2026, 7, 9, 12, 0), "twee")):
        now.set(*parts)
        assert f"Vraag van {asked}" in client.get("/").text, parts


def test_the_archive_has_every_question_of_the_past_the_newest_first(client):
    for days in range(25):
        make_poll(f"Vraag {days}?", day=clock.today() - timedelta(days=days))
    make_poll("Zonder dag?", day=None)
    first, second = client.get("/polls/").text, client.get("/polls/?page=2").text
    for page in (first, second):
        JustHTML(page, strict=True)
    asked = [re.findall(r'questions__question"><a[^>]*>([^<]+)<', page) for page in (first, second)]
    assert asked[0] == [f"Vraag {days}?" for days in range(20)]
    assert asked[1] == [*(f"Vraag {days}?" for days in range(20, 25)), "Zonder dag?"]
    assert client.get("/polls/?page=3").status_code == 404


# For scripts


def test_the_numbers_come_to_a_script_as_a_fragment(client):
    poll = make_poll()
    answer = vote(client, poll, poll.choices[0].id, headers={"X-Fragment": "1"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert results_on(answer.text)[0][:3] == ("Ja", "100%", "1 stem")
    assert "Je stem is geteld" in answer.text
    assert [cookie for cookie in answer.headers.getlist("Set-Cookie") if "guest" in cookie]
    again = vote(client, poll, poll.choices[0].id, headers={"X-Fragment": "1"})
    assert again.status_code == 409
    assert results_on(again.text)[0][:3] == ("Ja", "100%", "1 stem")


def test_a_refused_vote_comes_to_a_script_as_the_ballot_again(client):
    poll = make_poll()
    answer = vote(client, poll, headers={"X-Fragment": "1"})
    assert answer.status_code == 422
    assert "<html" not in answer.text
    assert answer.text.count('type="radio" name="choice"') == 2


def test_page_and_fragment_show_the_same_bars(client):
    poll = make_poll()
    part = vote(client, poll, poll.choices[0].id, headers={"X-Fragment": "1"}).text
    page = client.get(f"/polls/{poll.id}/").text
    assert re.sub(r"\s+", "", part) in re.sub(r"\s+", "", page)


# On other pages


def test_the_ballot_beside_a_page_has_no_numbers_until_one_has_voted(app, client):
    poll = make_poll()
    article = make_article()
    for _ in range(3):
        vote(app.test_client(), poll, poll.choices[0].id)
    for address in ("/", article.url):
        page = client.get(address).text
        assert f'action="/polls/{poll.id}/votes"' in page
        assert "<progress" not in page
        assert "100%" not in page
    vote(client, poll, poll.choices[1].id)
    for address in ("/", article.url):
        assert "<progress" in client.get(address).text


def test_hostile_words_of_a_poll_are_words(client):
    hostile = '"><script>alert(1)</script>'
    poll = make_poll(hostile, [hostile, "Nee"], explanation=hostile)
    vote(client, poll, poll.choices[0].id)
    for address in ("/", "/polls/", f"/polls/{poll.id}/"):
        page = client.get(address).text
        JustHTML(page, strict=True)
        assert "<script>alert" not in page, address
