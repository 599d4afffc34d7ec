"""The reason that goes with hiding a comment."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.validators import Length

REASONS = {
    "insult": _l("Insulting or aimed at the person"),
    "spam": _l("Advertising"),
    "private": _l("Private details of somebody"),
    "law": _l("Against the law"),
    "off-topic": _l("Not about the subject"),
    "other": _l("Otherwise, namely:"),
}


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
