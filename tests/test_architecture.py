"""The house keeps its floors: who may import whom, which names belong where, and which files a feature has.

The rules read the syntax of each module, so an import inside a function counts too. `BROKEN` proves each of them: a house in
which exactly that rule is broken.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

KERNEL = {
    *("clock", "config", "errors", "extensions", "jobs", "limits", "mail", "migrating", "signals", "tally", "text"),
    *("translations", "versions"),
}
FLOORS = {
    **dict.fromkeys(("accounts", "settings"), 1),
    **dict.fromkeys(("media", "polls"), 2),
    "articles": 3,
    **dict.fromkeys(("comments", "corrections"), 4),
    **dict.fromkeys(("moderation", "following", "search", "feeds"), 5),
    **dict.fromkeys(("imports", "demo"), 6),
    # Over all of the domain: `forum check`, and what fills new columns of old rows.
    **dict.fromkeys(("checking", "migrations"), 7),
}
# "" is forum/__init__.py, the map of the site.
EDGE = {
    "",
    "assets",
    "backstage",
    "cli",
    "gate",
    "health",
    "keeper",
    "opening",
    "serving",
    "sidebar",
    "styleguide",
    "unsubscribe",
    "web",
    "worker",
}
EDGE_FILES = {"views", "forms", "desk"}
OWN_FILES = {
    "accounts": {"policy", "first_admin", "protection", "names", "sessions", "second_step", "letters", "mutes"},
    "articles": {"desk", "places"},
    "moderation": {"desk"},
    "settings": {"desk"},
    "comments": {"claims", "deeds", "desk", "readers", "reading", "screening", "worth"},
    "corrections": {"desk"},
    "media": {"desk", "encoder", "storage", "workshop"},
}
OWN_EDGE_FILES = {"accounts.protection", "comments.deeds", "comments.readers", "comments.reading"}
FILES = {"__init__", "models", "operations", "queries", "forms", "views"}
HOLD_WHAT_THEY_NEED = {"imports", "demo"}
FEATURES = set(FLOORS) - {"checking", "migrations"}
PACKAGES = FEATURES | {"", "migrations", "translations"}

HTML_LIBRARIES = {"bleach", "nh3", "markdown_it", "mdit_py_plugins"}
OF_A_REQUEST = {"request", "session", "g", "abort", "current_user"}
# Where `session` and `g` would be the visitor's: SQLAlchemy has a session too, and that one is everybody's.
WEB_LIBRARIES = {"flask", "flask_login", "flask_security", "werkzeug"}
MAKES_PAGES = {"errors"}  # in the kernel, and yet the page that a refusal becomes

House = dict[str, str]


@dataclass(frozen=True)
class Import:
    """One name that a module takes from another one."""

    module: str
    name: str | None

    @property
    def whole(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module


@cache
def house() -> House:
    """The sources of the program by the name of their module, without its first word: `polls.operations`."""
    found = {}
    for file in sorted((ROOT / "forum").rglob("*.py")):
        parts = file.relative_to(ROOT / "forum").with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file.read_text(encoding="utf-8")
    return found


@cache
def nodes(source: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(source)))


def imports(name: str, source: str) -> Iterator[Import]:
    """What a module takes from others, wherever in it the import stands."""
    package = f"forum.{name}".rstrip(".").split(".")
    if name not in PACKAGES:
        package = package[:-1]
    for node in nodes(source):
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield from (Import(module, alias.name) for alias in node.names)


def inside(found: Import, sources: House) -> str | None:
    """The module of the house that this import reaches, or None for a library's."""
    if found.module != "forum" and not found.module.startswith("forum."):
        return None
    for whole in (found.whole, found.module):
        name = whole.removeprefix("forum").removeprefix(".")
        if name in sources:
            return name
    return found.whole.removeprefix("forum.")


def top(name: str) -> str:
    return name.split(".", maxsplit=1)[0]


def is_edge(name: str) -> bool:
    return (
        name in EDGE
        or name in OWN_EDGE_FILES
        or (top(name) in FEATURES and name.rsplit(".", maxsplit=1)[-1] in EDGE_FILES)
    )


def has_no_floor(sources: House) -> Iterator[str]:
    for name in sources:
        if top(name) not in KERNEL | set(FLOORS) | EDGE:
            yield f"forum.{name} stands on no floor"


def looks_up(sources: House) -> Iterator[str]:
    for name, source in sources.items():
        if is_edge(name):
            continue
        for found in imports(name, source):
            target = inside(found, sources)
            if target is None or target == name:
                continue
            if is_edge(target):
                yield f"forum.{name} imports the edge: {found.whole}"
            elif top(name) in KERNEL and top(target) not in KERNEL:
                yield f"forum.{name} is kernel and knows a feature: {found.whole}"
            elif top(target) in FLOORS and top(target) != top(name):
                above, below = FLOORS.get(top(name), 0), FLOORS[top(target)]
                if above < below:
                    yield f"forum.{name} looks up: {found.whole}"
                elif above == below:
                    yield f"forum.{name} meets a feature of its own floor: {found.whole}"


def knows_the_visitor(sources: House) -> Iterator[str]:
    for name, source in sources.items():
        if is_edge(name) or name in MAKES_PAGES:
            continue
        for found in imports(name, source):
            if top(found.module) in WEB_LIBRARIES and (found.name in OF_A_REQUEST or found.name in {None, "*"}):
                yield f"forum.{name} is domain and takes {found.whole}"


def names_current_user(sources: House) -> Iterator[str]:
    for name, source in sources.items():
        if name != "web" and any("current_user" in words(node) for node in nodes(source)):
            yield f"forum.{name} names current_user"


def words(node: ast.AST) -> set[str]:
    match node:
        case ast.Name(id=word) | ast.Attribute(attr=word):
            return {word}
        case ast.alias(name=word, asname=other):
            return {*word.split("."), other or word}
    return set()


def commits(sources: House) -> Iterator[str]:
    for name, source in sources.items():
        if is_edge(name):
            continue
        for node in nodes(source):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
                yield f"forum.{name} commits in line {node.lineno}"


def makes_html(sources: House) -> Iterator[str]:
    for name, source in sources.items():
        for found in imports(name, source):
            if name != "text" and top(found.module) in HTML_LIBRARIES:
                yield f"forum.{name} imports {found.whole}"


def has_a_drawer(sources: House) -> Iterator[str]:
    for name in sources:
        feature, _, file = name.partition(".")
        if feature not in FEATURES - HOLD_WHAT_THEY_NEED:
            continue
        if (file or "__init__") not in FILES | OWN_FILES.get(feature, set()):
            yield f"forum.{name} is no file that a feature has"


def has_more_than_a_docstring(sources: House) -> Iterator[str]:
    for name in sorted(FEATURES & set(sources)):
        body = ast.parse(sources[name]).body
        if len(body) != 1 or ast.get_docstring(ast.parse(sources[name])) is None:
            yield f"forum/{name}/__init__.py holds more, or less, than one docstring"


RULES = (
    has_no_floor,
    looks_up,
    knows_the_visitor,
    names_current_user,
    commits,
    makes_html,
    has_a_drawer,
    has_more_than_a_docstring,
)

BROKEN = [
    (has_no_floor, {"utils": ""}),
    (has_no_floor, {"helpers.text": ""}),
    (looks_up, {"articles.models": "from forum.comments.models import Comment"}),
    (looks_up, {"articles.operations": "from forum.comments import queries"}),
    (looks_up, {"articles.operations": "from forum import comments"}),
    (looks_up, {"articles.operations": "import forum.comments.queries"}),
    (looks_up, {"articles.operations": "from ..comments import queries"}),
    (looks_up, {"articles.operations": "def late():\n    from forum.comments import queries"}),
    (looks_up, {"comments.screening": "from forum.moderation import queries"}),
    (looks_up, {"polls.queries": "from forum.media.models import Media"}),
    (looks_up, {"settings.operations": "from forum.accounts import policy"}),
    (looks_up, {"imports.operations": "from forum.demo import content"}),
    (looks_up, {"text": "from forum.settings.queries import site"}),
    (looks_up, {"clock": "from forum.checking import everything"}),
    (looks_up, {"accounts.operations": "from forum.migrations import env"}),
    (looks_up, {"versions": "from forum import web"}),
    (looks_up, {"comments.operations": "from forum import web"}),
    (looks_up, {"comments.operations": "from forum.web import actor"}),
    (looks_up, {"comments.operations": "from forum.comments.views import Row"}),
    (looks_up, {"comments.operations": "from .forms import CommentForm"}),
    (looks_up, {"comments.queries": "from forum.articles.desk import bp"}),
    (looks_up, {"accounts.operations": "from forum.accounts.protection import register"}),
    (looks_up, {"polls.operations": "from forum import create_app"}),
    (looks_up, {"demo.operations": "from forum.cli import main"}),
    (looks_up, {"checking": "from forum.moderation.views import queue"}),
    (knows_the_visitor, {"polls.operations": "from flask import current_app, request"}),
    (knows_the_visitor, {"polls.operations": "from flask import session as cookie"}),
    (knows_the_visitor, {"polls.operations": "import flask"}),
    (knows_the_visitor, {"polls.queries": "from flask import *"}),
    (knows_the_visitor, {"comments.models": "from flask.globals import g"}),
    (knows_the_visitor, {"comments.screening": "from werkzeug.exceptions import abort"}),
    (knows_the_visitor, {"accounts.policy": "from flask_login import current_user"}),
    (knows_the_visitor, {"versions": "from flask import g"}),
    (names_current_user, {"polls.views": "from flask_security import current_user as who"}),
    (names_current_user, {"comments.views": "import flask_login\nflask_login.current_user.id"}),
    (commits, {"polls.operations": "db.session.commit()"}),
    (commits, {"versions": "def late(session):\n    session.commit()"}),
    (commits, {"imports.operations": "with connection.begin() as running:\n    running.commit()"}),
    (makes_html, {"articles.operations": "import bleach"}),
    (makes_html, {"comments.views": "from nh3 import clean"}),
    (makes_html, {"imports.markup": "from markdown_it.token import Token"}),
    (has_a_drawer, {"polls.utils": ""}),
    (has_a_drawer, {"settings.policy": ""}),
    (has_a_drawer, {"polls.desk": ""}),
    (has_more_than_a_docstring, {"polls": '"""Polls."""\nfrom forum.polls import models'}),
    (has_more_than_a_docstring, {"polls": "import enum"}),
]

KEPT = {
    "": "from forum import config, gate\nfrom forum.comments import views",
    "clock": "from flask import current_app",
    "extensions": "",
    "text": "import bleach, nh3\nfrom markdown_it import MarkdownIt",
    "web": "from flask import g, request\nfrom flask_login import current_user\nfrom forum.comments import queries",
    "errors": "from flask import request",
    "comments": '"""The conversation."""',
    "comments.operations": "from flask import current_app\nfrom forum import clock\nfrom forum.comments import models\n"
    "from forum.polls.models import Poll\nfrom sqlalchemy.orm import session\ndb.session.flush()",
    "comments.models": "from forum.extensions import Model",
    "comments.views": "from forum.moderation import queries\nfrom forum import web\ndb.session.commit()",
    "imports.wordpress": "from forum.imports import wxr",
    "imports.wxr": "",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_module_of_the_house(rule):
    assert list(rule(house())) == []


@pytest.mark.parametrize(
    ("rule", "change"),
    BROKEN,
    ids=[f"{rule.__name__}-{'-'.join(change)}-{i}" for i, (rule, change) in enumerate(BROKEN)],
)
def test_a_broken_rule_is_found(rule, change):
    empty = dict.fromkeys(house(), '"""A module."""')
    assert len(list(rule({**empty, **change}))) == len(list(rule(empty))) + 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_house_in_order_passes(rule):
    assert list(rule(KEPT)) == []


def test_the_whole_house_is_read():
    assert {"", "text", "web", "accounts.policy", "polls.operations", "comments", "migrations.env"} <= set(house())


def test_no_template_names_current_user():
    pages = list((ROOT / "templates").rglob("*.html"))
    assert pages
    assert [page.name for page in pages if "current_user" in page.read_text(encoding="utf-8")] == []
