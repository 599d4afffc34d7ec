"""Changing the site's settings. Who may is asked by who calls: accounts stand on the same floor."""

import re
from dataclasses import fields
from math import floor
from typing import Any

from flask import current_app
from flask_babel import format_decimal
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from forum import clock, config, versions
from forum.errors import AlreadyDone, ForumError
from forum.extensions import db
from forum.settings.models import SettingChange, SiteSetting
from forum.settings.queries import NEEDED, OPENED, SiteSettings, is_opened

LOWEST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3: of words against what they stand on
# The harder of the papers that links stand on, by day and by night: --paper-aside in static/css/tokens.css.
PAPER, DARK_PAPER = "#f4f2ec", "#1d2024"


class InvalidSetting(ForumError):
    """A value that a setting cannot have; the sentence says what to change."""

    status = 422


def change(user_id: int | None = None, **chosen: Any) -> list[SettingChange]:
    """Keep these values of SiteSettings and return what changed, a row each; what is the same already is no change.

    Raises KeyError for a name that is none, TypeError for a value of another kind, InvalidSetting for an accent that
    cannot be read against the paper, and for emptying what a site in earnest needs.
    """
    kinds = {field.name: field.type for field in fields(SiteSettings)}
    current = {row.name: row.value for row in db.session.scalars(select(SiteSetting))}
    changes = []
    for name, value in chosen.items():
        if type(value) is not kinds[name]:
            raise TypeError(f"{name} must be {kinds[name]}, not {value!r}")
        if name == "accent":
            require_readable(value)
        old = current.get(name, getattr(SiteSettings, name))
        if value == old and name in current:
            continue
        if name in NEEDED and value == "" != old and config.is_production(current_app.config):
            raise InvalidSetting(_l("A public site says who publishes it and how to reach them: this cannot be empty."))
        row = db.session.get(SiteSetting, name) or SiteSetting(name=name)
        row.value = value
        db.session.add(row)
        if value != old:
            changes.append(
                SettingChange(name=name, old_value=old, new_value=value, user_id=user_id, changed_at=clock.now())
            )
    db.session.add_all(changes)
    db.session.flush()
    versions.bump(versions.SITE)
    return changes


def open_site() -> None:
    """Remember that the site has everything that it needs, and is open from now on."""
    if not is_opened():
        db.session.add(SiteSetting(name=OPENED, value=clock.iso(clock.now())))
        db.session.flush()


def take_back(made: SettingChange, user_id: int | None) -> list[SettingChange]:
    """Give a setting the value that it had before this change, and return that as a change of its own.

    Raises AlreadyDone when it has that value, or is no setting any more.
    """
    if made.name not in {field.name for field in fields(SiteSettings)}:
        raise AlreadyDone()
    changes = change(user_id, **{made.name: made.old_value})
    if not changes:
        raise AlreadyDone()
    return changes


def require_readable(accent: str) -> None:
    """Raise InvalidSetting unless this colour (#rrggbb, or "" for the usual one) can be read as words on white paper."""
    if accent == "":
        return
    if not re.fullmatch(r"#[0-9a-f]{6}", accent):
        raise InvalidSetting(_l("A colour is written as # and six digits, such as #14459b."))
    found = contrast(accent, PAPER)
    if found < LOWEST_CONTRAST:
        raise InvalidSetting(
            _l(
                "This colour is too light to read on white: its contrast is %(found)s, and it needs %(needed)s at least.",
                found=format_decimal(floor(found * 10) / 10),
                needed=format_decimal(LOWEST_CONTRAST),
            )
        )


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def at_night(accent: str) -> str:
    """Return the colour lightened as far as it takes to be read on the dark paper."""
    red, green, blue = _parts(accent)
    for step in range(0, 101, 5):
        mixed = "#" + "".join(f"{round(part + (255 - part) * step / 100):02x}" for part in (red, green, blue))
        if contrast(mixed, DARK_PAPER) >= LOWEST_CONTRAST + 1:
            return mixed
    return "#ffffff"


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)

    red, green, blue = map(linear, _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
