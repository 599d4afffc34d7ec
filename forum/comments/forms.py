"""The form of a comment: its shape only; what may be said is for operations to judge."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, NumberRange, Optional

from forum.comments.models import Mode


class CommentForm(FlaskForm):
    """A comment or a reply. It carries no token, so that a kept page can hold it: the origin check guards it."""

    class Meta:
        """No token."""

        csrf = False

    body = TextAreaField(_l("Your comment"))
    author_name = StringField(_l("Name"), [Length(max=40)])
    author_email = EmailField(_l("E-mail (optional, never shown)"), [Optional(), Length(max=254), Email()])
    interest = StringField(_l("Your interest, if you have one"), [Length(max=80)])
    parent_id = HiddenField()
    key = HiddenField()
    website = StringField(_l("Leave this field empty"))


class EditForm(FlaskForm):
    """Other words for one's own comment. Guests have no session, so it carries no token either."""

    class Meta:
        """No token."""

        csrf = False

    body = TextAreaField(_l("Your comment"))


class RulesForm(FlaskForm):
    """Who may write in a discussion, until when, and how fast."""

    class Meta:
        """The origin check guards it."""

        csrf = False

    mode = RadioField(
        _l("Who may comment"),
        choices=[
            (Mode.OPEN.value, _l("Everybody")),
            (Mode.MEMBERS.value, _l("Members only")),
            (Mode.CLOSED.value, _l("Nobody: closed")),
        ],
    )
    reason = StringField(_l("Why it is closed; readers see this"), [Length(max=200)])
    close_after_days = IntegerField(
        _l("Closes so many days after the article appears"), [Optional(), NumberRange(0, 3650)]
    )
    slow_seconds = IntegerField(
        _l("Slow mode: seconds between two comments of one person"), [Optional(), NumberRange(0, 86400)]
    )


class ExpertForm(FlaskForm):
    """The line that the desk verified, and whose it is."""

    class Meta:
        """The origin check guards it."""

        csrf = False

    name = StringField(_l("Name of the member"), [InputRequired(), Length(max=80)])
    line = StringField(_l("Expertise, as it stands beside the name"), [Length(max=120)])


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
