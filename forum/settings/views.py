"""What the site's own settings add to the look of its pages."""

from flask import Blueprint, Response, abort, current_app

from forum import assets
from forum.settings.operations import InvalidSetting, at_night, require_readable

bp = Blueprint("site", __name__)

# The marks that take the accent; high contrast keeps the colours that were chosen for it.
ACCENTED = ("--link", "--kicker", "--bar-most", "--button-over", "--focus")


@bp.get("/static/<version>/css/main-<accent>.css")
def accent(version: str, accent: str) -> Response:
    """The style sheet of a site with this accent colour (six hexadecimal digits)."""
    colour = f"#{accent}"
    try:
        require_readable(colour)
    except InvalidSetting:
        abort(404)
    rules = " ".join(f"{token}: light-dark({colour}, {at_night(colour)});" for token in ACCENTED)
    layer = f"@layer tokens {{ @media (prefers-contrast: no-preference) {{ :root {{ {rules} }} }} }}\n"
    return assets.packed(current_app.extensions["assets"].sheet(layer), "text/css", version)
