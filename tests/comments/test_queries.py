"""Reading discussions: pages in tree order, where a comment stands, what each reader sees, the latest."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from forum import clock, versions
from forum.articles import operations as articles
from forum.comments import queries
from forum.comments.models import Comment, Discussion, guest_key
from forum.comments.operations import carry_over, post_comment
from forum.comments.queries import Reader
from forum.extensions import db
from tests.factories import discussion_of, make_article, make_comment, make_guest, make_poll, make_thread, make_user

# Three hundred, in long and short branches: each third is a root, the others answer one of the seven before.
PARENTS = [None if index % 3 == 0 else index - 1 - index % min(index, 7) for index in range(300)]


@pytest.fixture
def article(session, now):
    return make_article(published_at=now.moment - timedelta(days=1))


@pytest.fixture
def discussion(article):
    return discussion_of(article)


@pytest.fixture
def large(discussion):
    """A discussion of 300 comments, and their ids in tree order."""
    make_thread(discussion, PARENTS)
    return discussion, db.session.scalars(select(Comment.id).order_by(Comment.path)).all()


def hold(discussion, parent=None, author=None):
    return post_comment(discussion, author or make_guest(), "Koop nu", parent, trap="gevuld")


def ids(page):
    return [row.id for row in page.rows]


def from_(number):
    return db.session.get(Comment, number) if number is not None else None


# Pages


@pytest.mark.parametrize("size", [100, 7, 1])
def test_pages_forward_hold_every_comment_once_and_in_order(large, size):
    discussion, order = large
    order = order if size > 1 else order[:30]
    found, start = [], None
    while len(found) < len(order):
        page = queries.page(discussion, size, start)
        assert page.has_previous == bool(found)
        found += ids(page)
        start = from_(page.next_from)
        if start is None:
            break
    assert found == order


@pytest.mark.parametrize("size", [100, 70])
def test_pages_back_hold_every_comment_once_and_in_order(large, size):
    discussion, order = large
    page = queries.page(discussion, size, from_(order[-1]))
    found = ids(page)
    assert (found, page.next_from) == ([order[-1]], None)
    while page.has_previous:
        page = queries.page(discussion, size, from_(page.previous_from))
        # The first page, which no id begins, may reach into the one that was read before it.
        found = ids(page)[: len(order) - len(found)] + found
    assert found == order


def test_the_first_page_has_none_before_it_and_the_last_none_after(large):
    discussion, order = large
    first, last = queries.page(discussion, 100), queries.page(discussion, 100, from_(order[200]))
    assert (first.has_previous, first.previous_from, first.next_from) == (False, None, order[100])
    assert (last.has_previous, last.previous_from, last.next_from) == (True, order[100], None)


def test_a_page_less_than_one_page_from_the_beginning_has_the_first_page_before_it(large):
    discussion, order = large
    page = queries.page(discussion, 100, from_(order[40]))
    assert (page.has_previous, page.previous_from) == (True, None)
    assert ids(page) == order[40:140]


def test_an_empty_discussion_is_an_empty_page(discussion):
    page = queries.page(discussion, 100)
    assert (ids(page), page.has_previous, page.next_from) == ([], False, None)


def test_a_page_is_two_queries_however_large_the_discussion(session, large):
    discussion, order = large
    start, asked = from_(order[150]), []
    session.refresh(discussion)

    def note(_connection, _cursor, statement, *_):
        asked.append(statement)

    engine = db.session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        queries.page(discussion, 100, start)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == 2, asked


def test_comments_of_another_discussion_stay_there(large):
    discussion, _ = large
    other = discussion_of(make_article("Een ander artikel"))
    alone = make_comment(other)
    assert ids(queries.page(other, 100)) == [alone.id]
    assert alone.id not in ids(queries.page(discussion, 400))


def test_a_row_holds_what_a_reader_sees(discussion):
    ann = make_user("ann")
    make_comment(discussion, "Dat *klopt*.", author=ann)
    ann.name = "Ann de Wit"
    row = queries.page(discussion, 10).rows[0]
    assert (row.author_name, row.user_id, row.depth, row.parent_id) == ("Ann de Wit", ann.id, 0, None)
    assert "<em>klopt</em>" in row.body_html
    assert not hasattr(row, "author_email")


# Who sees what


def test_a_hidden_comment_keeps_its_place_and_a_removed_one_where_it_was_answered(discussion, now):
    hidden = make_comment(discussion, hidden_at=now.moment)
    removed = make_comment(discussion, "Weg.", removed_at=now.moment, reply_count=1)
    make_comment(discussion, "Ook weg.", removed_at=now.moment)
    rows = queries.page(discussion, 10).rows
    assert [(row.id, row.hidden_at, row.removed_at) for row in rows] == [
        (hidden.id, now.moment, None),
        (removed.id, None, now.moment),
    ]


def test_a_held_comment_is_seen_by_its_writer_only(discussion):
    ann, bart = make_user("ann"), make_guest("Bart")
    of_ann, of_bart = hold(discussion, author=ann), hold(discussion, author=bart)
    seen = {
        "nobody in particular": ids(queries.page(discussion, 10)),
        "ann": ids(queries.page(discussion, 10, reader=Reader(user_id=ann.id))),
        "bart": ids(queries.page(discussion, 10, reader=Reader(guest_key=guest_key(bart.token)))),
        "ann with bart's cookie": ids(queries.page(discussion, 10, reader=Reader(ann.id, guest_key(bart.token)))),
        "mo": ids(queries.page(discussion, 10, reader=Reader(user_id=make_user("mo").id))),
    }
    assert seen == {
        "nobody in particular": [],
        "ann": [of_ann.id],
        "bart": [of_bart.id],
        "ann with bart's cookie": [of_ann.id, of_bart.id],
        "mo": [],
    }


def test_a_held_comment_that_has_answers_keeps_its_place_above_them(discussion, now):
    held = carry_over(discussion, "Bart", "Eens.", now.moment, hold_reason="imported")
    assert ids(queries.page(discussion, 10)) == []
    reply = carry_over(discussion, "Carla", "Oneens.", now.moment, held)
    rows = queries.page(discussion, 10).rows
    assert [(row.id, row.held_at is not None) for row in rows] == [(held.id, True), (reply.id, False)]


def test_held_comments_leave_no_hole_in_a_page(discussion):
    shown = [make_comment(discussion, f"Nummer {number}.") for number in range(4)]
    for _ in range(3):
        hold(discussion, parent=shown[1])
    page = queries.page(discussion, 3)
    assert ids(page) == [comment.id for comment in shown[:3]]
    assert page.next_from == shown[3].id


# Where a comment stands


@pytest.mark.parametrize("size", [1, 2, 10, 20, 21, 100, 400])
def test_the_page_that_a_link_leads_to_holds_its_comment(large, size):
    discussion, order = large
    for number in order[::9] + order[-1:]:
        comment = from_(number)
        page = queries.page(discussion, size, from_(queries.page_start(comment, size)))
        assert number in ids(page), f"place {order.index(number)}"


def test_a_link_to_a_comment_of_the_first_page_leads_to_the_first_page(large):
    _, order = large
    assert [queries.page_start(from_(order[place]), 100) for place in (0, 50, 99)] == [None, None, None]


def test_a_link_to_a_root_begins_with_it(large):
    _, order = large
    root = next(from_(number) for number in order[150:] if from_(number).root_id is None)
    assert queries.page_start(root, 100) == root.id


def test_a_link_to_a_reply_begins_with_its_branch_where_both_stand_on_one_page(discussion):
    make_thread(discussion, [None] * 10)
    branch = make_thread(discussion, [None, 0, 1])
    assert queries.page_start(branch[2], 10) == branch[0].id


@pytest.mark.parametrize(("replies", "begins_with"), [(8, 0), (9, 0), (10, 1), (11, 2)])
def test_a_branch_that_just_fits_on_its_page_begins_it(discussion, replies, begins_with):
    make_thread(discussion, [None] * 10)
    branch = make_thread(discussion, [None, *([0] * replies)])
    start = from_(queries.page_start(branch[-1], 10))
    assert branch.index(start) == begins_with
    assert branch[-1].id in ids(queries.page(discussion, 10, start))


def test_a_link_far_into_a_long_branch_begins_twenty_before_it(discussion):
    branch = make_thread(discussion, [None, *([0] * 150)])
    assert queries.page_start(branch[140], 100) == branch[120].id


# One comment, some comments


def test_names_are_told_of_who_can_be_read_only(discussion, now):
    ann = make_user("ann")
    by_ann = make_comment(discussion, author=ann)
    by_bart = make_comment(discussion, "Eens.")
    others = [
        make_comment(discussion, f"Nee, {moment}.", **{moment: now.moment})
        for moment in ("held_at", "hidden_at", "removed_at")
    ]
    wanted = {comment.id for comment in [by_ann, by_bart, *others]}
    assert queries.names_of(wanted) == {by_ann.id: "Ann", by_bart.id: "Bart"}
    assert queries.names_of(set()) == {}


def test_a_comment_is_found_by_the_number_it_had_elsewhere(discussion, now):
    comment = carry_over(discussion, "Koen", "Bedankt.", now.moment, source="ispam", source_id="70411")
    elsewhere = discussion_of(make_article("Een ander artikel"))
    assert queries.by_source_id(discussion, "70411") is comment
    assert queries.by_source_id(discussion, "70412") is None
    assert queries.by_source_id(elsewhere, "70411") is None


def test_a_guest_is_known_by_what_they_wrote_last(discussion):
    make_comment(discussion, author=make_guest("Bart"))
    last = make_comment(discussion, "Nog iets.", author=make_guest("Bart de Vries", token=make_guest("Bart").token))
    assert queries.last_of_guest(guest_key(make_guest("Bart").token)) is last
    assert queries.last_of_guest(guest_key(make_guest("Carla").token)) is None


def test_articles_are_listed_with_their_number_of_comments(session, article, discussion):
    make_comment(discussion)
    hold(discussion)
    silent = make_article("Nog stil")
    with versions.watching() as watch:
        assert queries.counts([article.id, silent.id, 999]) == {article.id: 1, silent.id: 0}
    assert versions.SIDEBAR in watch.names


# What a discussion is about


def test_a_discussion_is_found_by_what_it_is_about(session, article, discussion):
    poll = make_poll()
    about_poll = queries.of_poll(poll.id)
    assert queries.of_article(article.id) is discussion
    assert (queries.subject(discussion), queries.subject(about_poll)) == (article, poll)
    assert (queries.of_article(999), queries.of_poll(999)) == (None, None)


def test_a_page_with_a_discussion_holds_until_it_closes(article, discussion, now):
    discussion.closes_at = now.moment + timedelta(hours=1)
    with versions.watching() as watch:
        queries.of_article(article.id)
    assert watch.valid_until == discussion.closes_at
    assert discussion.is_open(watch.valid_until - timedelta(microseconds=1))
    assert not discussion.is_open(watch.valid_until)
    now.moment += timedelta(hours=1)
    with versions.watching() as watch:
        queries.of_article(article.id)
    assert watch.valid_until is None


def test_a_discussion_is_public_when_what_it_is_about_is(session, article, discussion, now):
    assert queries.subject_is_public(discussion)
    articles.withdraw(article, make_user("ed"))
    assert not queries.subject_is_public(discussion)
    assert not queries.subject_is_public(discussion_of(make_article(published_at=now.moment + timedelta(days=1))))
    assert not queries.subject_is_public(discussion_of(make_article(published=False)))
    timeless = make_poll("Altijd?", day=None)
    tomorrow = make_poll("Morgen?", day=clock.today() + timedelta(days=1))
    assert queries.subject_is_public(queries.of_poll(timeless.id))
    assert not queries.subject_is_public(queries.of_poll(tomorrow.id))
    now.moment = datetime(2026, 11, 22, 23, tzinfo=UTC)  # midnight in Amsterdam
    assert queries.subject_is_public(queries.of_poll(tomorrow.id))


# The latest, and those that wait


def test_the_latest_comments_are_the_newest_that_everybody_may_read(session, article, discussion, now):
    expected = []
    for number in range(4):
        now.moment += timedelta(minutes=1)
        expected.insert(0, make_comment(discussion, f"Nummer {number}.").id)
    now.moment += timedelta(minutes=1)
    for moment in ("held_at", "hidden_at", "removed_at"):
        make_comment(discussion, f"Nee, {moment}.", **{moment: now.moment})
    make_comment(session.scalar(select(Discussion).where(Discussion.poll_id == make_poll().id)), "Over de vraag.")
    latest = queries.latest(3)
    assert [row.id for row in latest] == expected[:3]
    assert (latest[0].headline, latest[0].author_name) == (article.headline, "Bart")
    assert len(queries.latest(10)) == 4


def test_of_comments_of_the_same_moment_the_last_taken_in_comes_first(discussion):
    first, second = make_comment(discussion), make_comment(discussion, "Ook.")
    assert [row.id for row in queries.latest(5)] == [second.id, first.id]


def test_comments_on_what_is_not_public_are_not_among_the_latest(session, article, discussion, now):
    make_comment(discussion)
    with versions.watching() as watch:
        assert len(queries.latest(5)) == 1
    assert {versions.SIDEBAR, versions.ARTICLES} <= watch.names
    article.published_at = now.moment + timedelta(days=1)
    with versions.watching() as watch:
        assert queries.latest(5) == []
    assert watch.valid_until == article.published_at
    article.published_at = now.moment
    articles.withdraw(article, make_user("ed"))
    assert queries.latest(5) == []


def test_those_that_wait_are_read_the_longest_waiting_first(session, discussion, now):
    later = hold(discussion)
    later.held_at = now.moment + timedelta(minutes=5)
    first = hold(discussion, author=make_user("ann"))
    make_comment(discussion, "Zichtbaar.")
    hold(discussion, author=make_guest("Carla")).hidden_at = now.moment
    session.flush()
    assert session.scalars(queries.held()).all() == [first, later]
