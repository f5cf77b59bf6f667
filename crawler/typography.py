"""What keeps most English texts from being ASCII: quotes, dashes and spaces. Freed of it, they are read far quicker."""

from __future__ import annotations

# None of them is a letter, a digit or part of either, in any Unicode form.
_DRESS = ("’", "“", "”", "‘", "–", "—", "\u00a0", "…", "•", "©", "®")


def undressed(text: str) -> str:
    """Return a text of the same length with spaces for typographic signs, where it is not ASCII anyway."""
    if not text.isascii():
        for sign in _DRESS:
            text = text.replace(sign, " ")
    return text
