"""Voting: from the sidebar of a page that is the same for everybody, once per voter, with the numbers on the poll's page."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from forum.extensions import db
from forum.polls.models import Choice, Poll, Vote
from tests.factories import make_article, make_poll
from tests.journeys.conftest import LiveSite
from tests.journeys.pages import button, sidebar, word

pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]


def votes(site: LiveSite, label: str = "Ja") -> tuple[int, int, int]:
    """Return how many voted in today's poll, how many for this answer, and how many ballots there are."""
    poll_id = int(site.places["poll"].split("/")[2])
    with site.inside():
        voters = db.session.scalar(select(Poll.vote_count).where(Poll.id == poll_id)) or 0
        chosen = (
            db.session.scalar(select(Choice.vote_count).where(Choice.poll_id == poll_id, Choice.label == label)) or 0
        )
        ballots = db.session.scalar(select(func.count(Vote.id)).where(Vote.poll_id == poll_id)) or 0
        return voters, chosen, ballots


def test_a_vote_in_the_sidebar_counts_and_the_polls_page_shows_the_numbers(
    arrive: Arrive, site: LiveSite, script: bool
) -> None:
    voters, chosen, ballots = votes(site)
    page = arrive()
    page.goto("/")
    assert page.context.cookies() == []
    expect(sidebar(page)).not_to_contain_text("%")
    sidebar(page).get_by_label("Ja", exact=True).check()
    button(sidebar(page), "Vote").click()
    if script:
        expect(sidebar(page)).to_contain_text(word("Your vote has been counted."))
        expect(page).to_have_url("/")
        expect(sidebar(page)).to_contain_text("%")
        page.goto(site.places["poll"])
    else:
        expect(page).to_have_url(f"{site.places['poll']}#results")
    assert votes(site) == (voters + 1, chosen + 1, ballots + 1)
    main = page.get_by_role("main")
    expect(main).to_contain_text(word("Your vote has been counted."))
    expect(main).to_contain_text(word("%(num)s vote in all", "%(num)s votes in all", num=voters + 1))
    share = main.get_by_role("listitem").filter(has_text=re.compile(r"^\s*Ja"))
    expect(share).to_contain_text(word("%(num)s vote", "%(num)s votes", num=chosen + 1))
    expect(share).to_contain_text("%")
    expect(button(main, "Vote")).to_have_count(0)


def test_a_second_vote_is_kindly_refused(arrive: Arrive, site: LiveSite, script: bool) -> None:
    page = arrive()
    other = page.context.new_page()  # the same voter, with a page from before the first vote
    for tab in (page, other):
        tab.goto("/")
        sidebar(tab).get_by_label("Nee", exact=True).check()
    button(sidebar(page), "Vote").click()
    expect(page.get_by_text(word("Your vote has been counted."))).to_be_visible()
    voters, _chosen, ballots = votes(site)
    button(sidebar(other), "Vote").click()
    expect(other.get_by_text(word("You have already voted in this poll. One vote counts."))).to_be_visible()
    assert votes(site) == (voters, _chosen, ballots)


def test_an_article_carries_the_poll_that_it_names(arrive: Arrive, site: LiveSite, script: bool) -> None:
    with site.inside():
        poll = make_poll("Wat zet je 's nachts uit?", ("De router", "De server", "Niets"), day=None, max_choices=2)
        url = make_article("Een nacht zonder stroom", f"Vooraf.\n\n[poll id={poll.id}]\n\nAchteraf.").url
        poll_url = f"/polls/{poll.id}/"
    page = arrive()
    page.goto(url)
    ballot = page.get_by_role("group", name="Wat zet je 's nachts uit?")
    ballot.get_by_label("De router").check()
    ballot.get_by_label("De server").check()
    button(page.get_by_role("main"), "Vote").first.click()
    expect(page.get_by_role("main")).to_contain_text(word("Your vote has been counted."))
    expect(page).to_have_url(url if script else f"{poll_url}#results")
    page.goto(poll_url)
    answer = page.get_by_role("main").get_by_role("listitem").filter(has_text="De server")
    expect(answer).to_contain_text("100%")
