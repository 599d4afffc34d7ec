"""The pictures of an old site, taken in from a copy of its uploads folder when something first shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import select

from forum.extensions import db
from forum.imports import addresses, reasons
from forum.imports.pictures import Picture, upload_paths
from forum.imports.records import AttachmentRecord
from forum.imports.report import Report
from forum.media import operations as media
from forum.media.models import Media

LONGEST_PATH = 400
NOT_MADE = "0" * 24 + ".jpg"  # in a trial nothing is called anything yet


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture of the old site that is here: its row (None in a trial), its path below the uploads folder, how it is shown."""

    media_id: int | None
    path: str
    picture: Picture


class Uploads:
    """Finds by its old address what became of a picture, and takes it in where it is new."""

    def __init__(
        self,
        source: str,
        attachments: Mapping[int, AttachmentRecord],
        folder: Path | None,
        report: Report,
        is_trial: bool,
    ) -> None:
        self.source = source
        self.attachments = attachments
        self.root = folder.resolve() if folder is not None else None
        self.report = report
        self.is_trial = is_trial
        self.taken: dict[str, None] = {}  # paths of what this import took in, in order
        self._files: list[str] = []  # that it wrote
        self._by_path = {each.path: each for each in attachments.values() if each.path}
        self._found: dict[str, Kept | None] = {}  # by old address
        self._of_path: dict[str, Kept | None] = {}

    def find(self, url: str) -> Kept | None:
        """Return the picture at an old address, or of "attachment:<number>"; None when it is not here and cannot be taken in."""
        number = url.removeprefix("attachment:")
        if number != url:
            return self.attachment(int(number)) if number.isdecimal() else None
        if url not in self._found:
            self._found[url] = self._first(upload_paths(url), url)
        return self._found[url]

    def attachment(self, number: int | None) -> Kept | None:
        """Return the picture with this number in the old site."""
        record = self.attachments.get(number) if number is not None else None
        if record is None:
            return None
        key = f"attachment:{number}"
        if key not in self._found:
            own = [record.path] if record.path else []
            self._found[key] = self._first(list(dict.fromkeys([*own, *upload_paths(record.url)])), record.url)
        return self._found[key]

    def remove_files(self) -> None:
        """Remove what this import wrote: its rows will not be there."""
        media.remove_files(self._files)

    def _first(self, paths: list[str], url: str) -> Kept | None:
        paths = [path for path in paths if len(path) <= LONGEST_PATH]
        words = next((self._by_path[path] for path in paths if path in self._by_path), None)
        for index, path in enumerate(paths):
            if path not in self._of_path:
                self._of_path[path] = self._known(path) or self._added(path, words)
            kept = self._of_path[path]
            if kept is not None:
                for old in (_path_of(url), *(f"/wp-content/uploads/{each}" for each in paths[: index + 1])):
                    addresses.lead(old, kept.picture.url, self.source)
                return kept
        return None

    def _known(self, path: str) -> Kept | None:
        row = db.session.scalar(select(Media).where(Media.source == self.source, Media.source_id == path))
        return _kept(row, path) if row is not None else None

    def _added(self, path: str, words: AttachmentRecord | None) -> Kept | None:
        content = self._content(path)
        if content is None:
            return None
        try:
            if self.is_trial:
                media.judge(content)
                self.taken[path] = None
                return Kept(None, path, Picture(f"/media/{NOT_MADE}", 1, 1))
            texts = (words.alt, words.caption, words.credit) if words is not None else ("", "", "")
            row = media.add_picture(content, *texts, self.source, path)
        except media.PictureRefused as refusal:
            self.report.note(reasons.PICTURE_REFUSED, f"{path}: {refusal}")
            return None
        if db.session.scalar(select(Media.id).where(Media.name == row.name, Media.id != row.id).limit(1)) is None:
            self._files.append(row.name)
        self.taken[path] = None
        return _kept(row, path)

    def _content(self, path: str) -> bytes | None:
        """Return a file below the uploads folder, of one that is too large a little more than a picture may have."""
        if self.root is None:
            return None
        try:
            file = (self.root / path).resolve()
            if not file.is_relative_to(self.root) or not file.is_file():  # a link may lead out of the folder
                return None
            with file.open("rb") as opened:
                return opened.read(media.MOST_BYTES + 1)
        except (OSError, RuntimeError):  # a name too long, no permission, a link to itself
            return None


def _kept(row: Media, path: str) -> Kept:
    return Kept(row.id, path, Picture(row.url, row.width, row.height, row.alt))


def _path_of(url: str) -> str:
    """Return the path of an address below an uploads folder that is not at the usual place."""
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:  # brackets that are no IPv6 address
        return ""
    return path if "/wp-content/" in path or path.startswith("/files/") else ""
