"""The payloads of many changes as a few bytes: quotes become references into the two texts that they quote.

Zstandard finds the passages by itself, with the texts as its prefix: also those that leave out markup, and those
that stand in a summary. What is left is said once for all changes that have it in common.

What was packed once must be unpacked for ever: a change of the form needs a new version of the form.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from storage.compression import CompressionError, compress, decompress

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# Fields that mostly quote; each is written for all changes together, since neighbours resemble each other.
_QUOTING = ("before", "after", "section", "section_before", "summary")
_SEPARATOR = "\0"
# Where a quote holds the separator: each payload as it is. A shape never begins so.
_PLAIN = "plain"
# What nearly all have in common, for those that are alone. Part of what is stored: never to be changed.
_COMMON = (
    b'{"shapes":[[["before","after","section","section_before","summary"],{"material":true,"topic":"sharing",'
    b'"kind":"removed","direction":"stronger","severity":"high","section":null,"section_before":null,"before":null,'
    b'"after":null,"values":[{"before":"P30D","after":"P60D"}],"exceptions":{"added":[{"type":"law","text":"as '
    b'required by law"}],"removed":[]},"noise":null,"summary":null}],[["before","after","section","section_before",'
    b'"summary"],{"material":false,"topic":"other","kind":"added","direction":"weaker","severity":"medium","section":'
    b'null,"section_before":null,"before":null,"after":null,"values":[],"exceptions":{"added":[],"removed":[]},'
    b'"noise":"formatting","summary":null}],[["before","after","section","section_before","summary"],{"material":'
    b'false,"topic":"other","kind":"changed","direction":"neutral","severity":"low","section":null,"section_before":'
    b'null,"before":null,"after":null,"values":[],"exceptions":{"added":[],"removed":[]},"noise":"link","summary":'
    b'null}]],"shape":[0,0,1,0]}\n'
)


class PackingError(Exception):
    """The bytes are not what `pack` gave for these texts."""


def pack(payloads: Sequence[Mapping[str, Any]], old: bytes, new: bytes) -> bytes:
    """Return the payloads, any that JSON can hold, as one frame.

    Args:
        payloads: the changes between two texts.
        old: the text before, UTF-8.
        new: the text after.
    """
    return compress(_written(payloads).encode("utf-8", "surrogatepass"), _prefix(old, new), checked=True)


def unpack(frame: bytes, old: bytes, new: bytes) -> list[dict[str, Any]]:
    """Return the payloads that were packed with the same two texts.

    Raises:
        PackingError: they were not.
    """
    try:
        return list(_read(decompress(frame, _prefix(old, new)).decode("utf-8", "surrogatepass")))
    except (CompressionError, ValueError, LookupError) as error:
        raise PackingError(str(error)) from error


def _prefix(old: bytes, new: bytes) -> bytes:
    return b"\n".join((_COMMON, old, new))


def _written(payloads: Sequence[Mapping[str, Any]]) -> str:
    quotes = [payload[name] for name in _QUOTING for payload in payloads if _quotes(payload, name)]
    if any(_SEPARATOR in quote for quote in quotes):
        return _json({_PLAIN: payloads})
    shapes: dict[str, int] = {}
    shape = [shapes.setdefault(_shape(payload), len(shapes)) for payload in payloads]
    return _SEPARATOR.join([f'{{"shapes":[{",".join(shapes)}],"shape":{_json(shape)}}}', *quotes])


def _read(written: str) -> Iterator[dict[str, Any]]:
    head, *quotes = written.split(_SEPARATOR)
    stated = json.loads(head)
    if _PLAIN in stated:
        yield from stated[_PLAIN]
        return
    shapes = [stated["shapes"][shape] for shape in stated["shape"]]
    rest = iter(quotes)
    columns = {name: [_next(rest) if name in names else None for names, _ in shapes] for name in _QUOTING}
    for position, (names, payload) in enumerate(shapes):
        yield {**payload, **{name: columns[name][position] for name in names}}


def _next(quotes: Iterator[str]) -> str:
    quote = next(quotes, None)
    if quote is None:
        raise LookupError("a quote is missing")
    return quote


def _shape(payload: Mapping[str, Any]) -> str:
    """Return what is left of a payload without its quotes, with their names."""
    names = [name for name in _QUOTING if _quotes(payload, name)]
    return _json([names, {**payload, **dict.fromkeys(names)}])


def _quotes(payload: Mapping[str, Any], name: str) -> bool:
    return isinstance(payload.get(name), str)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
