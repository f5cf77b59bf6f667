"""Reading policies, comparing their versions, and telling people what a change means."""

from __future__ import annotations

# Not from `typing`, which takes a while to load: Ctrl-C must find its handler in `monitor.cli` soon.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from monitor.comparison.compare import compare
    from monitor.corpus import open_corpus
    from monitor.reading.policy import read_policy

__all__ = ["compare", "open_corpus", "read_policy"]

# Loaded when first asked for: `policywatch --help` needs none of it.
_HOMES = {
    "compare": "monitor.comparison.compare",
    "open_corpus": "monitor.corpus",
    "read_policy": "monitor.reading.policy",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(_HOMES[name]), name)
