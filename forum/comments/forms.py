"""The form of a comment: its shape only; what may be said is for operations to judge."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, StringField, TextAreaField
from wtforms.validators import Email, Length, Optional


class CommentForm(FlaskForm):
    """A comment or a reply. It carries no token, so that a kept page can hold it: the origin check guards it."""

    class Meta:
        """No token."""

        csrf = False

    body = TextAreaField(_l("Your comment"))
    author_name = StringField(_l("Name"), [Length(max=40)])
    author_email = EmailField(_l("E-mail (optional, never shown)"), [Optional(), Length(max=254), Email()])
    parent_id = HiddenField()
    key = HiddenField()
    website = StringField(_l("Leave this field empty"))


class HighlightForm(FlaskForm):
    """Why an editor puts a comment above its discussion."""

    class Meta:
        """The origin check guards it."""

        csrf = False

    reason = StringField(_l("Why"))


class SummaryForm(FlaskForm):
    """Where a discussion stands, in an editor's words."""

    class Meta:
        """The origin check guards it."""

        csrf = False

    body = TextAreaField(_l("Where the discussion stands"))
