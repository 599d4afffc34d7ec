"""Loading records into the database: each by its identity in the old system, so that a second run changes nothing."""

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import tzinfo
from pathlib import Path

from flask_babel import gettext
from sqlalchemy import select, text

from forum import clock
from forum import text as words
from forum.articles import operations as articles
from forum.articles.models import Article, Author, Kind
from forum.comments.models import Comment, Discussion, Mode
from forum.extensions import db
from forum.imports import addresses, marks, reasons, wordpress
from forum.imports.conversations import Conversations
from forum.imports.marks import Mark
from forum.imports.models import ImportRun
from forum.imports.names import Names
from forum.imports.numbers import Numbers
from forum.imports.pictures import Picture, replace_pictures
from forum.imports.records import (
    LARGEST_NUMBER,
    ArticleRecord,
    AttachmentRecord,
    AuthorRecord,
    CommentRecord,
    Record,
    SiteRecord,
    SkippedRecord,
    TermRecord,
)
from forum.imports.report import KEPT, PLACED, UNCHANGED, UPDATED, Report
from forum.imports.shortcodes import PICTURE_FILE
from forum.imports.uploads import Kept, Uploads
from forum.media.models import Media
from forum.polls.models import Poll
from forum.settings import operations as settings
from forum.settings.models import SiteSetting

Seen = Callable[[int, int], None]  # told how many items and comments were dealt with, and how many there are


def import_wordpress(
    file: Path, media: Path | None, zone: tzinfo | None, dry_run: bool, seen: Seen = lambda _done, _total: None
) -> Report:
    """Move a WordPress site in and return the account of it. The caller commits, or rolls a trial back.

    `media` is a copy of the old site's uploads folder; `zone` that of its times (None: this site's). The file is read to its
    end before anything is written; what fails after that leaves no row and no picture. Raises ImportRefused, saying where
    and what, when the file is damaged or no export.
    """
    inventory = wordpress.check(file)
    run = ImportRun(kind="wordpress", source=inventory.site.source, filename=file.name[:255], started_at=clock.now())
    report = Report(file.name, inventory.site.source, dry_run, inventory.items.total(), inventory.comments)
    report.repaired(inventory.repairs)
    _take_time()
    earlier = earlier_attachments(inventory.site.source)
    new = {number: each for number, each in inventory.attachments.items() if earlier.get(number) != each}
    report.attachments = [asdict(each) for each in new.values()]
    inventory = replace(inventory, attachments={**earlier, **inventory.attachments})
    uploads = Uploads(inventory.site.source, inventory.attachments, media, report, dry_run)
    try:
        with db.session.begin_nested():
            numbers = Numbers(Article, inventory.highest_item, dry_run)
            comment_numbers = Numbers(Comment, inventory.highest_comment, dry_run)
            conversations = Conversations(report.source, comment_numbers, report)
            loader = Loader(inventory.site, numbers, uploads, conversations, report)
            for record in wordpress.read(file, zone or clock.zone(), inventory):
                loader.load(record)
                seen(loader.done, report.items_in_file + report.comments_in_file)
            loader.finish()
            numbers.reserve()
            comment_numbers.reserve()
            run.finished_at, run.report = clock.now(), report.as_json()
            db.session.add(run)
    except BaseException:  # whatever it is, the operator's Ctrl+C too
        uploads.remove_files()
        raise
    return report


def earlier_attachments(source: str) -> dict[int, AttachmentRecord]:
    """Return what earlier exports of a site told of its files: a large site comes in parts, and one may show what another lists."""
    runs = db.session.scalars(select(ImportRun.report).where(ImportRun.source == source).order_by(ImportRun.id))
    records = (AttachmentRecord(**facts) for report in runs for facts in report.get("attachments", ()))
    return {record.source_id: record for record in records}


def _take_time() -> None:
    """Lift the limits that keep a page from holding up the database: an import is one long transaction, with pauses."""
    if db.session.connection().dialect.name == "postgresql":
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            db.session.execute(text(f"SET LOCAL {limit} = 0"))


class Loader:
    """Places one record after the other: articles and pages itself, what belongs to them through who knows about it."""

    def __init__(
        self, site: SiteRecord, numbers: Numbers, uploads: Uploads, conversations: Conversations, report: Report
    ) -> None:
        self.source = site.source
        self.numbers = numbers
        self.uploads = uploads
        self.conversations = conversations
        self.report = report
        self.base = addresses.of_site(site.url)
        self.names = Names(site.source, self.base, report)
        self._waiting: list[CommentRecord] = []  # of the article that came last
        self._article_here: Article | None = None

    def load(self, record: Record) -> None:
        """Place a record, or note why it is left out."""
        if isinstance(record, CommentRecord):
            self._waiting.append(record)
            return
        self._converse()
        match record:
            case SiteRecord():
                self._site(record)
            case AuthorRecord():
                self.names.author(record)
            case TermRecord():
                self.names.listed(record)
            case AttachmentRecord():
                self._attachment(record)
            case ArticleRecord():
                self._article(record)
            case SkippedRecord():
                self._skipped(record)

    @property
    def done(self) -> int:
        """Return how many items and comments came by."""
        return self.report.items.total + self.report.comments.total + len(self._waiting)

    def finish(self) -> None:
        """Place what still waits, and account for what is counted at the end."""
        self._converse()
        self.names.finish()
        for path in self.uploads.taken:
            self.report.pictures.fared(PLACED, path)

    def _converse(self) -> None:
        if self._waiting and self._article_here is not None:
            here = self._article_here
            self.conversations.load(_discussion(here).id, self._waiting, here.published_at or here.created_at)
        self._waiting = []

    def _site(self, record: SiteRecord) -> None:
        """Take name and line of the old site where this one has no name of its own yet."""
        if record.title and db.session.get(SiteSetting, "name") is None:
            settings.change(name=record.title)
            if record.tagline and db.session.get(SiteSetting, "tagline") is None:
                settings.change(tagline=record.tagline)
            self.report.note(reasons.SITE_NAMED, record.title)
        addresses.lead(self.base, "/", self.source)

    def _skipped(self, record: SkippedRecord) -> None:
        what = _named(record.source_id, record.detail)
        if record.kind == "term":
            self.report.others.omitted(record.reason, what)
        elif record.kind == "comment":
            if not self.conversations.take_back(record):
                self.report.comments.omitted(record.reason, what)
        elif record.reason != reasons.TRASH or not self._take_back(record, what):
            self.report.items.omitted(record.reason, what)

    def _attachment(self, record: AttachmentRecord) -> None:
        kept = self.uploads.attachment(record.source_id)
        what = _named(record.source_id, record.path or record.url)
        if kept is not None:
            is_new = kept.path in self.uploads.taken
            self.uploads.taken.pop(kept.path, None)
            self.report.items.fared(PLACED if is_new else UNCHANGED, what)
        elif not PICTURE_FILE.search(record.path or record.url):
            self.report.items.omitted(reasons.NOT_A_PICTURE, what)
        elif self.uploads.root is None:
            self.report.items.omitted(reasons.NO_UPLOADS, what)
        else:
            self.report.items.omitted(reasons.FILE_MISSING, what)

    def _article(self, record: ArticleRecord) -> None:
        shown: list[str] = []

        def resolve(url: str) -> Picture | None:
            kept = self.uploads.find(url)
            shown.append(kept.picture.url if kept is not None else "")
            if kept is None:
                self.report.note(reasons.PICTURE_MISSING, f"{record.source_id} ({url})")
            return kept.picture if kept is not None else None

        body = replace_pictures(record.body, resolve, gettext("A picture stood here that was not moved along"))
        picture = self.uploads.attachment(record.picture_id)
        shown.append(picture.picture.url if picture is not None else "")
        there = marks.of_record(replace(record, shortcodes=(), notes=()), shown)
        here = self._here(record.source_id)
        what = _named(record.source_id, record.headline)
        self.names.use([*([record.section] if record.section else []), *record.tags])
        if here is not None and (_is_changed_here(here) or here.authors != self._authors(record)):
            self.report.items.fared(KEPT, what)
        elif here is not None and marks.of(here).there == there:
            self.report.items.fared(UNCHANGED, what)
        else:
            self.report.items.fared(UPDATED if here is not None else PLACED, what)
            here = self._place(record, here, body, picture, there)
        self._article_here = here
        self._account_for(record)

    def _here(self, number: int | None) -> Article | None:
        known = (Article.source == self.source, Article.source_id == str(number))
        return db.session.scalar(select(Article).where(*known))

    def _place(
        self, record: ArticleRecord, here: Article | None, body: str, picture: Kept | None, there: str
    ) -> Article:
        created_at = record.created_at or record.published_at or clock.now()
        is_new = here is None
        is_taken = is_new and bool(self.numbers.taken([record.source_id]))
        here = articles.carry_over(
            here,
            kind=Kind(record.kind),
            headline=record.headline,
            standfirst=record.standfirst,
            body=body,
            slug=record.slug,
            section=self.names.section(record.section),
            tags=self.names.tags(record.tags),
            authors=self._authors(record),
            picture=db.session.get(Media, picture.media_id) if picture is not None and picture.media_id else None,
            published_at=record.published_at if record.is_public else None,
            created_at=created_at,
            updated_at=record.updated_at or created_at,
            source=self.source,
            source_id=str(record.source_id),
            source_digest=there,
            article_id=self.numbers.new() if is_taken else record.source_id,
        )
        mode = Mode.OPEN if record.takes_comments else Mode.CLOSED
        discussion = _discussion(here)
        discussion.mode = mode.value
        here.source_digest = str(Mark(there, marks.of_article(here, discussion)))
        if is_new:
            self._say_if_renamed(record, here)
        if here.id != record.source_id:
            self._lead_by_number(record, here)
        for path in addresses.of_article(record):
            self._lead(path, here)
        return here

    def _authors(self, record: ArticleRecord) -> list[Author]:
        author = self.names.author_of(record.author)
        return [author] if author is not None else []

    def _say_if_renamed(self, record: ArticleRecord, here: Article) -> None:
        what = _named(record.source_id, record.headline)
        if here.id != record.source_id:
            is_too_large = record.source_id > LARGEST_NUMBER
            self.report.note(reasons.NUMBER_TOO_LARGE if is_too_large else reasons.NUMBER_TAKEN, f"{what} → {here.id}")
        if here.slug != record.slug:
            self.report.note(reasons.SLUG_TAKEN, f"{what} → {here.slug}")

    def _lead_by_number(self, record: ArticleRecord, here: Article) -> None:
        """Let the old number lead on, unless who has it here brought it along from an old site as well."""
        number = record.source_id
        holder = db.session.get(Article, number) if number <= LARGEST_NUMBER else None
        if holder is None or holder.source_id != str(number):
            self._lead(f"/?p={number}", here)
        if holder is None or holder.slug != record.slug:
            self._lead(f"/archives/{number}/{record.slug}/", here)

    def _lead(self, path: str, here: Article) -> None:
        """Let an old path lead to an article or page; by its number, so that no slug is told before readers may see it."""
        if path != here.url and not addresses.lead(path, f"/archives/{here.id}/", self.source):
            self.report.note(reasons.ADDRESS_TAKEN, f"{_named(here.id, here.headline)}: {path}")

    def _take_back(self, record: SkippedRecord, what: str) -> bool:
        """Make a draft of an article that was thrown away there since an earlier import; tell whether it is accounted for so."""
        here = self._here(record.source_id)
        if here is None or here.published_at is None:
            return False
        if _is_changed_here(here):
            self.report.items.fared(KEPT, what)
            return True
        here.published_at = None
        here.source_digest = str(Mark(marks.NO_RECORD, marks.of_article(here, _discussion(here))))
        articles.touched(here)
        self.report.note(reasons.TAKEN_BACK, what)
        self.report.items.fared(UPDATED, what)
        return True

    def _account_for(self, record: ArticleRecord) -> None:
        """Note each shortcode with what became of it, and what came in otherwise than it was."""
        what = str(record.source_id)
        for note in record.notes:
            self.report.note(note.sentence, f"{what} ({note.detail})" if note.detail else what)
        polls: Counter[int] = Counter()
        if "poll" in record.body:
            parts = words.parts(words.imported_html(record.body))
            polls.update(part.poll_id for part in parts if isinstance(part, words.PollEmbed))
        for use in record.shortcodes:
            number = words.poll_id(use.source) if use.outcome == "poll" else None
            if number is None:
                self.report.shortcodes[use.name, use.outcome, use.reason].append(what)
            elif polls[number]:
                polls[number] -= 1
                self._account_for_poll(use.name, number, what)
            else:
                self.report.shortcodes[use.name, "text", reasons.POLL_IN_CODE].append(what)
        for number in polls.elements():  # written with entities for its brackets
            self._account_for_poll("poll", number, what)

    def _account_for_poll(self, name: str, number: int, what: str) -> None:
        is_here = select(Poll.id).where(Poll.source == self.source, Poll.source_id == str(number))
        reason = reasons.IS_POLL if db.session.scalar(is_here) is not None else reasons.POLL_MISSING
        self.report.shortcodes[name, "poll", reason].append(f"{what} ({number})")


def _discussion(article: Article) -> Discussion:
    return db.session.scalars(select(Discussion).where(Discussion.article_id == article.id)).one()


def _is_changed_here(article: Article) -> bool:
    return articles.edited_here(article) or marks.of(article).here != marks.of_article(article, _discussion(article))


def _named(number: int | None, detail: str) -> str:
    return " ".join(part for part in (str(number) if number is not None else "", detail[:80]) if part)
