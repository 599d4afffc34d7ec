"""Whose name is whose: no guest and no newcomer may look like a member, an editor or the desk.

Two names look alike when their skeletons are equal: what is left of a name without capitals, marks and punctuation, with
letters that look like another one replaced (an excerpt of the confusables of Unicode Technical Standard 39).
"""

import unicodedata
from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

from forum.accounts import queries
from forum.errors import ForumError

LONGEST_SKELETON = 200  # characters; a ligature may stand for eighteen letters

# Before small letters are made of them: a Greek capital may look Latin while its small letter does not.
_CAPITALS = str.maketrans(
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹАВЕЅЗІЈКМНОРСТУХҮԌԚԜԱՕՍՏᎪᏴᏟᎠᎬᎻᎫᏦᏞᎷᏢᏒᏚᎢᏙᎳᏃ|",
    "ABEZHIKMNOPTYXCABES3IJKMHOPCTYXYGQWUOUSABCDEHJKLMPRSTVWZl",
)
_SMALL = str.maketrans(
    "αβγεηικνορτυχωϲϳавгсԁеһіјкӏмнопрԛѕтуүхѵԝьзցհոօսզյᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢıłøđħŧƒɑɡɩꞁƙɓɗŋɵəɛɔ@$€",
    "abyenikvoptuxwcjabrcdehijklmhonpqstyyxvwbeghnouqjabcdefghijklmnoprstuvwyziloohtfagilkbdnoeecase",
)
_PAIRS = str.maketrans({"æ": "ae", "œ": "oe", "þ": "p", "ð": "d"})
# Digits that pass for letters; and of all that is a stroke, one.
_DIGITS = str.maketrans("0134578i", "oleastbl")


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).translate(_CAPITALS).casefold())
    plain = letters.translate(_SMALL).translate(_PAIRS).translate(_DIGITS)
    return "".join(letter for letter in plain if letter.isalnum()).replace("rn", "m").replace("vv", "w")


def skeleton(name: str) -> str:
    """Return what a name looks like: two names with one skeleton are taken for each other. "" for a name without letters."""
    return _plain(name)[:LONGEST_SKELETON]


# Nobody is called so but the desk.
_OF_THE_DESK = frozenset(
    skeleton(word)
    for word in (
        *("redactie", "de redactie", "redacteur", "hoofdredactie", "hoofdredacteur", "eindredactie", "eindredacteur"),
        *("moderator", "moderatie", "moderation", "beheer", "beheerder", "admin", "administrator", "webmaster", "root"),
        *("editor", "editors", "desk", "staff", "system", "systeem", "support", "helpdesk", "postmaster"),
    )
)


class NameTaken(ForumError):
    """The name is another's, or looks as if it were."""

    status = 422
    sentence = _l("This name belongs to somebody else here, or looks too much like it. Choose another one.")


def refuse_lookalike(name: str, reserved: Iterable[str] = ()) -> None:
    """Raise NameTaken when a name looks like a member's, the desk's, or one of the `reserved` ones.

    `reserved` is what floors above know: the site's name and the bylines of its authors. A role word beside one of them
    ("Redactie Daily News") is the desk's too.
    """
    wanted = skeleton(name)
    if looks_like_the_desk(wanted, {skeleton(each) for each in reserved} - {""}):
        raise NameTaken()
    if queries.by_skeleton(wanted) is not None:
        raise NameTaken()


def looks_like_the_desk(wanted: str, reserved: set[str]) -> bool:
    """Tell whether a skeleton is a role word, a reserved one, or one of each side by side."""
    if wanted in _OF_THE_DESK or wanted in reserved:
        return True
    sides = {side for each in reserved for side in (wanted.removeprefix(each), wanted.removesuffix(each))}
    return not (sides - {wanted}).isdisjoint(_OF_THE_DESK)
