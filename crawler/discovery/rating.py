"""How likely a link leads to a policy, before it is fetched: by its label, its address and its place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from crawler.discovery.addresses import bare, is_never, is_rarely, language_in, owner, slug
from crawler.discovery.lexicon import Naming

if TYPE_CHECKING:
    from crawler.discovery.lexicon import Lexicon
    from crawler.discovery.pages import Link, Place

Origin = Literal[
    "start", "link", "sitemap", "guess", "alternate", "frame", "part", "robots.txt", "sitemap file"
]

# What is rated lower is not fetched.
LEAST = 0.3
# rel values for policies that are registered with IANA (RFC 6903, RFC 4946).
_RELATIONS = {
    "privacy-policy": "privacy-policy",
    "terms-of-service": "terms-of-service",
    "copyright": "copyright-policy",
}
_PLACES: dict[Place, float] = {
    "footer": 0.2,
    "navigation": 0.05,
    "content": 0.05,
    "dialog": 0.0,
    "frame": 0.0,
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be fetched, with what the links to it say."""

    url: str
    # 0 to 1; the start, frames and parts of a policy stand above all links.
    rating: float
    origin: Origin = "link"
    naming: Naming = field(default_factory=Naming)
    # The label of the best link.
    label: str = ""
    place: Place | None = None
    # The type that a rel attribute gives.
    declared: str | None = None
    # The address of the first page, for a part of a policy.
    part_of: str | None = None
    # Whether only pages of other owners can stand there.
    foreign: bool = False

    def merged(self, other: Candidate) -> Candidate:
        """Return the better of two candidates for one address, with what is known of either."""
        # Of two links alike, to places of one page, the one that names a policy tells more than "Legal".
        ranks = [(each.rating, each.naming.named) for each in (self, other)]
        best, rest = (self, other) if ranks[0] >= ranks[1] else (other, self)
        return replace(best, declared=best.declared or rest.declared, part_of=best.part_of or rest.part_of)


def rate(link: Link, site: str, words: Lexicon, own: frozenset[str], languages: frozenset[str]) -> Candidate:
    """Rate a link.

    Args:
        link: a link of one of the site's pages.
        site: whose pages these are (see `addresses.owner`).
        words: the lexicon.
        own: words of the site's name.
        languages: the languages that are looked for.
    """
    naming = words.naming(link.label, own)
    declared = next((kind for relation, kind in _RELATIONS.items() if relation in link.rel), None)
    foreign = owner(link.url) != site
    rating = 0.6 * max(naming.named, naming.hub) + 0.3 * named_by_address(link.url, words, own)
    rating += _PLACES[link.place] + (0.4 if declared else 0.0) - (0.2 if link.in_prose else 0.0)
    rating -= 0.6 if naming.never else 0.0
    rating -= _misplaced(link.url, words) + _in_another_language(
        link.language or language_in(link.url), languages
    )
    if foreign and not _may_be_ours(link, naming, words):
        rating = 0.0
    return Candidate(
        link.url,
        max(0.0, min(1.0, rating)),
        "link",
        naming,
        link.label,
        link.place,
        declared,
        foreign=foreign,
    )


def rate_address(url: str, words: Lexicon, own: frozenset[str], languages: frozenset[str]) -> Candidate:
    """Rate an address of a sitemap, of which nothing else is known."""
    rating = 0.6 * named_by_address(url, words, own) - _misplaced(url, words)
    rating -= _in_another_language(language_in(url), languages)
    return Candidate(url, max(0.0, rating), "sitemap")


def named_by_address(url: str, words: Lexicon, own: frozenset[str] = frozenset()) -> float:
    """Return how well the last part of an address names a policy or a hub, 0 to 1."""
    naming = words.naming(slug(url), own)
    return 0.0 if naming.never else max(naming.named, naming.hub)


def is_of_other_company(url: str, words: Lexicon) -> bool:
    """Whether an address belongs to a company whose policies many sites link to."""
    return owner(url) in words.other_hosts or bare(url).partition("/")[0] in words.other_hosts


def _may_be_ours(link: Link, naming: Naming, words: Lexicon) -> bool:
    """Whether a link to another owner may lead to a policy of the site: named as such, at its foot."""
    exact = naming.named >= 0.8 and link.place == "footer" and not link.in_prose
    return exact and not is_of_other_company(link.url, words)


def _misplaced(url: str, words: Lexicon) -> float:
    return 0.5 if is_never(url, words) else 0.1 if is_rarely(url, words) else 0.0


def _in_another_language(tag: str | None, languages: frozenset[str]) -> float:
    language = (tag or "").lower().partition("-")[0]
    return 0.3 if language and languages and language not in languages else 0.0
