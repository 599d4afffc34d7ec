"""Pictures that tests send in."""

import io
from typing import Any

from PIL import Image

from forum import worker
from forum.extensions import db
from forum.media.storage import storage


def photo(width: int = 320, height: int = 200, colour: str = "teal", kind: str = "JPEG", **options: Any) -> bytes:
    """Return a picture of one colour."""
    return encoded(Image.new("RGB", (width, height), colour), kind, **options)


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """Return a picture as a file of this kind."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def kept(name: str) -> bytes | None:
    """Return a file from where the site keeps its pictures, or None."""
    found = storage().open(name)
    if found is None:
        return None
    with found[0] as file:
        content = file.read()
    assert len(content) == found[1]
    return content


def shown(name: str) -> Image.Image:
    """Return a picture that the site keeps."""
    content = kept(name)
    assert content is not None, name
    return Image.open(io.BytesIO(content))


def do_jobs(app: Any) -> None:
    """Let a worker do what is waiting."""
    db.session.commit()
    worker.work(app, once=True)
