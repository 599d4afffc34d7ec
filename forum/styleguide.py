"""The style guide at /desk/styleguide/: every component in every state, drawn by the partials and macros that the site itself uses.

What is shown is made up here and lies in no database, so that the page looks the same on every site.
"""

from calendar import Calendar
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import format_date, gettext
from markupsafe import Markup

from forum import web
from forum.accounts import policy
from forum.articles.views import ArticlePage, Part, Teaser
from forum.comments.forms import CommentForm
from forum.polls.views import Ballot, BallotChoice
from forum.settings.forms import SectionForm

bp = Blueprint("styleguide", __name__, url_prefix="/desk/styleguide")
MORNING = datetime(2014, 6, 23, 6, 1, tzinfo=UTC)  # "23 juni 2014 08:01 uur"
DAY = date(2014, 6, 23)


@bp.get("/")
def show() -> Response:
    """Every component in every state."""
    policy.require(policy.may_write(web.require_user()) or policy.may_moderate(web.actor()))
    comments = _comments()
    return web.page(
        "desk/styleguide.html",
        article=_article(),
        parts=[Part(html=_text(2)), Part(ballot=_ballot(voted=True)), Part(missing_poll="51")],
        corrections=[{"note": gettext("Something to know."), "at": MORNING, "thanks": _person(2)}],
        teasers=[_teaser(number) for number in range(5)],
        picture=_picture(),
        words=_text(1),
        sentence=_sentence(),
        names=[_person(0)],
        at=MORNING,
        comments=comments,
        talk=_talk(comments),
        queued=_queued(),
        ballots=[_ballot(), _ballot(max_choices=2), _ballot(voted=True), _ballot(is_open=False), _ballot(hides=True)],
        comment_form=CommentForm(formdata=None),
        wrong_form=_wrong_form(),
        calendar=_calendar(),
        points=[
            (format_date(DAY + timedelta(days=at)), number) for at, number in enumerate((12, 30, 18, 44, 0, 7, 21, 36))
        ],
        problem=SimpleNamespace(status=404, title=gettext("Not found"), ways=_ways()),
    )


def _sentence() -> str:
    return gettext("A paper says what happened, and what it means.")


def _text(paragraphs: int) -> Markup:
    return Markup("").join(Markup("<p>{0} {0} {0}</p>").format(_sentence()) for _ in range(paragraphs))


def _person(number: int) -> str:
    return ("Bart de Vries", "Ingrid Postma", "Oude Rot", "Mila Jovanović", "Hasan Yıldız")[number % 5]


def _here(part: str) -> str:
    return f"{request.path}#{part}"


def _headline() -> str:
    return gettext("A headline says what happened, in words that fit on two lines")


def _section() -> dict[str, str]:
    return {"name": gettext("Section"), "url": _here("navigation")}


def _picture() -> Any:
    return SimpleNamespace(
        url=web.static_address("img/example.svg"),
        srcset="",
        sources=[],
        width=1600,
        height=900,
        alt=gettext("Hills under a low sun"),
        focus="2-2",
        caption=gettext("A caption says what cannot be seen."),
        credit=gettext("Illustration: the desk"),
        licence="",
    )


def _article() -> ArticlePage:
    return ArticlePage(
        id=1,
        url=_here("article"),
        kind="article",
        headline=_headline(),
        standfirst=_sentence(),
        section=_section(),
        authors=[{"name": _person(1), "url": _here("byline")}, {"name": _person(3), "url": _here("byline")}],
        tags=[{"name": "IPv6", "url": _here("tags")}, {"name": "DNS", "url": _here("tags")}],
        published_at=MORNING,
        picture=_picture(),
        edit_url=_here("article"),
    )


def _teaser(number: int) -> Teaser:
    return Teaser(
        url=request.path,
        headline=_headline(),
        standfirst=_sentence() if number % 2 else "",
        excerpt=_sentence(),
        section=_section(),
        authors=[{"name": _person(number), "url": _here("byline")}],
        published_at=MORNING - timedelta(days=number),
        comment_count=number * 7,
        picture=_picture() if number == 1 else None,
    )


def _comment(number: int, level: int, **changes: Any) -> Any:
    known = {
        "id": number,
        "anchor": f"comment-{number}",
        "state": "visible",
        "author_name": _person(number),
        "created_at": MORNING + timedelta(minutes=7 * number),
        "body_html": _text(1),
        "permalink": f"#comment-{number}",
        "reply_url": _here("form"),
        "reply_count": 1,
        "branch_url": _here("comment"),
        "valued_count": number,
        "more_url": _here("comment"),
        "previous_url": f"#comment-{number}",
        "next_url": f"#comment-{number}",
        "level": level,
        "deeper": False,
        "closes": 0,
    }
    return SimpleNamespace(**{**known, **changes})


def _comments() -> list[Any]:
    """Return a comment in every state, as deep as lists nest."""
    rows = [
        _comment(1, 0),
        _comment(2, 1, badge="author", author_url=_here("byline")),
        _comment(3, 2, badge="desk", hide_url=_here("comment")),
        _comment(4, 3, state="hidden", reason=gettext("House rule 2"), restore_url=_here("comment")),
        _comment(5, 4, state="removed"),
        _comment(6, 5, state="held", is_mine=True),
        _comment(7, 5, parent_name=_person(6), parent_url="#comment-6", root_url="#comment-1"),
        _comment(8, 0, state="held"),
        _comment(9, 1, badge="expert", expertise=_sentence(), is_new=True, edited_at=MORNING),
    ]
    for row, following in zip(rows, [*rows[1:], _comment(0, 0)], strict=True):
        row.deeper, row.closes = following.level > row.level, max(0, row.level - following.level)
    return rows


def _talk(rows: list[Any]) -> Any:
    return SimpleNamespace(
        id=1,
        count=len(rows),
        tally="",
        summary={"html": _text(1), "written_at": MORNING},
        highlights=({"url": "#comment-1", "author_name": _person(1), "excerpt": _sentence(), "reason": _sentence()},),
        follow_url=_here("discussion"),
        rows=rows,
        order="talk",
        orders=[
            SimpleNamespace(words=words, url=_here("discussion"), is_current=not at)
            for at, words in enumerate((gettext("Conversation"), gettext("Newest")))
        ],
        branch_of=None,
        previous_url=_here("discussion"),
        next_url=_here("discussion"),
        first_url=_here("discussion"),
        is_open=False,
        closed_reason=gettext("This discussion is closed."),
        post_url=_here("form"),
        page_size=100,
    )


def _queued() -> Any:
    return _comment(
        11,
        0,
        article_title=_headline(),
        article_url=_here("queue"),
        parent_name=_person(2),
        parent_url="#comment-2",
        reasons=[gettext("Many links.")],
        approve_url=_here("queue"),
        hide_url=_here("queue"),
    )


def _ballot(*, voted: bool = False, is_open: bool = True, hides: bool = False, max_choices: int = 1) -> Ballot:
    counts = (118, 96, 71, 0)
    choices = [
        BallotChoice(at, gettext("Answer %(number)s", number=at), count, share, share)
        for at, (count, share) in enumerate(zip(counts, (41, 34, 25, 0), strict=True), start=1)
    ]
    return Ballot(
        id=1,
        question=gettext("What is asked today?"),
        explanation=gettext("A line that explains the question."),
        url=_here("ballot"),
        vote_url=_here("ballot"),
        choices=choices,
        max_choices=max_choices,
        total=sum(counts),
        is_open=is_open and not hides,
        closes_at=MORNING,
        voted=voted,
        shows_results=not hides,
        day=DAY,
    )


def _wrong_form() -> SectionForm:
    form = SectionForm(formdata=None)
    form.name.errors = [gettext("Something in the form is missing or wrong.")]
    return form


def _calendar() -> Any:
    entries = {3: _headline(), 23: gettext("What is asked today?")}
    weeks = [
        [
            SimpleNamespace(
                number=day.day,
                iso=day.isoformat(),
                is_other=day.month != DAY.month,
                is_chosen=day == DAY,
                entries=[{"words": entries[day.day], "url": _here("calendar")}]
                if day.month == DAY.month and day.day in entries
                else [],
            )
            for day in week
        ]
        for week in Calendar().monthdatescalendar(DAY.year, DAY.month)
    ]
    monday = date(2014, 6, 2)
    names = [
        (format_date(monday + timedelta(days=at), "EEEEEE"), format_date(monday + timedelta(days=at), "EEEE"))
        for at in range(7)
    ]
    return SimpleNamespace(title=format_date(DAY, "LLLL yyyy"), weekdays=names, weeks=weeks)


def _ways() -> list[dict[str, str]]:
    return [{"label": gettext("To the front page"), "url": "/"}]
