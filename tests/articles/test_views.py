"""What readers read: the front page, lists, an article, a standing page."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from justhtml import JustHTML

from forum import clock
from forum.articles import operations as articles
from forum.articles.models import Author, AuthorAlias, Kind, Redirect
from forum.comments import queries as discussions
from forum.comments.models import Mode
from forum.extensions import db
from forum.media.models import Media
from forum.settings import operations as settings
from tests.factories import discussion_of, make_article, make_comment, make_poll, make_section, make_user, sign_in


def make_author(name, **changes):
    author = Author(name=name, slug=changes.pop("slug", name.lower().replace(" ", "-")), **changes)
    db.session.add(author)
    db.session.flush()
    return author


def words(page, selector):
    """The text of the first element that fits, spaces as one."""
    node = JustHTML(page, sanitize=False).query_one(selector)
    return node and " ".join(node.to_text(separator="", strip=False).split())


def headlines(page):
    return [node.to_text() for node in JustHTML(page, sanitize=False).query(".lead__headline, .teaser__headline")]


# An article


def test_an_article_shows_its_parts_in_order(client):
    article = make_article(
        "Veroordeling KPN: neem MKB klanten serieus!",
        "Eerste *alinea*.\n\nTweede.",
        datetime(2014, 6, 23, 6, 1, tzinfo=UTC),
        section=make_section("Nieuws"),
        tags=["IPv6", "KPN"],
        authors=[make_author("Rashid Niamat")],
        standfirst="Een vonnis met gevolgen.",
    )
    make_comment(article)
    page = client.get(article.url).text
    JustHTML(page, strict=True)
    assert words(page, ".article .kicker") == "Nieuws"
    assert words(page, ".article h1") == "Veroordeling KPN: neem MKB klanten serieus!"
    assert words(page, ".article__standfirst") == "Een vonnis met gevolgen."
    assert words(page, ".byline") == "Door Rashid Niamat, geplaatst op 23 juni 2014 08:01 uur"
    assert 'href="/authors/rashid-niamat/"' in page
    assert '<time datetime="2014-06-23T08:01:00+02:00">' in page
    assert "<p>Eerste <em>alinea</em>.</p>" in page
    order = [
        "Nieuws",
        "Veroordeling",
        "Een vonnis",
        "Door <a",
        "Eerste <em>",
        "IPv6",
        "1 reactie <span",
        "comment__body",
        "<textarea",
    ]
    body = page[page.index('<article class="article') :]
    places = [body.index(mark) for mark in order]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("moment", "words_shown"),
    [
        (datetime(2014, 6, 23, 6, 1, tzinfo=UTC), "23 juni 2014 08:01 uur"),
        (datetime(2014, 1, 5, 23, 30, tzinfo=UTC), "6 januari 2014 00:30 uur"),
        (datetime(2014, 3, 30, 0, 59, tzinfo=UTC), "30 maart 2014 01:59 uur"),
        (datetime(2014, 3, 30, 1, 0, tzinfo=UTC), "30 maart 2014 03:00 uur"),
        (datetime(2014, 10, 26, 0, 30, tzinfo=UTC), "26 oktober 2014 02:30 uur"),
        (datetime(2014, 10, 26, 1, 30, tzinfo=UTC), "26 oktober 2014 02:30 uur"),
    ],
)
def test_a_moment_is_told_in_the_papers_time(client, moment, words_shown):
    article = make_article(published_at=moment)
    assert words(client.get(article.url).text, ".byline time") == words_shown


def test_several_authors_stand_in_their_order_each_linked(client):
    article = make_article(
        authors=[make_author("Bart"), make_author("De Redactie", is_organisation=True), make_author("Ann")]
    )
    page = client.get(article.url).text
    assert words(page, ".byline").startswith("Door Bart, De Redactie en Ann, geplaatst op ")
    for slug in ("bart", "de-redactie", "ann"):
        assert f'href="/authors/{slug}/"' in page


@pytest.mark.parametrize(
    "path",
    ["/archives/{id}/", "/archives/{id}", "/archives/{id}/anders/", "/archives/{id}/{slug}", "/archives/0{id}/{slug}/"],
)
def test_every_other_spelling_of_an_address_leads_to_the_right_one(client, path):
    article = make_article()
    answer = client.get(path.format(id=article.id, slug=article.slug))
    assert (answer.status_code, answer.location) == (301, article.url)
    answer = client.get(path.format(id=article.id, slug=article.slug), query_string={"from": "7"})
    assert (answer.status_code, answer.location) == (301, f"{article.url}?from=7")


def test_the_addresses_of_the_old_site_lead_to_the_new(client):
    article, page = make_article(), make_article("Over ons", kind=Kind.PAGE)
    db.session.add(Redirect(path="/?p=70", target=article.url))
    db.session.add(Redirect(path="/archives/71/oud/", target=article.url))
    db.session.add(Redirect(path="/tags/oud/", target="/tags/nieuw/"))
    db.session.add(Redirect(path="/pages/oud/", target=page.url))
    for asked, target in (
        (f"/?p={article.id}", article.url),
        (f"/?page_id={page.id}", page.url),
        (f"/?p={page.id}", page.url),
        ("/?p=70", article.url),
        ("/archives/71/oud/", article.url),
        ("/archives/71/oud", article.url),
        (f"/archives/{page.id}/over-ons/", page.url),
        ("/tags/oud/", "/tags/nieuw/"),
        ("/pages/oud/", page.url),
    ):
        answer = client.get(asked)
        assert (answer.status_code, answer.location) == (301, target), asked


@pytest.mark.parametrize("number", ["", "abc", "-1", "0", "1.5", "%00", "²", "4040", "9" * 9, "9" * 30])
def test_an_old_number_that_is_none_is_the_front_page_or_nothing(client, number):
    make_article()
    for name in ("p", "page_id"):
        assert client.get(f"/?{name}={number}").status_code in {200, 404}


def test_what_is_not_public_is_found_under_none_of_its_addresses(client):
    draft = make_article("Kop van een klad", published=False)
    later = make_article("Kop van morgen", published_at=clock.now() + timedelta(days=1))
    hidden_page = make_article("Geheime pagina", kind=Kind.PAGE, published=False)
    for article in (draft, later, hidden_page):
        for address in (article.url, f"/archives/{article.id}/", f"/?p={article.id}", f"/pages/{article.slug}/"):
            answer = client.get(address)
            assert answer.status_code == 404, address
            assert article.headline not in answer.text


def test_an_article_that_is_withdrawn_is_gone_and_comes_back_with_its_comments(client):
    article, ed = make_article(), make_user("ed")
    make_comment(article)
    articles.withdraw(article, ed)
    assert client.get(article.url).status_code == 410
    assert article.headline not in client.get("/").text
    articles.publish(article, ed)
    assert "1 reactie" in client.get(article.url).text


def test_an_article_appears_at_its_moment(client, now):
    article = make_article("Straks", published_at=now.moment + timedelta(hours=1))
    assert client.get(article.url).status_code == 404
    now.moment += timedelta(hours=1)
    assert client.get(article.url).status_code == 200
    assert headlines(client.get("/").text) == ["Straks"]


def test_the_poll_stands_where_its_shortcode_stood(client):
    poll = make_poll("Wat vindt u?", day=None)
    article = make_article(body=f"Voor.\n\n[poll id={poll.id}]\n\nNa.")
    page = client.get(article.url).text
    JustHTML(page, strict=True)
    places = [
        page.index(mark) for mark in ("<p>Voor.</p>", f'action="/polls/{poll.id}/votes"', "Wat vindt u?", "<p>Na.</p>")
    ]
    assert places == sorted(places)
    assert "0 stemmen" not in page  # the kept page carries the ballot, not its numbers


def test_a_poll_that_is_not_there_is_quiet_for_readers_and_told_to_editors(app, client):
    article = make_article(body="Voor.\n\n[poll id=4040]\n\nNa.")
    page = client.get(article.url).text
    assert "4040" not in page
    assert words(page, ".prose__missing")
    for name, told in (("ann", False), ("ed", True), ("adam", True)):
        visitor = app.test_client()
        sign_in(visitor, name)
        assert ("4040" in visitor.get(article.url).text) == told, name


def test_a_poll_of_tomorrow_is_not_there_yet(client, now):
    poll = make_poll("Vraag van morgen", day=clock.today() + timedelta(days=1))
    article = make_article(body=f"[poll id={poll.id}]")
    assert "Vraag van morgen" not in client.get(article.url).text
    now.moment += timedelta(days=1)
    assert "Vraag van morgen" in client.get(article.url).text


def test_the_way_to_the_form_is_for_who_may_change_the_article(app, client):
    article = make_article()
    edit = f"/desk/articles/{article.id}/"
    assert edit not in client.get(article.url).text
    for name, may in (("ann", False), ("cas", False), ("mo", False), ("ed", True), ("adam", True)):
        visitor = app.test_client()
        sign_in(visitor, name)
        assert (edit in visitor.get(article.url).text) == may, name


def test_a_picture_stands_with_its_words(client):
    media = Media(
        name="0" * 24 + ".webp", width=1200, height=800, alt='Een "kabel" <in> de grond', caption="De kabel", credit="Bart",
        created_at=clock.now(),
    )  # fmt: skip
    db.session.add(media)
    article = make_article(picture=media)
    page = client.get(article.url).text
    JustHTML(page, strict=True)
    picture = JustHTML(page, sanitize=False).query_one(".figure img")
    assert picture.attrs["alt"] == 'Een "kabel" <in> de grond'
    assert (picture.attrs["width"], picture.attrs["height"]) == ("1200", "800")
    assert "De kabel" in words(page, "figcaption")
    assert "Bart" in words(page, "figcaption")


def test_hostile_words_are_words_in_every_list_and_on_the_page(client):
    hostile = '"><script>alert(1)</script>'
    section = make_section("Recht", description=hostile)
    section.name = hostile
    article = make_article(
        hostile, standfirst=hostile, section=section, tags=[hostile], authors=[make_author(hostile, slug="x")]
    )
    make_comment(article, hostile)
    settings.change(name=hostile, tagline=hostile)
    for address in ("/", article.url, "/sections/recht/", "/authors/x/"):
        page = client.get(address).text
        JustHTML(page, strict=True)
        assert "<script>alert" not in page, address


# Standing pages


def test_a_standing_page_has_no_byline_and_a_discussion_only_where_one_is_open(client):
    page = make_article("Huisregels", "Wees aardig.", kind=Kind.PAGE)
    text = client.get("/pages/huisregels/").text
    JustHTML(text, strict=True)
    assert "Wees aardig." in text
    assert not words(text, ".byline")
    assert 'id="discussion"' not in text
    discussion_of(page).mode = Mode.OPEN.value
    assert 'id="discussion"' in client.get("/pages/huisregels/").text
    assert client.get("/pages/huisregels").location == "/pages/huisregels/"
    assert client.get("/pages/niets/").status_code == 404


def test_standing_pages_are_named_under_every_page(client):
    make_article("Huisregels", kind=Kind.PAGE)
    make_article("Nog niet", kind=Kind.PAGE, published=False)
    for address in ("/", "/polls/", "/niets"):
        page = client.get(address).text
        assert '<a href="/pages/huisregels/">Huisregels</a>' in page, address
        assert "Nog niet" not in page


# Lists


def test_the_front_page_opens_with_the_newest_and_goes_back_in_pages(client, now):
    settings.change(articles_per_page=3)
    for number in range(7):
        make_article(f"Bericht {number}", published_at=now.moment - timedelta(days=number))
    pages = {address: client.get(address).text for address in ("/", "/page/2/", "/page/3/")}
    assert [headlines(page) for page in pages.values()] == [
        ["Bericht 0", "Bericht 1", "Bericht 2"],
        ["Bericht 3", "Bericht 4", "Bericht 5"],
        ["Bericht 6"],
    ]
    assert words(pages["/"], ".lead__headline") == "Bericht 0"
    assert words(pages["/page/2/"], ".lead__headline") is None
    assert 'href="/page/2/" rel="next"' in pages["/"]
    assert 'href="/" rel="prev"' in pages["/page/2/"]
    assert 'href="/page/3/" rel="next"' in pages["/page/2/"]
    assert 'rel="next"' not in pages["/page/3/"]
    assert client.get("/page/4/").status_code == 404
    assert (client.get("/page/1/").status_code, client.get("/page/1/").location) == (301, "/")


def test_an_empty_site_has_a_front_page(client, app):
    page = client.get("/")
    assert page.status_code == 200
    JustHTML(page.text, strict=True)
    assert client.get("/polls/").status_code == 200
    assert client.get("/page/2/").status_code == 404


def test_each_list_has_its_own_articles_and_pages(client, now):
    settings.change(articles_per_page=2)
    section, bart = make_section("Recht"), make_author("Bart")
    moment = datetime(2014, 6, 15, tzinfo=clock.zone())
    for number in range(3):
        make_article(
            f"Wel {number}",
            published_at=moment + timedelta(days=number),
            section=section,
            tags=["IPv6"],
            authors=[bart],
        )
    make_article("Niet", published_at=datetime(2014, 7, 1, 0, 0, tzinfo=clock.zone()))
    make_article("Wel niet", published=False, section=section, tags=["IPv6"], authors=[bart])
    for address in ("/sections/recht/", "/authors/bart/", "/tags/ipv6/", "/archives/date/2014/06/"):
        first, second = client.get(address).text, client.get(f"{address}?page=2").text
        assert headlines(first) == ["Wel 2", "Wel 1"], address
        assert headlines(second) == ["Wel 0"], address
        assert f'href="{address}?page=2" rel="next"' in first
        assert f'href="{address}" rel="prev"' in second
        assert client.get(f"{address}?page=3").status_code == 404
        for garbage in ("0", "-1", "abc", "9" * 20, "", "%00", "²"):
            assert headlines(client.get(f"{address}?page={garbage}").text) == ["Wel 2", "Wel 1"], garbage
        assert client.get(address.rstrip("/")).location == address
    assert headlines(client.get("/archives/date/2014/07/").text) == ["Niet"]


@pytest.mark.parametrize(
    "month",
    ["2014/13", "2014/00", "2014/6", "14/06", "0000/01", "1969/12", "9999/12", "20140/06", "-014/06", "abcd/ef"],
)
def test_a_month_that_is_none_is_not_found(client, app, month):
    assert client.get(f"/archives/date/{month}/").status_code == 404


@pytest.mark.parametrize("month", ["1970/01", "2026/11", "9990/12"])
def test_a_month_without_articles_is_an_empty_list(client, app, month):
    page = client.get(f"/archives/date/{month}/")
    assert page.status_code == 200
    JustHTML(page.text, strict=True)


def test_another_spelling_of_an_author_leads_to_the_author(client):
    author = make_author("Rashid Niamat")
    author.aliases.append(AuthorAlias(slug="r-niamat", name="R. Niamat"))
    answer = client.get("/authors/r-niamat/")
    assert (answer.status_code, answer.location) == (301, "/authors/rashid-niamat/")
    assert client.get("/authors/niemand/").status_code == 404


def test_only_who_writes_articles_has_a_page_as_an_author(client):
    """No list of accounts can be had by asking for their names."""
    make_user("ann")
    assert client.get("/authors/ann/").status_code == 404
    assert client.get("/authors/1/").status_code == 404


# Beside every page


def test_the_sidebar_has_todays_question_and_the_latest_comments(client):
    make_poll("Vraag van vandaag?")
    article = make_article("Een kop")
    for number in range(7):
        make_comment(article, f"Reactie {number}. " + "woord " * 40)
    page = client.get("/").text
    assert words(page, ".sidebar__heading") == "Vraag van de dag"
    assert "Vraag van vandaag?" in words(page, ".sidebar .ballot")
    assert "Laatste reacties" in page
    items = JustHTML(page, sanitize=False).query(".latest__link")
    assert words(page, ".latest__title") == "Een kop"
    assert [item.attrs["href"] for item in items] == [f"/comments/{number}" for number in (7, 6, 5, 4, 3)]
    for number, item in zip((6, 5, 4, 3, 2), items, strict=True):
        text = " ".join(item.to_text(separator="", strip=False).split())
        # Of what was said under one article, the first bears its title.
        found = re.fullmatch(r"(?:Een kop )?Bart: (Reactie \d\. .*woord…)", text)
        assert found, text
        assert f"Reactie {number}." in text
        assert len(found[1]) <= 101


def test_what_is_not_to_be_read_is_not_among_the_latest(client):
    shown, gone = make_article("Een kop"), make_article("Verdwenen kop")
    make_comment(shown, "Te lezen.")
    for moment in ("held_at", "hidden_at", "removed_at"):
        make_comment(shown, f"Niet te lezen {moment}.", **{moment: clock.now()})
    make_comment(gone, "Niet te lezen: weg.")
    make_comment(discussions.of_poll(make_poll().id), "Onder een vraag.")
    articles.withdraw(gone, make_user("ed"))
    page = client.get("/").text
    assert "Te lezen." in page
    assert "Niet te lezen" not in page
    assert "Verdwenen kop" not in page


def test_a_picture_is_found_under_its_own_name_only(client, app):
    for name in ("..%2fforum.sqlite", "x.webp", "0" * 24 + ".svg", "0" * 24 + ".webp%00", "0" * 24 + ".webp"):
        assert client.get(f"/media/{name}").status_code == 404
