"""What the shared site holds: at least one of everything that a page can show."""

import io
from datetime import timedelta
from typing import Any

from PIL import Image
from sqlalchemy import select

from forum import clock
from forum.articles.models import Article, Kind
from forum.comments.models import Comment, Discussion
from forum.comments.queries import of_poll
from forum.extensions import db
from forum.media.operations import add_picture
from forum.moderation.operations import hide_comment
from forum.settings import operations as settings
from tests.factories import discussion_of, make_article, make_comment, make_guest, make_poll, make_section, make_user

LONG = 130  # comments: more than a page holds
DEEP = 60  # comments, each an answer to the one before it


def fill(site: Any) -> None:
    """Fill an empty database, and note in `site.places` where things stand."""
    settings.change(name="De Proef", tagline="Nieuws en wat lezers ervan vinden")
    for name in ("ann", "cas", "ed", "mo", "adam"):
        make_user(name)
    law, market = (
        make_section("Recht", position=1, description="Wat rechters zeggen."),
        make_section("Markt", position=2),
    )
    day = clock.today()
    make_poll("Stuur je facturen per post?", day=day - timedelta(days=1), closes_at=clock.now() - timedelta(hours=1))
    poll = make_poll(
        "Bied je klanten IPv6 aan?", ("Ja", "Nee", "Binnenkort"), explanation="Tel je eigen netwerk niet mee."
    )
    about_poll = of_poll(poll.id)
    assert about_poll is not None
    make_comment(about_poll, "Al jaren.")
    for number in range(1, 22):
        earlier = clock.now() - timedelta(days=number)
        make_article(f"Bericht {number}", published_at=earlier, section=market, tags=["Hosting"])
    page = make_article("Huisregels", "Wees **aardig** voor elkaar.", kind=Kind.PAGE)
    long, deep, closed = (
        make_article(
            headline,
            f"## Vonnis\n\nDe *rechter* sprak.\n\n> Een citaat.\n\n- een\n- twee\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[poll id={poll.id}]",
            standfirst="Wat vooraf ging.",
            section=law,
            tags=["KPN", "MKB"],
            published_at=clock.now() - timedelta(hours=1),
        )
        for headline in ("Een lang gesprek", "Een diep gesprek", "Een gesloten gesprek")
    )
    for article in (long, deep):
        article.picture = add_picture(
            picture(),
            alt="Een blauw vlak",
            caption="Het vlak in kwestie.",
            credit="Anna de Wit",
            source="test",
            source_id="1",
        )
    lively(long)
    chain(deep, DEEP)
    make_comment(closed, "Net op tijd.")
    discussion_of(closed).mode = "closed"
    first = comments_under(long.url)[0]
    scheduled = make_article("Pas morgen", published_at=clock.now() + timedelta(days=1))
    draft = make_article("Nog niet af", published=False)
    site.places |= {
        "front": "/",
        "older front": "/page/2/",
        "article": long.url,
        "deep discussion": deep.url,
        "closed discussion": closed.url,
        "section": f"/sections/{law.slug}/",
        "author": f"/authors/{long.authors[0].slug}/",
        "tag": "/tags/kpn/",
        "month": "/archives/date/2026/11/",
        "standing page": page.url,
        "polls": "/polls/",
        "poll": f"/polls/{poll.id}/",
        "closed poll": f"/polls/{poll.id - 1}/",
        "reply": f"/discussions/{discussion_of(long).id}/comments/new?parent={first}",
        "scheduled": f"/desk/articles/{scheduled.id}/",
        "draft": f"/desk/articles/{draft.id}/",
        "published": f"/desk/articles/{long.id}/",
        "hide": f"/moderation/comments/{first}/hide",
    }


def lively(article: Article) -> None:
    """Give an article a discussion of two pages with a comment of every kind in it."""
    opening = make_comment(
        article, "Hier begint het: zie https://example.org/een/lang/adres/dat/niet/breekt?met=vragen&en=meer"
    )
    for number in range(LONG):
        make_comment(article, f"Opmerking {number}.", make_guest("Koen"), parent=opening if number % 3 else None)
    make_comment(article, "Dat zegt de redactie ook.", make_user("ed"), parent=opening)
    make_comment(
        article, "Wie `code` schrijft, *nadruk* legt en **roept**:\n\n> citeert\n\n1. telt\n2. ook", parent=opening
    )
    make_comment(article, "https://een.nl https://twee.nl https://drie.nl", make_guest("Henk"), parent=opening)
    insult = make_comment(article, "Wat een onzin, jij.", make_guest("Piet"), parent=opening)
    make_comment(article, "Zo praten we niet.", parent=insult)
    hide_comment(insult, make_user("mo"), "Beledigend of op de persoon")
    make_comment(article, "Dit trek ik terug.", parent=opening, removed_at=clock.now())


def chain(article: Article, length: int) -> None:
    """Give an article a discussion in which each comment answers the one before it."""
    parent = None
    for number in range(length):
        parent = make_comment(
            article, f"Antwoord {number}.", make_guest("Anna" if number % 2 else "Bart"), parent=parent
        )


def comments_under(url: str) -> list[int]:
    """Return the ids of all comments under the article at this address, in tree order."""
    found = select(Comment.id).join(Discussion, Discussion.id == Comment.discussion_id)
    return list(db.session.scalars(found.where(Discussion.article_id == number_of(url)).order_by(Comment.path)))


def number_of(url: str) -> int:
    """Return the id of the article at this address."""
    return int(url.split("/")[2])


def picture() -> bytes:
    """Return a picture as a camera would give it."""
    buffer = io.BytesIO()
    Image.new("RGB", (1600, 900), (30, 60, 120)).save(buffer, "PNG")
    return buffer.getvalue()
