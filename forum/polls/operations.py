"""Asking and answering: making polls and recording votes."""

import datetime as dt
import hashlib
import hmac
from datetime import datetime

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from forum import clock, signals, versions
from forum.accounts.models import Actor, User
from forum.errors import AlreadyVoted, ForumError, InvalidChoice, PollClosed
from forum.extensions import db
from forum.polls.models import Choice, Poll, Vote, VoteAnswer

FEWEST_CHOICES, MOST_CHOICES = 2, 12


class InvalidPoll(ForumError):
    """A poll that cannot be asked; the sentence says what to change."""

    status = 422


def create_poll(
    question: str,
    labels: list[str],
    day: dt.date | None = None,
    explanation: str = "",
    closes_at: datetime | None = None,
    max_choices: int = 1,
    source: str | None = None,
    source_id: str | None = None,
) -> Poll:
    """Return a new poll with its choices in this order; its discussion opens with it. Raises InvalidPoll."""
    labels = [label.strip() for label in labels if label.strip()]
    if not question.strip():
        raise InvalidPoll(_l("A poll needs a question."))
    if not FEWEST_CHOICES <= len(labels) <= MOST_CHOICES:
        raise InvalidPoll(_l("A poll has 2 to 12 answers."))
    poll = Poll(
        question=question.strip(),
        explanation=explanation.strip(),
        day=day,
        closes_at=closes_at,
        max_choices=max_choices,
        created_at=clock.now(),
        source=source,
        source_id=source_id,
        choices=[Choice(position=position, label=label) for position, label in enumerate(labels)],
    )
    db.session.add(poll)
    db.session.flush()
    signals.poll_created.send(poll)
    versions.bump(versions.SIDEBAR)
    return poll


def voter_key(poll: Poll, voter: Actor) -> str:
    """Return what makes one voter one voter in this poll: an HMAC (RFC 2104) that names nobody and joins no two polls."""
    identity = f"user:{voter.id}" if isinstance(voter, User) else f"guest:{voter.token}"
    secret = current_app.config["VOTE_KEY"].encode()
    return hmac.new(secret, f"{poll.id}:{identity}".encode(), hashlib.sha256).hexdigest()


def cast_vote(poll: Poll, choices: list[Choice], voter: Actor) -> Vote:
    """Record one vote per voter and poll; the database, not we, breaks the tie.

    Raises PollClosed after `closes_at` or before its day, InvalidChoice for none, too many or another poll's, AlreadyVoted on
    a second try.
    """
    now = clock.now()
    if not poll.is_open(now) or (poll.day is not None and poll.day > clock.today()):
        raise PollClosed()
    chosen = {choice.id: choice for choice in choices}
    if not 1 <= len(chosen) <= poll.max_choices or any(choice.poll_id != poll.id for choice in choices):
        raise InvalidChoice()
    vote = Vote(poll_id=poll.id, voter_key=voter_key(poll, voter), voted_at=now)
    vote.answers = [VoteAnswer(choice_id=choice_id) for choice_id in chosen]
    try:
        with db.session.begin_nested():
            db.session.add(vote)
    except IntegrityError as error:
        raise AlreadyVoted() from error
    db.session.execute(update(Poll).where(Poll.id == poll.id).values(vote_count=Poll.vote_count + 1))
    # In the order of their ids, so that two votes for the same answers never wait for each other in a circle.
    for choice_id in sorted(chosen):
        db.session.execute(update(Choice).where(Choice.id == choice_id).values(vote_count=Choice.vote_count + 1))
    versions.bump(versions.votes(poll.id))
    return vote
