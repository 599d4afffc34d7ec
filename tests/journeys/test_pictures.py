"""Pictures at the desk: from a file on the editor's machine to what readers see."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.data.make_hostile_pictures import MADE
from tests.journeys.conftest import LiveSite
from tests.journeys.pages import button, fill_in_sign_in, link_to, word
from tests.media.pictures import photo

pytestmark = pytest.mark.browser
Arrive = Callable[..., Page]


def file(name: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def test_an_editor_takes_a_picture_in_and_puts_it_over_an_article(arrive: Arrive, site: LiveSite, script: bool) -> None:
    how = "met script" if script else "zonder script"
    alt, headline = f"Een blauw vlak, {how}", f"Het vlak is blauw, {how}"
    ed, reader = arrive(), arrive()
    ed.goto("/desk/")
    fill_in_sign_in(ed, "ed")
    link_to(ed.get_by_role("main"), "Pictures").click()
    first = ed.locator("details.upload").first
    alt_label, file_label = word("What is to be seen (for who does not see it)"), word("Picture")
    first.get_by_label(file_label, exact=True).set_input_files(file("vlak.jpg", MADE["a-drawing.svg"][1]()))
    first.get_by_label(alt_label).fill(alt)
    first.get_by_label(word("Caption")).fill("Het vlak in kwestie.")
    first.get_by_label(word("Maker or source")).fill("Anna de Wit")
    first.get_by_label(word("Licence")).fill("CC BY 4.0")
    button(ed, "Upload").click()
    expect(ed.get_by_role("alert")).to_contain_text("SVG")
    expect(first.get_by_label(alt_label)).to_have_value(alt)
    colour = "navy" if script else "blue"
    first.get_by_label(file_label, exact=True).set_input_files(file("vlak.jpg", photo(1000, 700, colour)))
    button(ed, "Upload").click()
    expect(ed).to_have_url(re.compile(r"/desk/media/\d+/$"))
    expect(ed.get_by_label(alt_label)).to_have_value(alt)
    if script:
        ed.locator("[data-part=picture]").click(position={"x": 5, "y": 5})
        expect(ed.get_by_label(word("From the left, in percent"))).to_have_value(re.compile(r"^[0-4]$"))
        expect(ed.locator("[data-part=seen] img")).to_have_class(re.compile(r"focus--0-0"))
    else:
        ed.get_by_label(word("From the left, in percent")).fill("2")
    ed.get_by_label(word("From the top, in percent")).fill("80")
    button(ed, "Save").click()
    expect(ed.get_by_label(word("From the top, in percent"))).to_have_value("80")
    line = ed.locator(".picture-line").input_value()

    ed.goto("/desk/articles/new")
    ed.get_by_label(word("Headline")).fill(headline)
    ed.get_by_label(word("Body")).fill(f"Kijk eerst boven, en dan hier:\n\n{line}")
    ed.get_by_role("radio", name=alt, exact=True).check()
    button(ed, "Preview").click()
    expect(ed.get_by_role("region", name=word("Preview")).get_by_role("img", name=alt)).to_have_count(2)
    expect(ed.get_by_role("radio", name=alt, exact=True)).to_be_checked()
    button(ed, "Save and publish").click()
    expect(ed).to_have_url(re.compile(r"/archives/\d+/het-vlak-is-blauw"))

    reader.goto(ed.url)
    images = reader.get_by_role("main").get_by_role("img", name=alt)
    expect(images).to_have_count(2)
    expect(reader.get_by_role("main")).to_contain_text("Anna de Wit, CC BY 4.0")
    for image in images.all():
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") > 0
    for _ in range(60):  # until the worker has made the other formats
        if reader.locator("main picture source[type='image/avif']").count() == 2:
            break
        reader.wait_for_timeout(1000)
        reader.reload()
    else:
        pytest.fail("no worker made the other formats")
    expect(images.first).to_have_js_property("complete", True)
    assert images.first.evaluate("image => image.currentSrc").endswith(".avif")
    reader.goto("/")
    expect(reader.locator("img.focus--0-3").first).to_be_visible()


def test_a_picture_comes_along_with_an_article(arrive: Arrive, site: LiveSite, script: bool) -> None:
    alt = f"Een groen vlak, {'met' if script else 'zonder'} script"
    ed = arrive()
    ed.goto("/desk/articles/new")
    fill_in_sign_in(ed, "ed")
    ed.get_by_label(word("Headline")).fill("Het vlak is groen")
    ed.get_by_label(word("Body")).fill("Zie boven.")
    ed.get_by_text(word("Upload another one")).click()
    ed.get_by_label(word("Picture"), exact=True).set_input_files(
        file("vlak.jpg", photo(600, 400, "green" if script else "lime"))
    )
    ed.get_by_label(word("What is to be seen (for who does not see it)")).fill(alt)
    button(ed, "Save").click()
    expect(ed).to_have_url(re.compile(r"/desk/articles/\d+/$"))
    expect(ed.get_by_role("radio", name=alt, exact=True)).to_be_checked()
