"""What became of everything in an import: every item, comment and shortcode, placed or left out, with reason and id."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext, ngettext

from forum.imports.repair import Repairs

MOST_IDS = 8  # that the short form names; the rest is counted

PLACED, UPDATED, UNCHANGED, KEPT = "placed", "updated", "unchanged", "kept"


def _lists() -> dict[str, list[str]]:
    return defaultdict(list)


@dataclass
class Ledger:
    """One kind of thing: how many came by, and which of them fared how."""

    total: int = 0
    fates: dict[str, list[str]] = field(default_factory=_lists)  # by fate
    left_out: dict[str, list[str]] = field(default_factory=_lists)  # by reason

    def fared(self, fate: str, what: str) -> None:
        """Note that one was placed, updated, unchanged or kept."""
        self.total += 1
        self.fates[fate].append(what)

    def omitted(self, reason: str, what: str) -> None:
        """Note that one was left out, and why."""
        self.total += 1
        self.left_out[reason].append(what)


@dataclass
class Report:
    """The whole account of one import."""

    filename: str
    source: str = ""
    is_dry: bool = False
    items_in_file: int = 0
    comments_in_file: int = 0
    items: Ledger = field(default_factory=Ledger)
    comments: Ledger = field(default_factory=Ledger)
    others: Ledger = field(default_factory=Ledger)  # authors, sections, tags
    pictures: Ledger = field(default_factory=Ledger)  # that texts show, though they are no item of the file
    shortcodes: dict[tuple[str, str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    notes: dict[str, list[str]] = field(default_factory=_lists)
    repairs: list[str] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)  # of the file, for the exports that come after it

    def note(self, sentence: str, what: str) -> None:
        """Note something that came in otherwise than it was."""
        self.notes[sentence].append(what)

    def repaired(self, repairs: Repairs) -> None:
        """Note what was wrong in the bytes of the file."""
        if repairs.dropped:
            self.repairs.append(gettext("characters that XML forbids, taken out: %(count)s", count=repairs.dropped))
        if repairs.replaced:
            self.repairs.append(gettext("bytes that are not in the file's encoding: %(count)s", count=repairs.replaced))
        if repairs.lines:
            where = ", ".join(map(str, repairs.lines[:20]))
            more = ", …" if len(repairs.lines) > 20 else ""
            self.repairs.append(gettext("in lines %(lines)s", lines=where + more))

    @property
    def changes(self) -> int:
        """Return how many things of the site this import made or changed."""
        ledgers = (self.items, self.comments, self.others, self.pictures)
        return sum(len(ledger.fates.get(fate, ())) for ledger in ledgers for fate in (PLACED, UPDATED))

    @property
    def is_complete(self) -> bool:
        """Tell whether everything in the file stands in this report."""
        return self.items.total == self.items_in_file and self.comments.total == self.comments_in_file

    def lines(self, most: int | None = MOST_IDS) -> list[str]:
        """Return the report for people, in the language that is set; `most`: how many each line names (None: every one)."""
        title = gettext("Import of %(file)s (%(source)s)", file=self.filename, source=self.source)
        trial = gettext("a trial: nothing was changed")
        lines = [f"{title} – {trial}" if self.is_dry else title]
        lines += _ledger(gettext("Items: %(count)s", count=self.items_in_file), self.items, most)
        lines += _ledger(gettext("Comments: %(count)s", count=self.comments_in_file), self.comments, most)
        lines += _ledger(gettext("Authors, sections and tags: %(count)s", count=self.others.total), self.others, most)
        if self.pictures.total:
            title = gettext("Pictures that are no item of the file: %(count)s", count=self.pictures.total)
            lines += _ledger(title, self.pictures, most)
        lines += ["", gettext("Shortcodes: %(count)s", count=sum(map(len, self.shortcodes.values())))]
        for (name, _outcome, reason), ids in sorted(self.shortcodes.items()):
            lines += _entry(len(ids), f"[{name}] – {gettext(reason)}", ids, most)
        if self.notes:
            lines += ["", gettext("Came in otherwise than it was:")]
            for sentence, ids in sorted(self.notes.items()):
                lines += _entry(len(ids), gettext(sentence), ids, most)
        if self.repairs:
            lines += ["", gettext("Repaired while reading:"), *(f"  {line}" for line in self.repairs)]
        return [*lines, "", ngettext("%(num)s change.", "%(num)s changes.", self.changes)]

    def as_json(self) -> dict[str, Any]:
        """Return the report as it is kept with its run; of comments that are here, only how many."""
        return {
            "items": {"in_file": self.items_in_file, "fates": self.items.fates, "left_out": self.items.left_out},
            "comments": {
                "in_file": self.comments_in_file,
                "fates": {fate: len(ids) for fate, ids in self.comments.fates.items()},
                "kept": self.comments.fates.get(KEPT, []),
                "left_out": self.comments.left_out,
            },
            "others": {"fates": self.others.fates, "left_out": self.others.left_out},
            "pictures": self.pictures.fates.get(PLACED, []),
            "shortcodes": [
                {"name": name, "outcome": outcome, "reason": reason, "in": ids}
                for (name, outcome, reason), ids in sorted(self.shortcodes.items())
            ],
            "notes": self.notes,
            "repairs": self.repairs,
            "attachments": self.attachments,
            "changes": self.changes,
        }


def _ledger(title: str, ledger: Ledger, most: int | None) -> Iterator[str]:
    yield from ("", title)
    words = {
        PLACED: gettext("placed"),
        UPDATED: gettext("placed again: changed on the old site"),
        UNCHANGED: gettext("here already, unchanged"),
        KEPT: gettext("kept as it is here: edited, approved, hidden or withdrawn since"),
    }
    for fate, word in words.items():
        if ids := ledger.fates.get(fate):
            is_named = most is None or fate in {UPDATED, KEPT}
            yield from _entry(len(ids), word, ids if is_named else (), most)
    left_out = gettext("left out")
    for reason, ids in sorted(ledger.left_out.items()):
        yield from _entry(len(ids), f"{left_out} – {gettext(reason)}", ids, most)


def _entry(count: int, words: str, ids: Sequence[str], most: int | None) -> Iterator[str]:
    """Yield how many and what of them, then who, each on a line of its own."""
    yield f"{count:>6}  {words}"
    shown = ids[:most]
    yield from (f"          {each}" for each in shown)
    if len(ids) > len(shown):
        more = gettext("and %(count)s more", count=len(ids) - len(shown))
        yield f"          {more}"
