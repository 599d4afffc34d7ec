"""The reason that goes with hiding a comment, and with suspending somebody."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

REASONS = {
    "insult": _l("Insulting or aimed at the person"),
    "spam": _l("Advertising"),
    "private": _l("Private details of somebody"),
    "law": _l("Against the law"),
    "off-topic": _l("Not about the subject"),
    "other": _l("Otherwise, namely:"),
}


class SuspendForm(FlaskForm):
    """Until when somebody is kept out, and why: they are told both."""

    class Meta:
        """The origin check guards it."""

        csrf = False

    until = DateField(_l("Until (from this day on they may come in again)"), [InputRequired()])
    reason = TextAreaField(_l("Reason"), [DataRequired(), Length(max=1000)])


class ReinstateForm(FlaskForm):
    """A note that goes with letting somebody in again."""

    class Meta:
        """The origin check guards it."""

        csrf = False

    reason = StringField(_l("Note for the log"), [Length(max=300)])


class HideForm(FlaskForm):
    """Why a comment leaves public view: one of the usual reasons, and a note that readers may see."""

    class Meta:
        """The origin check guards it."""

        csrf = False

    reason = RadioField(_l("Reason"), choices=list(REASONS.items()), validate_choice=False)
    note = StringField(_l("Note for readers (optional)"), [Length(max=300)])

    def sentence(self) -> str:
        """Return the reason as the log and the placeholder show it; "" when none was given."""
        chosen = self.reason.data or ""
        note = (self.note.data or "").strip()
        if chosen == "other" or chosen not in REASONS:
            return note
        return f"{REASONS[chosen]} – {note}" if note else str(REASONS[chosen])
