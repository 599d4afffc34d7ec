"""What the site's own settings add to the look of its pages."""

from flask import Blueprint, Response, abort

from forum.settings.operations import InvalidSetting, at_night, require_readable

bp = Blueprint("site", __name__)

# The marks that take the accent; high contrast keeps the colours that were chosen for it.
ACCENT = """@media (prefers-contrast: no-preference) {{
  :root {{ --link: {day}; --kicker: {day}; --bar-most: {day}; --button-over: {day}; --focus: {day}; }}
}}
@media screen and (prefers-color-scheme: dark) and (prefers-contrast: no-preference) {{
  :root {{ --link: {night}; --kicker: {night}; --bar-most: {night}; --button-over: {night}; --focus: {night}; }}
}}
"""


@bp.get("/site-<accent>.css")
def accent(accent: str) -> Response:
    """The style of a site with this accent colour (six hexadecimal digits); it never changes, for the colour is in its name."""
    colour = f"#{accent}"
    try:
        require_readable(colour)
    except InvalidSetting:
        abort(404)
    response = Response(ACCENT.format(day=colour, night=at_night(colour)), mimetype="text/css")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
