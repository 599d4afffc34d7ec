"""Loading comments: in tree order, each once; what was judged here stays, what came to be there since comes in."""

import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from forum.comments.claims import claim, is_claimable
from forum.comments.models import Comment, Discussion, State
from forum.extensions import db
from forum.imports import reasons
from forum.imports.report import KEPT, PLACED, UNCHANGED, UPDATED
from forum.moderation.operations import approve_comment, hide_comment, restore_comment
from tests.factories import make_article, make_comment, make_user
from tests.imports import exports
from tests.imports.conftest import Load, article, comment, tables


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.xml"


def under(*inside: str) -> str:
    """Return article 1 with these comments."""
    return exports.post(1, "Een alinea.", *inside)


def in_order() -> list[int]:
    """Return the old numbers of the comments of article 1 as readers meet them, held ones too."""
    discussion = db.session.scalars(select(Discussion).where(Discussion.article_id == article(1).id)).one()
    found = select(Comment.source_id).where(Comment.discussion_id == discussion.id).order_by(Comment.path)
    return [int(number) for number in db.session.scalars(found) if number is not None]


def count() -> int:
    return db.session.scalars(select(Discussion.comment_count).where(Discussion.article_id == article(1).id)).one()


def test_replies_stand_below_what_they_answer_the_oldest_first(load: Load, file: Path) -> None:
    tree = [(9, 3), (1, 0), (4, 1), (3, 1), (7, 0), (8, 4), (10, 9)]
    load(exports.write(file, under(*(exports.comment(number, parent) for number, parent in tree))))
    assert in_order() == [1, 3, 9, 10, 4, 8, 7]
    assert [comment(number).depth for number in in_order()] == [0, 1, 2, 3, 1, 2, 0]
    assert (comment(1).reply_count, count()) == (2, 7)


def test_a_thread_deeper_than_paths_keeps_its_true_parents(load: Load, file: Path) -> None:
    chain = [exports.comment(number, number - 1) for number in range(1, 301)]
    load(exports.write(file, under(*reversed(chain))))
    assert in_order() == list(range(1, 301))
    assert comment(300).parent_id == comment(299).id
    assert comment(300).depth == 249
    assert load(file).changes == 0


def test_a_reply_that_came_between_old_ones_stands_between_them(load: Load, file: Path) -> None:
    old = [exports.comment(1), exports.comment(5, 1), exports.comment(9)]
    load(exports.write(file, under(*old)))
    report = load(exports.write(file, under(*old, exports.comment(3, 1), exports.comment(2), exports.comment(7, 5))))
    assert {fate: len(ids) for fate, ids in report.comments.fates.items()} == {UNCHANGED: 3, PLACED: 3}
    assert in_order() == [1, 3, 5, 7, 2, 9]
    assert (comment(1).reply_count, comment(5).reply_count, count()) == (2, 1, 6)


def test_what_readers_wrote_here_meanwhile_keeps_its_place(load: Load, file: Path) -> None:
    load(exports.write(file, under(exports.comment(1), exports.comment(5))))
    own = make_comment(article(1), "Van hier", parent=comment(1))
    db.session.commit()
    load(exports.write(file, under(exports.comment(1), exports.comment(3, 1), exports.comment(5))))
    rows = db.session.execute(select(Comment.source_id, Comment.id).order_by(Comment.path)).all()
    assert [number or "hier" for number, _ in rows] == ["1", "3", "hier", "5"]
    assert own.parent_id == comment(1).id


def test_what_was_approved_there_since_is_shown(load: Load, file: Path, client: FlaskClient) -> None:
    waiting = exports.comment(2, 1, "Mag dit?", wp__comment_approved="0")
    load(exports.write(file, under(exports.comment(1), waiting)))
    assert (comment(2).state, comment(2).hold_reasons, count()) == (State.HELD, "imported", 1)
    assert "Mag dit?" not in client.get(article(1).url).text
    report = load(exports.write(file, under(exports.comment(1), exports.comment(2, 1, "Mag dit?"))))
    assert report.comments.fates == {UNCHANGED: ["1"], UPDATED: ["2"]}
    assert (comment(2).state, comment(1).reply_count, count()) == (State.VISIBLE, 1, 2)
    assert "Mag dit?" in client.get(article(1).url).text
    assert load(file).changes == 0


def test_words_that_changed_there_change_here(load: Load, file: Path) -> None:
    load(exports.write(file, under(exports.comment(1, body="Eerst"))))
    load(exports.write(file, under(exports.comment(1, body="Later", wp__comment_author="Kees Jansen"))))
    assert "Later" in comment(1).body_html
    assert (comment(1).body, comment(1).author_name) == ("<p>Later</p>", "Kees Jansen")
    assert load(file).changes == 0


@pytest.mark.parametrize("fate", ["0", "trash", "spam"])
def test_what_was_taken_away_there_since_waits_here(load: Load, file: Path, client: FlaskClient, fate: str) -> None:
    load(exports.write(file, under(exports.comment(1), exports.comment(2, 1, "Scheldwoord"), exports.comment(3, 2))))
    gone = exports.comment(2, 1, "Scheldwoord", wp__comment_approved=fate)
    report = load(exports.write(file, under(exports.comment(1), gone, exports.comment(3, 2))))
    assert "2" in report.comments.fates[UPDATED]
    assert (comment(2).state, count()) == (State.HELD, 2)
    assert "Scheldwoord" not in client.get(article(1).url).text
    before = tables("import_run")
    assert load(file).changes == 0
    assert tables("import_run") == before
    load(exports.write(file, under(exports.comment(1), exports.comment(2, 1, "Scheldwoord"), exports.comment(3, 2))))
    assert (comment(2).state, comment(3).parent_id, count()) == (State.VISIBLE, comment(2).id, 3)


def test_a_comment_that_was_hidden_here_stays_hidden_and_is_reported(load: Load, file: Path) -> None:
    load(exports.write(file, under(exports.comment(1), exports.comment(2, 1))))
    hide_comment(comment(1), make_user("mo"), "scheldt")
    db.session.commit()
    report = load(exports.write(file, under(exports.comment(1, body="Netter"), exports.comment(2, 1))))
    assert report.comments.fates == {KEPT: ["1"], UNCHANGED: ["2"]}
    assert (comment(1).state, comment(1).body, count()) == (State.HIDDEN, "<p>Reactie 1.</p>", 1)
    assert report.changes == 0
    restore_comment(comment(1), make_user("mo"))
    db.session.commit()
    assert load(file).comments.fates == {UNCHANGED: ["1", "2"]}


def test_a_comment_that_was_approved_here_stays_visible_as_it_was_approved(load: Load, file: Path) -> None:
    waiting = {"wp__comment_approved": "0"}
    load(exports.write(file, under(exports.comment(1, body="Netjes", **waiting))))
    approve_comment(comment(1), make_user("mo"))
    db.session.commit()
    report = load(exports.write(file, under(exports.comment(1, body="Scheldwoord", **waiting))))
    assert report.comments.fates == {KEPT: ["1"]}
    assert (comment(1).state, comment(1).body) == (State.VISIBLE, "<p>Netjes</p>")


def test_what_a_reader_removed_here_does_not_come_back(load: Load, file: Path, now: Any) -> None:
    load(exports.write(file, under(exports.comment(1), exports.comment(2))))
    gone = comment(1)
    gone.removed_at, gone.body, gone.body_html = now.moment, "", ""
    gone.discussion.comment_count -= 1
    gone.branch_count -= 1
    db.session.commit()
    report = load(file)
    assert report.comments.fates == {KEPT: ["1"], UNCHANGED: ["2"]}
    assert comment(1).body == ""


def test_an_answer_moves_with_what_it_answers(load: Load, file: Path) -> None:
    thrown = exports.comment(2, 1, wp__comment_approved="trash")
    rest = [exports.comment(1), exports.comment(3, 2), exports.comment(4, 3), exports.comment(5)]
    load(exports.write(file, under(thrown, *rest)))
    assert (comment(3).parent_id, comment(3).depth, comment(1).reply_count) == (comment(1).id, 1, 1)
    report = load(exports.write(file, under(exports.comment(2, 1), *rest)))
    assert {fate: ids for fate, ids in report.comments.fates.items() if fate != UNCHANGED} == {
        PLACED: ["2"],
        UPDATED: ["3"],
    }
    assert in_order() == [1, 2, 3, 4, 5]
    assert [comment(number).depth for number in in_order()] == [0, 1, 2, 3, 0]
    assert {comment(number).root_id for number in (2, 3, 4)} == {comment(1).id}
    assert (comment(1).reply_count, comment(2).reply_count) == (1, 1)
    assert load(file).changes == 0


def test_a_branch_that_became_one_of_its_own_has_a_root_of_its_own(load: Load, file: Path) -> None:
    load(exports.write(file, under(exports.comment(1), exports.comment(2, 1), exports.comment(3, 2))))
    load(exports.write(file, under(exports.comment(1), exports.comment(2), exports.comment(3, 2))))
    assert (comment(2).root_id, comment(3).root_id) == (None, comment(2).id)
    assert (comment(1).reply_count, comment(3).depth) == (0, 1)


def test_two_that_changed_places_change_places_here_even_when_one_is_hidden(load: Load, file: Path) -> None:
    load(exports.write(file, under(exports.comment(1), exports.comment(2, 1))))
    hide_comment(comment(2), make_user("mo"), "scheldt")
    db.session.commit()
    load(exports.write(file, under(exports.comment(1, 2), exports.comment(2))))
    assert (comment(1).parent_id, comment(2).parent_id) == (comment(2).id, None)
    assert comment(2).state == State.HIDDEN
    assert load(file).changes == 0


def test_a_comment_that_went_to_another_article_there_stays_where_it_is(load: Load, file: Path) -> None:
    load(exports.write(file, under(exports.comment(1)), exports.post(2)))
    report = load(exports.write(file, under(), exports.post(2, "x", exports.comment(1), exports.comment(3, 1))))
    assert report.notes[reasons.ELSEWHERE] == ["1"]
    assert comment(1).discussion_id != comment(3).discussion_id
    assert comment(3).parent_id is None


def test_a_taken_number_is_found_by_its_old_anchor(load: Load, file: Path, client: FlaskClient) -> None:
    own = make_comment(make_article("Van ons"), "Van hier")
    db.session.commit()
    inside = [exports.comment(own.id, body="Van daar"), exports.comment(own.id + 100, own.id)]
    report = load(exports.write(file, exports.post(500, "x", *inside)))
    placed = comment(own.id)
    assert placed.id != own.id
    assert report.notes[reasons.COMMENT_NUMBER_TAKEN] == [f"{own.id} → {placed.id}"]
    assert comment(own.id + 100).parent_id == placed.id
    there = db.session.scalars(select(Discussion).where(Discussion.article_id == 500)).one()
    found = client.get(f"/comments/{own.id}?discussion={there.id}")
    assert (found.status_code, found.headers["Location"]) == (302, f"{article(500).url}#comment-{placed.id}")
    assert (
        client.get(f"/comments/{own.id}?discussion={own.discussion_id}")
        .headers["Location"]
        .endswith(f"#comment-{own.id}")
    )
    assert f'id="comment-{placed.id}"' in client.get(article(500).url).text


@pytest.mark.parametrize("name", ["", " ", "\u200b\u200b", "…"])
def test_who_gave_no_name_is_anonymous(load: Load, file: Path, client: FlaskClient, name: str) -> None:
    report = load(exports.write(file, under(exports.comment(1, wp__comment_author=name))))
    assert comment(1).author_name == "Anoniem"
    assert report.notes[reasons.NO_NAME_GIVEN] == ["1"]
    author = re.search(r'class="comment__author"[^>]*>(.*?)</', client.get(article(1).url).text, re.DOTALL)
    assert author is not None
    assert "Anoniem" in author[1]
    assert load(file).changes == 0


def test_nothing_of_who_wrote_is_kept_but_the_name(load: Load, file: Path) -> None:
    akismet = (
        "<wp:commentmeta><wp:meta_key>akismet_result</wp:meta_key><wp:meta_value>false</wp:meta_value></wp:commentmeta>"
    )
    whole = exports.comment(1, wp__comment_author_url="https://kees.example", wp__comment_agent="Netscape/4")
    load(exports.write(file, under(whole.replace("</wp:comment>", f"{akismet}</wp:comment>"))))
    everything = repr(tables())
    assert "Kees" in everything
    for secret in ("privé", "192.0.2.77", "kees.example", "Netscape", "akismet"):
        assert secret not in everything


def test_limits_for_readers_are_none_for_an_import(load: Load, file: Path) -> None:
    long = "Heel lang. " * 3000
    many = [exports.comment(number, body="Eens.", wp__comment_author="Kees") for number in range(1, 60)]
    closed = exports.post(1, "x", exports.comment(99, body=long), *many, wp__comment_status="closed")
    load(exports.write(file, closed))
    assert count() == 60
    assert len(comment(99).body) > 30_000


def test_who_wrote_there_can_claim_it_here_and_a_later_import_leaves_that(load: Load, file: Path) -> None:
    ann = make_user("ann")
    exports.write(file, under(exports.comment(1), exports.comment(2, wp__comment_author_email="")))
    load(file)
    assert is_claimable("KEES@privé.example")
    assert not is_claimable("")
    assert claim(ann, "kees@privé.example") == 1
    db.session.commit()
    assert load(file).changes == 0
    assert db.session.scalars(select(Comment.source_id).where(Comment.user_id == ann.id)).all() == ["1"]
