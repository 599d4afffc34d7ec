"""The form of an article."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateTimeLocalField,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length, Optional

from forum import clock
from forum.media.forms import UploadForm


class ArticleForm(FlaskForm):
    """An article as its writer fills it in. Times are of the site's zone."""

    class Meta:
        """The origin check guards it, and a text is never lost to a token that ran out."""

        csrf = False

    headline = StringField(_l("Headline"), [Length(max=300)])
    standfirst = TextAreaField(_l("Standfirst"), [Length(max=2000)])
    body = TextAreaField(_l("Body"))
    section_id = SelectField(_l("Section"), coerce=int, validate_choice=False)
    tags = StringField(_l("Tags, separated by commas"), [Length(max=1000)])
    author_ids = SelectMultipleField(_l("Authors"), coerce=int, validate_choice=False)
    published_at = DateTimeLocalField(
        _l("Publish at (empty: now)"), [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
    )
    based_on = HiddenField()
    picture_id = RadioField(_l("Picture over the article"), coerce=int, validate_choice=False)
    picture = FormField(UploadForm)

    def moment(self) -> datetime | None:
        """Return the chosen moment of publication in the site's zone, or None: also for a year that no calendar turns into UTC."""
        chosen: datetime | None = self.published_at.data
        return chosen.replace(tzinfo=clock.zone()) if chosen and 1 < chosen.year < 9999 else None

    def tag_names(self) -> list[str]:
        """Return the tags as they were typed."""
        return [name.strip() for name in (self.tags.data or "").split(",") if name.strip()]
