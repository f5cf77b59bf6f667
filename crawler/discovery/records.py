"""What a discovery gives back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Translation:
    """The same document in another language or for another region."""

    # Language tag ("de-AT"): that of the text where it was looked at, else as the document declares it.
    language: str
    url: str
    # Whether it was fetched, and is of the document's type. Languages that nobody asked for are left alone.
    looked_at: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """A document that is probably a policy of the site."""

    type: str
    # Unique within the site; the type, if nothing else has it.
    id: str
    # The pages it stands on, in their order.
    urls: tuple[str, ...]
    # ISO 639-1 code, or None where it is not known.
    language: str | None
    # More than 0.5, at most 0.99.
    confidence: float
    title: str
    reasons: tuple[str, ...] = ()
    translations: tuple[Translation, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A page that was looked at, or could not be, and that is not proposed."""

    url: str
    # "" where it is unknown.
    type: str
    confidence: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found on one site."""

    # Where the search began, after redirects.
    url: str
    name: str
    language: str | None
    # By type and then by confidence.
    proposals: tuple[Proposal, ...]
    rejected: tuple[Rejected, ...]
    # How many requests were made, robots.txt of the crawler itself aside.
    requests: int
    notes: tuple[str, ...] = ()
