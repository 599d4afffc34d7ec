"""The desk: writing, previewing, publishing and withdrawing."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from justhtml import JustHTML
from sqlalchemy import func, select

from forum import clock
from forum.articles import operations as articles
from forum.articles.models import Article, Author, Kind, Revision
from forum.extensions import db
from tests.factories import make_article, make_comment, make_poll, make_section, make_user, sign_in

HOSTILE = "</textarea><script>alert(1)</script> \"' & {{ 7*7 }} ünïcödé 🙂\n\n  ingesprongen\n"


@pytest.fixture
def desk(client):
    """Ed, at the desk."""
    sign_in(client, "ed")
    return client


def form_of(page):
    """The fields of the form as a browser would send them, the button apart."""
    form = JustHTML(page, sanitize=False).query_one("form.desk")
    fields = {field.attrs["name"]: field.attrs.get("value") or "" for field in form.query("input[name]")}
    fields |= {field.attrs["name"]: field.to_text(separator="", strip=False) for field in form.query("textarea[name]")}
    for select_ in form.query("select[name]"):
        offered = select_.query("option")
        chosen = [option.attrs["value"] for option in offered if "selected" in option.attrs]
        fields[select_.attrs["name"]] = (
            chosen if "multiple" in select_.attrs else [*chosen, offered[0].attrs["value"]][0]
        )
    return fields


def only_article():
    db.session.commit()
    return db.session.scalars(select(Article).order_by(Article.id.desc())).first()


def revisions(article):
    db.session.commit()
    return db.session.scalar(select(func.count()).where(Revision.article_id == article.id))


# Writing


def test_an_editor_writes_previews_saves_and_publishes(desk):
    section = make_section("Recht")
    empty = desk.get("/desk/articles/new").text
    fields = form_of(empty)
    assert fields["author_ids"] in ([], [str(db.session.scalar(select(Author.id)))])
    fields |= {"headline": "Een kop", "standfirst": "Inleiding", "body": "Een *stuk*.", "section_id": str(section.id)}
    fields |= {"tags": "IPv6, BGP ,, IPv6"}
    shown = desk.post("/desk/articles/new", data={**fields, "action": "preview"})
    assert shown.status_code == 200
    assert "<em>stuk</em>" in shown.text
    assert db.session.scalar(select(func.count(Article.id))) == 0
    answer = desk.post("/desk/articles/new", data={**form_of(shown.text), "action": "save"})
    article = only_article()
    assert (answer.status_code, answer.location) == (303, f"/desk/articles/{article.id}/")
    assert (article.headline, article.slug, article.published_at) == ("Een kop", "een-kop", None)
    assert [tag.name for tag in article.tags] == ["BGP", "IPv6"]
    assert article.section_id == section.id
    assert [author.name for author in article.authors] == ["Ed"]
    assert "Een kop" not in desk.get("/").text
    answer = desk.post(f"/desk/articles/{article.id}/publish")
    assert (answer.status_code, answer.location) == (303, article.url)
    assert "Een kop" in desk.get("/").text


def test_one_button_saves_and_publishes(desk):
    answer = desk.post("/desk/articles/new", data={"headline": "Kop", "body": "Tekst.", "action": "publish"})
    article = only_article()
    assert (answer.status_code, answer.location) == (303, article.url)
    assert article.is_published(clock.now())


def test_a_moment_to_come_schedules_in_the_papers_time(desk, now):
    now.set(2026, 6, 1, 12, 0)
    form = {"headline": "Straks", "body": "Tekst.", "action": "publish", "published_at": "2026-07-01T09:30"}
    answer = desk.post("/desk/articles/new", data=form)
    assert (answer.status_code, answer.location) == (303, "/desk/")
    article = only_article()
    assert article.published_at == datetime(2026, 7, 1, 7, 30, tzinfo=UTC)
    assert desk.get(article.url).status_code == 404
    page = desk.get(f"/desk/articles/{article.id}/").text
    assert form_of(page)["published_at"] == "2026-07-01T09:30"
    # Another moment, by saving.
    fields = {**form_of(page), "published_at": "2026-07-02T09:30", "action": "save"}
    assert desk.post(f"/desk/articles/{article.id}/", data=fields).status_code == 303
    assert db.session.get(Article, article.id).published_at == datetime(2026, 7, 2, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment", ["gisteren", "2026-13-01T00:00", "0001-01-01T00:00", "9999-12-31T23:59", "2026-02-30T00:00"]
)
def test_a_moment_that_is_none_is_refused_with_every_word(desk, moment):
    form = {"headline": "Kop", "body": HOSTILE, "published_at": moment}
    for action in ("save", "publish", "preview"):
        answer = desk.post("/desk/articles/new", data={**form, "action": action})
        if moment.startswith(("0001", "9999")) and action != "publish":
            continue  # a date, and not asked for
        assert answer.status_code == 422, action
        JustHTML(answer.text, strict=True)
    draft = make_article("Kop", "Tekst.", published=False)
    answer = desk.post(f"/desk/articles/{draft.id}/publish", data={"published_at": moment})
    assert answer.status_code == 422
    assert db.session.get(Article, draft.id).published_at is None


def test_what_was_typed_comes_back_to_the_letter(desk):
    fields = {"headline": 'Kop "<b>" &', "standfirst": HOSTILE, "body": HOSTILE, "tags": '"<i>, x'}
    answer = desk.post("/desk/articles/new", data={**fields, "action": "preview"})
    JustHTML(answer.text, strict=True)
    assert "<script>alert" not in answer.text
    again = form_of(answer.text)
    assert {name: again[name].replace("\r\n", "\n") for name in fields} == fields
    desk.post("/desk/articles/new", data={**again, "action": "save"})
    article = only_article()
    assert (article.headline, article.body) == (fields["headline"], HOSTILE)
    kept = form_of(desk.get(f"/desk/articles/{article.id}/").text)
    assert {name: kept[name] for name in ("headline", "body")} == {name: fields[name] for name in ("headline", "body")}


def test_the_preview_is_what_readers_will_see(desk):
    poll = make_poll("Wat vindt u?", day=None)
    author = articles.author_of(make_user("cas"))
    section = make_section("Recht")
    fields = {
        "headline": "Een kop",
        "standfirst": "Inleiding",
        "body": f"## Tussenkop\n\nEen *stuk*.\n\n[poll id={poll.id}]\n\n[poll id=4040]",
        "section_id": str(section.id),
        "author_ids": [str(author.id)],
        "tags": "IPv6",
    }
    preview = desk.post("/desk/articles/new", data={**fields, "action": "preview"}).text
    desk.post("/desk/articles/new", data={**fields, "action": "publish"})
    page = desk.get(only_article().url).text

    def prose(text):
        found = JustHTML(text, sanitize=False).query_one(".prose").to_html(pretty=False)
        return re.sub(r"\s+", " ", found)

    assert prose(preview) == prose(page)
    for words in ("Recht", "Een kop", "Inleiding", "Cas", "IPv6", "4040"):
        assert words in preview


@pytest.mark.parametrize(
    "changes",
    [
        {"headline": ""},
        {"headline": "  "},
        {"headline": "x" * 301},
        {"standfirst": "x" * 2001},
        {"section_id": "abc"},
        {"author_ids": ["abc"]},
    ],
    ids=str,
)
def test_a_form_that_is_not_complete_comes_back(desk, changes):
    before = db.session.scalar(select(func.count(Article.id)))
    answer = desk.post("/desk/articles/new", data={"headline": "Kop", "body": "Lang stuk.", **changes})
    assert answer.status_code == 422
    assert "Lang stuk." in answer.text
    assert 'role="alert"' in answer.text
    assert db.session.scalar(select(func.count(Article.id))) == before


@pytest.mark.parametrize("number", ["999999", "2147483648", "9" * 30, "-1"])
def test_a_section_or_author_that_is_not_there_is_not_chosen(desk, number):
    form = {"headline": "Kop", "body": "Stuk.", "section_id": number, "author_ids": [number], "action": "save"}
    assert desk.post("/desk/articles/new", data={**form, "action": "preview"}).status_code == 200
    assert desk.post("/desk/articles/new", data=form).status_code == 303
    article = only_article()
    assert article.section_id is None
    assert [author.name for author in article.authors] == ["Ed"]


def test_an_article_without_a_body_is_saved_but_not_published(desk):
    answer = desk.post("/desk/articles/new", data={"headline": "Alleen een kop", "body": "", "action": "publish"})
    assert answer.status_code == 422
    article = only_article()
    assert (article.headline, article.published_at) == ("Alleen een kop", None)
    assert form_of(answer.text)["headline"] == "Alleen een kop"


def test_a_published_article_keeps_its_address_whatever_it_is_called(desk):
    article = make_article("Eerste kop")
    address = article.url
    fields = form_of(desk.get(f"/desk/articles/{article.id}/").text)
    assert desk.post(f"/desk/articles/{article.id}/", data={**fields, "headline": "Tweede kop"}).status_code == 303
    page = desk.get(address)
    assert page.status_code == 200
    assert "Tweede kop" in page.text


def test_saving_what_did_not_change_makes_no_revision(desk):
    article = make_article(body="Eerste regel.\nTweede regel.")
    before = revisions(article)
    fields = form_of(desk.get(f"/desk/articles/{article.id}/").text)
    # A browser sends lines with CR LF (HTML, 4.10.21.7).
    fields["body"] = fields["body"].replace("\n", "\r\n")
    assert desk.post(f"/desk/articles/{article.id}/", data=fields).status_code == 303
    assert revisions(article) == before


# Two editors


def test_who_saves_over_another_gets_both_texts_and_may_go_on(app, desk):
    article = make_article("Kop", "Eerste tekst.")
    address = f"/desk/articles/{article.id}/"
    mine = form_of(desk.get(address).text)
    other = app.test_client()
    sign_in(other, "adam")
    theirs = {**form_of(other.get(address).text), "body": "Tekst van Adam <b>."}
    assert other.post(address, data=theirs).status_code == 303
    answer = desk.post(address, data={**mine, "body": "Tekst van Ed."})
    assert answer.status_code == 409
    JustHTML(answer.text, strict=True)
    assert form_of(answer.text)["body"] == "Tekst van Ed."
    assert "Tekst van Adam &lt;b&gt;." in answer.text
    assert "Adam" in answer.text
    assert db.session.get(Article, article.id).body == "Tekst van Adam <b>."
    again = desk.post(address, data=form_of(answer.text))
    assert again.status_code == 303
    db.session.expire_all()
    assert db.session.get(Article, article.id).body == "Tekst van Ed."
    bodies = db.session.scalars(
        select(Revision.body).where(Revision.article_id == article.id).order_by(Revision.number)
    )
    assert list(bodies) == ["Eerste tekst.", "Tekst van Adam <b>.", "Tekst van Ed."]


@pytest.mark.parametrize("based_on", ["", "0", "abc", "-1", "9" * 30, "²"])
def test_a_form_that_does_not_know_what_it_changes_collides(desk, based_on):
    article = make_article("Kop", "Eerste tekst.")
    form = {"headline": "Kop", "body": "Anders.", "based_on": based_on}
    answer = desk.post(f"/desk/articles/{article.id}/", data=form)
    assert answer.status_code == 409
    assert form_of(answer.text)["body"] == "Anders."


# Publishing and withdrawing


def test_withdrawing_takes_an_article_away_and_keeps_what_belongs_to_it(desk):
    article = make_article()
    comment = make_comment(article)
    answer = desk.post(f"/desk/articles/{article.id}/withdraw")
    assert (answer.status_code, answer.location) == (303, f"/desk/articles/{article.id}/")
    assert desk.get(article.url).status_code == 410
    assert "Ingetrokken" in desk.get(f"/desk/articles/{article.id}/").text
    assert desk.post(f"/desk/articles/{article.id}/publish").status_code == 303
    assert f"comment-{comment.id}" in desk.get(article.url).text


def test_withdrawing_what_is_scheduled_makes_it_a_draft(desk):
    article = make_article(published_at=clock.now() + timedelta(days=1))
    desk.post(f"/desk/articles/{article.id}/withdraw")
    db.session.expire_all()
    assert db.session.get(Article, article.id).published_at is None


def test_the_desk_shows_each_article_in_its_state(desk):
    draft = make_article("In de la", published=False)
    make_article("Voor straks", published_at=clock.now() + timedelta(days=1))
    shown = make_article("Te lezen")
    make_article("Weggehaald", withdrawn_at=clock.now())
    page = desk.get("/desk/").text
    JustHTML(page, strict=True)
    for headline, state in (
        ("In de la", "Concept"),
        ("Voor straks", "Ingepland"),
        ("Te lezen", "Gepubliceerd"),
        ("Weggehaald", "Ingetrokken"),
    ):
        row = re.search(rf"<tr>(?:(?!</tr>).)*{headline}.*?</tr>", page, re.DOTALL)[0]
        assert state in row, headline
    assert f'href="/desk/articles/{draft.id}/"' in page
    assert f'href="{shown.url}"' in page


# Who may


VERBS = ("", "publish", "withdraw")
FORM = {"headline": "Anders", "body": "Anders.", "based_on": "1"}


@pytest.mark.parametrize(
    ("name", "own", "others", "published"),
    [
        ("ann", (403, 403, 403, 403), (403, 403, 403, 403), (403, 403, 403, 403)),
        ("cas", (200, 303, 403, 403), (403, 403, 403, 403), (403, 403, 403, 403)),
        ("ed", (200, 303, 303, 303), (200, 303, 303, 303), (200, 303, 303, 303)),
        ("mo", (403, 403, 403, 403), (403, 403, 403, 403), (403, 403, 403, 403)),
        ("adam", (200, 303, 303, 303), (200, 303, 303, 303), (200, 303, 303, 303)),
    ],
)
def test_who_may_do_what_with_whose_article(client, name, own, others, published):
    """Reading the form, saving, publishing and withdrawing: one's own draft, another's, one's own once it is public."""
    user = make_user(name)
    cas = make_user("cas")
    mine = make_article("Eigen stuk", published=False, editor=cas if name == "cas" else None)
    mine.created_by_id = user.id
    theirs = make_article("Andermans stuk", published=False)
    public = make_article("Openbaar stuk")
    public.created_by_id = user.id
    numbers = [article.id for article in (mine, theirs, public)]
    sign_in(client, name)
    for number, wanted in zip(numbers, (own, others, published), strict=True):
        address = f"/desk/articles/{number}/"
        found = [client.get(address).status_code]
        found += [client.post(f"{address}{verb}", data=FORM).status_code for verb in VERBS]
        assert tuple(found) == wanted, number


def test_a_contributor_sees_their_own_articles_only_and_no_button_to_publish(client):
    cas = make_user("cas")
    mine = make_article("Stuk van Cas", published=False, editor=cas)
    make_article("Stuk van Ed", published=False)
    sign_in(client, "cas")
    page = client.get("/desk/").text
    assert "Stuk van Cas" in page
    assert "Stuk van Ed" not in page
    form = client.get(f"/desk/articles/{mine.id}/").text
    assert 'value="publish"' not in form
    assert "published_at" not in form_of(form)


def test_a_contributor_cannot_publish_by_the_button_of_another(client):
    sign_in(client, "cas")
    answer = client.post("/desk/articles/new", data={"headline": "Kop", "body": "Tekst.", "action": "publish"})
    assert answer.status_code == 403
    article = only_article()
    assert (article.headline, article.published_at) == ("Kop", None)  # kept, not published


def test_a_page_is_edited_as_an_article_is(desk):
    page = make_article("Over ons", kind=Kind.PAGE)
    fields = form_of(desk.get(f"/desk/articles/{page.id}/").text)
    assert desk.post(f"/desk/articles/{page.id}/", data={**fields, "body": "Nieuw."}).status_code == 303
    assert "Nieuw." in desk.get("/pages/over-ons/").text
