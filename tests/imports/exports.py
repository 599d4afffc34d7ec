"""Exports of an old site, written for a test: as little of WXR 1.2 as the test is about."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from html import escape
from pathlib import Path

NAMESPACES = (
    'xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
FIRST = datetime(2014, 6, 23, 6, 1)  # noqa: DTZ001  in UTC, as wp:comment_date_gmt wants it


def write(
    path: Path, *items: str, site: str = "https://oud.example", title: str = "", head: Iterable[str] = ()
) -> Path:
    """Write the export of a site and return its path."""
    path.write_text(
        f"<rss {NAMESPACES}><channel><title>{escape(title)}</title><link>{site}</link>"
        f"<wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>{site}</wp:base_blog_url>\n"
        + "\n".join([*head, *items])
        + "</channel></rss>",
        encoding="utf-8",
    )
    return path


def author(login: str, name: str) -> str:
    return f"<wp:author>{field('wp:author_login', login)}{field('wp:author_display_name', name)}</wp:author>"


def category(slug: str, name: str, parent: str = "") -> str:
    parts = {"wp:category_nicename": slug, "wp:cat_name": name, "wp:category_parent": parent}
    return f"<wp:category>{fields(parts)}</wp:category>"


def post(number: int, body: str = "Een alinea.", *inside: str, **changes: str) -> str:
    """Return an article, published unless told otherwise; `inside` are its comments, labels and meta."""
    facts = {
        "title": f"Bericht {number}",
        "link": f"https://oud.example/?p={number}",
        "dc:creator": "ann",
        "content:encoded": body,
        "wp:post_id": str(number),
        "wp:post_date_gmt": "2014-06-23 06:01:00",
        "wp:comment_status": "open",
        "wp:post_name": f"bericht-{number}",
        "wp:status": "publish",
        "wp:post_type": "post",
    }
    facts.update({name.replace("__", ":"): value for name, value in changes.items()})
    return f"<item>{fields(facts)}{''.join(inside)}</item>"


def page(number: int, slug: str, *inside: str, **changes: str) -> str:
    link = f"https://oud.example/{slug}/"
    return post(
        number, "Een pagina.", *inside, **{"wp__post_type": "page", "wp__post_name": slug, "link": link, **changes}
    )


def attachment(number: int, path: str, *inside: str, **changes: str) -> str:
    url = f"https://oud.example/wp-content/uploads/{path}"
    facts = {"wp__post_type": "attachment", "wp__status": "inherit", "wp__attachment_url": url, "link": url}
    return post(number, "", meta("_wp_attached_file", path), *inside, **{**facts, **changes})


def comment(number: int, parent: int = 0, body: str = "", **changes: str) -> str:
    """Return an approved comment, as many minutes after the first as its number."""
    facts = {
        "wp:comment_id": str(number),
        "wp:comment_author": "Kees",
        "wp:comment_author_email": "kees@privé.example",
        "wp:comment_author_IP": "192.0.2.77",
        "wp:comment_date_gmt": f"{FIRST + timedelta(minutes=number % 100_000):%Y-%m-%d %H:%M:%S}",
        "wp:comment_content": body or f"Reactie {number}.",
        "wp:comment_approved": "1",
        "wp:comment_parent": str(parent),
    }
    facts.update({name.replace("__", ":"): value for name, value in changes.items()})
    return f"<wp:comment>{fields(facts)}</wp:comment>\n"


def label(kind: str, slug: str, name: str) -> str:
    return f'<category domain="{kind}" nicename="{slug}">{escape(name)}</category>'


def meta(key: str, value: str) -> str:
    return f"<wp:postmeta>{fields({'wp:meta_key': key, 'wp:meta_value': value})}</wp:postmeta>"


def fields(facts: dict[str, str]) -> str:
    return "".join(field(name, value) for name, value in facts.items())


def field(name: str, value: str) -> str:
    return f"<{name}>{escape(value, quote=False)}</{name}>"
