"""Reading policies, comparing their versions, and telling people what a change means."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from monitor.comparison.compare import compare
    from monitor.reading.policy import read_policy

__all__ = ["compare", "read_policy"]

# Loaded when first asked for: `policywatch --help` needs none of it.
_HOMES = {"compare": "monitor.comparison.compare", "read_policy": "monitor.reading.policy"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
