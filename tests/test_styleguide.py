"""The style guide shows every component, by what the site itself uses."""

import re
from pathlib import Path

from justhtml import JustHTML

from tests.factories import sign_in

STYLES = Path(__file__).resolve().parent.parent / "static" / "css" / "components"
# What only pages of work or of an account have; each is looked at on its own page.
ELSEWHERE = {"account", "desk", "jobs", "moderation", "picture", "latest", "sidebar"}


def test_the_style_guide_shows_every_component_in_both_languages(client):
    sign_in(client, "ed")
    for language in ("nl", "en"):
        client.post("/language", data={"language": language})
        page = client.get("/desk/styleguide/").text
        shown = {name for names in re.findall(r'class="([^"]*)"', page) for name in names.split()}
        for path in STYLES.glob("*.css"):
            classes = set(re.findall(r"\.([a-z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", path.read_text(encoding="utf-8"))))
            assert classes & shown or path.stem in ELSEWHERE, path.name


def test_each_state_of_a_comment_and_of_a_poll_is_there(client):
    sign_in(client, "ed")
    page = JustHTML(client.get("/desk/styleguide/").text, sanitize=False)
    for state in ("hidden", "removed", "held"):
        assert page.query(f".comment--{state}"), state
    assert {node.attrs["class"].split("--")[1] for node in page.query("b.badge")} == {"author", "desk", "expert", "new"}
    assert len(page.query(".poll")) == 6
    assert page.query(".field--wrong")
    assert page.query(".results__bar")


def test_nothing_that_the_guide_links_to_is_missing(client):
    sign_in(client, "ed")
    page = JustHTML(client.get("/desk/styleguide/").text, sanitize=False)
    ids = {node.attrs["id"] for node in page.query("[id]")}
    links = {node.attrs["href"] for node in page.query(".guide__parts a")}
    assert {link.removeprefix("#") for link in links} <= ids
    assert len(links) == len(page.query(".guide"))
