"""The forms of following: what, how often, and a guest's address."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, RadioField
from wtforms.validators import Email, Length, Optional

from forum.following.models import Pace

PACES = {
    Pace.DIRECT.value: _l("at once, ten minutes after the comment"),
    Pace.HOURLY.value: _l("every hour, together"),
    Pace.DAILY.value: _l("every day at seven, together"),
    Pace.WEEKLY.value: _l("every Monday at seven, together"),
    Pace.NEVER.value: _l("not by mail"),
}
WHAT = {
    "discussion": _l("every new comment here"),
    "branch": _l("every new comment in this branch"),
    "replies": _l("only replies to me"),
}


class FollowForm(FlaskForm):
    """Following a discussion, a branch of it, or the replies to oneself. A guest gives the address."""

    class Meta:
        """No token: the origin check guards it, and a guest has no session."""

        csrf = False

    what = RadioField(_l("Tell me of"), choices=list(WHAT.items()), default="discussion")
    pace = RadioField(_l("By mail"), choices=list(PACES.items()), default=Pace.DIRECT.value)
    email = EmailField(_l("E-mail"), [Optional(), Length(max=254), Email()])


class PaceForm(FlaskForm):
    """How often letters come, and whether replies are told."""

    class Meta:
        """No token: the origin check guards it, and a guest has no session."""

        csrf = False

    pace = RadioField(_l("By mail"), choices=list(PACES.items()))
    wants_replies = BooleanField(_l("Tell me when somebody replies to me"))
