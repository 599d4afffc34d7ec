"""Old addresses: each leads to where the thing that stood there stands now."""

from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

from forum.articles.models import Redirect
from forum.extensions import db
from forum.imports.labels import clean_slug
from forum.imports.records import ArticleRecord

LONGEST = 500


def of_article(record: ArticleRecord) -> Iterator[str]:
    """Yield the paths at which readers found an article or page, those of its earlier slugs too."""
    path, _, query = record.path.partition("?")
    path = unquote(path)
    if path.strip("/") and not parse_qs(query).keys() & {"p", "page_id"}:
        yield f"{path.rstrip('/')}/"
        folder, _, last = path.rstrip("/").rpartition("/")
        if clean_slug(last) == record.slug:
            yield from (f"{folder}/{slug}/" for slug in record.old_slugs)
    if record.kind == "page":
        yield from (f"/pages/{slug}/" for slug in record.old_slugs)


def of_site(url: str) -> str:
    """Return the path at which the old site began: "/" for one with a host of its own."""
    try:
        return f"/{unquote(urlsplit(url).path).strip('/')}/".replace("//", "/")
    except ValueError:  # brackets that are no IPv6 address
        return "/"


def of_list(base: str, kind: str, name: str) -> Iterator[str]:
    """Yield where WordPress lists what stands under a label or an author: below its root, or below its front for articles."""
    yield from (f"{base}{front}{kind}/{name}/" for front in ("", "archives/"))


def lead(path: str, target: str, source: str) -> bool:
    """Let an old path lead to a path of ours; return False when it leads elsewhere already, for another site or by hand."""
    if not path.startswith("/") or path in {"/", target} or len(path) > LONGEST or not path.isprintable():
        return True
    row = db.session.get(Redirect, path)
    if row is None:
        row = Redirect(path=path, target=target, source=source)
        db.session.add(row)
    elif row.source == source:
        row.target = target
    return row.target == target
