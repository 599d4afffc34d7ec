"""Writing and publishing: who may, what is kept, and what nobody overwrites."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum import signals, text, versions
from forum.accounts.models import User
from forum.articles import operations
from forum.articles.models import Article, Author, AuthorAlias, BodyFormat, Byline, Kind, Revision, Tag
from forum.articles.operations import InvalidArticle, create_article, may_edit, publish, save, withdraw
from forum.errors import Conflict, NotAllowed
from tests.at_once import in_threads
from tests.factories import make_article, make_section, make_user


@pytest.fixture
def ed(session):
    return make_user("ed")


@pytest.fixture
def cas(session):
    return make_user("cas")


@pytest.fixture
def draft(ed):
    return make_article(published=False)


def keep(article, editor, headline="Neem MKB-klanten serieus", body="Het bericht.", **changes):
    """Save, based on the last revision unless told otherwise."""
    last = operations.latest_revision(article)
    fields = {
        "standfirst": "",
        "section": None,
        "tag_names": [],
        "authors": [],
        "based_on": last.number if last else 0,
        **changes,
    }
    return save(article, editor, headline, body=body, **fields)


def heard(signal, act):
    """Who was told of by this signal while that was done."""
    told = []
    listener = told.append
    with signal.connected_to(listener):
        act()
    return told


# Who may


@pytest.mark.parametrize(("name", "may"), [("ann", False), ("cas", True), ("ed", True), ("mo", False), ("adam", True)])
def test_who_writes_makes_drafts(session, name, may):
    if may:
        assert create_article(make_user(name), "Een kop").created_by_id == make_user(name).id
    else:
        with pytest.raises(NotAllowed):
            create_article(make_user(name), "Een kop")


def test_a_standing_page_is_an_editors(cas, ed):
    with pytest.raises(NotAllowed):
        create_article(cas, "Huisregels", Kind.PAGE)
    assert create_article(ed, "Huisregels", Kind.PAGE).url == "/pages/huisregels/"


def test_a_contributor_changes_their_own_until_it_is_published_and_an_editor_any(cas, ed, now):
    own, another = create_article(cas, "Van Cas"), create_article(make_user("adam"), "Van Adam")
    assert (may_edit(own, cas), may_edit(another, cas)) == (True, False)
    keep(own, cas)
    for at in (now.moment + timedelta(days=1), now.moment):
        publish(own, ed, at)
        assert (may_edit(own, cas), may_edit(own, ed)) == (False, True)
    withdraw(own, ed)
    assert not may_edit(own, cas)
    assert not may_edit(another, None)
    assert not may_edit(another, make_user("ann"))


def test_what_one_may_not_change_is_not_saved(session, draft, cas):
    body = draft.body
    with pytest.raises(NotAllowed):
        keep(draft, cas, body="Overgenomen.")
    assert draft.body == body


@pytest.mark.parametrize("name", ["ann", "cas", "mo"])
def test_only_an_editor_publishes_and_withdraws(draft, name):
    for act in (publish, withdraw):
        with pytest.raises(NotAllowed):
            act(draft, make_user(name))
    assert draft.published_at is None


# What is kept


def test_a_new_article_is_a_draft_with_a_slug(ed, now):
    article = create_article(ed, "Neem MKB-klanten serieus!")
    assert (article.slug, article.kind, article.published_at) == ("neem-mkb-klanten-serieus", "article", None)
    assert article.url == f"/archives/{article.id}/neem-mkb-klanten-serieus/"
    assert (article.created_at, operations.latest_revision(article)) == (now.moment, None)


def test_others_hear_of_a_new_article(ed):
    articles = []
    assert heard(signals.article_created, lambda: articles.append(create_article(ed, "Een kop"))) == articles


def test_every_saved_version_is_a_revision(session, ed, now):
    article = create_article(ed, "Een kop")
    first = keep(article, ed, "Een kop", "Eerste.", standfirst=" Kort. ")
    now.moment += timedelta(minutes=5)
    second = keep(article, make_user("adam"), " Een betere kop ", "Tweede.")
    rows = session.scalars(select(Revision).order_by(Revision.number)).all()
    assert rows == [first, second]
    assert [(row.number, row.headline, row.standfirst, row.body) for row in rows] == [
        (1, "Een kop", "Kort.", "Eerste."),
        (2, "Een betere kop", "", "Tweede."),
    ]
    assert (second.editor_id, second.saved_at) == (make_user("adam").id, now.moment)
    assert (article.headline, article.body, article.updated_at) == ("Een betere kop", "Tweede.", now.moment)


def test_what_has_changed_nothing_makes_no_revision(session, ed):
    article = create_article(ed, "Een kop")
    first = keep(article, ed, "Een kop", "Eerste.")
    section = make_section()
    assert keep(article, ed, " Een kop ", "Eerste.", section=section, tag_names=["KPN"]) is first
    assert (article.section, [tag.name for tag in article.tags]) == (section, ["KPN"])


@pytest.mark.parametrize("headline", ["", "  "])
def test_an_article_needs_a_headline(draft, ed, headline):
    with pytest.raises(InvalidArticle):
        keep(draft, ed, headline)


def test_a_body_is_kept_as_typed_and_shown_safely(draft, ed):
    typed = "Dat *klopt*.\n\n<script>alert(1)</script>"
    keep(draft, ed, body=typed)
    assert draft.body == typed
    assert "<em>klopt</em>" in draft.body_html
    assert "<script" not in draft.body_html
    assert draft.render_version == text.RENDER_VERSION


def test_an_imported_body_stays_html_until_somebody_changes_it(session, draft, ed):
    draft.body, draft.body_format = "<p>Uit <b>WordPress</b></p>", BodyFormat.HTML.value
    keep(draft, ed, "Een andere kop", draft.body)
    assert draft.body_format == BodyFormat.HTML
    assert "WordPress</" in draft.body_html
    keep(draft, ed, "Een andere kop", "Nu in *Markdown*.")
    assert draft.body_format == BodyFormat.MARKDOWN
    assert "<em>Markdown</em>" in draft.body_html


def test_a_slug_follows_the_headline_until_the_article_is_published(draft, ed, now):
    keep(draft, ed, "Een betere kop")
    assert draft.slug == "een-betere-kop"
    publish(draft, ed)
    keep(draft, ed, "Een nog betere kop")
    assert draft.slug == "een-betere-kop"


def test_articles_may_share_a_slug_and_pages_may_not(ed):
    assert create_article(ed, "Contact").slug == create_article(ed, "Contact").slug == "contact"
    pages = [create_article(ed, "Contact", Kind.PAGE) for _ in range(3)]
    assert [page.slug for page in pages] == ["contact", "contact-2", "contact-3"]
    keep(pages[1], ed, "Contact")
    assert pages[1].slug == "contact-2"


# What nobody overwrites


def test_who_saves_over_anothers_revision_is_told(session, draft, ed):
    keep(draft, ed, body="Van Ed.")
    with pytest.raises(Conflict):
        keep(draft, make_user("adam"), body="Van Adam.", based_on=1)
    assert draft.body == "Van Ed."
    keep(draft, make_user("adam"), body="Van Adam.", based_on=2)
    assert operations.latest_revision(draft).number == 3


def test_of_editors_who_save_at_once_one_keeps_their_text_and_the_others_are_told(app, session, draft, ed):
    number, editor = draft.id, ed.id

    def work(index):
        article = session.get(Article, number)
        user = session.get(User, editor)
        save(article, user, "Een kop", "", f"Tekst {index}.", None, [], [], based_on=1)
        session.commit()
        return "kept"

    answers = in_threads(app, work)
    assert answers.count("kept") == 1
    assert {type(answer) for answer in answers} == {str, Conflict}
    session.expire_all()
    assert draft.body == f"Tekst {answers.index('kept')}."
    assert operations.latest_revision(draft).number == 2


def test_editors_who_name_the_same_new_tags_at_once_share_them(app, session, ed):
    numbers, editor = [create_article(ed, f"Kop {index}").id for index in range(6)], ed.id
    names = ["KPN", "IPv6", "Recht"]

    def work(index):
        article = session.get(Article, numbers[index])
        user = session.get(User, editor)
        tags = names if index % 2 else names[::-1]
        save(article, user, f"Kop {index}", "", "Tekst.", None, tags, [], based_on=0)
        session.commit()

    assert in_threads(app, work, 6) == [None] * 6
    assert sorted(session.scalars(select(Tag.name))) == ["IPv6", "KPN", "Recht"]
    assert {len(session.get(Article, number).tags) for number in numbers} == {3}


# Published, scheduled, withdrawn


def test_a_published_article_is_public_from_now_on(draft, ed, now):
    assert heard(signals.article_published, lambda: publish(draft, ed)) == [draft]
    assert draft.published_at == now.moment
    assert (draft.is_published(now.moment), draft.is_scheduled(now.moment)) == (True, False)


def test_a_scheduled_article_is_public_from_its_moment_on_and_nothing_needs_to_fire(draft, ed, now):
    at = now.moment + timedelta(hours=3)
    publish(draft, ed, at)
    before = at - timedelta(microseconds=1)
    assert (draft.is_published(before), draft.is_scheduled(before)) == (False, True)
    assert (draft.is_published(at), draft.is_scheduled(at)) == (True, False)


def test_a_scheduled_article_can_be_moved_and_published_at_once(draft, ed, now):
    publish(draft, ed, now.moment + timedelta(hours=3))
    publish(draft, ed, now.moment + timedelta(hours=1))
    assert draft.published_at == now.moment + timedelta(hours=1)
    publish(draft, ed)
    assert draft.published_at == now.moment


def test_an_article_without_words_is_not_published(ed):
    article = create_article(ed, "Een kop")
    keep(article, ed, "Een kop", "  ")
    with pytest.raises(InvalidArticle):
        publish(article, ed)
    assert article.published_at is None


def test_a_withdrawn_article_leaves_view_and_keeps_its_first_date_when_it_comes_back(draft, ed, now):
    publish(draft, ed)
    first = now.moment
    now.moment += timedelta(days=1)
    assert heard(signals.article_withdrawn, lambda: withdraw(draft, ed)) == [draft]
    assert (draft.is_published(now.moment), draft.is_withdrawn(now.moment), draft.withdrawn_at) == (
        False,
        True,
        now.moment,
    )
    now.moment += timedelta(days=1)
    publish(draft, ed)
    assert (draft.published_at, draft.withdrawn_at, draft.is_published(now.moment)) == (first, None, True)


def test_a_scheduled_article_that_is_withdrawn_is_a_draft_again(draft, ed, now):
    publish(draft, ed, now.moment + timedelta(hours=3))
    withdraw(draft, ed)
    assert (draft.published_at, draft.withdrawn_at) == (None, None)


@pytest.mark.parametrize("act", [publish, withdraw, keep])
def test_every_change_makes_page_lists_and_sidebar_new(session, draft, ed, act):
    session.commit()
    names = [versions.article(draft.id), versions.ARTICLES, versions.SIDEBAR, versions.SITE]
    before = versions.current(names)
    act(draft, ed)
    session.commit()
    after = versions.current(names)
    assert [after[name] - before[name] for name in names] == [1, 1, 1, 0]


def test_a_change_of_a_standing_page_makes_every_page_new(session, ed):
    page = make_article("Huisregels", kind=Kind.PAGE)
    session.commit()
    before = versions.current([versions.SITE])
    keep(page, ed, "Huisregels", "Wees aardig.")
    session.commit()
    assert versions.current([versions.SITE]) != before


# Tags and authors


def test_tags_are_each_made_once(session, draft, ed):
    keep(draft, ed, tag_names=["KPN", " kpn ", "Domein  namen", "", "   "])
    assert sorted(tag.name for tag in draft.tags) == ["Domein namen", "KPN"]
    other = make_article("Een ander artikel", tags=["kpn"])
    assert other.tags[0] in draft.tags
    keep(draft, ed, tag_names=["Recht"])
    assert [tag.name for tag in draft.tags] == ["Recht"]
    assert sorted(session.scalars(select(Tag.slug))) == ["domein-namen", "kpn", "recht"]


def test_authors_stand_over_an_article_in_the_order_chosen(session, draft, ed):
    ann, bart, carla = (Author(name=name, slug=name.lower()) for name in ("Ann", "Bart", "Carla"))
    session.add_all([ann, bart, carla])
    session.flush()
    for chosen in ([bart, ann], [ann, carla, bart], [carla], [], [ann, bart, ann, carla]):
        keep(draft, ed, authors=chosen)
        session.commit()
        session.expire_all()
        assert draft.authors == list(dict.fromkeys(chosen))
        assert [byline.position for byline in draft.bylines] == list(range(len(draft.bylines)))
    assert len(session.scalars(select(Byline)).all()) == 3


def test_an_accounts_author_is_made_once(session, ed):
    author = operations.author_of(ed)
    assert (author.name, author.slug, author.user_id) == ("Ed", "ed", ed.id)
    assert operations.author_of(ed) is author


def test_an_authors_address_is_neither_another_ones_nor_that_of_another_spelling(session):
    session.add(Author(name="Jan de Vries", slug="jan-de-vries"))
    session.add(Author(name="J. Smit", slug="j-smit", aliases=[AuthorAlias(name="Jan Smit", slug="jan-smit")]))
    session.flush()
    assert operations.free_author_slug("Jan de Vries") == "jan-de-vries-2"
    assert operations.free_author_slug("Jan Smit") == "jan-smit-2"
    assert operations.free_author_slug("Jan de") == "jan-de"


# Carried over from elsewhere


def carry(article=None, **changes):
    fields = {
        "kind": Kind.ARTICLE,
        "headline": "Veroordeling KPN",
        "standfirst": "",
        "body": "<p>Neem <b>MKB</b></p>",
        "slug": "veroordeling-kpn",
        "section": None,
        "tags": [],
        "authors": [],
        "picture": None,
        "source": "ispam",
        "source_id": "50751",
        "source_digest": "a",
        "article_id": None,
    }
    return operations.carry_over(article, **{**fields, **changes})


def test_what_is_carried_over_keeps_number_moments_and_html(session, now):
    then = now.moment - timedelta(days=4000)
    article = carry(published_at=then, created_at=then, updated_at=then, article_id=50751)
    assert (article.id, article.url) == (50751, "/archives/50751/veroordeling-kpn/")
    assert (article.published_at, article.body_format) == (then, BodyFormat.HTML)
    assert not operations.edited_here(article)
    assert operations.latest_revision(article).editor_id is None


def test_what_somebody_changed_or_withdrew_here_is_known(session, ed, now):
    moments = {"published_at": now.moment, "created_at": now.moment, "updated_at": now.moment}
    changed, withdrawn = carry(**moments), carry(source_id="2", **moments)
    keep(changed, ed, "Een andere kop")
    withdraw(withdrawn, ed)
    assert (operations.edited_here(changed), operations.edited_here(withdrawn)) == (True, True)
