"""The files of pictures, from a path of their own under our own host where nothing may run, and how a text shows them."""

import re
from typing import cast

from flask import Blueprint, Response, abort, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.wsgi import FileWrapper

from forum.media import queries
from forum.media.models import TYPES
from forum.media.storage import storage, storage_of

bp = Blueprint("media", __name__)
NAME = re.compile(rf"[0-9a-f]{{24}}(?:-\d{{1,4}})?\.({'|'.join(TYPES)})")
PIECE = 64 * 1024  # bytes of a picture that are in memory at once
IMG = re.compile(r'<img((?:\s+[\w-]+="[^"]*")*\s+src="/media/([0-9a-f]{24}\.\w+)"(?:\s+[\w-]+="[^"]*")*)\s*/?>')
SIZES = "(min-width: 48rem) 42rem, 100vw"  # how wide a picture stands in a text


@bp.record_once
def _check(state: BlueprintSetupState) -> None:
    storage_of(state.app.config)  # a store that cannot be used is said at the start


@bp.get("/media/<name>")
def picture(name: str) -> ResponseReturnValue:
    """A picture's file. Its name is made from its content, so it never changes, and its type is the one that we gave it."""
    known = NAME.fullmatch(name)
    if known is None:
        abort(404)
    response = Response(mimetype=TYPES[known[1]])
    if request.if_none_match.contains_weak(name):
        response.status_code = 304
    else:
        found = storage().open(name)
        if found is None:
            abort(404)
        file, size = found
        response.response = cast("list[bytes]", FileWrapper(file, PIECE))
        response.direct_passthrough = True
        response.content_length = size
    response.set_etag(name)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Content-Disposition"] = "inline"
    return response


def in_all_sizes(html: str) -> str:
    """Return the HTML of a text with each of our pictures in it offered in every width and format that there is.

    To be given what `text.py` made, whose attributes are all quoted.
    """
    names = {found[2] for found in IMG.finditer(html)}
    pictures = queries.named(names)

    def offered(found: re.Match[str]) -> str:
        media = pictures.get(found[2])
        if media is None:
            return found[0]
        size = "" if ' width="' in found[1] else f' width="{media.width}" height="{media.height}"'
        many = f' srcset="{media.srcset}" sizes="{SIZES}"' if media.srcset else ""
        sources = [f'<source type="{kind}" srcset="{each}" sizes="{SIZES}">' for kind, each in media.sources]
        img = f"<img{found[1]}{size}{many}>"
        return f"<picture>{''.join(sources)}{img}</picture>" if sources else img

    return IMG.sub(offered, html) if pictures else html
