"""Why something was left out of an import, or came in changed: each a fixed sentence, so that a report can count and translate it."""

N_ = str  # marks a sentence for the catalogue of translations; whoever shows it translates it

# Left out.
TRASH = N_("it was in the trash")
SPAM = N_("it was marked as spam")
MENU_ITEM = N_("a menu item; this site makes its own navigation")
FURNITURE = N_("a part of the old site's layout or settings")
REVISION = N_("an older version of another text")
OTHER_TYPE = N_("a type of item that has no place here")
NO_ID = N_("it has no number in the export")
TWICE = N_("its number came earlier in the file")
OTHER_TAXONOMY = N_("a kind of label that has no place here")
NO_NAME = N_("it has no name")
PING = N_("an automatic message from another site, not a reader's comment")
EDITORS_NOTE = N_("an editor's note, never meant for readers")
OTHER_COMMENT = N_("a kind of comment that has no place here")
EMPTY = N_("it has no text")
NO_ARTICLE = N_("what it was a comment on was left out")
NOTHING_IN_IT = N_("nothing that is here stands in it")
NO_UPLOADS = N_("a picture, and no copy of the old site's uploads was given: where it was shown its caption stands")
NOT_A_PICTURE = N_("a file that is no picture; this site keeps pictures only")
FILE_MISSING = N_("its file is not in the copy of the old site's uploads, or is no picture")
ON_PICTURE = N_("a comment on a picture, which has no page of its own here")

# Came in, but not as it was.
WAS_PRIVATE = N_("was private: kept as a draft, for editors only")
HAD_PASSWORD = N_("stood behind a password: kept as a draft, for editors only; the password is dropped")
OTHER_STATUS = N_("had a status that is not known here: kept as a draft")
NO_DATE = N_("was published without a date: kept as a draft")
NO_TITLE = N_("had no title: the first words of its text stand there")
NO_AUTHOR = N_("has no author in the export")
STICKY = N_("was kept on top of the front page")
SECOND_SECTION = N_("stood in more than one section: the first one is its section, this one became a tag")
OTHER_LABEL = N_("had a label that has no place here")
CUSTOM_FIELD = N_("had a field of its own that is not carried over")
BLOCK_LEFT_OUT = N_("had a block that the old site filled in itself")
EMBED_AS_LINK = N_("something from elsewhere in the page became a link")
EMBED_LEFT_OUT = N_("something in the page without an address was left out")
BACKGROUND_LEFT_OUT = N_("a picture behind the text was left out")
PARENT_MISSING = N_("the comment it answers is not in the export: it stands by itself")
PARENT_LEFT_OUT = N_(
    "the comment it answers was left out: it stands below the nearest one above it that is here, or by itself"
)
PARENT_LOOP = N_("it answered itself by a detour: it stands by itself")
COMMENT_DATE = N_("has no date: it has the date of what it is about")
OTHER_STATE = N_("had a state that is not known here: it waits for a moderator")

PICTURE_MISSING = N_("a picture in the text is not here: a placeholder with its caption stands there")
PICTURE_REFUSED = N_("a file that cannot be taken in as a picture")
NUMBER_TAKEN = N_("its number was taken here: it got another one, and its old address leads there")
NUMBER_TOO_LARGE = N_(
    "its number is larger than numbers can be here: it got another one, and its old address leads there"
)
SLUG_TAKEN = N_("another page has its address here: it got a number behind it")
ADDRESS_TAKEN = N_("its old address leads to something else here already")
COMMENT_NUMBER_TAKEN = N_("the comment's number was taken here: it got another one, and its old anchor leads there")
COMMENT_NUMBER_TOO_LARGE = N_(
    "the comment's number is larger than numbers can be here: it got another one, and its old anchor leads there"
)
NO_NAME_GIVEN = N_("the comment has no name: “Anonymous” stands there")
ELSEWHERE = N_("the comment stands below another article since an earlier import: it stays there")
SAME_NAME = N_("has the name of an author who was here already: the two are one")
TAKEN_BACK = N_("was thrown away on the old site since an earlier import: it is a draft now")
COMMENT_TAKEN_BACK = N_(
    "the comment was thrown away on the old site since an earlier import: it waits for a moderator now"
)
SITE_NAMED = N_("this site has the name of the old one now")

# What became of a shortcode.
BECAME_FIGURE = N_("a picture with its caption")
BECAME_GALLERY = N_("the pictures of a gallery")
BECAME_LINK = N_("a link")
IS_POLL = N_("the poll with this number")
POLL_MISSING = N_("a poll with this number is not here: a quiet placeholder keeps its place")
POLL_IN_CODE = N_("a poll among lines of code: left in the text as it stands")
ESCAPED = N_("text that shows a shortcode as an example")
NOT_KNOWN = N_("not known here: left in the text as it stands")
NOT_CLOSED = N_("its end is missing: left in the text as it stands")
NO_PICTURE = N_("no picture in it: left in the text as it stands")
NO_PICTURES = N_("none of its pictures is in the export: left in the text as it stands")
NO_ADDRESS = N_("no address in it: left in the text as it stands")
