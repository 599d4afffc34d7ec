"""Reading pictures."""

from collections.abc import Iterable

from sqlalchemy import Select, select

from forum.extensions import db
from forum.media.models import Media


def newest() -> Select[Media]:
    """Return every picture, the one that came in last first."""
    return select(Media).order_by(Media.created_at.desc(), Media.id.desc())


def named(names: Iterable[str]) -> dict[str, Media]:
    """Return pictures by the name of their largest file; of two rows with one file the older one."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    rows = db.session.scalars(select(Media).where(Media.name.in_(wanted)).order_by(Media.id.desc()))
    return {media.name: media for media in rows}
