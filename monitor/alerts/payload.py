"""The body of a webhook: JSON of a size that receivers take, whatever a site did to its page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from monitor.alerts.message import as_json
from monitor.alerts.operators import OperatorsAlert
from monitor.alerts.operators_message import operation_as_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.alerts.alert import Alert
    from monitor.alerts.delivery import Message

# In bytes. Many receivers refuse more than a megabyte, queues behind them more than this.
MOST_BYTES = 256 * 1024
# What is left of a change that is too long by itself: characters of each text, and entries of each list.
_LONGEST_TEXT = 2_000
_LONGEST_LIST = 20


def body_of(alert: Message, most_bytes: int = MOST_BYTES) -> bytes:
    """Return the payload, ASCII alone, so that half a surrogate pair in a policy cannot break the encoding.

    Where it would be longer than `most_bytes`, the gravest changes stand in it that have room, at least one, in the
    order of the text; `left_out` says how many others there are.
    """
    if isinstance(alert, OperatorsAlert):
        return _encoded(_cut(operation_as_json(alert)))
    body = _encoded(as_json(alert))
    return body if len(body) <= most_bytes else _encoded(_fitting(alert, most_bytes))


def _fitting(alert: Alert, most_bytes: int) -> dict[str, Any]:
    payload = {**as_json(alert), "changes": [], "left_out": len(alert.changes)}
    room = most_bytes - len(_encoded(payload))
    kept: dict[int, dict[str, Any]] = {}
    for change in alert.gravest_first:
        told = _cut(change.to_json())
        # With the comma between them.
        size = len(_encoded(told)) + 2
        if kept and size > room:
            break
        room -= size
        kept[id(change)] = told
    changes = [kept[id(change)] for change in alert.changes if id(change) in kept]
    return {**payload, "changes": changes, "left_out": len(alert.changes) - len(changes)}


def _cut(value: Any) -> Any:
    """Return JSON without the ends of its long texts and lists."""
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_TEXT else f"{value[: _LONGEST_TEXT - 1]}…"
    if isinstance(value, list):
        return [_cut(entry) for entry in value[:_LONGEST_LIST]]
    return {name: _cut(entry) for name, entry in value.items()} if isinstance(value, dict) else value


def _encoded(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload).encode("ascii")
