"""The contract of pages that can be kept: the same bytes for everybody without a session, and known when they change."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import g
from justhtml import JustHTML

from forum import clock, versions
from forum.articles import operations as articles
from forum.articles.models import Article, Kind
from forum.comments import queries as discussions
from forum.comments.models import Comment, Mode
from forum.extensions import db
from forum.moderation import operations as moderation
from forum.polls import operations as polls
from forum.polls.models import Poll
from forum.settings import operations as settings
from tests.conftest import Visitor
from tests.doors import KEPT_PAGES, ROLES, furnish
from tests.factories import (
    discussion_of,
    make_article,
    make_comment,
    make_guest,
    make_poll,
    make_section,
    make_user,
    sign_in,
)

AGES = re.compile(
    r"\b(vandaag|gisteren|eergisteren|morgen|zojuist|zonet|net|nu|geleden|deze week|today|yesterday|tomorrow|just now|ago)\b",
    re.IGNORECASE,
)


@pytest.fixture
def site(make_site, app):
    """A site of this test's own, which tells what each page that it made depends on."""
    own = make_site()
    own.test_client_class = Visitor
    own.watched = []
    own.after_request(lambda response: own.watched.append(g.get("kept")) or response)
    return own


def pages(house: dict[str, Any]) -> list[str]:
    """The addresses of every page that can be kept, in its variants too."""
    house = {**house, "from": house["reply"]}
    return [door.address.format(**house) for door in KEPT_PAGES.values()] + [
        f"/archives/{house['article']}/{house['slug']}/?from={house['reply']}",
        f"/archives/{house['older']}/bericht-3/",
        "/sections/recht/?page=2",
        "/polls/?page=1",
    ]


def seen(site: Any, address: str) -> tuple[bytes, versions.Watch]:
    answer = site.test_client().get(address)
    assert answer.status_code == 200, address
    return answer.data, site.watched[-1]


# The same for everybody


def test_a_public_page_sets_no_cookie_and_a_second_look_costs_304(site):
    house = furnish()
    for address in pages(house):
        visitor = site.test_client()
        answer = visitor.get(address)
        assert answer.status_code == 200, address
        assert not answer.headers.getlist("Set-Cookie"), address
        assert answer.headers["Cache-Control"] == "no-cache"
        assert "Cookie" in answer.headers["Vary"]
        etag = answer.headers["ETag"]
        for tags in (etag, f'"other", {etag}', f"W/{etag}", "*"):
            again = visitor.get(address, headers={"If-None-Match": tags})
            assert (again.status_code, again.data) == (304, b""), (address, tags)
            assert again.headers["ETag"] == etag
            assert not again.headers.getlist("Set-Cookie")
            assert {"Vary", "Cache-Control"} <= set(again.headers.keys())
        assert visitor.get(address, headers={"If-None-Match": '"other"'}).data == answer.data


def test_a_public_page_is_the_same_whoever_looked_at_it_before(site):
    house = furnish()
    addresses = pages(house)
    before = {address: seen(site, address)[0] for address in addresses}
    for role in ROLES[1:]:
        visitor = site.test_client()
        sign_in(visitor, role)
        for address in addresses:
            theirs = visitor.get(address)
            assert theirs.status_code == 200
            assert "ETag" not in theirs.headers
            assert "private" in theirs.headers["Cache-Control"]
            assert f">{role.capitalize()}</a>" in theirs.text  # who is signed in finds their name above
    writer = site.test_client()
    writer.post(f"/polls/{house['poll']}/votes", data={"choice": "4040"})
    writer.set_cookie("forum_guest", "b" * 43)
    for address in addresses:
        assert "private" in writer.get(address).headers["Cache-Control"]
    assert {address: seen(site, address)[0] for address in addresses} == before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("session", "nonsense"),
        ("session", ".eJwNyUEOgCAMBMC_7NkDBVq6fsYYbBMOQqJejH9Xz_Mgz-gTc0KFuqzK.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"),
        ("remember_token", "1|nonsense"),
        ("forum_guest", "short"),
        ("forum_guest", "<" * 43),
        ("forum_language", "de"),
        ("other", "x" * 3000),
    ],
)
def test_a_cookie_that_is_not_ours_makes_no_other_page(site, name, value):
    house = furnish()
    visitor = site.test_client()
    visitor.set_cookie(name, value)
    for address in pages(house):
        answer = visitor.get(address)
        assert answer.data == seen(site, address)[0], address
        assert not answer.headers.getlist("Set-Cookie") or name == "remember_token"


def test_what_a_browser_says_of_itself_makes_no_other_page(site):
    house = furnish()
    headers = {
        "Accept-Language": "en",
        "User-Agent": "Other",
        "Referer": "http://localhost/desk/",
        "DNT": "1",
        "Accept": "*/*",
        "X-Forwarded-For": "203.0.113.1",
        "X-Fragment": "1",
    }
    for address in pages(house):
        assert site.test_client().get(address, headers=headers).data == seen(site, address)[0], address


def test_a_public_page_has_no_word_that_ages(site, now):
    house = furnish()
    for language in ("nl", "en"):
        visitor = site.test_client()
        visitor.post("/language", data={"language": language})
        for address in pages(house):
            words = JustHTML(visitor.get(address).text).to_text()
            assert not AGES.findall(words), address


def test_a_page_in_another_language_is_kept_apart(site):
    house = furnish()
    visitor = site.test_client()
    visitor.post("/language", data={"language": "en"})
    for address in pages(house):
        dutch = site.test_client().get(address)
        english = visitor.get(address)
        assert '<html lang="en">' in english.text
        assert english.headers["ETag"] != dutch.headers["ETag"]
        assert "Cookie" in english.headers["Vary"]


def test_only_a_page_with_the_status_200_is_kept(site):
    house = furnish()
    visitor = site.test_client()
    for address in ("/archives/4040/niets/", f"/archives/{house['article']}/", "/page/900/", "/sections/oud/"):
        answer = visitor.get(address)
        assert answer.status_code in {301, 404}
        assert site.watched[-1] is None
        assert "ETag" not in answer.headers


# What a page depends on


def names(site: Any, address: str) -> set[str]:
    return seen(site, address)[1].names


def test_each_page_knows_what_it_shows(site):
    house = furnish()
    everywhere = {versions.SITE, versions.SIDEBAR, versions.ARTICLES}
    article, poll = versions.article(house["article"]), versions.poll(house["poll"])
    for address in pages(house):
        assert everywhere <= names(site, address), address
    assert article in names(site, f"/archives/{house['article']}/{house['slug']}/")
    assert article not in names(site, f"/archives/{house['older']}/bericht-3/")
    assert poll in names(site, f"/polls/{house['poll']}/")
    assert poll in names(site, f"/archives/{house['article']}/{house['slug']}/")  # it stands in the text


def test_a_vote_concerns_only_the_pages_that_show_numbers(site):
    house = furnish()
    votes = versions.votes(house["poll"])
    assert {address for address in pages(house) if votes in names(site, address)} == {
        "/polls/",
        "/polls/?page=1",
        f"/polls/{house['poll']}/",
    }


def numbers(watch: versions.Watch) -> dict[str, int]:
    found = versions.current(watch.names)
    db.session.commit()
    return found


def article_of(house: dict[str, Any]) -> Article:
    return db.session.get(Article, house["article"])


def edited(article: Article, headline: str | None = None, body: str | None = None, **changes: Any) -> None:
    last = articles.latest_revision(article)
    articles.save(
        article,
        make_user("ed"),
        headline or article.headline,
        changes.get("standfirst", article.standfirst),
        body or article.body,
        changes.get("section", article.section),
        changes.get("tags", [tag.name for tag in article.tags]),
        changes.get("authors", article.authors),
        last.number if last else 0,
    )


ACTS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a comment": lambda house: make_comment(article_of(house), "Nieuw."),
    "a reply on a poll": lambda house: make_comment(discussions.of_poll(house["poll"]), "Nieuw."),
    "a comment that is held": lambda house: make_comment(
        article_of(house), "https://a.nl https://b.nl https://c.nl", make_guest("Dirk")
    ),
    "a comment let through": lambda house: moderation.approve_comment(
        db.session.get(Comment, house["held"]), make_user("mo")
    ),
    "a comment hidden": lambda house: moderation.hide_comment(
        db.session.get(Comment, house["visible"]), make_user("mo"), "Daarom."
    ),
    "a comment restored": lambda house: moderation.restore_comment(
        db.session.get(Comment, house["hidden"]), make_user("mo")
    ),
    "a vote": lambda house: polls.cast_vote(
        db.session.get(Poll, house["poll"]), [db.session.get(Poll, house["poll"]).choices[0]], make_guest("Dirk")
    ),
    "a headline": lambda house: edited(article_of(house), headline="Anders"),
    "a body": lambda house: edited(article_of(house), body="Anders. [poll id=4040]"),
    "a section changed": lambda house: edited(article_of(house), section=None),
    "tags changed": lambda house: edited(article_of(house), tags=["BGP"]),
    "an article published": lambda house: articles.publish(db.session.get(Article, house["draft"]), make_user("ed")),
    "an article scheduled": lambda house: articles.publish(
        db.session.get(Article, house["draft"]), make_user("ed"), clock.now() + timedelta(hours=1)
    ),
    "an article withdrawn": lambda house: articles.withdraw(db.session.get(Article, house["older"]), make_user("ed")),
    "a page published": lambda house: make_article("Over ons", kind=Kind.PAGE),
    "a page renamed": lambda house: edited(
        db.session.scalar(db.select(Article).where(Article.slug == house["page"])), headline="Regels"
    ),
    "the name of the site": lambda house: settings.change(name="Het Blad"),
    "fewer comments on a page": lambda house: settings.change(comments_per_page=2),
    "fewer articles on a page": lambda house: settings.change(articles_per_page=1),
    "another poll today": lambda house: make_poll("En nu?", day=clock.today() - timedelta(days=3)),
}


@pytest.mark.parametrize("act", ACTS)
def test_what_changes_a_page_changes_a_number_that_the_page_knows(site, now, act):
    house = furnish()
    now.moment += timedelta(minutes=1)
    before = {address: (*seen(site, address), None) for address in pages(house)}
    known = {address: numbers(watch) for address, (_, watch, _) in before.items()}
    ACTS[act](house)
    db.session.commit()
    changed = set()
    for address, (page, watch, _) in before.items():
        answer = site.test_client().get(address)
        if answer.status_code != 200 or answer.data != page:
            changed.add(address)
            assert numbers(watch) != known[address], f"{address} changed, and none of {sorted(watch.names)} says so"
    assert changed or act in {"a comment that is held", "an article scheduled"}


def test_a_poll_that_was_missing_concerns_the_page_that_names_it(site):
    article = make_article(body="[poll id=1]")
    address = article.url
    db.session.commit()
    page, watch = seen(site, address)
    known = numbers(watch)
    assert make_poll("Toch nog", day=None).id == 1
    db.session.commit()
    assert seen(site, address)[0] != page
    assert numbers(watch) != known


def test_a_comment_under_one_article_leaves_the_number_of_the_others(site):
    house = furnish()
    article, other = versions.article(house["article"]), versions.article(house["older"])
    before = versions.current([article, other, versions.SIDEBAR])
    make_comment(article_of(house), "Nieuw.")
    db.session.commit()
    after = versions.current([article, other, versions.SIDEBAR])
    assert after[article] > before[article]
    assert after[versions.SIDEBAR] > before[versions.SIDEBAR]
    assert after[other] == before[other]


# Until when a page holds


def test_a_page_holds_until_the_next_moment_that_its_queries_looked_at(site, now):
    now.set(2026, 11, 22, 12, 0)
    article = make_article("Kop", "Tekst.", datetime(2026, 11, 20, tzinfo=clock.zone()))
    address = article.url
    db.session.commit()
    assert seen(site, address)[1].valid_until is None
    midnight = datetime(2026, 11, 23, tzinfo=clock.zone())
    make_poll("Van nu", day=clock.today())
    make_poll("Van straks", day=clock.today() + timedelta(days=1))
    db.session.commit()
    assert seen(site, address)[1].valid_until == midnight
    discussion_of(article).closes_at = midnight - timedelta(hours=1)
    db.session.commit()
    assert seen(site, address)[1].valid_until == midnight - timedelta(hours=1)
    assert seen(site, "/")[1].valid_until == midnight
    make_article("Straks", "Tekst.", midnight - timedelta(hours=2))
    db.session.commit()
    for where in ("/", address):
        assert seen(site, where)[1].valid_until == midnight - timedelta(hours=2)


MOMENTS = [
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=12),
    timedelta(days=1, hours=1),
]


def test_a_page_that_changes_with_time_alone_said_so_beforehand(site, now):
    """Nothing is done but waiting: whoever kept the page until its moment kept the right page."""
    house = furnish()
    start = now.moment
    make_article("Over een half uur", "Tekst.", start + timedelta(minutes=30), section=make_section("Techniek"))
    article_of(house).withdrawn_at = start + timedelta(hours=1, minutes=30)
    discussion_of(db.session.get(Article, house["older"])).closes_at = start + timedelta(minutes=20)
    db.session.get(Poll, house["poll"]).closes_at = start + timedelta(hours=3)
    db.session.commit()
    kept = {address: seen(site, address) for address in [*pages(house), "/sections/techniek/"]}
    changed = set()
    for wait in MOMENTS:
        now.moment = start + wait
        for address, (page, watch) in kept.items():
            answer = site.test_client().get(address)
            if answer.data != page:
                changed.add(address)
                assert watch.valid_until is not None, address
                assert watch.valid_until <= now.moment, address
    assert changed >= {"/", "/sections/techniek/", "/polls/", f"/archives/{house['article']}/{house['slug']}/"}


def test_a_discussion_that_closes_shows_its_form_until_then(site, now):
    now.set(2026, 11, 22, 12, 0)
    article = make_article()
    discussion_of(article).closes_at = datetime(2026, 11, 22, 13, 0, tzinfo=clock.zone()) + timedelta(hours=1)
    address = article.url
    db.session.commit()
    page, watch = seen(site, address)
    assert b"<textarea" in page
    now.moment = watch.valid_until
    assert b"<textarea" not in seen(site, address)[0]


def test_a_discussion_for_members_has_no_form_on_the_kept_page(site):
    article = make_article()
    discussion_of(article).mode = Mode.MEMBERS.value
    address = article.url
    assert b"<textarea" not in seen(site, address)[0]
    visitor = site.test_client()
    sign_in(visitor, "ann")
    assert "<textarea" in visitor.get(address).text


def test_a_kept_page_carries_no_token_and_no_key(site):
    house = furnish()
    for address in pages(house):
        page = seen(site, address)[0].decode()
        assert "csrf" not in page
        assert not re.search(r'name="key"[^>]*value="[^"]', page)
        assert not re.search(r'name="author_(name|email)"[^>]*value="[^"]', page)
