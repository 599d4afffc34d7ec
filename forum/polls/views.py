"""Polls: today's and older ones, and voting."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from flask import Blueprint, Response, abort, make_response, redirect, request
from flask.typing import ResponseReturnValue

from forum import clock, limits, versions, web
from forum.accounts.models import Actor, Guest
from forum.comments import queries as comments
from forum.comments.forms import CommentForm
from forum.comments.reading import discussion_page
from forum.comments.views import comment_form
from forum.errors import AlreadyVoted, ForumError, InvalidChoice, with_retry
from forum.extensions import db
from forum.polls import operations, queries
from forum.polls.models import Choice, Poll

bp = Blueprint("polls", __name__, url_prefix="/polls")
POLLS_PER_PAGE = 20


@dataclass(frozen=True)
class BallotChoice:
    """An answer as a template shows it."""

    id: int
    label: str
    count: int
    percentage: int
    bar: int


@dataclass(frozen=True)
class Ballot:
    """A poll as a template shows it; without `shows_results` its numbers are not for showing."""

    id: int
    question: str
    explanation: str
    url: str
    vote_url: str
    choices: list[BallotChoice]
    max_choices: int
    total: int
    is_open: bool
    closes_at: datetime | None
    voted: bool
    shows_results: bool
    day: date | None


def ballot(poll: Poll, shows_results: bool = False) -> Ballot:
    """Return a poll for a template. Numbers are shown where asked, to who has voted, and of what is closed."""
    who = web.viewer()
    voter: Actor | None = None
    if who is not None:
        voter = who.user or (Guest(token=who.token) if who.token else None)
    voted = voter is not None and queries.has_voted(poll, voter)
    is_open = poll.is_open(clock.now())
    shows_results = shows_results or voted or not is_open
    if shows_results:
        versions.depends_on(versions.votes(poll.id))
    counts = [choice.vote_count for choice in poll.choices]
    if poll.max_choices == 1:
        shares = queries.percentages(counts)
    else:  # of the voters, who may each have given more than one answer
        shares = [round(100 * count / poll.vote_count) if poll.vote_count else 0 for count in counts]
    return Ballot(
        id=poll.id,
        question=poll.question,
        explanation=poll.explanation,
        url=f"/polls/{poll.id}/",
        vote_url=f"/polls/{poll.id}/votes",
        choices=[
            BallotChoice(choice.id, choice.label, choice.vote_count, share, min(100, share))
            for choice, share in zip(poll.choices, shares, strict=True)
        ],
        max_choices=poll.max_choices,
        total=poll.vote_count,
        is_open=is_open,
        closes_at=poll.closes_at,
        voted=voted,
        shows_results=shows_results,
        day=poll.day,
    )


@bp.get("/")
@web.kept
def index() -> ResponseReturnValue:
    """Every poll so far, the newest first."""
    found = web.paged(queries.archive(), web.page_number(), POLLS_PER_PAGE, lambda number: f"/polls/?page={number}")
    if found is None:
        abort(404)
    polls, paging = found
    return web.page("polls/index.html", polls=[ballot(poll, shows_results=True) for poll in polls], paging=paging)


@bp.get("/<id:poll_id>/")
@web.kept
def show(poll_id: int) -> ResponseReturnValue:
    """One poll: its ballot, its numbers, its discussion."""
    return poll_page(_shown(poll_id))


@bp.post("/<id:poll_id>/votes")
def vote(poll_id: int) -> ResponseReturnValue:
    """Record a vote, and show how the poll stands."""
    try:
        poll = _shown(poll_id)
        voter = web.author()
        limits.take("vote from address", web.client_block())
        operations.cast_vote(poll, _choices(), voter)
        db.session.commit()
    except Exception as error:  # closed, twice, no answer chosen, database locked: the poll's page says so
        refusal = web.refused(error)
        return with_retry(_answer(_shown(poll_id), refusal), refusal)
    if web.wants_fragment():
        return web.remember_guest(_answer(poll), voter)
    return web.remember_guest(make_response(redirect(f"/polls/{poll.id}/#results", 303)), voter)


def _shown(poll_id: int) -> Poll:
    poll = queries.shown(poll_id)
    if poll is None:
        abort(404)
    return poll


def poll_page(poll: Poll, refusal: ForumError | None = None) -> ResponseReturnValue:
    """Return the page of a poll, with the sentence of a refusal above it if there is one."""
    discussion = comments.of_poll(poll.id)
    return web.page(
        "polls/show.html",
        refusal.status if refusal else 200,
        ballot=ballot(poll, shows_results=True),
        discussion=discussion_page(discussion) if discussion else None,
        form=comment_form(discussion=discussion) if discussion else CommentForm(),
        refusal=str(refusal) if refusal else None,
    )


def _answer(poll: Poll, refusal: ForumError | None = None) -> Response:
    if not web.wants_fragment():
        return make_response(poll_page(poll, refusal))
    has_voted = refusal is None or isinstance(refusal, AlreadyVoted)
    shown = ballot(poll, shows_results=has_voted)
    if has_voted:
        shown = replace(shown, voted=True)  # a guest's first vote: the cookie comes with this answer
    return web.page(
        "polls/_results.html" if shown.shows_results else "polls/_ballot.html",
        refusal.status if refusal else 200,
        ballot=shown,
        refusal=str(refusal) if refusal else None,
    )


def _choices() -> list[Choice]:
    chosen = []
    for raw in request.form.getlist("choice"):
        choice = db.session.get(Choice, int(raw)) if raw.isdecimal() and len(raw) < 10 else None
        if choice is None:
            raise InvalidChoice()
        chosen.append(choice)
    return chosen
