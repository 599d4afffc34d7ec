"""The house rules of templates, styles and scripts, held against the files themselves."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from forum.settings.operations import DARK_PAPER, PAPER

ROOT = Path(__file__).parent.parent
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"

PAGES = sorted(TEMPLATES.rglob("*.html"))
STYLES = sorted(STATIC.rglob("*.css"))
SCRIPTS = sorted(STATIC.rglob("*.js"))
TOKENS = STATIC / "css" / "tokens.css"
LETTER = TEMPLATES / "email" / "base.html"

COMMENT_BYTES = 1000  # around name, date and words; a page holds hundreds of them
NAMES_OF_KEYS = {"Enter", "Escape", "Tab", "Home", "End"}  # as `KeyboardEvent.key` has them
FIELDS_WITHOUT_LABEL = {"hidden_tag", "csrf_token", "parent_id", "key", "based_on"}  # they are hidden

every_template = pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
every_style = pytest.mark.parametrize("path", STYLES, ids=lambda path: str(path.relative_to(STATIC)))
every_script = pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(STATIC)))


def without_comments(path: Path) -> str:
    comment = {".html": r"\{#.*?#\}", ".css": r"/\*.*?\*/", ".js": r"/\*.*?\*/|(?<!:)//[^\n]*"}[path.suffix]
    return re.sub(comment, "", path.read_text(encoding="utf-8"), flags=re.DOTALL)


def environment() -> Environment:
    """A Jinja without the site: what a template needs is given by hand, dates pass as they are."""
    jinja = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, extensions=["jinja2.ext.i18n"]
    )
    jinja.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    jinja.filters["moment"] = lambda at: at.strftime("%d juni %Y %H:%M uur")
    jinja.filters["day"] = lambda at: at.strftime("%d juni %Y")
    jinja.filters["clock"] = lambda at: at.strftime("%H:%M")
    jinja.filters["iso"] = lambda at: at.isoformat()
    return jinja


def make_row(number: int = 70411, **changes: object) -> SimpleNamespace:
    row = {
        "id": number,
        "anchor": f"comment-{number}",
        "state": "visible",
        "author_name": "Bart M. Veldhuis",
        "author_url": None,
        "badge": None,
        "created_at": datetime(2014, 6, 23, 11, 12, tzinfo=UTC),
        "body_html": Markup("<p>Hi Rashid.</p>"),
        "permalink": f"/comments/{number}",
        "reply_url": f"/discussions/50751/comments/new?parent={number}",
        "hide_url": None,
        "restore_url": None,
        "level": 0,
        "deeper": False,
        "closes": 0,
        "parent_name": None,
        "parent_url": None,
        "root_url": None,
        "previous_url": None,
        "next_url": None,
        "is_mine": False,
        "own_url": None,
        "is_editable": False,
        "is_new": False,
        "valued_count": 0,
        "value_url": None,
        "is_valued": False,
        "is_muted": False,
        "more_url": f"/comments/{number}/more",
        "reason": None,
        "expertise": None,
        "interest": None,
        "edited_at": None,
        "reply_count": 1,
        "branch_url": f"?branch={number}#comment-{number}",
    }
    return SimpleNamespace(**(row | changes))


def rows_at(levels: list[int]) -> list[SimpleNamespace]:
    following = [*levels[1:], 0]
    return [
        make_row(number, level=level, deeper=after > level, closes=max(0, level - after))
        for number, (level, after) in enumerate(zip(levels, following, strict=True), start=1)
    ]


def render_comment(row: SimpleNamespace) -> str:
    return str(environment().get_template("macros/comment.html").module.comment(row))  # type: ignore[attr-defined]


class Outline(HTMLParser):
    """Reads HTML strictly: every element that needs an end has one, in order. Notes how deep in lists each comment lies."""

    VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.depths: dict[str, int] = {}
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"ol", "ul"} and self.open and self.open[-1] in {"ol", "ul"}:
            raise AssertionError("a list directly in a list")
        if tag == "article":
            self.depths[dict(attrs)["id"] or ""] = self.open.count("ol")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


# What the content security policy forbids


@every_template
def test_a_template_has_no_inline_style_or_script(path: Path) -> None:
    html = without_comments(path)
    if path == LETTER:  # no policy of ours governs a letter, and it can ask for no style sheet
        html = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    assert not re.findall(r"\sstyle\s*=|\son[a-z]+\s*=|<style|javascript:", html, re.IGNORECASE)
    assert all("src=" in script for script in re.findall(r"<script[^>]*>", html))


@pytest.mark.parametrize(
    "path", [*PAGES, *STYLES, *SCRIPTS, *STATIC.rglob("*.svg")], ids=lambda path: str(path.relative_to(ROOT))
)
def test_nothing_is_loaded_from_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"""(?:src|href|srcset|action|poster|data)\s*=\s*["'](?:https?:)?//""", text)
    assert not re.findall(r"""(?:url\(|@import|import|from|fetch\()\s*["'(]*(?:https?:)?//""", text)


@every_template
def test_no_template_declares_html_to_be_safe(path: Path) -> None:
    assert not re.findall(r"\|\s*safe\b|Markup\(|autoescape", without_comments(path))


# What readers read and use


@every_template
def test_every_word_goes_through_the_translation(path: Path) -> None:
    html = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|<style>.*?</style>", "", without_comments(path), flags=re.DOTALL)
    words = set(re.findall(r"[^\W\d_]{2,}", re.sub(r"<[^>]*>", " ", html)))
    assert words == set()
    for words_in in re.findall(r"""\s(?:aria-label|title|alt|placeholder)\s*=\s*"([^"]*)\"""", html):
        assert not re.search(r"[^\W\d_]", words_in)


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.txt")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_word_of_a_letter_goes_through_the_translation(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.findall(r"[^\W\d_]{2,}", text)


@every_template
def test_every_field_has_a_label(path: Path) -> None:
    html = without_comments(path)
    labelled = set(re.findall(r'<label[^>]*\sfor="([^"]+)"', html))
    outside = re.sub(r"<label.*?</label>", "", html, flags=re.DOTALL)
    for control in re.findall(r"<(?:input|select|textarea)\b[^>]*>", outside):
        if 'type="hidden"' in control:
            continue
        name = re.search(r'\sid="([^"]+)"', control)
        assert name is not None, control
        assert name[1] in labelled, control
    for form, name in re.findall(r"\{\{\s*(\w*form)\.(\w+)\(", outside):
        assert name in FIELDS_WITHOUT_LABEL or f"{form}.{name}.label" in html, name


@every_template
def test_a_partial_says_what_it_needs(path: Path) -> None:
    if path.name.startswith("_"):
        assert path.read_text(encoding="utf-8").startswith("{# ")


@every_template
def test_what_a_template_builds_on_is_there(path: Path) -> None:
    for name in re.findall(r"""\{%-?\s*(?:extends|include|from|import)\s+["']([^"']+)["']""", without_comments(path)):
        assert (TEMPLATES / name).is_file(), name


# Styles


def test_the_layers_are_named_first_and_every_style_stands_in_one() -> None:
    lines = (STATIC / "css" / "main.css").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "@layer reset, tokens, base, layout, components, utilities;"
    imports = re.findall(r'^@import url\("([^"]+)"\) layer\((\w+)\);$', "\n".join(lines), re.MULTILINE)
    named = [name for name, _ in imports]
    assert sorted(named) == sorted(str(path.relative_to(STATIC / "css")) for path in STYLES if path.name != "main.css")
    assert all((layer == "components") == name.startswith("components/") for name, layer in imports)
    assert len(imports) == len([line for line in lines[1:] if line])


@every_style
def test_every_custom_property_is_a_token(path: Path) -> None:
    defined = set(re.findall(r"(--[\w-]+)\s*:", without_comments(TOKENS)))
    css = without_comments(path)
    assert set(re.findall(r"var\((--[\w-]+)", css)) <= defined
    if path != TOKENS:
        assert not re.findall(r"(?<![\w-])--[\w-]+\s*:", css)


def test_every_token_is_used() -> None:
    used = {name for path in STYLES for name in re.findall(r"var\((--[\w-]+)", without_comments(path))}
    assert set(re.findall(r"(--[\w-]+)\s*:", without_comments(TOKENS))) <= used


@every_style
def test_colours_are_named_in_tokens_only(path: Path) -> None:
    if path != TOKENS:
        assert not re.findall(
            r"#[0-9a-f]{3,8}\b(?=[^{]*;)|\b(?:rgb|hsl|oklch|lab)a?\(", without_comments(path), re.IGNORECASE
        )


@every_style
def test_a_component_is_used_by_a_template_or_script(path: Path) -> None:
    served = "".join(without_comments(page) for page in PAGES) + "".join(without_comments(script) for script in SCRIPTS)
    for name in set(re.findall(r"\.(-?[a-z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", without_comments(path)))) - {"css"}:
        base, _, modifier = name.partition("--")
        assert name in served or (modifier and base + "--{{" in served), name


# Scripts


def test_every_enhancement_that_a_template_names_exists_and_is_named() -> None:
    named = {name for path in PAGES for name in re.findall(r'data-enhance="([^"]+)"', path.read_text(encoding="utf-8"))}
    main = (STATIC / "js" / "main.js").read_text(encoding="utf-8")
    imported = set(re.findall(r'from "\./enhance/([\w-]+)\.js"', main))
    registered = re.search(r"Object\.assign\(enhancements, \{(.*?)\}\)", main, re.DOTALL)
    assert registered is not None
    assert named == imported == {path.stem for path in (STATIC / "js" / "enhance").glob("*.js")}
    assert {name.split(":")[0].strip().strip('"') for name in registered[1].split(",")} - {""} == named


@every_script
def test_a_script_makes_no_markup_and_no_words_of_its_own(path: Path) -> None:
    script = without_comments(path)
    assert not re.findall(r"\beval\(|new Function|document\.write|insertAdjacentHTML|outerHTML|\.style\b", script)
    assert not re.findall(r"\.(?:textContent|innerText|placeholder|title)\s*=[^=]", script)
    if path.name != "fragment.js":
        assert "innerHTML" not in script


@every_script
def test_a_script_says_nothing_to_a_reader(path: Path) -> None:
    """Words stand in the page, where they are translated; a script shows, hides and moves them."""
    code = re.sub(r"new \w*Error\([^)]*\)", "", without_comments(path))
    said = [
        piece
        for _, piece in re.findall(r"""(["'`])((?:\\.|(?!\1).)*)\1""", code)
        if re.search(r"\b[a-z]+ [a-z]+ [a-z]+\b|^[A-Z][a-z]+( |[.!?…]|$)", piece) and piece not in NAMES_OF_KEYS
    ]
    assert said == []


@every_script
def test_a_script_imports_what_is_there(path: Path) -> None:
    for name in re.findall(r"""from ["']([^"']+)["']""", without_comments(path)):
        assert (path.parent / name).resolve().is_file(), name


# Comments


def test_a_comment_costs_few_bytes_around_its_words() -> None:
    row = make_row(
        **{
            f"{way}_url": f"#comment-{number}"
            for number, way in enumerate(("parent", "root", "previous", "next"), 70400)
        }
    )
    html = render_comment(row)
    around = len(f"<li>{html}</li>") - len(row.author_name) * 2 - len(row.body_html) - len("23 juni 2014 11:12 uur")
    assert around <= COMMENT_BYTES


def test_a_comment_shows_its_author_and_its_words() -> None:
    html = render_comment(make_row(badge="author"))
    assert '<article class="comment" id="comment-70411"><h3 class="comment__author">Bart M. Veldhuis</h3>' in html
    assert '<div class="comment__body"><p>Hi Rashid.</p></div>' in html
    assert 'href="/comments/70411"' in html


def test_a_name_is_never_markup() -> None:
    html = render_comment(make_row(author_name="<b>Bart</b>", parent_name='"><i>', parent_url="#comment-1"))
    assert "<b>Bart" not in html
    assert "<i>" not in html


@pytest.mark.parametrize("state", ["hidden", "removed", "held"])
def test_a_comment_that_is_not_to_be_read_shows_neither_name_nor_words(state: str) -> None:
    html = render_comment(make_row(state=state))
    assert "Bart" not in html
    assert "Rashid" not in html
    assert "new?parent" not in html
    assert 'id="comment-70411"' in html


def test_a_hidden_comment_says_why() -> None:
    assert "a moderator: rule 2" in render_comment(make_row(state="hidden", reason="rule 2"))


def test_ones_own_held_comment_is_shown_and_marked() -> None:
    html = render_comment(make_row(state="held", is_mine=True))
    assert "Hi Rashid." in html
    assert "Waiting for review" in html


@pytest.mark.parametrize(
    "levels", [[0], [0, 0], [0, 1, 2, 1, 0], [0, 1, 2, 3, 4, 5, 5, 5], [0, 1, 2, 3, 0, 1, 1, 2, 0]], ids=str
)
def test_lists_nest_as_deep_as_the_comments_lie(levels: list[int]) -> None:
    discussion = SimpleNamespace(
        id=7,
        count=len(levels),
        tally="by 2 readers",
        rows=rows_at(levels),
        order="talk",
        orders=[],
        branch_of=None,
        since=None,
        first_new_url=None,
        new_count=0,
        notice=None,
        keep_url=None,
        previous_url=None,
        next_url=None,
        first_url="#discussion",
        is_open=False,
        closed_reason=None,
        post_url="/discussions/7/comments",
        follow_url="/discussions/7/follow",
        summary=None,
        highlights=(),
        summary_url=None,
        page_size=100,
        rules_url=None,
        seen_url=None,
        until=None,
        since_words=None,
        slow_seconds=0,
    )
    html = environment().get_template("comments/_discussion.html").render(discussion=discussion, form=None, viewer=None)
    depths = Outline(html).depths
    assert depths == {f"comment-{number}": level + 1 for number, level in enumerate(levels, start=1)}


def contrast(one: str, other: str) -> float:
    """The contrast of two colours (WCAG 2.2, "contrast ratio")."""

    def luminance(colour: str) -> float:
        digits = colour.lstrip("#")
        digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
        parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def palettes() -> Iterator[tuple[str, dict[str, str]]]:
    """Every palette that the tokens make: light-dark() gives two, and high contrast changes both."""
    blocks = re.findall(r"(?:@media ([^{]+)\{\s*)?:root \{(.*?)\}", without_comments(TOKENS), re.DOTALL)
    pairs = {
        where.strip(): re.findall(r"(--[\w-]+): light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\);", rules)
        for where, rules in blocks
    }
    for at, name in enumerate(("light", "dark")):
        usual = {pair[0]: pair[at + 1] for pair in pairs[""]}
        yield name, usual
        yield f"{name}, more contrast", usual | {pair[0]: pair[at + 1] for pair in pairs["(prefers-contrast: more)"]}


@pytest.mark.parametrize(("name", "colours"), list(palettes()), ids=[name for name, _ in palettes()])
def test_every_text_can_be_read_on_its_paper(name: str, colours: dict[str, str]) -> None:
    pairs = [
        (ink, paper)
        for ink in colours
        if ink in {"--ink", "--ink-soft", "--link", "--wrong", "--done"} or ink.startswith("--kicker")
        for paper in ("--paper", "--paper-aside", "--paper-field", "--paper-target")
    ]
    pairs += [("--button-ink", "--button"), ("--button-ink", "--button-over")]
    pairs += [(ink, ground) for ink in ("--ink", "--link") for ground in ("--wrong-ground", "--done-ground")]
    wanted = {pair: 7.0 if "more" in name and pair[0] in {"--ink", "--ink-soft"} else 4.5 for pair in pairs}
    wanted |= {("--rule-field", "--paper-field"): 3.0, ("--focus", "--paper"): 3.0, ("--focus", "--paper-aside"): 3.0}
    weak = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in wanted}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < wanted[pair]} == {}


def test_an_accent_is_judged_by_the_papers_that_it_will_stand_on() -> None:
    colours = dict(palettes())
    assert (colours["light"]["--paper-aside"], colours["dark"]["--paper-aside"]) == (PAPER, DARK_PAPER)
