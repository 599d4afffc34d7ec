"""The discussion on a page, writing a comment, and finding one by its number."""

import re
from datetime import timedelta

import pytest
from justhtml import JustHTML
from sqlalchemy import func, select

from forum import clock
from forum.articles import operations as articles
from forum.articles.operations import author_of
from forum.comments import operations, queries
from forum.comments.models import Comment, Mode
from forum.comments.reading import INDENT_CAP
from forum.extensions import db
from forum.moderation.operations import hide_comment
from forum.settings import operations as settings
from tests.conftest import Visitor
from tests.factories import discussion_of, make_article, make_comment, make_guest, make_poll, make_user, sign_in

HOSTILE = "</textarea><script>alert(1)</script> \"' & \u202e {{ 7*7 }} ünïcödé 🙂\n\n  ingesprongen\n"
WORDS = {"body": "Daar ben ik het mee eens.", "author_name": "Bart"}


def post_url(article):
    return f"/discussions/{discussion_of(article).id}/comments"


def count():
    db.session.commit()
    return db.session.scalar(select(func.count(Comment.id)))


def comments_on(page):
    """Each comment of a page: its id, how many lists it lies in, its author, its body and whom it answers."""
    found = []
    for node in JustHTML(page, sanitize=False).query("article.comment"):
        depth, above = 0, node.parent
        while above is not None:
            depth += above.name == "ol"
            above = above.parent
        author, body, parent = (node.query_one(f".comment__{part}") for part in ("author", "body", "parent"))
        found.append(
            (
                node.attrs["id"],
                depth,
                author and author.to_text(separator="", strip=False).strip(),
                body and body.to_text(separator="", strip=False).strip(),
                parent and parent.to_text(separator="", strip=False).strip(),
            )
        )
    return found


def ids_on(page):
    return [int(comment[0].removeprefix("comment-")) for comment in comments_on(page)]


def fields_of(page):
    """The values of the fields of a page's last form by name, as a browser would send them."""
    form = JustHTML(page, sanitize=False).query("form.comment-form")[-1]
    values = {field.attrs["name"]: field.attrs.get("value") or "" for field in form.query("input[name]")}
    for field in form.query("textarea[name]"):
        values[field.attrs["name"]] = field.to_text(separator="", strip=False)
    return values


# Reading


def test_a_comment_is_an_article_with_its_number_its_author_and_its_body(client):
    article = make_article()
    comment = make_comment(article, "Wat *mooi*.")
    page = client.get(article.url).text
    assert f'<article class="comment" id="comment-{comment.id}">' in page
    assert comments_on(page) == [(f"comment-{comment.id}", 1, "Bart", "Wat mooi.", None)]
    assert "<em>mooi</em>" in page


def test_a_page_says_how_many_comments_there_are(client):
    article = make_article()
    for number in range(4):
        make_comment(article, f"Nummer {number}.")
    page = client.get(article.url).text
    assert "4 reacties" in page
    assert "4 reacties" in client.get("/").text
    other = make_article("Ander stuk")
    make_comment(other)
    assert "1 reactie" in client.get(other.url).text


def test_lists_nest_to_the_cap_and_then_run_flat_with_whom_is_answered(client):
    article = make_article()
    parent, chain = None, []
    for number in range(INDENT_CAP + 4):
        parent = make_comment(article, f"Diep {number}.", make_guest(f"Naam{number}"), parent=parent)
        chain.append(parent.id)
    found = comments_on(client.get(article.url).text)
    assert [int(comment[0].removeprefix("comment-")) for comment in found] == chain
    assert [comment[1] for comment in found] == [min(number, INDENT_CAP) + 1 for number in range(len(chain))]
    assert [comment[4] for comment in found] == [
        None if number <= INDENT_CAP else f"in antwoord op Naam{number - 1}" for number in range(len(chain))
    ]


@pytest.mark.parametrize(("depth", "size"), [(60, 100), (60, 7), (300, 100)])
def test_a_deep_discussion_is_right_on_every_page(client, depth, size):
    settings.change(comments_per_page=size)
    article = make_article()
    parent, chain = None, []
    for number in range(depth):
        parent = make_comment(article, f"Diep {number}.", parent=parent)
        chain.append(parent.id)
    address, read = article.url, []
    while address:
        page = client.get(address).text
        JustHTML(page, strict=True)
        read += ids_on(page)
        assert len(ids_on(page)) <= size
        following = re.search(r'<a class="paging__link paging__link--next" href="([^"#]+)#discussion"', page)
        address = following and following[1]
    assert read == chain


def test_earlier_and_later_pages_meet(client):
    settings.change(comments_per_page=3)
    article = make_article()
    written = [make_comment(article, f"Nummer {number}.").id for number in range(8)]
    pages = [article.url, f"{article.url}?from={written[3]}", f"{article.url}?from={written[6]}"]
    texts = [client.get(page).text for page in pages]
    assert [ids_on(text) for text in texts] == [written[:3], written[3:6], written[6:]]
    assert f'href="{pages[1]}#discussion" rel="next"' in texts[0]
    assert f'href="{pages[2]}#discussion" rel="next"' in texts[1]
    assert f'href="{pages[0]}#discussion" rel="prev"' in texts[1]
    assert f'href="{pages[1]}#discussion" rel="prev"' in texts[2]
    assert 'rel="next"' not in texts[2]


@pytest.mark.parametrize("start", ["abc", "-1", "0", "999999", "9" * 30, "", "1.5", "%00", "%ff", "²", "1&from=2"])
def test_a_beginning_that_is_none_shows_the_first_page(client, start):
    settings.change(comments_per_page=2)
    article = make_article()
    written = [make_comment(article, f"Nummer {number}.").id for number in range(3)]
    assert ids_on(client.get(f"{article.url}?from={start}").text) == written[:2]


def test_a_beginning_in_another_discussion_shows_the_first_page(client):
    settings.change(comments_per_page=1)
    article, other = make_article(), make_article("Ander stuk")
    own = [make_comment(article, f"Nummer {number}.").id for number in range(2)]
    strange = make_comment(other).id
    assert ids_on(client.get(f"{article.url}?from={strange}").text) == own[:1]


def test_the_discussion_of_a_poll_has_pages_too(client):
    settings.change(comments_per_page=2)
    poll = make_poll()
    discussion = queries.of_poll(poll.id)
    written = [make_comment(discussion, f"Nummer {number}.").id for number in range(5)]
    assert ids_on(client.get(f"/polls/{poll.id}/?from={written[2]}").text) == written[2:4]
    assert client.get(f"/comments/{written[4]}").location == f"/polls/{poll.id}/?from={written[4]}#comment-{written[4]}"


def test_the_badge_stands_with_who_wrote_the_article_and_with_the_desk(client):
    ed, mo, cas, ann = (make_user(name) for name in ("ed", "mo", "cas", "ann"))
    article = make_article(authors=[author_of(cas)])
    for user in (cas, ed, mo, ann):
        make_comment(article, f"Van {user.name}.", user)
    page = client.get(article.url).text
    badges = dict(
        re.findall(r'comment__author">(?:<a[^>]*>)?(\w+)(?:</a>)?</h3>(?: <b class="badge[^"]*">(\w+)</b>)?', page)
    )
    assert badges == {"Cas": "auteur", "Ed": "redactie", "Mo": "redactie", "Ann": ""}


# What is not for everybody


def test_a_hidden_comment_keeps_its_place_its_reason_and_its_replies(client):
    article = make_article()
    comment = make_comment(article, "Verstopte woorden.", make_guest("Verstopte Naam"))
    reply = make_comment(article, "Antwoord.", parent=comment)
    hide_comment(comment, make_user("mo"), "Reclame")
    page = client.get(article.url).text
    assert ids_on(page) == [comment.id, reply.id]
    assert "Verstopte" not in page
    assert "Reclame" in page
    assert "1 reactie" in page
    assert client.get(f"/comments/{comment.id}").status_code == 302


def test_nobody_is_named_by_whom_a_reply_answers_when_that_is_not_to_be_read(client):
    article = make_article()
    parent, chain = None, []
    for number in range(INDENT_CAP + 3):
        parent = make_comment(article, f"Diep {number}.", make_guest(f"Naam{number}"), parent=parent)
        chain.append(parent)
    # The parents of the last ones, which run flat, are taken out of sight in three ways.
    for number, moment in ((INDENT_CAP, "held_at"), (INDENT_CAP + 1, "removed_at")):
        setattr(chain[number], moment, clock.now())
    page = client.get(article.url).text
    assert f"Naam{INDENT_CAP}" not in page
    assert f"Naam{INDENT_CAP + 1}" not in page
    settings.change(comments_per_page=1)
    page = client.get(f"{article.url}?from={chain[-1].id}").text
    assert f"Naam{INDENT_CAP + 1}" not in page


def test_a_held_comment_is_seen_by_its_author_only(app, client):
    article = make_article()
    answer = client.post(
        post_url(article), data={"body": "https://a.nl https://b.nl https://c.nl", "author_name": "Dirk"}
    )
    assert answer.status_code == 303
    where, anchor = answer.location.split("#")
    number = int(anchor.removeprefix("comment-"))
    mine = client.get(where).text
    assert ids_on(mine) == [number]
    assert "Wacht op beoordeling" in mine or "wacht" in mine.lower()
    for name in (None, "ann", "ed", "mo"):
        other = app.test_client()
        if name:
            sign_in(other, name)
        assert ids_on(other.get(where).text) == [], name
        expected = 302 if name == "mo" else 404
        assert other.get(f"/comments/{number}").status_code == expected, name
    assert client.get(f"/comments/{number}").status_code == 302


def test_a_member_sees_their_own_held_comment_on_every_device(app, client):
    ann = make_user("ann")
    article = make_article()
    comment = make_comment(article, "Van Ann.", ann, held_at=clock.now())
    other = app.test_client()
    sign_in(other, "ann")
    assert ids_on(other.get(article.url).text) == [comment.id]
    assert ids_on(client.get(article.url).text) == []


def test_moderators_find_the_way_to_hide_and_restore_and_nobody_else_does(app, client):
    article = make_article()
    shown, hidden = make_comment(article, "Zichtbaar."), make_comment(article, "Weg.")
    hide_comment(hidden, make_user("mo"), "Daarom.")
    hide, restore = f"/moderation/comments/{shown.id}/hide", f"/moderation/comments/{hidden.id}/restore"
    assert "/moderation/" not in client.get(article.url).text
    for name, may in (("ann", False), ("cas", False), ("ed", False), ("mo", True), ("adam", True)):
        visitor = app.test_client()
        sign_in(visitor, name)
        page = visitor.get(article.url).text
        assert (hide in page, restore in page) == (may, may), name


# Finding


def test_a_number_leads_to_the_page_that_holds_it(client):
    settings.change(comments_per_page=3)
    article = make_article()
    written = [make_comment(article, f"Nummer {number}.") for number in range(8)]
    for comment in written:
        answer = client.get(f"/comments/{comment.id}")
        assert answer.status_code == 302
        where, anchor = answer.location.split("#")
        assert anchor == f"comment-{comment.id}"
        assert where.startswith(article.url)
        assert comment.id in ids_on(client.get(where).text)


def test_a_deep_reply_is_found_with_its_branch_where_that_fits(client):
    settings.change(comments_per_page=50)
    article = make_article()
    for number in range(60):
        make_comment(article, f"Nummer {number}.")
    root = make_comment(article, "Wortel.")
    parent = root
    for number in range(5):
        parent = make_comment(article, f"Tak {number}.", parent=parent)
    assert client.get(f"/comments/{parent.id}").location == f"{article.url}?from={root.id}#comment-{parent.id}"


def test_an_old_number_is_looked_up_in_its_own_discussion_first(client):
    article, other = make_article(), make_article("Ander stuk")
    strange = make_comment(other)
    moved = make_comment(article, source="old.example", source_id=str(strange.id))
    discussion = discussion_of(article).id
    assert client.get(f"/comments/{strange.id}").location == f"{other.url}#comment-{strange.id}"
    answer = client.get(f"/comments/{strange.id}?discussion={discussion}")
    assert (answer.status_code, answer.location) == (302, f"{article.url}#comment-{moved.id}")
    assert client.get(f"/comments/{moved.id}?discussion={discussion}").location == f"{article.url}#comment-{moved.id}"


@pytest.mark.parametrize("discussion", ["", "abc", "999999", "-1", "9" * 30, "0", "%00"])
def test_a_discussion_that_is_none_makes_no_difference(client, discussion):
    article = make_article()
    comment = make_comment(article)
    found = client.get(f"/comments/{comment.id}?discussion={discussion}")
    assert (found.status_code, found.location) == (302, f"{article.url}#comment-{comment.id}")
    assert client.get(f"/comments/4040?discussion={discussion}").status_code == 404


def test_what_stands_under_something_that_is_not_public_is_not_found(client):
    article = make_article()
    comment = make_comment(article)
    poll = make_poll()
    under_poll = make_comment(queries.of_poll(poll.id))
    articles.withdraw(article, make_user("ed"))
    poll.day = clock.today() + timedelta(days=1)
    assert client.get(f"/comments/{comment.id}").status_code == 404
    assert client.get(f"/comments/{under_poll.id}").status_code == 404


def test_ones_own_held_comments_are_found_however_many_they_are(client):
    settings.change(comments_per_page=3)
    article = make_article()
    for number in range(2):
        make_comment(article, f"Nummer {number}.")
    for number in range(4):
        answer = client.post(
            post_url(article), data={"body": f"{number} https://a.nl https://b.nl https://c.nl", "author_name": "Dirk"}
        )
        where, anchor = answer.location.split("#")
        assert int(anchor.removeprefix("comment-")) in ids_on(client.get(where).text), number


# Writing


def test_a_guest_writes_and_is_led_to_their_comment(app, client):
    article = make_article()
    answer = client.post(post_url(article), data={**WORDS, "author_email": "bart@geheim.example"})
    comment = db.session.scalar(select(Comment))
    assert (answer.status_code, answer.location) == (303, f"{article.url}#comment-{comment.id}")
    page = client.get(answer.location).text
    assert comments_on(page) == [(f"comment-{comment.id}", 1, "Bart", WORDS["body"], None)]
    assert "geheim.example" not in app.test_client().get(article.url).text
    assert (comment.author_email, comment.user_id) == ("bart@geheim.example", None)


def test_a_guest_who_wrote_before_finds_their_name_in_the_form(client, app):
    article = make_article()
    client.post(post_url(article), data={**WORDS, "author_email": "bart@geheim.example"})
    fields = fields_of(client.get(article.url).text)
    assert (fields["author_name"], fields["author_email"]) == ("Bart", "bart@geheim.example")
    assert fields_of(app.test_client().get(article.url).text)["author_name"] == ""


def test_a_reader_who_is_signed_in_needs_no_name(client):
    article = make_article()
    sign_in(client, "ann")
    assert "author_name" not in fields_of(client.get(article.url).text)
    answer = client.post(post_url(article), data={"body": "Van Ann.", "author_name": "Iemand Anders"})
    assert answer.status_code == 303
    comment = db.session.scalar(select(Comment))
    assert (comment.author_name, comment.user_id, comment.guest_key) == ("Ann", make_user("ann").id, None)
    assert not [name for name, *_ in answer.headers.getlist("Set-Cookie") if "guest" in name]


def test_a_reply_stands_below_what_it_answers(client):
    article = make_article()
    parent, later = make_comment(article, "Eerst."), make_comment(article, "Later.")
    page = client.get(article.url).text
    assert f'href="/discussions/{discussion_of(article).id}/comments/new?parent={parent.id}"' in page
    form = client.get(f"{post_url(article)}/new?parent={parent.id}").text
    fields = fields_of(form)
    assert fields["parent_id"] == str(parent.id)
    assert "Eerst." in form
    answer = client.post(post_url(article), data={**fields, **WORDS})
    reply = int(answer.location.split("#comment-")[1])
    assert ids_on(client.get(article.url).text) == [parent.id, reply, later.id]


def test_the_page_of_the_form_makes_a_key_of_its_own_each_time(client):
    article = make_article()
    keys = {fields_of(client.get(f"{post_url(article)}/new").text)["key"] for _ in range(3)}
    assert len(keys) == 3
    assert all(re.fullmatch(r"[0-9a-f]{32}", key) for key in keys)


@pytest.mark.parametrize("parent", ["", "abc", "999999", "-1", "9" * 40, "%00"])
def test_a_form_for_an_answer_to_nothing_is_a_form_for_a_comment(client, parent):
    article = make_article()
    strange = make_comment(make_article("Ander stuk"))
    for asked in (parent, strange.id):
        answer = client.get(f"{post_url(article)}/new?parent={asked}")
        assert answer.status_code == 200
        assert fields_of(answer.text)["parent_id"] == ""


def test_the_form_comes_as_a_fragment_for_a_script(client):
    article = make_article()
    parent = make_comment(article, "Eerst.")
    address = f"{post_url(article)}/new?parent={parent.id}"
    part = client.get(address, headers={"X-Fragment": "1"}).text
    assert "<html" not in part
    whole = client.get(address).text
    keyless = [re.sub(r'value="[0-9a-f]{32}"', "", text) for text in (part, whole)]
    assert keyless[0].strip() in keyless[1]


def test_a_double_send_with_its_key_is_one_comment(client, app):
    article = make_article()
    form = {**WORDS, "key": "0123456789abcdef"}
    first, second = (client.post(post_url(article), data=form) for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert app.test_client().post(post_url(article), data=form).location == first.location
    assert count() == 1
    assert client.post(post_url(article), data={**form, "body": "Iets anders."}).location != first.location


def test_a_double_send_without_a_key_is_one_comment_for_ten_minutes(client, now):
    article = make_article()
    first = client.post(post_url(article), data=WORDS).location
    now.moment += timedelta(minutes=9)
    assert client.post(post_url(article), data=WORDS).location == first
    now.moment += timedelta(minutes=22)
    assert client.post(post_url(article), data=WORDS).location != first
    assert count() == 2


def test_a_double_send_that_comes_too_fast_leads_to_the_first_all_the_same(make_site, app):
    site = make_site(RATE_LIMITS=True)
    site.test_client_class = Visitor
    visitor = site.test_client()
    article = make_article()
    sign_in(visitor, "ann")
    with_key = {"body": "Met sleutel.", "key": "0123456789abcdef"}
    first = visitor.post(post_url(article), data=with_key)
    statuses = [visitor.post(post_url(article), data={"body": f"Nummer {number}."}).status_code for number in range(70)]
    assert statuses[-1] == 429
    again = visitor.post(post_url(article), data=with_key)
    assert (again.status_code, again.location) == (303, first.location)


# Refused


def refusals():
    """How the form comes back: a name for each way, the status, and what has to happen before."""

    def nothing(article, form):
        pass

    def closed(article, form):
        discussion_of(article).mode = Mode.CLOSED.value

    def closed_by_time(article, form):
        discussion_of(article).closes_at = clock.now() - timedelta(seconds=1)

    def members(article, form):
        discussion_of(article).mode = Mode.MEMBERS.value

    def withdrawn(article, form):
        articles.withdraw(article, make_user("ed"))

    def parent_hidden(article, form):
        hide_comment(db.session.get(Comment, int(form["parent_id"])), make_user("mo"), "Daarom.")

    def parent_elsewhere(article, form):
        form["parent_id"] = str(make_comment(make_article("Ander stuk")).id)

    return {
        "without words": (422, nothing, {"body": " \n "}),
        "without a letter": (422, nothing, {"body": "?!"}),
        "without a name": (422, nothing, {"author_name": ""}),
        "with a name that is none": (422, nothing, {"author_name": "!!!"}),
        "with a long name": (422, nothing, {"author_name": "x" * 41}),
        "with no address": (422, nothing, {"author_email": "geen adres"}),
        "too long": (422, nothing, {"body": "é" * 10_001}),
        "closed meanwhile": (409, closed, {}),
        "closed by time": (409, closed_by_time, {}),
        "for members": (403, members, {}),
        "withdrawn meanwhile": (409, withdrawn, {}),
        "parent hidden meanwhile": (409, parent_hidden, {}),
        "parent elsewhere": (409, parent_elsewhere, {}),
        "parent unknown": (409, nothing, {"parent_id": "999999"}),
        "parent no number": (409, nothing, {"parent_id": "abc"}),
    }


@pytest.mark.parametrize("case", refusals())
def test_a_refused_comment_comes_back_with_every_word(client, case):
    status, happens, changes = refusals()[case]
    article = make_article()
    parent = make_comment(article, "Waarop ik antwoord.")
    form = {
        "body": HOSTILE,
        "author_name": 'Bart "<b>" Veld',
        "author_email": "bart+x@example.nl",
        "parent_id": str(parent.id),
        "key": "0123456789abcdef",
        **changes,
    }
    happens(article, form)
    before = count()
    answer = client.post(post_url(article), data=form)
    assert answer.status_code == status
    assert count() == before
    JustHTML(answer.text, strict=True)
    assert "<script>alert" not in answer.text
    fields = fields_of(answer.text)
    kept = {name: value for name, value in form.items() if name != "parent_id"}
    assert {name: fields[name].replace("\r\n", "\n") for name in kept} == kept
    assert fields["parent_id"] == ("" if "parent" in case else form["parent_id"])
    assert 'class="notice notice--wrong"' in answer.text
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert not answer.headers.getlist("Set-Cookie")


@pytest.mark.parametrize("case", ["closed meanwhile", "without words", "parent hidden meanwhile"])
def test_a_refusal_comes_to_a_script_as_the_form_alone(client, case):
    status, happens, changes = refusals()[case]
    article = make_article()
    form = {**WORDS, "parent_id": str(make_comment(article).id), **changes}
    happens(article, form)
    answer = client.post(post_url(article), data=form, headers={"X-Fragment": "1"})
    assert answer.status_code == status
    assert "<html" not in answer.text
    assert fields_of(answer.text)["author_name"] == "Bart"


def test_who_writes_too_fast_gets_every_word_back_and_when_to_return(make_site, app):
    site = make_site(RATE_LIMITS=True)
    site.test_client_class = Visitor
    visitor = site.test_client()
    article = make_article()
    for number in range(70):
        form = {"body": f"{number} {HOSTILE}", "author_name": "Bart", "author_email": "bart@example.nl"}
        answer = visitor.post(post_url(article), data=form)
        if answer.status_code == 429:
            break
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    fields = fields_of(answer.text)
    assert {name: fields[name] for name in form} == form


def test_what_is_placed_after_a_refusal_is_placed_once(client):
    article = make_article()
    parent = make_comment(article)
    hide_comment(parent, make_user("mo"), "Daarom.")
    refused = client.post(post_url(article), data={**WORDS, "parent_id": str(parent.id)})
    assert refused.status_code == 409
    # One click places it as a comment of its own.
    answer = client.post(post_url(article), data=fields_of(refused.text))
    assert answer.status_code == 303
    assert db.session.get(Comment, int(answer.location.split("#comment-")[1])).parent_id is None


def test_under_what_never_was_public_there_is_nothing_to_answer(client, app):
    draft = make_article("Kop van een klad", published=False)
    later = make_article("Kop van morgen", published_at=clock.now() + timedelta(days=1))
    poll = make_poll("Vraag van morgen", day=clock.today() + timedelta(days=1))
    for discussion in (discussion_of(draft), discussion_of(later), queries.of_poll(poll.id)):
        for form in (WORDS, {"body": ""}):
            answer = client.post(f"/discussions/{discussion.id}/comments", data=form)
            assert answer.status_code == 404
            assert "van morgen" not in answer.text
            assert "klad" not in answer.text
        assert client.get(f"/discussions/{discussion.id}/comments/new").status_code == 404
    answer = client.post(f"/discussions/{discussion_of(draft).id}/comments", data=WORDS)
    assert WORDS["body"] in answer.text


def test_a_closed_discussion_says_so_before_somebody_writes(client):
    article = make_article()
    make_comment(article)
    discussion_of(article).mode = Mode.CLOSED.value
    page = client.get(article.url).text
    assert "<textarea" not in page
    assert "/comments/new?parent" not in page
    answer = client.get(f"{post_url(article)}/new")
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text


def test_a_field_that_people_do_not_see_holds_what_fills_it(client):
    article = make_article()
    answer = client.post(post_url(article), data={**WORDS, "website": "https://spam.example"})
    assert answer.status_code == 303
    assert db.session.scalar(select(Comment.held_at)) is not None


def test_what_was_typed_is_kept_as_typed_and_shown_without_harm(client):
    article = make_article()
    client.post(post_url(article), data={"body": HOSTILE, "author_name": "Bart"})
    assert db.session.scalar(select(Comment.body)).replace("\r\n", "\n") == HOSTILE
    page = client.get(article.url).text
    JustHTML(page, strict=True)
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page


def test_a_discussion_that_is_not_there_takes_nothing(client):
    assert client.post("/discussions/999999/comments", data=WORDS).status_code == 404
    assert client.get("/discussions/999999/comments/new").status_code == 404
    assert operations.guest_key("x")
