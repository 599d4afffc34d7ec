"""Taking in pictures: judged, turned upright, stripped of what they tell about their maker, and kept under their content's name."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from forum import clock, jobs, signals, versions
from forum.accounts import policy
from forum.accounts.models import User
from forum.errors import ForumError
from forum.extensions import db
from forum.media import workshop
from forum.media.models import Media
from forum.media.storage import storage
from forum.settings import queries as settings

MOST_BYTES = 20 * 1024 * 1024
RECIPE = b"1"  # of how pictures are written anew; another one gives the same picture another name
FORMATS = "avif webp"  # besides JPEG
ENCODING = "picture"  # the kind of job
_SENTENCES = {
    "unreadable": _l("This is not a picture that we can read (JPEG, PNG, WebP, AVIF or GIF)."),
    "drawing": _l(
        "This is not a picture of pixels but a drawing (SVG), which may hold a program. Save it as a PNG first."
    ),
    "bytes": _l("This picture is larger than 20 MB."),
    "pixels": _l("This picture has more than 24 million pixels."),
    "side": _l("A side of this picture is longer than 16,000 pixels."),
    "slow": _l("This picture took too long to read. Save it anew as a JPEG or PNG."),
}


class PictureRefused(ForumError):
    """Bytes that are no picture we take; the sentence says why."""

    status = 422

    def __init__(self, reason: str = "unreadable") -> None:
        super().__init__(_SENTENCES[reason])


@dataclass(frozen=True)
class Prepared:
    """A picture whose files are there, and its row not yet; the size is that of the largest width, in pixels."""

    name: str
    width: int
    height: int


def prepare(content: bytes) -> Prepared:
    """Write a picture anew as a single JPEG and keep that, and what was sent in for the job that makes the rest.

    The slow part of taking one in: it asks nothing of the database and should come before a transaction that writes. Raises
    PictureRefused, StorageSilent.
    """
    _weigh(content)
    made = _made(content, "quick")
    name = f"{hashlib.sha256(RECIPE + content).hexdigest()[:24]}.jpg"
    storage().write(name, made.files["large.jpg"])
    storage().write(_waiting(name), content)
    return Prepared(name, made.width, made.height)


def upload_picture(
    prepared: Prepared, uploader: User, alt: str = "", caption: str = "", credit: str = "", licence: str = ""
) -> Media:
    """Keep a picture that somebody sent in, and return its row. Raises NotAllowed."""
    policy.require(policy.may_write(uploader))
    media = _kept(prepared, *(words.strip() for words in (alt, caption, credit)))
    media.licence, media.uploaded_by_id = licence.strip(), uploader.id
    db.session.flush()
    return media


def add_picture(
    content: bytes,
    alt: str = "",
    caption: str = "",
    credit: str = "",
    source: str | None = None,
    source_id: str | None = None,
) -> Media:
    """Keep a picture and return its row; the same (source, source_id) again returns the row that there is.

    A single JPEG is there at once; a job makes the other widths and formats. Raises PictureRefused, StorageSilent.
    """
    if source is not None:
        known = db.session.scalar(select(Media).where(Media.source == source, Media.source_id == source_id))
        if known is not None:
            return known
    media = _kept(prepare(content), alt, caption, credit)
    media.source, media.source_id = source, source_id
    db.session.flush()
    return media


def judge(content: bytes) -> None:
    """Raise PictureRefused for what `add_picture` would not take; nothing is kept."""
    _weigh(content)
    _made(content, "judge")


def describe(
    media: Media, editor: User, alt: str, caption: str, credit: str, licence: str, focus_x: int, focus_y: int
) -> None:
    """Change the words of a picture and the point that stays in sight, in percent. Raises NotAllowed."""
    policy.require(media.editable_by(editor))
    media.alt, media.caption, media.credit, media.licence = (words.strip() for words in (alt, caption, credit, licence))
    media.focus_x, media.focus_y = (min(100, max(0, value)) for value in (focus_x, focus_y))
    db.session.flush()
    signals.picture_changed.send(media)


def remove_picture(media: Media) -> None:
    """Remove a picture, and its files when no other row shows them."""
    shared = db.session.scalar(select(Media.id).where(Media.name == media.name, Media.id != media.id).limit(1))
    files = [] if shared is not None else [*media.files(), _waiting(media.name)]
    signals.picture_changed.send(media)
    db.session.delete(media)
    db.session.flush()
    storage().delete(*files)


def discard(media: Media, editor: User) -> None:
    """Remove a picture for good. Raises NotAllowed."""
    policy.require(media.editable_by(editor))
    remove_picture(media)


def remove_files(names: Iterable[str]) -> None:
    """Remove the files of pictures whose rows will not be there, by `Media.name`."""
    for name in names:
        storage().delete(name, _waiting(name))


@signals.picture_changed.connect
def _logo_changed(media: Media) -> None:
    """Let every page have changed with the logo."""
    if settings.site().logo == media.id:
        versions.bump(versions.SITE)


@jobs.handles(ENCODING, tries=5)
def encode(task: jobs.Task) -> Iterator[jobs.Progress]:
    """Make every width and format of a picture, let them be shown, and then forget the file that was sent in."""
    name = task.payload["name"]
    if task.done == 0:
        content = _sent_in(name)
        if content is None:  # removed, or all of it done by a worker that died before it said so
            return
        made = workshop.make(content, "whole")
        stem = name.rsplit(".", 1)[0]
        for file, encoded in made.files.items():
            width, ending = file.split(".")
            storage().write(f"{stem}.{ending}" if width == "large" else f"{stem}-{width}.{ending}", encoded)
        values = {"widths": " ".join(map(str, made.widths)), "formats": FORMATS}
        db.session.execute(update(Media).where(Media.name == name).values(values))
        shown = db.session.scalars(select(Media).where(Media.name == name)).all()
        for media in shown:
            signals.picture_changed.send(media)
        if not shown:  # removed meanwhile
            storage().delete(*Media(name=name, **values).files())
        yield jobs.Progress(1, 2)
    storage().delete(_waiting(name))


def _kept(prepared: Prepared, alt: str, caption: str, credit: str) -> Media:
    """Return a new row for a picture. One that is here already lends it what was made of it."""
    twin = db.session.scalar(select(Media).where(Media.name == prepared.name).order_by(Media.id).limit(1))
    media = Media(
        name=prepared.name,
        width=prepared.width,
        height=prepared.height,
        widths=twin.widths if twin is not None else "",
        formats=twin.formats if twin is not None else "",
        alt=alt,
        caption=caption,
        credit=credit,
        created_at=clock.now(),
    )
    db.session.add(media)
    if media.is_finished:
        storage().delete(_waiting(media.name))
    else:
        jobs.enqueue(ENCODING, {"name": media.name}, title=alt[:200])
    db.session.flush()
    return media


def _sent_in(name: str) -> bytes | None:
    found = storage().open(_waiting(name))
    if found is None:
        return None
    with found[0] as file:
        return file.read()


def _waiting(name: str) -> str:
    """Return where the file that was sent in lies, with all that it tells about its maker, until the job is done; never served."""
    return f"waiting/{name.rsplit('.', 1)[0]}"


def _weigh(content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise PictureRefused("bytes")
    opening = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if opening.startswith((b"<svg", b"<?xml", b"<!doctype svg")) and b"<svg" in content[:4096].lower():
        raise PictureRefused("drawing")


def _made(content: bytes, task: workshop.Task) -> workshop.Made:
    try:
        return workshop.make(content, task)
    except workshop.Refused as refusal:
        raise PictureRefused(refusal.reason) from refusal
