"""What the site is called and how it behaves."""

from dataclasses import dataclass, fields, replace

from sqlalchemy import Select, select

from forum import versions
from forum.extensions import db
from forum.settings.models import SettingChange, SiteSetting


@dataclass(frozen=True)
class SiteSettings:
    """Every setting of the site with its default."""

    name: str = "Forum"
    tagline: str = ""
    accent: str = ""  # colour of links and marks, #rrggbb; "" for the usual one
    imprint: str = ""  # who publishes and how to reach them (BW 3:15d), a line each; stands under every page
    logo: int = 0  # number of the picture that stands for the name; 0: none
    contact: str = ""  # the address for readers and authorities (Regulation (EU) 2022/2065, articles 11 and 12)
    privacy_contact: str = ""  # the address about personal data (GDPR, article 13); "" for the same one
    navigation: str = ""  # more links beside the sections, a line each: words, and at its end a path or address
    house_rules: str = ""  # the slug of the standing page with the rules of the conversation
    publication_time: str = ""  # HH:MM in the site's zone, at which an article usually appears
    articles_per_page: int = 20
    comments_per_page: int = 100
    latest_comments: int = 5
    comment_length: int = 10_000  # characters
    edit_minutes: int = 10  # in which the author of a comment may change it; 0: never
    links_before_hold: int = 3  # a guest's comment with so many links waits for a moderator
    hold_first_comments: int = 0  # how many comments of a guest are approved before the next is shown at once
    discussion_mode: str = "open"  # of new articles: open, members or closed
    staff_needs_second_factor: bool = False  # editors, moderators and admins sign in with a code or a passkey
    close_after_days: int = 0  # a discussion closes so many days after its article appeared; 0: never


NEEDED = ("imprint", "contact")  # without which a site in earnest does not open
OPENED = "opened_at"  # the row that remembers that it did


def site() -> SiteSettings:
    """Return the settings of this site, defaults filled in."""
    versions.depends_on(versions.SITE)
    known = {field.name for field in fields(SiteSettings)}
    chosen = {row.name: row.value for row in db.session.scalars(select(SiteSetting)) if row.name in known}
    return replace(SiteSettings(), **chosen)


def is_opened() -> bool:
    """Tell whether everything was here once that a site in earnest needs (operations.open_site)."""
    return db.session.get(SiteSetting, OPENED) is not None


def links(navigation: str) -> list[tuple[str, str]]:
    """Return words and address of each line of a navigation. Raises ValueError for a line without either."""
    lines = [line.split() for line in navigation.splitlines() if line.strip()]
    if any(len(line) < 2 for line in lines):
        raise ValueError("a line needs words and an address")
    return [(" ".join(line[:-1]), line[-1]) for line in lines]


def changes() -> Select[SettingChange]:
    """Return every change of a setting, the newest first."""
    return select(SettingChange).order_by(SettingChange.id.desc())
