"""Authors, sections and tags: who has the same name is the same, and nothing is made that nobody needs."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from forum import versions
from forum.articles.models import Author, AuthorAlias, Section, Tag
from forum.extensions import db
from forum.imports import reasons
from forum.imports.report import PLACED, UNCHANGED
from tests.factories import make_section
from tests.imports import exports
from tests.imports.conftest import Load, article, tables


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.xml"


def total(model: type[Author | Section | Tag]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_two_logins_of_one_name_are_one_author(load: Load, file: Path) -> None:
    head = [exports.author("arnout", "Arnout Veenman"), exports.author("arnout2", "ARNOUT  veenman")]
    report = load(
        exports.write(file, exports.post(1, dc__creator="arnout"), exports.post(2, dc__creator="arnout2"), head=head)
    )
    assert article(1).authors == article(2).authors
    assert (total(Author), article(1).authors[0].name) == (1, "Arnout Veenman")
    assert report.notes[reasons.SAME_NAME] == ["arnout2 (ARNOUT veenman)"]
    assert load(file).changes == 0


def test_an_author_who_was_here_already_is_the_same_by_any_spelling(load: Load, file: Path) -> None:
    here = Author(name="Élise Vos", slug="elise-vos")
    db.session.add(here)
    db.session.flush()
    db.session.add(AuthorAlias(slug="vos", name="Vos", author_id=here.id))
    db.session.commit()
    head = [exports.author("elise", "ÉLISE VOS"), exports.author("vos", "vos")]
    load(exports.write(file, exports.post(1, dc__creator="elise"), exports.post(2, dc__creator="vos"), head=head))
    assert article(1).authors == article(2).authors == [here]
    assert total(Author) == 1


def test_authors_that_became_one_here_stay_one_and_the_articles_go_on(load: Load, file: Path) -> None:
    head = [exports.author("arnout", "Arnout Veenman"), exports.author("veenman", "Veenman")]
    items = [exports.post(1, dc__creator="arnout"), exports.post(2, "Oud.", dc__creator="veenman")]
    load(exports.write(file, *items, head=head))
    one, other = article(1).authors[0], article(2).authors[0]
    second = article(2)
    second.bylines[0].author = one
    db.session.flush()
    db.session.delete(other)
    db.session.add(AuthorAlias(slug="veenman", name="Veenman", author_id=one.id))
    db.session.commit()
    items[1] = exports.post(2, "Nieuw.", dc__creator="veenman")
    load(exports.write(file, *items, head=head))
    assert article(2).body == "<p>Nieuw.</p>"
    assert article(2).authors == [one]
    assert load(file).changes == 0


def test_an_article_whose_author_is_nobody_has_none(load: Load, file: Path) -> None:
    report = load(exports.write(file, exports.post(1, dc__creator=""), exports.post(2, dc__creator="oud-login")))
    assert article(1).authors == []
    assert [author.name for author in article(2).authors] == ["oud-login"]
    assert report.notes[reasons.NO_AUTHOR] == ["1"]


def test_a_section_or_tag_that_is_here_is_used_by_its_address_or_its_name(load: Load, file: Path) -> None:
    recht = make_section("Recht")
    db.session.add_all([Tag(name="KPN", slug="kpn-nv"), Tag(name="DDoS", slug="ddos")])
    db.session.commit()
    labels = [
        exports.label("category", "recht-2", "RECHT"),
        exports.label("post_tag", "kpn", "KPN"),
        exports.label("post_tag", "ddos", "Aanvallen"),
    ]
    report = load(exports.write(file, exports.post(1, "x", *labels)))
    assert article(1).section == recht
    assert [tag.slug for tag in article(1).tags] == ["ddos", "kpn-nv"]
    assert (total(Section), total(Tag)) == (1, 2)
    assert report.others.fates[PLACED] == ["ann"]
    assert sorted(report.others.fates[UNCHANGED]) == ["onderwerp Aanvallen", "onderwerp KPN", "rubriek RECHT"]


def test_two_sections_of_one_name_in_one_site_stay_two(load: Load, file: Path) -> None:
    head = [exports.category("techniek", "Techniek"), exports.category("interviews", "Interviews")]
    head.append(exports.category("interviews-techniek", "Interviews", "techniek"))
    items = [
        exports.post(1, "x", exports.label("category", "interviews", "Interviews")),
        exports.post(2, "x", exports.label("category", "interviews-techniek", "Interviews")),
    ]
    load(exports.write(file, *items, head=head))
    assert [section.slug for section in db.session.scalars(select(Section).order_by(Section.position))] == [
        "interviews",
        "interviews-techniek",
    ]


def test_a_section_and_a_tag_of_one_name_are_two_things(load: Load, file: Path, client: FlaskClient) -> None:
    both = exports.label("category", "recht", "Recht"), exports.label("post_tag", "recht", "Recht")
    load(exports.write(file, exports.post(1, "x", *both)))
    for address in ("/sections/recht/", "/tags/recht/"):
        assert "Bericht 1" in client.get(address).text


def test_a_label_that_nothing_stands_under_is_not_made(load: Load, file: Path) -> None:
    report = load(exports.write(file, exports.post(1), head=[exports.category("leeg", "Leeg")]))
    assert (total(Section), report.others.left_out) == (0, {reasons.NOTHING_IN_IT: ["rubriek Leeg"]})


def test_a_section_that_was_renamed_or_removed_here_does_not_come_back(load: Load, file: Path) -> None:
    items = [exports.post(n, "x", exports.label("category", name, name)) for n, name in ((1, "recht"), (2, "markt"))]
    load(exports.write(file, *items))
    sections = {section.slug: section for section in db.session.scalars(select(Section))}
    sections["recht"].name = "Recht en orde"
    article(2).section = None
    db.session.flush()
    db.session.delete(sections["markt"])
    db.session.commit()
    before = tables("import_run")
    load(file)
    assert tables("import_run") == before


def test_what_every_page_shows_of_sections_is_made_anew(load: Load, file: Path) -> None:
    load(exports.write(file, exports.post(1, "x", exports.label("category", "recht", "Recht"))))
    assert versions.current([versions.SITE, versions.ARTICLES, versions.SIDEBAR]) == {
        versions.SITE: 1,
        versions.ARTICLES: 1,
        versions.SIDEBAR: 1,
    }
