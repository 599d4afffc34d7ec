"""Loading articles and pages: each once, by its identity; what was changed here stays, what was hidden there stays hidden."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from forum import text
from forum.articles import operations as articles
from forum.articles.models import Article, Author, Redirect
from forum.comments.models import Comment, Discussion
from forum.errors import ImportRefused
from forum.extensions import db
from forum.imports import operations, reasons
from forum.imports.models import ImportRun
from forum.imports.report import KEPT, PLACED, UNCHANGED, UPDATED
from forum.polls import operations as polls
from tests.conftest import ON_POSTGRESQL
from tests.factories import make_article, make_comment, make_user
from tests.imports import exports
from tests.imports.conftest import Load, article, comment, stored, tables

OWN = Path(__file__).resolve().parent.parent / "data"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.xml"


def discussion(number: int) -> Discussion:
    return db.session.scalars(select(Discussion).where(Discussion.article_id == article(number).id)).one()


# --- Everything of the house's own export ----------------------------------------------------------------------------------


def test_everything_in_an_export_is_accounted_for(load: Load) -> None:
    report = load(OWN / "wordpress.xml")
    assert (report.items.total, report.comments.total) == (18, 16)
    assert len(report.items.fates[PLACED]) == 10
    assert report.items.left_out[reasons.NO_UPLOADS] == ["20 2014/07/zaal.jpg"]
    assert report.items.left_out[reasons.NO_ID] == [f"post: Zonder nummer ({_line_of('Zonder nummer')})"]
    run = db.session.scalars(select(ImportRun)).one()
    assert (run.kind, run.source, run.filename) == ("wordpress", report.source, "wordpress.xml")
    assert run.report["changes"] == report.changes
    assert run.finished_at is not None


def _line_of(words: str) -> int:
    lines = (OWN / "wordpress.xml").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if words in line)


def test_a_second_run_of_it_changes_no_row(load: Load) -> None:
    load(OWN / "wordpress.xml")
    before = tables("import_run")
    assert load(OWN / "wordpress.xml").changes == 0
    assert tables("import_run") == before


def test_no_password_address_or_browser_is_kept(load: Load) -> None:
    load(OWN / "wordpress.xml")
    everything = stored()
    for secret in ("secret", "192.0.2.9", "sesam-open-u", "akismet"):
        assert secret not in everything


def test_what_was_not_public_there_is_on_no_page_here(load: Load, client: FlaskClient) -> None:
    load(OWN / "wordpress.xml")
    krant = "wordpress:hostingkrant.example/blog"
    hidden = {
        13: "Intern",
        14: "Voor leden",
        12: "Een tekst zonder kop",
        16: "Zonder datum",
        19: "In de pijplijn",
        11: "Morgen",
    }
    slugs = {article(number, krant).slug for number in hidden} | {"weggegooid"}
    ways = ["/", "/page/2/", "/archives/date/2014/07/", "/archives/date/2099/01/", "/sections/recht/", "/polls/"]
    ways += [f"/authors/{slug}/" for slug in db.session.scalars(select(Author.slug))]
    for number in (*hidden, 15):
        ways += [f"/?p={number}", f"/archives/{number}/", f"/archives/{number}/intern/", f"/blog/?p={number}"]
    ways += [f"/comments/{number}" for number in (130, 150, 104, 106, 108)]
    ways += [article(number, krant).url for number in hidden]
    ways += list(db.session.scalars(select(Redirect.path)))
    for way in ways:
        answer = client.get(way)
        for words in (*hidden.values(), "geheim", "Onder ons", "Weggegooid", "Jammer", "Koop nu", "Klopt dit cijfer"):
            assert words not in answer.text, (way, words)
        assert not any(slug in answer.headers.get("Location", "") for slug in slugs), way
    for number in hidden:
        assert client.get(f"/archives/{number}/").status_code == 404


def test_what_waited_there_is_held_and_its_words_are_nobodys_to_read(load: Load, client: FlaskClient) -> None:
    load(OWN / "wordpress.xml")
    page = client.get(article(10, "wordpress:hostingkrant.example/blog").url).text
    assert "Mag dit?" not in page
    assert "rare staat" not in page
    assert "2 reacties" not in page
    assert "3 reacties" in page
    assert client.get("/comments/102").status_code == 404


def test_an_article_that_is_scheduled_there_appears_here_at_its_moment(
    load: Load, client: FlaskClient, now: Any
) -> None:
    load(OWN / "wordpress.xml")
    assert client.get("/archives/11/morgen/").status_code == 404
    now.set(2099, 1, 1, 8, 0)
    assert client.get("/archives/11/morgen/").status_code == 200


# --- Who may comment, when, how it is written ------------------------------------------------------------------------------


def test_an_article_keeps_whether_it_takes_comments(load: Load, file: Path) -> None:
    closed = {"wp__comment_status": "closed"}
    items = [exports.post(1), exports.post(2, "x", exports.comment(5), **closed), exports.page(3, "gastenboek")]
    load(exports.write(file, *items, exports.page(4, "contact", **closed)))
    assert [discussion(number).mode for number in (1, 2, 3, 4)] == ["open", "closed", "open", "closed"]


def test_a_draft_without_any_date_comes_in_as_a_draft(load: Load, file: Path, now: Any) -> None:
    undated = {"wp__post_date_gmt": "0000-00-00 00:00:00", "wp__status": "draft", "wp__post_name": ""}
    undated_comment = {"wp__comment_date_gmt": ""}
    report = load(exports.write(file, exports.post(7, "x", exports.comment(1, **undated_comment), **undated)))
    found = article(7)
    assert (found.published_at, found.created_at, found.slug) == (None, now.moment, "bericht-7")
    assert comment(1).created_at == now.moment
    assert report.notes[reasons.COMMENT_DATE] == ["1"]
    now.set(2027, 1, 1)
    assert load(file).changes == 0


def test_a_moment_that_no_calendar_can_show_is_no_moment(load: Load, file: Path) -> None:
    far = {"wp__post_date_gmt": "9999-12-31 23:59:59", "wp__post_date": "0001-01-01 00:00:00"}
    report = load(exports.write(file, exports.post(7, **far)))
    assert article(7).published_at is None
    assert report.notes[reasons.NO_DATE] == ["7"]


@pytest.mark.parametrize(
    ("body", "outcomes"),
    [
        ("[poll id=5]", [("poll", reasons.POLL_MISSING)]),
        ("Stem [poll=6] nu", [("poll", reasons.IS_POLL)]),
        ("[advpoll id=”6″ title=”Vraag”]\n\n[poll id=&quot;6&quot;]", [("poll", reasons.IS_POLL)] * 2),
        ("<pre>[poll id=6]</pre>", [("text", reasons.POLL_IN_CODE)]),
        ("<code>[poll id=6]</code> en [poll id=6]", [("poll", reasons.IS_POLL), ("text", reasons.POLL_IN_CODE)]),
        ("[[poll id=6]]", [("example", reasons.ESCAPED)]),
        ("[poll]", [("text", reasons.NOT_KNOWN)]),
        ("&#91;poll id=6&#93;", [("poll", reasons.IS_POLL)]),
        ("Over de poll van vrijdag", []),
    ],
)
def test_the_report_tells_of_each_poll_what_the_page_shows(
    load: Load, file: Path, body: str, outcomes: list[tuple[str, str]]
) -> None:
    poll = polls.create_poll("Biedt u IPv6 aan?", ["Ja", "Nee"])
    poll.source, poll.source_id = "wordpress:oud.example", "6"
    db.session.commit()
    report = load(exports.write(file, exports.post(1, body)))
    told = [(outcome, reason) for (_, outcome, reason), ids in report.shortcodes.items() for _ in ids]
    assert sorted(told) == sorted(outcomes)
    shown = [part for part in text.parts(article(1).body_html) if isinstance(part, text.PollEmbed)]
    assert len(shown) == sum(outcome == "poll" for outcome, _ in outcomes)


# --- Numbers ---------------------------------------------------------------------------------------------------------------


def test_numbers_stay_and_new_ones_go_on_above_them(load: Load, file: Path) -> None:
    load(exports.write(file, exports.post(50751, "x", exports.comment(70411))))
    assert article(50751).id == 50751
    assert comment(70411).id == 70411
    written = make_article()
    assert written.id > 50751
    assert make_comment(written).id > 70411
    db.session.commit()
    load(exports.write(file, exports.post(50751, "x", exports.comment(70411)), exports.post(3)))
    assert make_article().id > written.id


def test_a_trial_leaves_no_row_behind(load: Load, file: Path) -> None:
    make_article()
    db.session.commit()
    before = tables()
    report = load(exports.write(file, exports.post(900, "x", exports.comment(901)), title="Oud"), dry_run=True)
    assert report.is_dry
    assert report.changes == 3
    assert tables() == before
    assert make_article().id < 900


def test_a_taken_number_gets_another_one_and_its_addresses_lead_there(
    load: Load, file: Path, client: FlaskClient
) -> None:
    own = make_article("Van ons")
    db.session.commit()
    number = own.id
    path = f"/archives/{number}/bericht-{number}/"
    report = load(exports.write(file, exports.post(number, link=f"https://oud.example{path}")))
    placed = article(number)
    assert placed.id != number
    assert report.notes[reasons.NUMBER_TAKEN] == [f"{number} Bericht {number} → {placed.id}"]
    assert client.get(own.url).status_code == 200
    for old in (path, f"/?p={number}"):
        answer = client.get(old)
        assert (answer.status_code, answer.headers["Location"]) == (301, placed.url)
    assert client.get(f"/archives/{number}/").headers["Location"] == own.url
    assert load(file).changes == 0


@pytest.mark.parametrize("dry_run", [False, True])
def test_one_taken_number_pushes_no_other_one_aside(load: Load, file: Path, dry_run: bool) -> None:
    own = make_comment(make_article("Van ons"))
    db.session.commit()
    assert (own.id, own.discussion_id) == (1, 1)
    inside = [exports.comment(number, number - 1) for number in range(1, 6)]
    exports.write(file, exports.post(1), exports.post(2), exports.post(3, "x", *inside))
    report = load(file, dry_run=dry_run)
    assert report.notes[reasons.NUMBER_TAKEN] == ["1 Bericht 1 → 4"]
    assert report.notes[reasons.COMMENT_NUMBER_TAKEN] == ["1 → 6"]
    if not dry_run:
        assert [article(number).id for number in (1, 2, 3)] == [4, 2, 3]
        assert [comment(number).id for number in (1, 2, 3, 4, 5)] == [6, 2, 3, 4, 5]


def test_a_taken_number_of_what_readers_may_not_see_tells_no_slug(load: Load, file: Path, client: FlaskClient) -> None:
    number = make_article("Van ons").id
    db.session.commit()
    load(exports.write(file, exports.post(number, wp__status="private", wp__post_name="ontslag-bij-kpn")))
    for old in (f"/?p={number}", f"/archives/{number}/ontslag-bij-kpn/"):
        assert "ontslag" not in client.get(old).headers.get("Location", "")
    db.session.refresh(article(number))
    articles.publish(article(number), make_user("ed"))
    assert client.get(f"/?p={number}").headers["Location"] == article(number).url


@pytest.mark.parametrize("number", [2**31 - 1, 2**31, 2**40])
def test_a_number_that_has_no_room_here_gets_another_one(
    load: Load, file: Path, client: FlaskClient, number: int
) -> None:
    inside = exports.comment(number), exports.comment(3, number)
    report = load(exports.write(file, exports.post(number, "x", *inside)))
    placed = article(number)
    assert placed.id < 1000
    assert report.notes[reasons.NUMBER_TOO_LARGE] == [f"{number} Bericht {number} → {placed.id}"]
    assert client.get(f"/?p={number}").headers["Location"] == placed.url
    assert client.get(f"/archives/{number}/bericht-{number}/").headers["Location"] == placed.url
    found = client.get(f"/comments/{number}?discussion={discussion(number).id}", follow_redirects=True)
    assert found.request.path == placed.url
    assert comment(3).parent_id == comment(number).id
    assert load(file).changes == 0


# --- Twice -----------------------------------------------------------------------------------------------------------------


def test_what_changed_there_comes_in(load: Load, file: Path, client: FlaskClient) -> None:
    load(exports.write(file, exports.post(1, "Oud."), exports.post(2)))
    report = load(exports.write(file, exports.post(1, "Nieuw.", title="Andere kop"), exports.post(2)))
    assert report.items.fates == {UPDATED: ["1 Andere kop"], UNCHANGED: ["2 Bericht 2"]}
    page = client.get(article(1).url).text
    assert "Nieuw." in page
    assert "Oud." not in page
    assert load(file).changes == 0


def test_what_an_editor_changed_here_stays_and_is_reported(load: Load, file: Path) -> None:
    load(exports.write(file, exports.post(1, "Oud."), exports.post(2, "Oud.")))
    ed, here = make_user("ed"), article(1)
    last = articles.latest_revision(here)
    assert last is not None
    articles.save(here, ed, here.headline, "", "**Beter**.", None, [], here.authors, last.number)
    db.session.commit()
    before = tables("import_run", "version")
    report = load(exports.write(file, exports.post(1, "Nieuw daar."), exports.post(2, "Oud.")))
    assert report.items.fates == {KEPT: ["1 Bericht 1"], UNCHANGED: ["2 Bericht 2"]}
    assert report.changes == 0
    assert tables("import_run", "version") == before
    assert any("1 Bericht 1" in line for line in report.lines())


def test_what_an_editor_placed_otherwise_stays_too(load: Load, file: Path) -> None:
    recht = exports.label("category", "recht", "Recht")
    load(exports.write(file, *(exports.post(number, "x", recht) for number in range(1, 6))))
    ed = make_user("ed")
    first, second, third = article(1), article(2), article(3)
    first.section = None
    second.tags = articles.tags_named(["KPN"])
    third.bylines[:] = []
    articles.withdraw(article(4), ed)
    discussion(5).mode = "members"
    db.session.commit()
    report = load(exports.write(file, *(exports.post(number, "y", recht) for number in range(1, 6))))
    assert len(report.items.fates[KEPT]) == 5
    assert article(1).section is None
    assert [tag.name for tag in article(2).tags] == ["KPN"]
    assert article(3).authors == []
    assert article(4).withdrawn_at is not None
    assert discussion(5).mode == "members"


def test_a_draft_that_was_published_here_stays_public(load: Load, file: Path) -> None:
    load(exports.write(file, exports.post(1, wp__status="draft")))
    articles.publish(article(1), make_user("ed"))
    db.session.commit()
    report = load(exports.write(file, exports.post(1, "Nog wat bijgewerkt.", wp__status="draft")))
    assert report.items.fates == {KEPT: ["1 Bericht 1"]}
    assert article(1).published_at is not None


@pytest.mark.parametrize("status", ["private", "draft", "pending", "trash"])
def test_what_left_public_view_there_leaves_it_here(load: Load, file: Path, client: FlaskClient, status: str) -> None:
    load(exports.write(file, exports.post(1, "x", exports.comment(5))))
    url = article(1).url
    assert client.get(url).status_code == 200
    gone = exports.write(file, exports.post(1, "x", exports.comment(5), wp__status=status))
    assert len(load(gone).items.fates[UPDATED]) == 1
    assert client.get(url).status_code == 404
    assert load(gone).changes == 0
    load(exports.write(file, exports.post(1, "x", exports.comment(5))))
    assert client.get(url).status_code == 200


def test_what_was_published_here_before_it_was_thrown_away_there_stays(load: Load, file: Path) -> None:
    load(exports.write(file, exports.post(1, wp__status="draft")))
    articles.publish(article(1), make_user("ed"))
    db.session.commit()
    report = load(exports.write(file, exports.post(1, wp__status="trash")))
    assert report.items.fates == {KEPT: ["1 post: Bericht 1"]}
    assert article(1).published_at is not None


def test_two_sites_come_in_one_after_the_other(load: Load, file: Path, tmp_path: Path, client: FlaskClient) -> None:
    def site(name: str, who: str) -> Path:
        inside = (exports.comment(5, body=f"Reactie op {name}"), exports.comment(6, 5))
        items = [
            exports.post(
                1, f"Van {name}.", *inside, exports.label("category", "nieuws", "Nieuws"), wp__post_name="welkom"
            ),
            exports.page(2, "contact", link=f"https://{name}.example/contact/"),
        ]
        head = [exports.author("ann", who)]
        return exports.write(tmp_path / name, *items, site=f"https://{name}.example", title=name, head=head)

    load(site("een", "Ann de Wit"))
    report = load(site("twee", "Ed Mulder"))
    one, two = article(1, "wordpress:een.example"), article(1, "wordpress:twee.example")
    assert (one.id, [author.name for author in one.authors]) == (1, ["Ann de Wit"])
    assert [author.name for author in two.authors] == ["Ed Mulder"]
    assert two.id != 1
    assert one.section == two.section
    assert client.get("/?p=1").headers["Location"] == one.url
    assert "Van een." in client.get(one.url).text
    assert "Van twee." in client.get(two.url).text
    assert comment(6, "wordpress:twee.example").parent_id == comment(5, "wordpress:twee.example").id
    contact = article(2, "wordpress:twee.example")
    assert contact.slug == "contact-2"
    assert report.notes[reasons.SLUG_TAKEN] == [f"2 Bericht 2 → {contact.slug}"]
    assert report.notes[reasons.ADDRESS_TAKEN] == [f"{contact.id} Bericht 2: /contact/"]
    assert client.get("/contact/").headers["Location"] == "/pages/contact/"
    before = tables("import_run")
    assert load(tmp_path / "een").changes == load(tmp_path / "twee").changes == 0
    assert tables("import_run") == before


def test_a_site_that_comes_in_parts_remembers_the_files_of_the_first(load: Load, file: Path) -> None:
    pictures = exports.attachment(20, "2014/06/zaal.jpg", excerpt__encoded="De zaal")
    load(exports.write(file, pictures, exports.post(1)))
    report = load(exports.write(file, exports.post(2, '[gallery ids="20"]')))
    assert [outcome for _, outcome, _ in report.shortcodes] == ["figure"]
    assert "De zaal" in article(2).body
    runs = db.session.scalars(select(ImportRun).order_by(ImportRun.id)).all()
    assert [len(run.report["attachments"]) for run in runs] == [1, 0]


# --- Whole or not at all ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [1, 2, 4])
def test_what_breaks_off_halfway_leaves_nothing(app: Any, file: Path, after: int) -> None:
    make_article()
    db.session.commit()
    before = tables()
    exports.write(file, exports.post(100, "x", exports.comment(5), exports.comment(6)), exports.post(101), title="Oud")

    def stops(done: int, total: int) -> None:
        assert total == 4
        if done == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        operations.import_wordpress(file, None, None, dry_run=False, seen=stops)
    db.session.rollback()
    assert tables() == before


def test_a_file_that_is_damaged_at_its_end_leaves_nothing(app: Any, file: Path) -> None:
    exports.write(file, exports.post(1), exports.post(2))
    file.write_text(file.read_text(encoding="utf-8").replace("</channel></rss>", ""), encoding="utf-8")
    before = tables()
    with pytest.raises(ImportRefused, match="3"):
        operations.import_wordpress(file, None, None, dry_run=False)
    assert tables() == before


@pytest.mark.skipif(not ON_POSTGRESQL, reason="only PostgreSQL loses patience with a transaction")
def test_the_patience_of_the_database_is_that_of_an_import(app: Any, file: Path) -> None:
    exports.write(file, exports.post(1))
    limits = ("statement_timeout", "idle_in_transaction_session_timeout")
    patience: set[str] = set()

    def asks(_done: int, _total: int) -> None:
        patience.update(db.session.scalar(func.current_setting(name)) for name in limits)

    operations.import_wordpress(file, None, None, dry_run=False, seen=asks)
    assert patience == {"0"}
    db.session.commit()
    assert db.session.scalar(func.current_setting("statement_timeout")) == "5s"


def test_the_longest_names_find_room(load: Load, file: Path) -> None:
    long = "x" * 300
    label = exports.label("category", long, long), exports.label("post_tag", long, long)
    inside = exports.comment(5, wp__comment_author=long)
    item = exports.post(1, "x", *label, inside, title=long, wp__post_name=long, dc__creator=long)
    pages = [exports.page(number, long, title=long) for number in (2, 3)]
    load(exports.write(file, item, *pages, head=[exports.author(long, f"Ann {long}")]))
    assert len(comment(5).author_name) == 200
    assert article(1).authors[0].name == f"Ann {long}"[:200]
    assert len({article(2).slug, article(3).slug}) == 2
    assert load(file).changes == 0
    assert db.session.scalar(select(func.count()).select_from(Article)) == 3
    assert db.session.scalar(select(func.count()).select_from(Comment)) == 1
