"""What sets a recorded version apart from the one before it: counted without any judgement of its meaning.

The same four questions, in the same order, as in measurements of what public archives record as changes: on the
collection of the large platforms, 14 % return to a version already seen, 50 % differ only in links, 5 % only in
markup or order.
"""

from __future__ import annotations

import re
from typing import Literal, get_args

Wording = Literal["return", "links", "markup-or-order", "new-wording"]
WORDINGS: tuple[Wording, ...] = get_args(Wording)

_TARGET = re.compile(r"\]\([^)\n]*\)")
_ADDRESS = re.compile(r"https?://[^\s)>\]]+")
_WORD = re.compile(r"\w+")


def wording(old: str, new: str, *, seen: bool) -> Wording:
    """Return in what a text differs from the one before it.

    Args:
        old: the text before it, Markdown.
        new: the text, which is another one.
        seen: whether the very same text was there earlier.
    """
    if seen:
        return "return"
    before, after = _without_addresses(old), _without_addresses(new)
    if before == after:
        return "links"
    return "markup-or-order" if _words(before) == _words(after) else "new-wording"


def _without_addresses(text: str) -> str:
    return _ADDRESS.sub("", _TARGET.sub("]()", text))


def _words(text: str) -> list[str]:
    return sorted(_WORD.findall(text))
