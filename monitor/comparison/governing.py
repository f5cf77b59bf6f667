"""Which acts the words of a sentence, or of a passage, belong to: exchanged between two acts, they say another thing.

Between two acts a new clause begins: with a new sentence or line, else with a conjunction before somebody or something
("and we", "but your"), else with the last conjunction or comma. A clause of nothing but its act has what it is done to
in the next one ("collect, use and share your name"), the last one in the one before it ("is collected and shared").
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from monitor.reading.acts import acts_of, is_noun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from monitor.comparison.differences import Words
    from monitor.reading.lexicon import Lexicon

# An act, and whether it is denied.
Governor = tuple[str, bool]

_END = re.compile(r"[.!?;:]\s|[.!?;:]$|\n")
_CONJUNCTIONS = frozenset("and but or nor while whereas which who".split())
_OPENERS = frozenset("we you they it your our the this no nobody nothing all these those users".split())


def is_exchanged(old: Words, new: Words, lexicon: Lexicon, form: Callable[[str], str]) -> bool:
    """Whether words that belonged to one act belong to another now, and the other way about.

    Args:
        old: the words of one side.
        new: those of the other.
        lexicon: that of their language.
        form: gives what the forms of a word have in common; only words that stand once on each side are looked at.
    """
    if any(len(_act_words(side, lexicon)) < _TWO for side in (old, new)):
        return False
    sides = [_governors(side, lexicon) for side in (old, new)]
    everywhere = frozenset().union(*sides[0]) & frozenset().union(*sides[1])
    if len(everywhere) < _TWO:
        return False
    once = [_once(side, lexicon, form) for side in (old, new)]
    moves = {
        (before, after)
        for word in once[0].keys() & once[1].keys()
        if (before := sides[0][once[0][word]] & everywhere)
        and (after := sides[1][once[1][word]] & everywhere)
        and before.isdisjoint(after)
    }
    # A word that went alone may have been counted to the wrong clause.
    return len(moves) >= _TWO


_TWO = 2


def _once(side: Words, lexicon: Lexicon, form: Callable[[str], str]) -> dict[str, int]:
    """The places of words of content that stand once."""
    acts = _act_words(side, lexicon)
    forms = [form(word) for word in side.words]
    often = Counter(forms)
    return {
        forms[at]: at
        for at, word in enumerate(side.words)
        if often[forms[at]] == 1 and at not in acts and word not in lexicon.light_words
    }


def _governors(side: Words, lexicon: Lexicon) -> list[frozenset[Governor]]:
    """Return for each word of a side the acts of its clause; none where nobody does anything."""
    acts = [
        act
        for act in acts_of(side.words, side.hits(lexicon), lexicon)
        if not is_noun(side.words, act.start) and not _is_plural(side.words, act.start)
    ]
    told: list[frozenset[Governor]] = []
    clauses = list(_clauses(side, [act.start for act in acts]))
    content = [_says_more(side, start, end, lexicon) for start, end in clauses]
    for number, (start, end) in enumerate(clauses):
        beside = [clauses[i] for i in _with_their_objects(content, number)]
        kinds = frozenset(
            (act.kind, act.negated) for act in acts if any(a <= act.start < b for a, b in beside)
        )
        told += [kinds] * (end - start)
    return told


def _is_plural(words: Sequence[str], at: int) -> bool:
    """Whether what looks like an act is a noun with another before it ("your loan records")."""
    return words[at].endswith("s") and not _DETERMINERS.isdisjoint(words[max(0, at - 2) : at - 1])


_DETERMINERS = frozenset("your our their its the".split())


def _clauses(side: Words, acts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield from where to where the words of each act go."""
    begin = 0
    for before, after in pairwise(acts):
        cut = _cut(side, before, after)
        if cut is not None and cut > begin:
            yield begin, cut
            begin = cut
    if side.words:
        yield begin, len(side.words)


def _cut(side: Words, before: int, after: int) -> int | None:
    """Where between two acts the clause of the second one begins, None where they share one."""
    places = range(before + 1, after + 1)
    ends = [at for at in places if _END.search(side.between(at))]
    if ends:
        return ends[-1]
    joined = [at for at in places if side.words[at] in _CONJUNCTIONS]
    opening = [at for at in joined if side.words[at + 1 : at + 2] and side.words[at + 1] in _OPENERS]
    if opening or joined:
        return (opening or joined)[-1]
    commas = [at for at in places if "," in side.between(at)]
    return commas[-1] if commas else None


def _says_more(side: Words, start: int, end: int, lexicon: Lexicon) -> bool:
    """Whether a clause has words of content beside its acts."""
    acts = _act_words(side, lexicon)
    return any(at not in acts and side.words[at] not in lexicon.light_words for at in range(start, end))


def _act_words(side: Words, lexicon: Lexicon) -> set[int]:
    return {at for hit in side.hits(lexicon) if hit.group == "acts" for at in range(hit.start, hit.end)}


def _with_their_objects(content: Sequence[bool], number: int) -> list[int]:
    """A clause with those of nothing but acts whose objects it holds."""
    first = number
    while first > 0 and not content[first - 1]:
        first -= 1
    last = number
    if not any(content[number + 1 :]):
        last = len(content) - 1
    return list(range(first, last + 1))
