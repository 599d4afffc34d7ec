"""The checks that a new comment passes: one ordered list, each accepting, holding or refusing with its reason.

Nothing is learnt from elsewhere and nothing leaves the site. A comment may be held for more than one reason; the first
refusal ends the list.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app
from flask_babel import gettext, lazy_gettext
from sqlalchemy import func, select

from forum.accounts import policy
from forum.accounts.models import Actor, Guest
from forum.comments.models import Comment
from forum.errors import InvalidComment
from forum.extensions import db
from forum.settings.queries import SiteSettings
from forum.text import plain_text

_l = lazy_gettext


@dataclass(frozen=True)
class Submission:
    """A comment as it was sent, before anything is kept of it."""

    author: Actor
    author_name: str
    body: str
    html: str  # the body as readers would see it
    trap: str  # what stands in the field that people do not see
    guest_key: str | None


# Letters, numbers and symbols such as a thumb: what is left of a text without any of them says nothing.
READABLE = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Nd", "Nl", "No", "So"})

Check = Callable[[Submission, SiteSettings], str | None]


def fit(body: str, settings: SiteSettings) -> None:
    """Refuse a text that is longer than the site takes; nothing is ever cut off. Asked before anything is made of it."""
    if len(body) > settings.comment_length:
        raise InvalidComment(
            _l(
                "Your text has %(length)s characters; at most %(most)s fit. Shorten it a little.",
                length=len(body),
                most=settings.comment_length,
            )
        )


def words(submission: Submission, settings: SiteSettings) -> str | None:
    """Refuse a text that says nothing."""
    if not any(unicodedata.category(letter) in READABLE for letter in plain_text(submission.html)):
        raise InvalidComment()
    return None


def trap(submission: Submission, settings: SiteSettings) -> str | None:
    """Hold what filled the field that people do not see; not refused, for a browser may have filled it."""
    return "trap" if submission.trap.strip() else None


def links(submission: Submission, settings: SiteSettings) -> str | None:
    """Hold a guest's text with many links."""
    if not isinstance(submission.author, Guest):
        return None
    count = len(re.findall(r"https?://|www\.", submission.body, re.IGNORECASE))
    return "links" if count >= settings.links_before_hold else None


def first_comments(submission: Submission, settings: SiteSettings) -> str | None:
    """Hold a guest's first comments where the site asks for it; a guest is their cookie, without it each is a first one."""
    if settings.hold_first_comments == 0 or not isinstance(submission.author, Guest):
        return None
    approved = select(func.count()).where(
        Comment.guest_key == submission.guest_key, Comment.held_at.is_(None), Comment.hidden_at.is_(None)
    )
    known = db.session.scalar(approved) if submission.guest_key else 0
    return "first" if (known or 0) < settings.hold_first_comments else None


CHECKS: tuple[Check, ...] = (words, trap, links, first_comments)


def screen(submission: Submission, settings: SiteSettings) -> list[str]:
    """Return the codes of the reasons to hold this comment, in the order of the checks; none means it is shown at once.

    Raises InvalidComment when a check refuses. Staff pass every check but the first; `SCREENING` off leaves that one too.
    """
    if (
        not current_app.config["SCREENING"]
        or policy.may_moderate(submission.author)
        or policy.may_write(submission.author)
    ):
        words(submission, settings)
        return []
    return [reason for check in CHECKS if (reason := check(submission, settings)) is not None]


def reason_in_words(code: str) -> str:
    """Return the sentence that belongs to a code of `screen` or of an import."""
    return {
        "trap": gettext("A field that people do not see was filled in."),
        "links": gettext("Many links."),
        "first": gettext("A first comment."),
        "imported": gettext("Waited for approval on the old site."),
    }.get(code, code)
