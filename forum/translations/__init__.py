"""The words of the site in each language: catalogues in text, compiled when the program starts."""

import os
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from flask_babel import get_locale, get_translations
from jinja2 import Environment, pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

SOURCE = Path(__file__).parent
# By which calls a string is known; N_ marks one that somebody else translates later.
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "_l", "N_", "gettext", "lazy_gettext")),
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
}


def languages() -> dict[str, str]:
    """Return the languages of the site, each with its name in itself; a folder with a catalogue is a language. Sorted by code."""
    return _languages(SOURCE)


@cache
def _languages(source: Path) -> dict[str, str]:
    codes = sorted(path.parts[-3] for path in source.glob("*/LC_MESSAGES/messages.po"))
    names = {code: Locale.parse(code).get_display_name() or code for code in codes}
    return {code: name[:1].upper() + name[1:] for code, name in names.items()}


def compiled(instance: Path) -> Path:
    """Return the folder with the compiled catalogues of this installation; those older than their text are made anew."""
    target = instance / "translations"
    for catalogue in sorted(SOURCE.glob("*/LC_MESSAGES/*.po")):
        made = (target / catalogue.relative_to(SOURCE)).with_suffix(".mo")
        if made.exists() and made.stat().st_mtime_ns == catalogue.stat().st_mtime_ns:
            continue
        made.parent.mkdir(parents=True, exist_ok=True)
        with catalogue.open("rb") as text:
            words = read_po(text, locale=catalogue.parts[-3])
        temporary = made.with_suffix(f".{os.getpid()}")
        with temporary.open("wb") as file:
            write_mo(file, words)
        stamp = catalogue.stat().st_mtime_ns
        os.utime(temporary, ns=(stamp, stamp))
        temporary.replace(made)
    return target


def speak(templates: Environment) -> None:
    """Let templates translate with `_` and `ngettext`; a page of a discussion asks for a thousand words.

    As Flask-Babel's own they translate to the language of the moment, escape what is put in, and take every string as a
    format string; but they look up the catalogue once for each language and not anew for each word.
    """
    catalogues: dict[object, Any] = {}

    def catalogue() -> Any:
        locale = get_locale()
        if locale not in catalogues:
            catalogues[locale] = get_translations()
        return catalogues[locale]

    def put_in(context: EvalContext, words: str, values: dict[str, Any]) -> str:
        shown = Markup(words) if context.autoescape else words  # noqa: S704  our own words
        return shown % values if values or "%" in words else shown

    @pass_eval_context
    def one(context: EvalContext, message: str, /, **values: Any) -> str:
        return put_in(context, catalogue().ugettext(message), values)

    @pass_eval_context
    def some(context: EvalContext, message: str, plural: str, num: int, /, **values: Any) -> str:
        return put_in(context, catalogue().ungettext(message, plural, num), {"num": num, **values})

    templates.globals.update(_=one, gettext=one, ngettext=some)


def strings() -> Catalog:
    """Return every string of code and templates that a reader may see, without translation.

    From a checkout only: it reads `forum/` and `templates/` beside this package.
    """
    root = SOURCE.parent.parent
    template = Catalog(project="Forum", fuzzy=False)
    for folder, method in (("forum", "python"), ("templates", "jinja2.ext:babel_extract")):
        found = extract_from_dir(root / folder, [("**", method)], {"**": {"trimmed": "true"}}, KEYWORDS)
        for name, _line, message, comments, context in found:
            if name.endswith((".py", ".html", ".txt", ".xml")):
                # Without line numbers: a catalogue changes when words do, not when code moves.
                template.add(message, locations=[(f"{folder}/{name}", 0)], auto_comments=comments, context=context)
    return template


def gather() -> list[str]:
    """Bring `<language>/LC_MESSAGES/messages.po` up to date with `strings()`; return a line for each language.

    Words that stand there are kept, also those of a string that only moved; those of a string that is gone go.
    """
    template = strings()
    lines = []
    for path in sorted(SOURCE.glob("*/LC_MESSAGES/messages.po")):
        language = path.parts[-3]
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, catalogue, width=120, sort_output=True, include_lineno=False)
        missing = sum(1 for message in catalogue if message.id and not _filled(message.string))
        lines.append(f"{language}: {len(catalogue)} messages" + (f", {missing} without words" if missing else ""))
    return lines


def _filled(words: object) -> bool:
    return all(words) if isinstance(words, tuple) else bool(words)
