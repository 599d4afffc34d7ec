"""Our own styles and scripts: many small files to work in, one style sheet and one script for a page to ask for.

They are put together at the start, under an address that changes with them, so that browsers may keep them for good.
"""

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, request, send_from_directory

OWN_STYLE = "site.css"  # in the instance folder: how one site makes the design its own
STYLE_IMPORT = re.compile(r'@import url\("([^"]+)"\) layer\((\w+)\);\n')
STYLE_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
# The forms of import and export that our scripts keep to, so that no parser is needed (tests/test_assets.py holds them to it).
SCRIPT_IMPORT = re.compile(r'^import (?:(\w+)|\{ ([\w, ]+) \}) from "([^"]+)";\n', re.MULTILINE)
SCRIPT_EXPORT = re.compile(r"^export (default )?((?:async )?function|const) (\w+)", re.MULTILINE)
SCRIPT_COMMENT = re.compile(r"^ *(?://.*|/\*\*.*\*/)\n", re.MULTILINE)


@dataclass(frozen=True)
class Assets:
    """What the files in static/ become, and the rules that the site has of its own."""

    style: str
    own_style: str
    script: str

    def sheet(self, between: str = "") -> str:
        """Return the style sheet; `between` are rules that win from ours and lose from the site's own."""
        return f"{self.style}{between}{self.own_style}"


def register(app: Flask, folder: Path, instance: Path) -> None:
    """Serve what is in static/, with all styles in css/main.css and all scripts in js/main.js."""
    own = instance / OWN_STYLE
    assets = Assets(
        style=in_one_sheet(folder / "css"),
        own_style=own.read_text(encoding="utf-8") if own.exists() else "",
        script=in_one_script(folder / "js"),
    )
    digest = hashlib.sha256(assets.own_style.encode())
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    app.config["STATIC_HASH"] = digest.hexdigest()[:12]
    app.extensions["assets"] = assets
    made = {"css/main.css": (assets.sheet(), "text/css"), "js/main.js": (assets.script, "text/javascript")}

    @app.get("/static/<version>/<path:name>")
    def static(version: str, name: str) -> Response:
        return packed(*made[name], version) if name in made else lasting(send_from_directory(folder, name), version)

    @app.get("/favicon.ico")
    def favicon() -> Response:
        return send_from_directory(folder / "img", "favicon.svg", mimetype="image/svg+xml", max_age=86400)


def packed(text: str, kind: str, version: str) -> Response:
    """Return a style sheet or script, compressed for who takes that (RFC 9110, 12.5.3)."""
    takes_gzip = request.accept_encodings["gzip"] > 0
    response = Response(_gzip(text) if takes_gzip else text, mimetype=kind)
    if takes_gzip:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    return lasting(response, version)


def lasting(response: Response, version: str) -> Response:
    """Return the answer with an ETag; to be kept for good if this is what stands at that version."""
    response.add_etag()
    response.make_conditional(request)
    fresh = version == current_app.config["STATIC_HASH"] and not current_app.debug
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if fresh else "no-cache"
    return response


@lru_cache(maxsize=8)
def _gzip(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


def in_one_sheet(folder: Path) -> str:
    """Return main.css with the files that it imports, each in its layer, without comments."""

    def imported(found: re.Match[str]) -> str:
        return f"@layer {found[2]} {{\n{(folder / found[1]).read_text(encoding='utf-8')}}}\n"

    whole = STYLE_IMPORT.sub(imported, (folder / "main.css").read_text(encoding="utf-8"))
    return STYLE_COMMENT.sub("", whole)


def in_one_script(folder: Path) -> str:
    """Return main.js after the modules that it imports, each a function that runs once and gives what the module exports."""
    pieces: dict[Path, str] = {}  # by file, each after those that it needs

    def name_of(file: Path) -> str:
        return "$" + "_".join(file.relative_to(folder).with_suffix("").parts).replace("-", "_")

    def add(file: Path) -> str:
        def imported(found: re.Match[str]) -> str:
            module = add((file.parent / found[3]).resolve())
            return f"const {found[1]} = {module}.default;\n" if found[1] else f"const {{ {found[2]} }} = {module};\n"

        if file not in pieces:
            source = SCRIPT_IMPORT.sub(imported, file.read_text(encoding="utf-8"))
            exports = [f"default: {name}" if default else name for default, _, name in SCRIPT_EXPORT.findall(source)]
            body = SCRIPT_COMMENT.sub("", SCRIPT_EXPORT.sub(r"\2 \3", source)).strip()
            pieces[file] = f"const {name_of(file)} = (() => {{\n{body}\nreturn {{ {', '.join(exports)} }};\n}})();\n"
        return name_of(file)

    add((folder / "main.js").resolve())
    return "".join(pieces.values())
