"""The forms of corrections: what a reader sends, and what the desk answers."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, Optional

from forum.corrections.models import Outcome


class CorrectionForm(FlaskForm):
    """What is wrong. A guest may give a name, for the thanks, and an address, for the answer."""

    class Meta:
        """No token: the origin check guards it, and a guest has no session."""

        csrf = False

    body = TextAreaField(_l("What is wrong?"))
    author_name = StringField(_l("Name"), [Length(max=40)])
    author_email = EmailField(_l("E-mail"), [Optional(), Length(max=254), Email()])
    wants_thanks = BooleanField(_l("You may thank me by name at the article"))
    key = HiddenField()
    website = StringField(_l("Leave this field empty"))


class SettleForm(FlaskForm):
    """What became of it."""

    class Meta:
        """The origin check guards it."""

        csrf = False

    outcome = RadioField(
        _l("What became of it"),
        [InputRequired()],
        choices=[(Outcome.CORRECTED.value, _l("put right")), (Outcome.DECLINED.value, _l("left as it is"))],
    )
    answer = TextAreaField(_l("Answer to who sent it"))
    note = TextAreaField(_l("What the article says of it"))
