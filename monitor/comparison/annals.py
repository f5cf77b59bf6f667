"""Annals of a policy: what it says of its own changes, section by section, each under the date of one.

What stands there binds nobody: it is told of where the policy itself changed.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from monitor.comparison.differences import is_date_word

if TYPE_CHECKING:
    from monitor.comparison.numbering import Path
    from monitor.reading.blocks import Block
    from monitor.reading.lexicon import Lexicon
    from monitor.reading.policy import Policy

# So many dates in a row of headings are annals; one may head the whole policy.
_FEWEST = 3
_YEAR = re.compile(r"(?:19|20)\d\d")
# A date has at most so many words ("the 8th of September 2022").
_LONGEST = 6


def dated_sections(policy: Policy, lexicon: Lexicon) -> frozenset[Path]:
    """Return the sections of a policy, by the titles from the outermost down, that are headed by nothing but a date.

    There are none where fewer than three stand beside each other.
    """
    dated = [
        block.path for block in policy.blocks if block.kind == "heading" and _is_date_alone(block, lexicon)
    ]
    beside = Counter(path[:-1] for path in dated)
    return frozenset(path for path in dated if beside[path[:-1]] >= _FEWEST)


def _is_date_alone(block: Block, lexicon: Lexicon) -> bool:
    if _YEAR.search(block.raw) is None:
        return False
    words = [word for word in block.words_in(lexicon) if word not in lexicon.light_words]
    return 1 < len(words) <= _LONGEST and all(is_date_word(words, at, lexicon) for at in range(len(words)))
