"""One row per picture; the files lie in the storage under names made from their content."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forum.accounts import policy
from forum.accounts.models import Actor, User
from forum.extensions import Model

TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}  # by ending; the smallest files first


class Media(Model):
    """A picture of the site. `name` is the file of its largest width; narrower ones and other formats are derived from it."""

    __tablename__ = "media"
    __table_args__ = (UniqueConstraint("source", "source_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), index=True)
    width: Mapped[int]
    height: Mapped[int]
    widths: Mapped[str] = mapped_column(String(60), default="")  # narrower ones, such as "400 800"
    alt: Mapped[str] = mapped_column(Text, default="")
    caption: Mapped[str] = mapped_column(Text, default="")
    credit: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    source: Mapped[str | None] = mapped_column(String(120))
    source_id: Mapped[str | None] = mapped_column(String(400))
    formats: Mapped[str] = mapped_column(String(40), default="")  # besides that of `name`, such as "avif webp"
    licence: Mapped[str] = mapped_column(Text, default="")
    # What must stay in sight when edges are cut off: percent from the left and from the top.
    focus_x: Mapped[int] = mapped_column(default=50)
    focus_y: Mapped[int] = mapped_column(default=50)
    uploaded_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)

    @property
    def url(self) -> str:
        """Return the address of the largest width."""
        return f"/media/{self.name}"

    @property
    def stem(self) -> str:
        """Return what the names of all its files begin with."""
        return self.name.rsplit(".", 1)[0]

    @property
    def ending(self) -> str:
        """Return the format that every browser shows, as its file's ending."""
        return self.name.rsplit(".", 1)[1]

    @property
    def is_finished(self) -> bool:
        """Tell whether every width and format is there; until then the largest one serves for all."""
        return bool(self.formats) or self.ending != "jpg"

    @property
    def srcset(self) -> str:
        """Return every width with its address, as `srcset` wants it (HTML, 4.8.4.2.1); "" when there is only one."""
        return self._set(self.ending) if self.widths else ""

    @property
    def sources(self) -> list[tuple[str, str]]:
        """Return media type and `srcset` of each format that a browser may know, the one to be preferred first."""
        return [(TYPES[ending], self._set(ending)) for ending in self.formats.split()]

    @property
    def thumbnail(self) -> str:
        """Return the address of the narrowest file that every browser shows."""
        return f"/media/{self._name(self.widths.split()[0], self.ending)}" if self.widths else self.url

    @property
    def focus(self) -> str:
        """Return the focus point in quarters, from the left and from the top, as style sheets name it: "2-2" is the middle."""
        return f"{(self.focus_x + 12) // 25}-{(self.focus_y + 12) // 25}"

    @property
    def markdown(self) -> str:
        """Return the line that shows the picture in a text."""
        caption = " — ".join(" ".join(words.split()) for words in (self.caption, self.credit) if words.strip())
        titled = f' "{_escaped(caption, chr(34))}"' if caption else ""
        return f"![{_escaped(' '.join(self.alt.split()), '[]')}]({self.url}{titled})"

    def files(self) -> list[str]:
        """Return the names of every file that there may be."""
        endings = dict.fromkeys([*TYPES, self.ending])
        widths = dict.fromkeys(["", *self.widths.split()])
        return [self._name(width, ending) for ending in endings for width in widths]

    def editable_by(self, actor: Actor | None) -> bool:
        """Tell whether the actor may change its words: who took it in, and every editor."""
        own = isinstance(actor, User) and self.uploaded_by_id == actor.id and policy.may_write(actor)
        return own or policy.may_publish(actor)

    def _name(self, width: str, ending: str) -> str:
        return f"{self.stem}-{width}.{ending}" if width else f"{self.stem}.{ending}"

    def _set(self, ending: str) -> str:
        sizes = [(width, self._name(width, ending)) for width in self.widths.split()]
        return ", ".join(f"/media/{name} {width}w" for width, name in [*sizes, (self.width, self._name("", ending))])


def _escaped(words: str, letters: str) -> str:
    """Return words in which Markdown takes these letters for nothing but themselves."""
    words = words.replace("\\", "\\\\")
    for letter in letters:
        words = words.replace(letter, f"\\{letter}")
    return words
