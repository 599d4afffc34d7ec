"""The settings of the site, as its admin fills them in."""

import re

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import BooleanField, EmailField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from forum.accounts.operations import InvalidAccount, normalised_email
from forum.comments.models import Mode
from forum.gate import own_path
from forum.media.forms import ACCEPTED
from forum.settings.queries import links

MODES = {
    Mode.OPEN.value: _l("Everybody"),
    Mode.MEMBERS.value: _l("Who is signed in"),
    Mode.CLOSED.value: _l("Nobody"),
}


COLOURS = {
    "": _l("The paper’s own"),
    "blue": _l("Blue"),
    "green": _l("Green"),
    "red": _l("Red"),
    "purple": _l("Purple"),
    "teal": _l("Teal"),
}


def own_address(_form: FlaskForm, field: StringField) -> None:
    """Bring a mail address into the form in which it is kept; nothing is typed where none is wanted."""
    try:
        field.data = normalised_email(field.data or "") if (field.data or "").strip() else ""
    except InvalidAccount as refusal:
        raise ValidationError(str(refusal)) from refusal


def own_links(_form: FlaskForm, field: TextAreaField) -> None:
    """Refuse a navigation with anything in it but words and where they lead: a path of ours, or an https address."""
    try:
        targets = [target for _words, target in links(field.data or "")]
    except ValueError as error:
        raise ValidationError(gettext("Each line needs words and, at its end, a path such as /polls/.")) from error
    for target in targets:
        if own_path(target) is None and not re.fullmatch(r"https://[\w.-]+(?:[/?#][!-~]*)?", target, re.ASCII):
            raise ValidationError(gettext("%(target)s is no path such as /polls/ and no https address.", target=target))


class SetupForm(FlaskForm):
    """What a site says of itself before it opens; the names are those of SiteSettings."""

    class Meta:
        """The origin check guards it."""

        csrf = False

    name = StringField(_l("Name of the site"), [DataRequired(), Length(max=80)])
    tagline = StringField(_l("Line under the name"), [Length(max=200)])
    imprint = TextAreaField(_l("Imprint"), [DataRequired(), Length(max=2000)])
    contact = EmailField(_l("Address for readers and authorities"), [DataRequired(), own_address])
    privacy_contact = EmailField(_l("Address about personal data"), [own_address])


class SettingsForm(FlaskForm):
    """Every setting of the site that its pages ask about; the names are those of SiteSettings."""

    class Meta:
        """The origin check guards it."""

        csrf = False

    name = StringField(_l("Name of the site"), [DataRequired(), Length(max=80)])
    tagline = StringField(_l("Line under the name"), [Length(max=200)])
    accent = StringField(_l("Colour of links and marks"), [Length(max=7)])
    imprint = TextAreaField(_l("Imprint"), [Length(max=2000)])
    contact = EmailField(_l("Address for readers and authorities"), [own_address])
    privacy_contact = EmailField(_l("Address about personal data"), [own_address])
    navigation = TextAreaField(_l("More links in the navigation"), [Length(max=1000), own_links])
    house_rules = SelectField(_l("House rules"), coerce=str, validate_choice=False)
    publication_time = StringField(
        _l("Usual time of publication"),
        [Optional(), Regexp(r"^([01]\d|2[0-3]):[0-5]\d$", message=_l("A time is written as 07:30."))],
        render_kw={"type": "time"},
    )
    staff_needs_second_factor = BooleanField(_l("Whoever works at the desk needs a second step to sign in"))
    articles_per_page = IntegerField(_l("Articles on a page"), [InputRequired(), NumberRange(5, 100)])
    comments_per_page = IntegerField(_l("Comments on a page"), [InputRequired(), NumberRange(20, 500)])
    latest_comments = IntegerField(_l("Latest comments beside a page"), [InputRequired(), NumberRange(0, 20)])
    discussion_mode = SelectField(_l("Who may comment on new articles"), choices=list(MODES.items()))
    close_after_days = IntegerField(
        _l("Close a discussion after so many days (0: never)"), [InputRequired(), NumberRange(0, 3650)]
    )
    comment_length = IntegerField(_l("Most characters in a comment"), [InputRequired(), NumberRange(200, 100_000)])
    edit_minutes = IntegerField(_l("Minutes in which a comment may be edited"), [InputRequired(), NumberRange(0, 1440)])
    links_before_hold = IntegerField(
        _l("Hold a guest's comment with so many links"), [InputRequired(), NumberRange(1, 100)]
    )
    hold_first_comments = IntegerField(
        _l("Hold a guest's first so many comments"), [InputRequired(), NumberRange(0, 20)]
    )


class LogoForm(FlaskForm):
    """The picture that stands over every page in place of the name."""

    class Meta:
        """The origin check guards it."""

        csrf = False

    file = FileField(_l("Picture"), render_kw={"accept": ACCEPTED})


class PageForm(FlaskForm):
    """A standing page that is begun."""

    class Meta:
        """The origin check guards it."""

        csrf = False

    headline = StringField(_l("Title"), [DataRequired(), Length(max=300)])


class SectionForm(FlaskForm):
    """A section of the paper."""

    class Meta:
        """The origin check guards it."""

        csrf = False

    name = StringField(_l("Name"), [InputRequired(), Length(max=200)])
    description = TextAreaField(_l("What it is about"), [Length(max=2000)])
    position = IntegerField(_l("Place in the order"), [InputRequired(), NumberRange(0, 1000)])
    colour = SelectField(_l("Colour"), choices=list(COLOURS.items()), default="")


class AuthorForm(FlaskForm):
    """Who stands over articles."""

    class Meta:
        """The origin check guards it."""

        csrf = False

    name = StringField(_l("Name"), [InputRequired(), Length(max=200)])
    kind = SelectField(_l("Kind"), choices=[("person", _l("Person")), ("organisation", _l("Organisation"))])
    bio = TextAreaField(_l("A few words about them"), [Length(max=2000)])
    merge_into = SelectField(_l("Is the same as"), coerce=int, validate_choice=False)
