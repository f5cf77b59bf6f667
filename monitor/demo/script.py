"""What a story is made of: documents, and chapters that change their texts, their pages, or both."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from importlib import resources
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.comparison.changes import Direction, Topic


@dataclass(frozen=True)
class Plant:
    """A change of meaning that is planted in a text, and that an alert must tell."""

    what: str
    topic: Topic
    direction: Direction
    # Words that must stand in the quote of the old or the new text.
    words: str


@dataclass(frozen=True)
class Edit:
    """Words of a text, each found exactly once, and what stands there afterwards."""

    old: str
    new: str

    def applied(self, text: str) -> str:
        """Return the text with the edit made."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.old!r} stands {text.count(self.old)} times in the text")
        return text.replace(self.old, self.new)


@dataclass(frozen=True)
class Moved:
    """A section, named by its heading, that goes to another place."""

    section: str
    before: str

    def applied(self, text: str) -> str:
        """Return the text with the section moved."""
        sections = text.split("\n## ")
        moved = next(section for section in sections if section.startswith(self.section + "\n"))
        sections.remove(moved)
        place = next(i for i, section in enumerate(sections) if section.startswith(self.before + "\n"))
        return "\n## ".join([*sections[:place], moved, *sections[place:]])


class Rewriting(Protocol):
    """Anything that changes a text."""

    def applied(self, text: str) -> str:
        """Return the changed text."""


@dataclass(frozen=True)
class Dress:
    """How a page looks around and about its text."""

    # "headings", "bold" or "tables", see `monitor.demo.pages`.
    make: str
    layout: int = 1
    cookie_banner: bool = False
    # Something else stands in the place of the policy ("maintenance").
    instead: str | None = None


@dataclass(frozen=True)
class Scene:
    """What happens to one document between two checks."""

    what: str
    rewritings: Sequence[Rewriting] = ()
    plants: Sequence[Plant] = ()
    # Fields of the dress that change.
    dress: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """A document at one moment."""

    text: str
    dress: Dress

    def after(self, scene: Scene) -> Page:
        """Return the document after a scene; what stood there instead of the policy is gone."""
        text = self.text
        for rewriting in scene.rewritings:
            text = rewriting.applied(text)
        return Page(text, replace(self.dress, **{"instead": None, **scene.dress}))  # type: ignore[arg-type]


@dataclass(frozen=True)
class DemoDocument:
    """A policy of the demo, from its first version through one scene a check; None where nothing happens."""

    site: str
    site_name: str
    type: str
    file: str
    make: str
    scenes: Sequence[Scene | None]

    @property
    def path(self) -> str:
        """Where it is served."""
        return f"/{self.site}/{self.type}"

    def pages(self) -> list[Page]:
        """Return the page at each check, the first version first."""
        text = resources.files("monitor.demo").joinpath("policies", self.file).read_text(encoding="utf-8")
        pages = [Page(text, Dress(self.make))]
        for scene in self.scenes:
            pages.append(pages[-1].after(scene or Scene("")))
        return pages
