"""What an examination finds."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

# "well": as it should be; "advice": it works, and may be better; "problem": something that was asked for does not work.
Level = Literal["well", "advice", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, for people; a secret never stands in it."""

    level: Level
    # What it is about: "config", "database", "clock", "network", "chromium", "archive", "web", a document
    # ("shop/privacy-policy") or a channel ("channel.legal").
    about: str
    message: str
    # What to do, None where nothing is to be done.
    advice: str | None = None

    def line(self) -> str:
        """Return it as one line."""
        told = f"{self.message}; {self.advice}" if self.advice else self.message
        return f"{self.level:<8} {self.about}: {told}"

    def to_json(self) -> dict[str, Any]:
        """Return it as an object for JSON."""
        return asdict(self)


def well(about: str, message: str) -> Finding:
    """Return that something is as it should be."""
    return Finding("well", about, message)


def advice(about: str, message: str, what_to_do: str | None = None) -> Finding:
    """Return that something may be better."""
    return Finding("advice", about, message, what_to_do)


def problem(about: str, message: str, what_to_do: str | None = None) -> Finding:
    """Return that something does not work."""
    return Finding("problem", about, message, what_to_do)
