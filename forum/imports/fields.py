"""The fields of one element of an export: an item, a comment, an author or a term."""

import re
from xml.etree.ElementTree import Element

from forum import text
from forum.imports import wxr

NUMBER = re.compile(r"[0-9]{1,18}")


class Fields:
    """What an element says, by name ("wp:post_id"); what it does not say is "". The first of a name counts."""

    def __init__(self, element: Element) -> None:
        self.comments: list[Element] = []
        self.labels: list[tuple[str, str, str]] = []  # domain, nicename and name of each <category>
        self.meta: list[tuple[str, str]] = []
        self._values: dict[str, str] = {}
        for child in element:
            name = wxr.name(child.tag)
            if name == "wp:comment":
                self.comments.append(child)
            elif name == "wp:postmeta":
                pair = Fields(child)
                self.meta.append((pair["wp:meta_key"], pair["wp:meta_value"]))
            elif name == "category":
                self.labels.append((child.get("domain", ""), child.get("nicename", ""), _words(child)))
            else:
                self._values.setdefault(name, _words(child))

    def __getitem__(self, name: str) -> str:
        return self._values.get(name, "")

    def number(self, name: str) -> int | None:
        """Return a field as a number above zero, or None: WordPress writes 0 for "none"."""
        return number(self[name])

    def plain(self, name: str) -> str:
        """Return a field as words on one line, without tags and with its entities decoded."""
        return plain(self[name])

    def of_meta(self, key: str) -> list[str]:
        """Return the values that a key of the item's meta has, in order, without empty ones."""
        return [value for name, value in self.meta if name == key and value]


def number(source: str) -> int | None:
    """Return what is written as a number above zero, or None."""
    return int(source) or None if NUMBER.fullmatch(source) else None


def plain(source: str) -> str:
    """Return the words of HTML on one line."""
    return " ".join(text.plain_text(source).split()) if "<" in source or "&" in source else " ".join(source.split())


def _words(element: Element) -> str:
    return "".join(element.itertext()).strip()
