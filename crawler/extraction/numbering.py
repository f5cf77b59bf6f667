"""The numbers of ordered lists, as pages count them."""

from __future__ import annotations

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
    (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


def item_marker(kind: str, number: int) -> str:
    """Return the marker of a list item: "-" for kind "", "7." for "1", "g." for "a", "vii." for "i"."""
    if not kind:
        return "-"
    if kind in ("a", "A") and number > 0:
        marker = _letters(number)
    elif kind in ("i", "I") and 0 < number < 4000:
        marker = _roman(number)
    else:
        return f"{number}."
    return f"{marker.upper() if kind.isupper() else marker}."


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(97 + place) + letters
    return letters


def _roman(number: int) -> str:
    numeral = ""
    for value, letters in _ROMAN:
        times, number = divmod(number, value)
        numeral += letters * times
    return numeral
