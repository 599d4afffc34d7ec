"""A discussion in its orders, by branch and from a moment on, as pages show it."""

import re
from datetime import timedelta

import pytest
from justhtml import JustHTML

from forum.articles.operations import author_of
from forum.comments import operations, queries
from forum.comments.models import DiscussionVisit
from forum.comments.queries import Order
from forum.comments.reading import since_asked, since_in_address
from forum.extensions import db
from forum.moderation.operations import hide_comment
from forum.settings import operations as settings
from tests.factories import discussion_of, make_article, make_comment, make_guest, make_thread, make_user, sign_in


@pytest.fixture
def talk(session, now):
    """An article with three branches, a minute between comments: of two, of three, of one; and its comments as written."""
    article = make_article(published_at=now.moment - timedelta(days=1))
    written = []
    for index, parent in enumerate([None, None, 0, 1, 3, None]):
        now.moment += timedelta(minutes=1)
        above = written[parent] if parent is not None else None
        written.append(make_comment(article, f"Nummer {index}.", make_guest(f"Naam{index % 2}"), parent=above))
    return article, written


def ids_on(page):
    return [int(found) for found in re.findall(r'<article class="comment[^"]*" id="comment-(\d+)"', page)]


def numbers(written, page):
    order = [comment.id for comment in written]
    return [order.index(found) for found in ids_on(page)]


def links_of(page, comment):
    """The ways from this comment by what they are called, and its other links by their words."""
    node = JustHTML(page, sanitize=False).query_one(f"#comment-{comment.id}")
    return {
        link.attrs.get("aria-label") or link.to_text(strip=True): link.attrs["href"]
        for link in node.query(".comment__foot a")
    }


def test_the_header_says_how_many_wrote_and_when_the_last_comment_came(client, talk):
    article, written = talk
    assert "6 reacties" in (page := client.get(article.url).text)
    assert "van 2 lezers, de laatste op 22 november om 14:11" in page
    hide_comment(written[5], make_user("mo"), "Daarom.")
    page = client.get(article.url).text
    assert "5 reacties" in page
    assert "de laatste op 22 november om 14:10" in page
    for index in (1, 3):
        hide_comment(written[index], make_user("mo"), "Daarom.")
    assert "van 1 lezer," in client.get(article.url).text


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("talk", [0, 2, 1, 3, 4, 5]),
        ("newest", [5, 4, 3, 2, 1, 0]),
        ("valued", [2, 4, 5, 3, 1, 0]),
        ("discussed", [1, 0, 5]),
        ("unread", [0, 1, 2, 3, 4, 5]),
    ],
)
def test_each_order_is_a_plain_link_and_its_pages_meet(client, talk, order, expected):
    article, written = talk
    written[2].valued_count, written[4].valued_count = 3, 1
    first = client.get(article.url).text
    assert f'href="{article.url}{"" if order == "talk" else f"?order={order}"}#discussion"' in first
    page = client.get(f"{article.url}?order={order}").text
    assert numbers(written, page) == expected
    assert JustHTML(page, sanitize=False).query_one(".orders [aria-current=page]").attrs["href"] in first
    settings.change(comments_per_page=2)
    found, address, pages = [], f"{article.url}?order={order}", []
    while address:
        page = client.get(address).text
        pages.append(address)
        found += numbers(written, page)
        following = re.search(r'href="([^"#]+)#discussion" rel="next"', page)
        address = following and following[1].replace("&amp;", "&")
        back = re.search(r'href="([^"#]+)#discussion" rel="prev"', page)
        if len(pages) > 1:
            assert numbers(written, client.get(back[1].replace("&amp;", "&")).text) == found[-4:][:2] or len(pages) > 2
    assert found == expected


def test_a_flat_order_shows_what_can_be_read_and_whom_it_answers(client, talk):
    article, written = talk
    hide_comment(written[4], make_user("mo"), "Daarom.")
    written[5].held_at = written[5].created_at
    page = client.get(f"{article.url}?order=newest").text
    assert numbers(written, page) == [3, 2, 1, 0]
    assert links_of(page, written[3])["Waarop dit antwoordt"] == f"#comment-{written[1].id}"
    assert "in antwoord op Naam1" in page
    assert "Vorige tak" not in page


def test_every_comment_leads_to_parent_root_and_the_branches_beside_it(client, talk):
    article, written = talk
    page = client.get(article.url).text
    one, two, three = (f"#comment-{written[index].id}" for index in (0, 1, 5))
    assert {name: links_of(page, written[4]).get(name) for name in WAYS} == dict(
        zip(WAYS, (f"#comment-{written[3].id}", two, one, three), strict=True)
    )
    assert [links_of(page, written[0]).get(name) for name in WAYS] == [None, None, None, two]
    assert [links_of(page, written[2]).get(name) for name in WAYS] == [one, None, None, two]
    settings.change(comments_per_page=1)
    page = client.get(f"{article.url}?from={written[4].id}").text
    elsewhere = [f"/comments/{written[index].id}" for index in (3, 1, 0, 5)]
    assert [links_of(page, written[4]).get(name) for name in WAYS] == elsewhere


WAYS = ("Waarop dit antwoordt", "Begin van deze tak", "Vorige tak", "Volgende tak")


def test_a_branch_is_read_alone(client, talk):
    article, written = talk
    page = client.get(article.url).text
    address = links_of(page, written[1])["Open deze tak"]
    assert address == f"?branch={written[1].id}#comment-{written[1].id}"
    assert "Open deze tak" not in links_of(page, written[5])
    alone = client.get(article.url + address.split("#")[0]).text
    assert numbers(written, alone) == [1, 3, 4]
    assert "Je leest de tak van Naam1" in alone
    settings.change(comments_per_page=2)
    alone = client.get(f"{article.url}?branch={written[1].id}").text
    following = re.search(r'href="([^"#]+)#discussion" rel="next"', alone)[1].replace("&amp;", "&")
    assert following == f"{article.url}?branch={written[1].id}&from={written[4].id}"
    assert numbers(written, client.get(following).text) == [4]


def test_replies_fold_under_a_summary_that_counts_them(client, talk):
    article, written = talk
    page = JustHTML(client.get(article.url).text, sanitize=False)
    found = {
        node.query_one("summary").to_text(strip=True): "open" in node.attrs for node in page.query("details.branch")
    }
    assert found == {"1 antwoord": True}
    inside = page.query_one(f"#comment-{written[3].id}")
    assert inside.parent.name == "li"
    assert inside.parent.parent.parent.attrs["class"] == "branch"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("order=besten", "Deze volgorde kennen we niet."),
        ("from=999999", "De plek in dit adres is er niet."),
        ("from=abc", "De plek in dit adres is er niet."),
        ("branch=999999", "De tak in dit adres is er niet."),
        ("since=gisteren", "Het moment in dit adres kennen we niet."),
    ],
)
def test_what_an_address_asks_in_vain_is_said_and_the_conversation_is_shown(client, talk, query, sentence):
    article, written = talk
    page = client.get(f"{article.url}?{query}").text
    assert sentence in page
    assert numbers(written, page) == [0, 2, 1, 3, 4, 5]


# New since last time


def test_an_address_that_names_a_moment_marks_what_came_after_it_and_leads_to_the_first(client, talk):
    article, written = talk
    since = since_in_address(written[3].created_at)
    page = client.get(f"{article.url}?since={since}").text
    assert "2 nieuw" in page
    marked = [int(found) for found in re.findall(r'class="comment comment--new" id="comment-(\d+)"', page)]
    assert marked == [written[4].id, written[5].id]
    assert f'href="#comment-{written[4].id}"' in page
    unread = client.get(f"{article.url}?order=unread&since={since}").text
    assert numbers(written, unread) == [4, 5]
    settings.change(comments_per_page=1)
    page = client.get(f"{article.url}?since={since}").text
    assert f'href="/comments/{written[4].id}?since={since}"' in page
    where = client.get(f"/comments/{written[4].id}?since={since}").location
    assert where == f"{article.url}?from={written[4].id}&since={since}#comment-{written[4].id}"


def test_who_has_neither_account_nor_script_is_given_a_link_to_come_back_to(client, talk, now):
    article, written = talk
    page = client.get(f"{article.url}?order=unread").text
    kept = re.search(r'href="([^"]+since=[^"#]+)#discussion"', page)[1].replace("&amp;", "&")
    assert numbers(written, client.get(kept).text) == []
    now.moment += timedelta(minutes=1)
    written.append(make_comment(article, "Nog een.", make_guest("Carla")))
    assert numbers(written, client.get(kept).text) == [6]


def test_a_member_finds_what_came_after_their_last_visit_on_every_device(client, talk):
    article, written = talk
    ann = sign_in(client)
    assert "comment--new" not in client.get(article.url).text
    visit = DiscussionVisit(user_id=ann.id, discussion_id=discussion_of(article).id, seen_at=written[4].created_at)
    db.session.add(visit)
    page = client.get(article.url).text
    assert "1 nieuw" in page
    assert re.findall(r'class="comment comment--new" id="comment-(\d+)"', page) == [str(written[5].id)]
    assert numbers(written, client.get(f"{article.url}?order=unread").text) == [5]


def test_a_moment_in_an_address_comes_back_as_it_went(now):
    assert since_asked(since_in_address(now.moment)) == now.moment
    assert since_asked("20261122T130500.000000") is None


# Of thousands


@pytest.mark.parametrize("order", list(Order))
def test_pages_of_every_order_hold_each_comment_once(session, order):
    discussion = discussion_of(make_article())
    written = make_thread(discussion, [None if n % 5 == 0 else n - 1 - n % min(n, 4) for n in range(60)])
    for number, comment in enumerate(written):
        comment.valued_count = number % 3
    session.flush()
    found, start = [], None
    while True:
        page = queries.page(discussion, 7, start, order=order)
        found += [row.id for row in page.rows]
        if page.next_from is None:
            break
        start = session.get(operations.Comment, page.next_from)
    wanted = [comment for comment in written if order != Order.DISCUSSED or comment.root_id is None]
    assert sorted(found) == sorted(comment.id for comment in wanted)


def test_an_expert_is_shown_with_the_line_that_the_desk_verified(client, session):
    ann, cas = make_user("ann"), make_user("cas")
    ann.expertise = cas.expertise = "netwerkbeheerder, 20 jaar"
    article = make_article(authors=[author_of(cas)])
    for user in (ann, cas):
        make_comment(article, f"Van {user.name}.", user)
    page = client.get(article.url).text
    badges = dict(
        re.findall(r'comment__author">(?:<a[^>]*>)?(\w+)(?:</a>)?</h3> <b class="badge badge--\w+">(\w+)</b>', page)
    )
    assert badges == {"Ann": "expert", "Cas": "auteur"}
    assert page.count("netwerkbeheerder, 20 jaar") == 2
