"""Authors, sections and tags: known by where they come from, else by their address, else by their name."""

from collections.abc import Iterable, Iterator

from flask_babel import gettext
from sqlalchemy import func, or_, select

from forum import text, versions
from forum.articles.models import Author, AuthorAlias, Section, Tag
from forum.articles.operations import free_author_slug
from forum.extensions import db
from forum.imports import addresses, reasons
from forum.imports.records import AuthorRecord, TermRecord
from forum.imports.report import PLACED, UNCHANGED, Report

LONGEST = 200


class Names:
    """Who and what the articles of an old site name, and what that is here."""

    def __init__(self, source: str, base: str, report: Report) -> None:
        self.source = source
        self.base = base  # the path at which the old site began
        self.report = report
        self._authors: dict[str, int] = {}  # by login
        self._terms: dict[tuple[str, str], TermRecord] = {}  # as the head of the export lists them, or else an item
        self._used: dict[tuple[str, str], str] = {}  # those that articles stand under, and how they fared
        self._ids: dict[tuple[str, str], int] = {}
        self._named: dict[type[Section | Tag], dict[str, int]] = {}
        known = (select(Author.name, Author.id), select(AuthorAlias.name, AuthorAlias.author_id))
        self._people = {text.normalised(name): number for rows in known for name, number in db.session.execute(rows)}

    def author(self, record: AuthorRecord) -> None:
        """Find or make an author. Who has the same name is the same author, whichever way they came here."""
        login = record.login.casefold()
        name = record.name[:LONGEST]
        number = db.session.scalar(
            select(Author.id).where(Author.source == self.source, Author.source_id == login[:LONGEST])
        )
        fate = UNCHANGED
        if number is None and (number := self._people.get(text.normalised(name))) is not None:
            self.report.note(reasons.SAME_NAME, f"{record.login} ({name})")
        if number is None:
            author = Author(name=name, slug=free_author_slug(name), source=self.source, source_id=login[:LONGEST])
            db.session.add(author)
            db.session.flush()
            versions.bump(versions.SITE)
            number, fate = author.id, PLACED
            self._people[text.normalised(name)] = number
            for path in addresses.of_list(self.base, "author", text.slug(login)):
                addresses.lead(path, f"/authors/{author.slug}/", self.source)
        self._authors[login] = number
        self.report.others.fared(fate, name)

    def author_of(self, login: str) -> Author | None:
        """Return the author with this login, if the export named one."""
        number = self._authors.get(login.casefold())
        return db.session.get_one(Author, number) if number is not None else None

    def listed(self, record: TermRecord) -> None:
        """Remember a section or tag that the head of the export lists; it is made when an article stands under it."""
        self._terms[record.kind, record.slug] = record

    def use(self, records: Iterable[TermRecord]) -> None:
        """Note that something stands under these sections and tags."""
        for record in records:
            self._terms.setdefault((record.kind, record.slug), record)
            self._used.setdefault((record.kind, record.slug), UNCHANGED)

    def section(self, record: TermRecord | None) -> Section | None:
        """Return the section that this is here."""
        return db.session.get_one(Section, self._id(Section, record)) if record is not None else None

    def tags(self, records: tuple[TermRecord, ...]) -> list[Tag]:
        """Return the tags that these are here, each once."""
        return [db.session.get_one(Tag, number) for number in dict.fromkeys(self._id(Tag, each) for each in records)]

    def finish(self) -> None:
        """Account for every section and tag; one that nothing stands under was not made."""
        names = {"section": gettext("section"), "tag": gettext("tag")}
        for key, term in self._terms.items():
            what = f"{names[term.kind]} {term.name}"
            if key in self._used:
                self.report.others.fared(self._used[key], what)
            else:
                self.report.others.omitted(reasons.NOTHING_IN_IT, what)

    def _id(self, model: type[Section | Tag], record: TermRecord) -> int:
        key = (record.kind, record.slug)
        if key not in self._ids:
            whole = self._terms[key]
            number = self._known(model, whole)
            if number is None:
                number = self._made(model, whole)
                self._used[key] = PLACED
            self._ids[key] = number
        return self._ids[key]

    def _known(self, model: type[Section | Tag], record: TermRecord) -> int | None:
        slug = record.slug[:LONGEST]
        for condition in ((model.source == self.source) & (model.source_id == slug), model.slug == slug):
            if (number := db.session.scalar(select(model.id).where(condition))) is not None:
                return number
        if model not in self._named:  # two of one site with the same name are two: they stand in different places there
            others = select(model.name, model.id).where(or_(model.source.is_(None), model.source != self.source))
            self._named[model] = {text.normalised(name): number for name, number in db.session.execute(others)}
        return self._named[model].get(text.normalised(record.name))

    def _made(self, model: type[Section | Tag], record: TermRecord) -> int:
        slug = record.slug[:LONGEST]
        facts = {"name": record.name[:LONGEST], "slug": slug, "source": self.source, "source_id": slug}
        if model is Section:
            last = db.session.scalar(select(func.max(Section.position))) or 0
            made: Section | Tag = Section(**facts, description=record.description, position=last + 1)
            versions.bump(versions.SITE)
        else:
            made = Tag(**facts)
        db.session.add(made)
        db.session.flush()
        for path in self._old_paths(record):
            addresses.lead(path, f"/{record.kind}s/{slug}/", self.source)
        return made.id

    def _old_paths(self, record: TermRecord) -> Iterator[str]:
        """Yield where WordPress lists what stands under a label; the address of one below another names both."""
        base = "category" if record.kind == "section" else "tag"
        names, above = [record.slug], self._terms.get((record.kind, record.parent_slug))
        while above is not None and above.slug not in names:
            names.insert(0, above.slug)
            above = self._terms.get((above.kind, above.parent_slug))
        for name in dict.fromkeys((record.slug, "/".join(names))):
            yield from addresses.of_list(self.base, base, name)
