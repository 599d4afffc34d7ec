"""Reading data files strictly: a value has its type, a name its meaning, and what is wrong is told by file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path

_FENCE = "+++"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file."""

    path: Path
    line: int

    def wrong(self, what: str) -> ValueError:
        """The error to raise about this line."""
        return ValueError(f"{self.path.name}, line {self.line}: {what}")


class Table:
    """One table of a TOML file. Every value is asked for once; `close` then refuses what nobody asked for."""

    def __init__(self, values: Mapping[str, object], start: Place, lines: list[str]) -> None:
        self._values = dict(values)
        self._start = start
        self._lines = lines  # of the whole file, to find a value's line again

    def place(self, name: str) -> Place:
        """The line that gives this value, or the table's first line when it is given nowhere or inside another value."""
        given = re.compile(rf"\s*{re.escape(name)}\s*=|\s*\[+{re.escape(name)}\]+")
        for number, line in enumerate(self._lines[self._start.line - 1 :], start=self._start.line):
            if given.match(line):
                return Place(self._start.path, number)
        return self._start

    def text(self, name: str, default: str | None = None) -> str:
        """A text with something in it; the default where the name is absent and there is one."""
        value = self._values.pop(name, default)
        if not isinstance(value, str) or not value.strip():
            raise self.place(name).wrong(f"{name} must be a text")
        return value

    def number(self, name: str) -> int:
        """A whole number."""
        value = self._values.pop(name, None)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.place(name).wrong(f"{name} must be a whole number")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, in order; it may be empty."""
        value = self._values.pop(name, None)
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.place(name).wrong(f"{name} must be a list of texts")
        return tuple(value)

    def choice(self, name: str, known: Container[str], default: str | None = None) -> str:
        """A text that is one of the known ones."""
        place = self.place(name)
        value = self.text(name, default)
        if value not in known:
            raise place.wrong(f"unknown {name} {value!r}")
        return value

    def choices(self, name: str, known: Container[str]) -> tuple[str, ...]:
        """A list of which each text is one of the known ones, and none stands in it twice."""
        place = self.place(name)
        values = self.texts(name)
        for value in values:
            if value not in known:
                raise place.wrong(f"unknown {name} {value!r}")
        if len(set(values)) < len(values):
            raise place.wrong(f"{name} names one of them twice")
        return values

    def table(self, name: str) -> Table | None:
        """The table of this name below this one, or None."""
        value = self._values.pop(name, None)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.place(name).wrong(f"{name} must be a table")
        return Table(value, self.place(name), self._lines)

    def tables(self, name: str) -> list[Table]:
        """The tables of a list of tables, in order; [[name]] and inline ones alike."""
        place = self.place(name)
        values = self._values.pop(name, None)
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise place.wrong(f"{name} must be a list of tables")
        heads = [n for n, line in enumerate(self._lines, start=1) if line.strip() == f"[[{name}]]"]
        starts = heads if len(heads) == len(values) else [place.line] * len(values)
        return [Table(value, Place(place.path, line), self._lines) for value, line in zip(values, starts, strict=True)]

    def close(self) -> None:
        """Refuses a name that nobody asked for: a slip of the pen, or a value that would silently do nothing."""
        for name in self._values:
            raise self.place(name).wrong(f"{name} means nothing here")


def read_table(path: Path) -> Table:
    """The whole of a TOML file."""
    return _parse(path, path.read_text(encoding="utf-8"), first_line=1)


def read_front_matter(path: Path) -> tuple[Table, str]:
    """A text with TOML between two lines of +++ above it: the table and the text."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    if not lines or lines[0] != _FENCE:
        raise Place(path, 1).wrong(f"the file must begin with {_FENCE}")
    try:
        end = lines.index(_FENCE, 1)
    except ValueError:
        raise Place(path, len(lines)).wrong(f"the front matter has no closing {_FENCE}") from None
    table = _parse(path, "\n".join(["", *lines[1:end], ""]), first_line=2)
    body = "\n".join(lines[end + 1 :]).strip("\n") + "\n"
    if not body.strip():
        raise Place(path, len(lines)).wrong("there is no text below the front matter")
    return table, body


def _parse(path: Path, source: str, first_line: int) -> Table:
    try:
        values = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else source.count("\n") + 1
        raise Place(path, line).wrong(str(error)) from error
    return Table(values, Place(path, first_line), source.split("\n"))
