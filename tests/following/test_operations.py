"""Who is told of a comment, in the site and by mail: once, ten minutes later, of what can be read, by who is not muted."""

from datetime import UTC, datetime, timedelta

import pytest

from forum import mail
from forum.accounts import mutes
from forum.errors import ParentGone
from forum.extensions import db
from forum.following import operations, queries
from forum.following.models import Pace
from forum.following.operations import next_letter
from forum.jobs import Task
from forum.moderation.operations import approve_comment, hide_comment, restore_comment
from tests.factories import discussion_of, make_article, make_comment, make_guest, make_user
from tests.test_jobs import run


@pytest.fixture(autouse=True)
def empty_outbox(app):
    mail.outbox().clear()


@pytest.fixture
def later(app, now):
    """Let so many minutes pass, with a worker at work in each of them."""

    def pass_by(minutes):
        for _ in range(minutes):
            run(app)
            now.moment += timedelta(minutes=1)
        run(app)

    return pass_by


def asks(name, pace=Pace.DIRECT):
    follower = operations.follower_of(make_user(name))
    operations.choose(follower, pace, True, "nl")
    return follower


def told(follower):
    """What somebody finds in the inbox, the oldest first."""
    db.session.expire_all()
    return [
        (notice.comment_id, notice.reason) for notice in reversed(db.session.scalars(queries.notices(follower)).all())
    ]


def letters(to):
    return [message.get_body(("plain",)).get_content() for message in mail.outbox() if message["To"] == to]


def test_of_a_comment_each_is_told_once_by_the_nearest_reason(app, session, now):
    ann, bob, cor = asks("ann"), asks("bob"), asks("cor")
    article = make_article()
    top = make_comment(article, "Begin.", make_user("ann"))
    operations.follow(ann, discussion_of(article))
    operations.follow(ann, discussion_of(article), top)
    operations.follow(ann, discussion_of(article))  # twice is once
    operations.follow(bob, discussion_of(article), top)
    operations.follow(cor, discussion_of(article))
    reply = make_comment(article, "Antwoord.", parent=top)
    deeper = make_comment(article, "Dieper.", make_user("bob"), parent=reply)
    other = make_comment(article, "Los.")
    run(app)
    assert told(ann) == [(reply.id, "reply"), (deeper.id, "branch"), (other.id, "discussion")]
    assert told(bob) == [(reply.id, "branch")]  # never of one's own
    assert [number for number, _ in told(cor)] == [top.id, reply.id, deeper.id, other.id]
    ed = operations.follower_of(make_user("ed"))
    assert told(ed) == [(number, "article") for number in (top.id, reply.id, deeper.id, other.id)]
    assert queries.unseen_count(make_user("cor")) == 4
    operations.see(cor)
    assert queries.unseen_count(make_user("cor")) == 0


def test_a_burst_is_one_letter_ten_minutes_after_its_end(app, session, now, later):
    cor = asks("cor")
    article = make_article("Een kop")
    operations.follow(cor, discussion_of(article))
    make_comment(article, "Eerste woord.")
    later(9)
    assert letters("cor@example.org") == []
    make_comment(article, "Tweede woord.")
    later(9)
    assert letters("cor@example.org") == []
    later(2)
    (letter,) = letters("cor@example.org")
    assert "Eerste woord." in letter
    assert "Tweede woord." in letter
    assert "Een kop" in letter
    later(60)
    assert len(letters("cor@example.org")) == 1


def test_a_burst_without_end_is_told_after_an_hour(app, session, now, later):
    cor = asks("cor")
    article = make_article()
    operations.follow(cor, discussion_of(article))
    for number in range(9):
        make_comment(article, f"Woord {number}.")
        later(9)
    assert len(letters("cor@example.org")) == 1
    later(20)
    together = "".join(letters("cor@example.org"))
    assert [together.count(f"Woord {number}.") for number in range(9)] == [1] * 9


def test_a_letter_says_what_can_be_read_when_it_leaves(app, session, now, later):
    cor = asks("cor")
    article = make_article()
    operations.follow(cor, discussion_of(article))
    hidden, removed = make_comment(article, "Onzin."), make_comment(article, "Spijt.")
    later(5)
    hide_comment(hidden, make_user("mo"), "Beledigend")
    removed.removed_at = now()
    later(20)
    assert letters("cor@example.org") == []
    assert told(cor) == []
    stays, late = make_comment(article, "Blijft staan."), make_comment(article, "Wordt nog verborgen.")
    later(9)
    now.moment += timedelta(minutes=1)
    due = cor.due_at.isoformat()
    operations.write_letter(Task(0, "told", {"follower": cor.id, "due": due}, 1, 0, "", now()))
    hide_comment(late, make_user("mo"), "Spam")  # between the writing of the letter and its leaving
    later(1)
    (letter,) = letters("cor@example.org")
    assert "Blijft staan." in letter
    assert "Wordt nog verborgen." not in letter
    assert told(cor) == [(stays.id, "discussion")]


@pytest.mark.parametrize("muter", ["cor", "bob"])
def test_between_two_of_whom_one_mutes_the_other_nothing_is_told(app, session, now, later, muter):
    cor = asks("cor")
    article = make_article()
    operations.follow(cor, discussion_of(article))
    make_comment(article, "Voor het dempen.", make_user("bob"))
    run(app)
    other = make_user("bob" if muter == "cor" else "cor")
    mutes.mute(make_user(muter), other.name, muted_id=other.id)
    mutes.mute(make_user(muter), other.name, muted_id=other.id)  # twice is once
    make_comment(article, "Na het dempen.", make_user("bob"))
    wanted = make_comment(article, "Van een ander.", make_user("dik"))
    later(15)
    (letter,) = letters("cor@example.org")
    assert "Van een ander." in letter
    assert "dempen" not in letter
    assert told(cor) == [(wanted.id, "discussion")]


def test_a_muted_guest_is_not_heard(app, session, now):
    ann = asks("ann")
    mine = make_comment(make_article(), "Van mij.", make_user("ann"))
    first = make_comment(mine.discussion, "Van Bart.", make_guest("Bart"), parent=mine)
    run(app)
    assert told(ann) == [(first.id, "reply")]
    mutes.mute(make_user("ann"), "Bart", guest_key=first.guest_key)
    make_comment(mine.discussion, "Weer Bart.", make_guest("Bart"), parent=mine)
    heard = make_comment(mine.discussion, "Anna.", make_guest("Anna"), parent=mine)
    run(app)
    assert told(ann) == [(heard.id, "reply")]


def test_moderators_are_told_of_what_waits_and_readers_of_it_once_it_is_approved(app, session, now, later):
    cor, mo = asks("cor"), asks("mo", Pace.DIRECT)
    article = make_article()
    operations.follow(cor, discussion_of(article))
    held = make_comment(article, "Zie https://a.nl https://b.nl https://c.nl")
    run(app)
    assert (told(cor), told(mo)) == ([], [(held.id, "held")])
    later(15)
    (letter,) = letters("mo@example.org")
    assert "/moderation/" in letter
    assert "https" not in letter.replace("http://127", "")
    approve_comment(held, make_user("mo"))
    later(15)
    assert (told(cor), told(mo)) == ([(held.id, "discussion")], [])
    assert len(letters("cor@example.org")) == 1


def test_a_guest_hears_of_replies_to_what_their_cookie_wrote_and_nobody_else_does(app, session, now, later):
    bart = make_guest("Bart")
    first = make_comment(make_article(), "Van Bart.", bart)
    operations.confirm_guest("Bart@Post.example", first.guest_key, "nl")
    make_comment(first.discussion, "Ook van Bart.", bart, parent=first)
    make_comment(first.discussion, "Antwoord aan Bart.", make_guest("Anna"), parent=first)
    later(15)
    (letter,) = letters("bart@post.example")
    assert "Antwoord aan Bart." in letter
    assert "Ook van Bart." not in letter
    assert "/following/" in letter


def test_who_pressed_the_button_in_a_letter_gets_none_until_they_choose_again(app, session, now, later):
    cor = asks("cor")
    article = make_article()
    operations.follow(cor, discussion_of(article))
    mail.decline("cor@example.org", queries.MAILING)
    assert queries.pace_of(cor) == Pace.NEVER
    make_comment(article, "Stil.")
    later(15)
    assert letters("cor@example.org") == []
    operations.choose(cor, Pace.DIRECT, True, "nl")
    make_comment(article, "Weer te horen.")
    later(15)
    (letter,) = letters("cor@example.org")
    assert "Weer te horen." in letter


def test_what_was_read_in_the_site_is_not_mailed(app, session, now, later):
    cor = asks("cor")
    article = make_article()
    operations.follow(cor, discussion_of(article))
    make_comment(article)
    run(app)
    operations.see(cor)
    later(15)
    assert letters("cor@example.org") == []


def test_a_restored_comment_is_no_news_to_who_was_told_of_it(app, session, now, later):
    cor = asks("cor")
    article = make_article()
    operations.follow(cor, discussion_of(article))
    comment = make_comment(article)
    later(15)
    hide_comment(comment, make_user("mo"), "Spam")
    restore_comment(comment, make_user("mo"))
    later(15)
    assert len(letters("cor@example.org")) == 1


def test_one_follows_only_what_can_be_read(app, session):
    cor = asks("cor")
    article, other = make_article(), make_article("Elders")
    held = make_comment(article, "Zie https://a.nl https://b.nl https://c.nl")
    for top in (held, make_comment(other)):
        with pytest.raises(ParentGone):
            operations.follow(cor, discussion_of(article), top)


@pytest.mark.parametrize(
    ("pace", "moment"),
    [
        (Pace.DIRECT, (2026, 11, 22, 13, 15)),
        (Pace.HOURLY, (2026, 11, 22, 14, 0)),
        (Pace.DAILY, (2026, 11, 23, 6, 0)),  # seven in Amsterdam
        (Pace.WEEKLY, (2026, 11, 23, 6, 0)),  # Monday
    ],
)
def test_letters_leave_at_their_pace(app, now, pace, moment):
    assert next_letter(pace, now()) == datetime(*moment, tzinfo=UTC)


def test_a_daily_letter_gathers_the_day(app, session, now, later):
    cor = asks("cor", Pace.DAILY)
    article = make_article()
    operations.follow(cor, discussion_of(article))
    for number in range(25):
        make_comment(article, f"Woord {number}.", make_guest(f"Lezer {number}"))
    later(15)
    assert letters("cor@example.org") == []
    now.set(2026, 11, 23, 6, 1)
    run(app)
    (letter,) = letters("cor@example.org")
    assert letter.count("Woord") == operations.MOST_IN_LETTER
    assert "5" in letter.split("Woord 19.")[1]


def test_a_worker_that_dies_and_another_that_does_it_again_tell_once(app, session, now, later):
    cor = asks("cor")
    article = make_article()
    operations.follow(cor, discussion_of(article))
    comment = make_comment(article, "Een woord.")
    again = Task(0, "tell", {"comment": comment.id}, 2, 0, "", now())
    operations.tell(again)
    operations.tell(again)
    run(app)
    assert told(cor) == [(comment.id, "discussion")]
    now.moment = cor.due_at
    letter = Task(0, "told", {"follower": cor.id, "due": cor.due_at.isoformat()}, 2, 0, "", now())
    operations.write_letter(letter)
    db.session.rollback()  # it died before its commit
    operations.write_letter(letter)
    operations.write_letter(letter)
    later(1)
    assert len(letters("cor@example.org")) == 1


def test_of_an_article_that_was_withdrawn_nothing_is_mailed(app, session, now, later):
    cor = asks("cor")
    article = make_article()
    operations.follow(cor, discussion_of(article))
    make_comment(article, "Een woord.")
    run(app)
    article.withdrawn_at = now()
    later(15)
    assert letters("cor@example.org") == []
