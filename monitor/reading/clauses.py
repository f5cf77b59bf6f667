"""The parts of a sentence: where its main clause begins, and what a mere "no" repeats of the question above it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.reading.markup import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from monitor.reading.lexicon import Lexicon

_CONDITION = re.compile(
    r"\s*[(\"“]?(?:if|when|where|once|unless|while|although|though|even if|in case|except|as long as|after|before|"
    r"whenever|because|since|without)\b(?P<rest>[^,.;:]{5,400}(?:,|\bwe\b))",
    re.IGNORECASE,
)
# "When you register we keep ...": the main clause may begin without a comma.
_MAIN_SUBJECT = re.compile(
    r"(?<=\w) we (?:will|may|can|do|keep|collect|use|share|need|are|have|ask|also)\b", re.IGNORECASE
)


# So many headings above a sentence tell what it is about.
HEADINGS = 2


def main_clause(masked: str) -> int:
    """Return how many words stand before the main clause: those of an opening condition up to its comma."""
    opening = _CONDITION.match(masked)
    if opening is None:
        return 0
    following = _MAIN_SUBJECT.search(masked, opening.start("rest"), opening.end())
    return len(words(masked[: following.start() if following else opening.end()]))


def opening_purpose(masked: str) -> int:
    """Return how many words a sentence opens with that say what it is for ("To unsubscribe, ..."), up to a comma."""
    before, comma, _ = masked.partition(",")
    return len(words(before)) if comma and before.lstrip()[:3].casefold() == "to " else 0


def heading_words(titles: Iterable[str]) -> tuple[str, ...]:
    """Return the casefolded words of headings."""
    return words(" ".join(titles))


def headings_that_count(titles: Sequence[str], lexicon: Lexicon) -> tuple[str, ...]:
    """Return the nearest headings above a sentence, from the title down, in the words of the lexicon."""
    return tuple(lexicon.plain(title).strip() for title in titles[-HEADINGS:])


def is_answer(own: Sequence[str]) -> bool:
    """Whether a sentence answers a question with yes or no."""
    return tuple(own[:1]) in (("yes",), ("no",), ("never",))


def answer(own: Sequence[str], path: Sequence[str]) -> tuple[str, ...]:
    """Return the words of a sentence; "No." under a heading that asks says what the heading asks, negated."""
    if not path or not path[-1].rstrip("* _").endswith("?") or not is_answer(own):
        return tuple(own)
    question = [
        word for word in words(path[-1]) if word not in ("do", "does", "did", "will", "can", "what", "how")
    ]
    subject, rest = question[:1], question[1:]
    denial = () if own[0] == "yes" else ("do", "not")
    return (*subject, *denial, *rest, *own[1:])
