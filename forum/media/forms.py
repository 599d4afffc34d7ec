"""The forms of a picture: what is sent in, and the words that go with it."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange

ACCEPTED = (
    "image/jpeg,image/png,image/webp,image/avif,image/gif"  # what a browser offers to choose; we judge for ourselves
)


class WordsForm(FlaskForm):
    """What is said of a picture."""

    class Meta:
        """The origin check guards it, and a text is never lost to a token that ran out."""

        csrf = False

    alt = TextAreaField(_l("What is to be seen (for who does not see it)"), [Length(max=1000)])
    caption = TextAreaField(_l("Caption"), [Length(max=2000)])
    credit = StringField(_l("Maker or source"), [Length(max=300)])
    licence = StringField(_l("Licence"), [Length(max=300)])


class UploadForm(WordsForm):
    """One picture to take in; a page has several of these, each with a prefix of its own."""

    file = FileField(_l("Picture"), render_kw={"accept": ACCEPTED})

    def has_words(self) -> bool:
        """Tell whether something was typed."""
        return any((field.data or "").strip() for field in (self.alt, self.caption, self.credit, self.licence))


class PictureForm(WordsForm):
    """A picture that is here. The point is in percent from the left and from the top."""

    focus_x = IntegerField(_l("From the left, in percent"), [InputRequired(), NumberRange(0, 100)])
    focus_y = IntegerField(_l("From the top, in percent"), [InputRequired(), NumberRange(0, 100)])
