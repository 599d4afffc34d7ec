"""Names that look alike are one name; the desk's belong to nobody."""

import pytest

from forum.accounts.names import NameTaken, refuse_lookalike, skeleton
from forum.accounts.operations import create_user
from tests.factories import PASSWORD, make_user


@pytest.mark.parametrize(
    "name",
    [
        *("RASHID NIAMAT", "rashid.niamat", "Rashid  Niamat", "Ráshid Niamat", "Rash1d N1amat", "Rashld Nlamat"),
        *(
            "Rаshid Niamаt",
            "Rαshid Niαmαt",
            "ＲＡＳＨＩＤ　ＮＩＡＭＡＴ",
            "𝐑𝐚𝐬𝐡𝐢𝐝 𝐍𝐢𝐚𝐦𝐚𝐭",
            "Ｒashid\u200b Niamat",
            "ʀᴀꜱʜɪᴅ ɴɪᴀᴍᴀᴛ",
        ),
        *(
            "Rashid-Niarnat",
            "R4shid Ni4m4t",
            "Rashid Ni@mat",
            "Ⓡashid Niamat",
            "R\u0430shi\u0501 N\u0456\u0430m\u0430t",
            "Rashıd Nıamat",
        ),
        *("Rash|d N|amat", "RASHІD NІАМАТ", "ΡΑSHID".replace("Ρ", "R") + " NIAMAT"),
    ],
)
def test_what_looks_like_a_name_has_its_skeleton(name):
    assert skeleton(name) == skeleton("Rashid Niamat")


@pytest.mark.parametrize(
    "name", ["Rashida Niamat", "Rachid Niamat", "Niamat Rashid", "R. Niamat", "Bart", "李伟", "Ольга"]
)
def test_another_name_has_another_skeleton(name):
    assert skeleton(name) not in {"", skeleton("Rashid Niamat")}


@pytest.mark.parametrize(
    "name",
    [
        "redactie",
        "REDACT1E",
        "De Redactie",
        "Моderator",
        "admin",
        "De Krant",
        "Redactie De Krant",
        "De Krant (redactie)",
    ],
)
def test_nobody_is_called_as_the_desk_is(app, name):
    with pytest.raises(NameTaken):
        refuse_lookalike(name, ["De Krant"])


@pytest.mark.parametrize("name", ["Krantlezer", "Redouan", "De Krantenjongen", "Beheerst", "Deskundige"])
def test_a_name_that_only_begins_like_the_desk_is_free(app, name):
    refuse_lookalike(name, ["De Krant"])


def test_a_members_name_is_no_guests(app):
    make_user("ann")
    for name in ("Ann", "ann", "Αnn", "A.n.n"):
        with pytest.raises(NameTaken):
            refuse_lookalike(name)
    refuse_lookalike("Anna")


def test_two_accounts_never_look_alike_whoever_makes_them(app):
    make_user("ann")
    with pytest.raises(NameTaken):
        create_user("other@example.org", "ANN", PASSWORD, [])
