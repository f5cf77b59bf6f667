"""Sums of money as a value: "12.50 EUR", and with the time that they are paid for, "10 USD/P1M".

Currencies are told by their code of ISO 4217; "$" alone is taken for the one of the United States, since a policy
that means another writes it out. "XXX" is the code of a sum whose currency nothing tells.
"""

from __future__ import annotations

import re

UNKNOWN = "XXX"
_SIGNS = {
    "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₫": "VND",
    "฿": "THB",
}  # fmt: skip
_SPOKEN = {code: sign for sign, code in _SIGNS.items()}
_WORDS = {
    "dollar": "USD", "dollars": "USD", "euro": "EUR", "euros": "EUR", "pound": "GBP", "pounds": "GBP", "yen": "JPY",
    "yuan": "CNY", "rmb": "CNY", "rupees": "INR", "won": "KRW", "francs": "CHF",
}  # fmt: skip
# Whose dollars: "500 US dollars".
NATIONS = {
    "us": "USD",
    "u.s": "USD",
    "american": "USD",
    "canadian": "CAD",
    "australian": "AUD",
    "singapore": "SGD",
}
DOLLARS = frozenset({"dollar", "dollars"})
_CODES = frozenset("usd eur gbp chf cad aud nzd sgd hkd jpy cny inr krw brl sek nok dkk pln czk".split())
# One writes so many decimals, if any.
_CENTS = 2
_SUM = re.compile(r"(\d+(?:\.\d+)?) ([A-Z]{3})(?:/(P\S+))?")
_SIGN = re.compile(f"[{''.join(_SIGNS)}]")


def sign_in(text: str) -> str | None:
    """Return the currency whose sign is in a text, None where there is none."""
    found = _SIGN.search(text)
    return _SIGNS[found.group()] if found else None


def signs_in(text: str) -> tuple[str, ...]:
    """Return the signs of currencies in a text, in order."""
    return tuple(_SIGN.findall(text))


def currency_of(word: str) -> str:
    """Return the currency that a word of a lexicon means."""
    return word.upper() if word in _CODES else _WORDS.get(word, UNKNOWN)


def read_sum(value: str) -> tuple[float, str, str | None] | None:
    """Return the number, the currency and the period (ISO 8601) of a value, None where it is no sum."""
    found = _SUM.fullmatch(value)
    return None if found is None else (float(found[1]), found[2], found[3])


def spoken_sum(value: str) -> str:
    """Return a sum as one writes it, without its period: "$10", "1,200.50 CHF"."""
    figures, unit = value.partition("/")[0].split()
    whole, point, decimals = figures.partition(".")
    number = f"{int(whole):,}{point}{decimals.ljust(_CENTS, '0') if point else ''}"
    if unit == UNKNOWN:
        return number
    return f"{_SPOKEN[unit]}{number}" if unit in _SPOKEN else f"{number} {unit}"
