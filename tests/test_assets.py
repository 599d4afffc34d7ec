"""One style sheet and one script for a page to ask for, made of many small files; and a site's own rules after ours."""

import gzip
import re
from pathlib import Path

import pytest

from forum import assets
from tests.factories import discussion_of, make_article, make_comment, make_guest

STATIC = Path(__file__).resolve().parent.parent / "static"
SCRIPTS = sorted((STATIC / "js").rglob("*.js"))
BUDGET = 45_000  # bytes, compressed: an article with a hundred comments, its styles and its script
SENTENCE = "Wie een tientje rekent voor een back-up, rekent niet op de dag dat iemand hem terug wil hebben. "


def asked_for(page: str) -> list[str]:
    """The styles and scripts that a page asks for."""
    return re.findall(r'<link rel="stylesheet" href="([^"]+)"|<script[^>]* src="([^"]+)"', page)


def test_an_article_with_a_hundred_comments_is_light(client):
    article = make_article("Rechter: een back-up die je niet kunt terugzetten, is geen back-up", SENTENCE * 30)
    for number in range(100):
        # Words that differ, as people's do: what repeats would compress to nothing.
        words = " ".join(f"{word}{(number * 31 + at * 7) % 97}" for at, word in enumerate((SENTENCE * 3).split()))
        make_comment(article, words[:300], make_guest(f"Bart {number}"))
    assert discussion_of(article).comment_count == 100
    page = client.get(article.url).text
    addresses = ["".join(found) for found in asked_for(page)]
    assert len(addresses) == 2
    assert "@import" not in client.get(addresses[0]).text
    assert not re.findall(r"\bimport\b", client.get(addresses[1]).text)
    parts = [page, *(client.get(address).text for address in addresses)]
    assert sum(len(gzip.compress(part.encode())) for part in parts) <= BUDGET


def test_a_style_sheet_and_a_script_come_compressed_to_who_takes_that(client):
    for address in ("".join(found) for found in asked_for(client.get("/").text)):
        packed = client.get(address, headers={"Accept-Encoding": "gzip, br"})
        plain = client.get(address)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert gzip.decompress(packed.data) == plain.data
        assert all("Accept-Encoding" in answer.headers["Vary"] for answer in (packed, plain))
        assert packed.headers["ETag"] != plain.headers["ETag"]
        assert client.get(address, headers={"Accept-Encoding": "gzip;q=0"}).data == plain.data


def test_the_sheet_has_every_file_in_its_layer_in_the_order_of_main_css():
    sheet = assets.in_one_sheet(STATIC / "css")
    layers = re.findall(r"^@layer (\w+) \{", sheet, re.MULTILINE)
    assert layers == sorted(layers, key=["reset", "tokens", "base", "layout", "components", "utilities"].index)
    assert len(layers) == len(list((STATIC / "css").rglob("*.css"))) - 1
    assert "@import" not in sheet
    assert "/*" not in sheet


def test_the_script_runs_each_module_once_and_after_what_it_needs():
    script = assets.in_one_script(STATIC / "js")
    made = re.findall(r"^const (\$\w+) = \(\(\) => \{$", script, re.MULTILINE)
    assert len(made) == len(set(made)) == len(SCRIPTS)
    assert made[-1] == "$main"
    for at, name in enumerate(made):
        body = script.split(f"const {name} = (() => {{")[1].split("\n})();\n")[0]
        needed = set(re.findall(r"= (\$\w+)(?:\.default)?;", body))
        assert needed <= set(made[:at])
    assert not re.findall(r"^\s*(?:import|export)\b", script, re.MULTILINE)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(STATIC)))
def test_a_script_keeps_to_the_forms_that_can_be_put_in_one(path):
    source = path.read_text(encoding="utf-8")
    rest = assets.SCRIPT_EXPORT.sub("", assets.SCRIPT_IMPORT.sub("", source))
    assert not re.findall(r"^\s*(?:import|export)\b|\bimport\(", rest, re.MULTILINE)


def test_a_sites_own_style_comes_last_and_changes_the_address(make_site, home):
    before = make_site().config["STATIC_HASH"]
    own = home.instance / assets.OWN_STYLE
    own.write_text(".masthead__name { font-variant: small-caps; }\n", encoding="utf-8")
    try:
        site = make_site()
    finally:
        own.unlink()
    version = site.config["STATIC_HASH"]
    assert version != before
    for name in ("main.css", "main-7a1f2b.css"):
        sheet = site.test_client().get(f"/static/{version}/css/{name}").text
        assert sheet.endswith(".masthead__name { font-variant: small-caps; }\n")
