"""Taking in comments: where each goes, who may write one, what a second send is, and what is counted."""

import random
import time
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from forum import clock, signals, versions
from forum.articles import operations as articles
from forum.articles.models import Kind
from forum.comments import operations
from forum.comments.models import DEEPEST, MOST_COMMENTS, PIECE, Comment, Discussion, Mode, State
from forum.comments.operations import carry_over, place, post_comment, rebuild_paths
from forum.errors import CommentsClosed, InvalidComment, ParentGone, SignInNeeded
from tests.at_once import in_programs, in_threads
from tests.factories import (
    discussion_of,
    make_article,
    make_comment,
    make_guest,
    make_poll,
    make_thread,
    make_user,
)


@pytest.fixture
def article(session, now):
    return make_article(published_at=now.moment - timedelta(days=1))


@pytest.fixture
def discussion(article):
    return discussion_of(article)


def read(session, discussion):
    """The comments of a discussion in the order in which they are read."""
    there = select(Comment).where(Comment.discussion_id == discussion.id)
    return session.scalars(there.order_by(Comment.path)).all()


def tree_order(parents):
    """The indexes of a thread in tree order, oldest first, worked out from nothing but who answers whom."""
    order, waiting = [], [None]
    while waiting:
        index = waiting.pop()
        if index is not None:
            order.append(index)
        waiting.extend(child for child in reversed(range(len(parents))) if parents[child] == index)
    return order


def send(discussion, body="Dat klopt niet.", author=None, parent=None, key=None):
    """Post without a key of its own, as a form without script does."""
    return post_comment(discussion, author or make_guest(), body, parent, key)


# Where a comment goes


def test_comments_stand_in_tree_order_the_oldest_first(session, discussion):
    chance = random.Random(14)
    parents = [None] + [chance.choice([None, *range(index)]) for index in range(1, 40)]
    written = []
    for index, parent in enumerate(parents):
        written.append(
            make_comment(discussion, f"Nummer {index}.", parent=written[parent] if parent is not None else None)
        )
    assert [written.index(comment) for comment in read(session, discussion)] == tree_order(parents)


def test_a_root_has_no_parent_and_a_reply_knows_parent_and_root(discussion):
    root = make_comment(discussion)
    reply = make_comment(discussion, "Waarom?", parent=root)
    answer = make_comment(discussion, "Daarom.", parent=reply)
    assert (root.parent_id, root.root_id, root.depth) == (None, None, 0)
    assert (reply.parent_id, reply.root_id, reply.depth) == (root.id, root.id, 1)
    assert (answer.parent_id, answer.root_id, answer.depth) == (reply.id, root.id, 2)
    assert answer.path.startswith(reply.path)


def test_a_branch_of_sixty_is_sixty_deep(session, discussion):
    chain = [make_comment(discussion)]
    for number in range(1, 60):
        chain.append(make_comment(discussion, f"Antwoord {number}.", parent=chain[-1]))
    later = make_comment(discussion, "Iets anders.")
    assert [comment.depth for comment in chain] == list(range(60))
    assert {comment.root_id for comment in chain[1:]} == {chain[0].id}
    assert read(session, discussion) == [*chain, later]


def test_below_depth_250_a_reply_hangs_beside_its_parent_and_keeps_its_true_parent(session, discussion):
    chain = make_thread(discussion, [None, *range(DEEPEST - 2)])
    assert chain[-1].depth == DEEPEST - 2
    for number in range(4):
        chain.append(make_comment(discussion, f"Dieper {number}.", parent=chain[-1]))
    elsewhere = make_comment(discussion, "Zijpad.", parent=chain[100])
    assert [comment.depth for comment in chain[-5:]] == [248, 249, 249, 249, 249]
    assert [comment.parent_id for comment in chain[-4:]] == [comment.id for comment in chain[-5:-1]]
    assert max(len(comment.path) for comment in chain) == DEEPEST * PIECE
    assert read(session, discussion) == [*chain, elsewhere]


def test_pieces_of_a_path_sort_as_their_numbers_do():
    numbers = [1, 2, 9, 10, 35, 36, 37, 1295, 1296, 46655, 46656, MOST_COMMENTS - 1, MOST_COMMENTS]
    pieces = [operations.piece(number) for number in numbers]
    assert pieces == sorted(pieces)
    assert {len(piece) for piece in pieces} == {PIECE}
    assert (pieces[0], pieces[-1]) == ("0001", "zzzz")


@pytest.mark.parametrize("number", [0, MOST_COMMENTS + 1])
def test_a_discussion_that_is_full_takes_no_more(number):
    with pytest.raises(CommentsClosed):
        operations.piece(number)


def test_a_place_is_the_parents_and_a_piece_of_its_own():
    assert place(None, "0007") == ("0007", 0)
    assert place("00010002", "0007") == ("000100020007", 2)
    deepest = "0001" * DEEPEST
    assert place(deepest, "0007") == ("0001" * (DEEPEST - 1) + "0007", DEEPEST - 1)


def test_eight_who_write_at_once_each_get_a_place(app, session, discussion):
    root = make_comment(discussion)
    number, root_id = discussion.id, root.id

    def write(index):
        comment = post_comment(
            session.get(Discussion, number),
            make_guest(f"Lezer {index}"),
            f"Nummer {index}.",
            session.get(Comment, root_id),
        )
        session.commit()
        return comment.path

    paths = in_threads(app, write)
    assert sorted(paths) == [f"{root.path}{operations.piece(index)}" for index in range(2, 10)]
    session.expire_all()
    assert (root.reply_count, discussion.comment_count) == (8, 9)


# What is kept of it


def test_what_was_typed_is_kept_as_typed_and_shown_safely(discussion):
    typed = "  Dat *klopt* niet.\r\n<script>alert(1)</script>  "
    comment = make_comment(discussion, typed)
    assert comment.body == typed
    assert "<em>klopt</em>" in comment.body_html
    assert "<script" not in comment.body_html


def test_of_a_guest_the_cookie_is_kept_as_a_hash_only(discussion):
    guest = make_guest("Bart", email="bart@example.org")
    comment = make_comment(discussion, author=guest)
    assert (comment.author_name, comment.author_email, comment.user_id) == ("Bart", "bart@example.org", None)
    assert comment.guest_key == operations.guest_key(guest.token)
    assert guest.token not in str({name: value for name, value in vars(comment).items() if name != "author_name"})


def test_a_member_writes_under_their_own_name(discussion):
    ann = make_user("ann")
    comment = make_comment(discussion, author=ann)
    assert (comment.author_name, comment.user_id, comment.guest_key, comment.author_email) == (
        "Ann",
        ann.id,
        None,
        None,
    )


@pytest.mark.parametrize("name", ["", "   ", "...", "\u200b\u202e"])
def test_a_guest_without_a_name_is_asked_for_one(discussion, name):
    with pytest.raises(InvalidComment, match=r"naam|name"):
        make_comment(discussion, author=make_guest(name, token="x" * 43))


def test_a_guests_name_is_tidied(discussion):
    assert make_comment(discussion, author=make_guest("  Bart \u202e de\tVries ")).author_name == "Bart de Vries"


def test_others_hear_of_a_comment_once(discussion):
    heard = []
    listener = heard.append
    with signals.comment_posted.connected_to(listener):
        comment = send(discussion)
        send(discussion)
    assert heard == [comment]


# Who may write, and where


def test_every_new_article_and_poll_can_be_discussed(session):
    assert discussion_of(make_article()).mode == Mode.OPEN
    poll = make_poll()
    assert session.scalar(select(Discussion).where(Discussion.poll_id == poll.id)).mode == Mode.OPEN


def test_a_standing_page_is_discussed_only_when_somebody_opens_it(session):
    page = discussion_of(make_article("Huisregels", kind=Kind.PAGE))
    with pytest.raises(CommentsClosed):
        make_comment(page)
    page.mode = Mode.OPEN
    assert make_comment(page).is_visible


def test_a_closed_article_takes_no_comments(discussion):
    discussion.mode = Mode.CLOSED
    with pytest.raises(CommentsClosed):
        make_comment(discussion, author=make_user("ed"))


def test_a_discussion_closes_at_its_moment(discussion, now):
    discussion.closes_at = now.moment + timedelta(hours=1)
    assert make_comment(discussion).is_visible
    now.moment += timedelta(hours=1)
    with pytest.raises(CommentsClosed):
        make_comment(discussion, "Te laat.")


def test_a_discussion_for_members_asks_a_guest_to_sign_in(discussion):
    discussion.mode = Mode.MEMBERS
    with pytest.raises(SignInNeeded):
        make_comment(discussion)
    assert make_comment(discussion, author=make_user("ann")).is_visible


def test_a_withdrawn_article_takes_no_comments(session, article, discussion):
    articles.withdraw(article, make_user("ed"))
    with pytest.raises(CommentsClosed):
        make_comment(discussion)


def test_a_draft_takes_no_comments(session):
    with pytest.raises(CommentsClosed):
        make_comment(make_article("Nog niet af", published=False))


def test_a_scheduled_article_takes_comments_from_its_moment_on(session, now):
    article = make_article(published_at=now.moment + timedelta(hours=1))
    with pytest.raises(CommentsClosed):
        make_comment(article)
    now.moment += timedelta(hours=1)
    assert make_comment(article).is_visible


def test_tomorrows_poll_takes_no_comments_today(session, now):
    poll = make_poll(day=clock.today() + timedelta(days=1))
    discussion = session.scalar(select(Discussion).where(Discussion.poll_id == poll.id))
    with pytest.raises(CommentsClosed):
        make_comment(discussion)
    now.moment += timedelta(days=1)
    assert make_comment(discussion).is_visible


def test_a_discussion_that_went_away_takes_no_comments(session, discussion):
    number = discussion.id
    session.commit()
    session.get(Discussion, number)
    session.execute(delete(Discussion).where(Discussion.id == number), execution_options={"synchronize_session": False})
    with pytest.raises(CommentsClosed):
        make_comment(discussion)


def test_a_parent_of_another_discussion_is_no_parent(discussion):
    stranger = make_comment(make_article("Een ander artikel"))
    with pytest.raises(ParentGone):
        make_comment(discussion, "Waarom?", parent=stranger)


@pytest.mark.parametrize("moment", ["hidden_at", "held_at", "removed_at"])
def test_a_comment_that_cannot_be_read_cannot_be_answered(discussion, moment):
    parent = make_comment(discussion, **{moment: clock.now()})
    with pytest.raises(ParentGone):
        make_comment(discussion, "Waarom?", parent=parent)


def test_what_is_refused_leaves_nothing(session, discussion):
    discussion.mode = Mode.CLOSED
    before = discussion.last_piece
    with pytest.raises(CommentsClosed):
        make_comment(discussion)
    assert (discussion.last_piece, discussion.comment_count, read(session, discussion)) == (before, 0, [])


def test_four_megabytes_are_refused_before_anything_is_made_of_them(discussion):
    began = time.process_time()
    with pytest.raises(InvalidComment, match="4000000"):
        make_comment(discussion, "> " * 2_000_000)
    assert time.process_time() - began < 2  # rendered they would take a minute


# Sent twice


def test_the_same_key_and_text_are_one_comment_however_late(discussion, now):
    first = send(discussion, key="formulier-1")
    now.moment += timedelta(days=2)
    assert send(discussion, key="formulier-1") is first
    assert discussion.comment_count == 1


def test_another_text_under_the_same_key_is_another_comment(discussion):
    assert send(discussion, key="formulier-1") is not send(discussion, "Toch wel.", key="formulier-1")


def test_the_same_words_under_another_key_are_one_comment_for_ten_minutes(discussion, now):
    first = send(discussion, key="formulier-1")
    now.moment += timedelta(minutes=9)
    assert send(discussion, key="formulier-2") is first
    now.moment += timedelta(minutes=1)
    assert send(discussion, key="formulier-2") is not first


def test_words_that_their_author_removed_may_be_said_again(discussion):
    first = send(discussion)
    first.removed_at = clock.now()
    assert send(discussion) is not first


@pytest.mark.parametrize("minutes", [0, 1, 9.99])
@pytest.mark.parametrize("minute", [0, 1, 5, 9])
def test_the_same_text_within_ten_minutes_is_one_comment(discussion, now, minute, minutes):
    now.set(2026, 11, 22, 13, minute, 30)  # the border of two windows lies at 13:10
    first = send(discussion)
    now.moment += timedelta(minutes=minutes)
    assert send(discussion) is first
    assert discussion.comment_count == 1


@pytest.mark.parametrize("minute", [0, 4, 9])
def test_the_same_text_after_ten_minutes_is_a_new_comment(discussion, now, minute):
    now.set(2026, 11, 22, 13, minute, 30)
    first = send(discussion)
    now.moment += timedelta(minutes=10)
    second = send(discussion)
    assert second is not first
    assert discussion.comment_count == 2
    now.moment += timedelta(minutes=9)
    assert send(discussion) is second


def test_capitals_and_white_space_make_no_other_text(discussion):
    assert send(discussion, "Dat  klopt\n niet.") is send(discussion, " dat KLOPT niet. ")


def test_what_differs_in_place_writer_or_words_is_no_double(session, discussion):
    first = send(discussion)
    others = [
        send(discussion, "Dat klopt wel."),
        send(discussion, parent=first),
        send(discussion, author=make_guest("Carla")),
        send(discussion, author=make_guest("Bart", email="bart@example.org")),
        send(discussion, author=make_user("ann")),
        send(discussion_of(make_article("Een ander artikel"))),
    ]
    assert len({comment.id for comment in [first, *others]}) == 7


def test_a_guest_without_a_cookie_yet_is_known_by_name(discussion):
    first = send(discussion, author=make_guest("Bart", token="a" * 43))
    assert send(discussion, author=make_guest("Bart", token="b" * 43)) is first


def test_a_double_is_found_before_it_is_sent(discussion, now):
    assert operations.sent_before(discussion, make_guest(), "Dat klopt niet.") is None
    first = send(discussion)
    assert operations.sent_before(discussion, make_guest(), "dat klopt niet. ") is first
    now.moment += timedelta(minutes=10)
    assert operations.sent_before(discussion, make_guest(), "Dat klopt niet.") is None


@pytest.mark.parametrize("key", ["formulier-1", None])
@pytest.mark.parametrize(("at_once", "many"), [(in_threads, 8), (in_programs, 2)])
def test_sent_by_several_at_once_it_is_one_comment(app, session, discussion, at_once, many, key):
    number = discussion.id

    def write(_index):
        comment = send(session.get(Discussion, number), key=key)
        session.commit()
        return str(comment.id)

    answers = at_once(app, write, many)
    assert set(answers) == {str(session.scalar(select(Comment.id)))}
    session.expire_all()
    assert discussion.comment_count == 1


# What is counted


def test_visible_comments_and_replies_are_counted_where_they_stand(discussion):
    root = make_comment(discussion)
    reply = make_comment(discussion, "Waarom?", parent=root)
    make_comment(discussion, "Daarom.", parent=reply)
    make_comment(discussion, "Nee hoor.", parent=root)
    assert (discussion.comment_count, root.reply_count, reply.reply_count) == (4, 2, 1)


def test_a_held_comment_is_not_counted(discussion):
    root = make_comment(discussion)
    held = post_comment(discussion, make_guest(), "Koop nu", root, trap="gevuld")
    assert (held.state, discussion.comment_count, root.reply_count) == (State.HELD, 1, 0)


def test_a_comment_makes_the_page_and_the_sidebar_new(session, article, discussion):
    session.commit()
    names = [versions.article(article.id), versions.SIDEBAR, versions.ARTICLES]
    before = versions.current(names)
    make_comment(discussion)
    session.commit()
    after = versions.current(names)
    assert [after[name] - before[name] for name in names] == [1, 1, 0]


def test_a_double_makes_no_page_new(session, discussion):
    send(discussion, key="formulier-1")
    session.commit()
    before = versions.current([versions.SIDEBAR])
    send(discussion, key="formulier-1")
    session.commit()
    assert versions.current([versions.SIDEBAR]) == before


def test_a_comment_on_a_poll_makes_the_polls_page_new(session):
    poll = make_poll()
    session.commit()
    before = versions.current([versions.poll(poll.id)])
    make_comment(session.scalar(select(Discussion).where(Discussion.poll_id == poll.id)))
    session.commit()
    assert versions.current([versions.poll(poll.id)]) != before


# Carried over from elsewhere


def test_what_is_carried_over_keeps_its_moment_its_number_and_its_name(session, discussion, now):
    long_ago = now.moment - timedelta(days=4000)
    comment = carry_over(
        discussion,
        "Koen Stegeman",
        "<p>Bedankt</p><script>x</script>",
        long_ago,
        body_format="html",
        comment_id=70411,
        source="ispam",
        source_id="70411",
    )
    assert (comment.id, comment.created_at, comment.author_name) == (70411, long_ago, "Koen Stegeman")
    assert "Bedankt</p>" in comment.body_html
    assert "script" not in comment.body_html
    assert (comment.state, discussion.comment_count) == (State.VISIBLE, 1)


def test_what_is_carried_over_asks_neither_for_an_open_discussion_nor_for_a_sender(discussion, now):
    discussion.mode = Mode.CLOSED
    root = carry_over(discussion, "Bart", "Eens.", now.moment)
    again = carry_over(discussion, "Bart", "Eens.", now.moment, root)
    assert (again.parent_id, again.depth, root.reply_count) == (root.id, 1, 1)


def test_what_waited_elsewhere_waits_here(discussion, now):
    comment = carry_over(discussion, "Bart", "Eens.", now.moment, hold_reason="imported")
    assert (comment.state, comment.hold_reasons, discussion.comment_count) == (State.HELD, "imported", 0)


# Put in order again


def test_old_comments_that_came_later_are_put_between_the_others(session, discussion, now):
    second = carry_over(discussion, "Bart", "Tweede.", now.moment)
    reply = carry_over(discussion, "Carla", "Op de tweede.", now.moment + timedelta(hours=2), second)
    first = carry_over(discussion, "Dirk", "Eerste.", now.moment - timedelta(hours=1))
    early = carry_over(discussion, "Els", "Eerder op de tweede.", now.moment + timedelta(hours=1), second)
    assert read(session, discussion) == [second, reply, early, first]
    assert rebuild_paths(discussion) == 4
    assert read(session, discussion) == [first, second, early, reply]
    assert [comment.depth for comment in (first, second, early, reply)] == [0, 0, 1, 1]


def test_a_discussion_in_order_stays_as_it_is(session, discussion):
    written = make_thread(discussion, [None, 0, 1, 0, None, 4])
    before = {comment.id: comment.path for comment in written}
    session.commit()
    version = versions.current([versions.SIDEBAR])
    assert rebuild_paths(discussion) == 0
    session.commit()
    assert {comment.id: comment.path for comment in written} == before
    assert versions.current([versions.SIDEBAR]) == version


def test_a_branch_deeper_than_250_is_put_in_order_too(session, discussion):
    chain = make_thread(discussion, [None, *range(DEEPEST + 3)])
    for comment in chain:
        comment.path = f"~{comment.path[-PIECE:]}"
    session.flush()
    assert rebuild_paths(discussion) == len(chain)
    assert read(session, discussion) == chain
    assert [comment.depth for comment in chain[-6:]] == [248, 249, 249, 249, 249, 249]


def test_after_putting_in_order_the_next_comment_finds_a_free_place(session, discussion, now):
    carry_over(discussion, "Bart", "Tweede.", now.moment)
    carry_over(discussion, "Dirk", "Eerste.", now.moment - timedelta(hours=1))
    rebuild_paths(discussion)
    assert make_comment(discussion, "Derde.").path == operations.piece(3)


def test_who_writes_while_a_discussion_is_put_in_order_gets_a_place_behind_it(app, session, discussion, now):
    number = discussion.id
    carry_over(discussion, "Bart", "Tweede.", now.moment)
    carry_over(discussion, "Dirk", "Eerste.", now.moment - timedelta(hours=1))

    def both(index):
        there = session.get(Discussion, number)
        if index == 0:
            rebuild_paths(there)
        else:
            post_comment(there, make_guest(f"Lezer {index}"), f"Nummer {index}.")
        session.commit()

    assert in_threads(app, both, 6) == [None] * 6
    session.expire_all()
    assert [comment.body for comment in read(session, discussion)[:2]] == ["Eerste.", "Tweede."]
    assert discussion.comment_count == len(read(session, discussion)) == 7
    assert make_comment(discussion, "Als laatste.") == read(session, discussion)[-1]
