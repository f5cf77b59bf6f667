"""The published schema says what webhooks really carry."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest

import monitor.alerts
from monitor.alerts.message import as_json
from monitor.comparison.changes import Direction, ExceptionPhrase, Kind, Severity, Topic, ValueChange
from monitor.comparison.dating import Dating
from monitor.reading.dates import StatedDate, StatedDates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from monitor.alerts.alert import Alert
    from monitor.comparison.changes import Change

SCHEMA = json.loads((Path(monitor.alerts.__file__).parent / "webhook.schema.json").read_text())
CHANGE = SCHEMA["$defs"]["change"]
TYPES = {"boolean": bool, "object": dict, "array": list, "string": str, "integer": int, "null": type(None)}
KNOWN = {
    "$schema",
    "$defs",
    "$ref",
    "title",
    "description",
    "type",
    "properties",
    "required",
    "enum",
    "const",
} | {
    "items",
    "minItems",
    "pattern",
    "format",
}


def mistakes(value: Any, schema: dict[str, Any], place: str = "$") -> Iterator[str]:
    """Yield where a value breaks a schema, and where it says what the schema does not know of."""
    assert schema.keys() <= KNOWN, "a keyword that this does not check"
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    kinds = schema.get("type", [])
    wanted = tuple(TYPES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))
    if wanted and not isinstance(value, wanted):
        yield f"{place}: type"
    if ("enum" in schema and value not in schema["enum"]) or ("const" in schema and value != schema["const"]):
        yield f"{place}: value"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{place}: pattern"
    if schema.get("format") == "date-time" and datetime.fromisoformat(value).utcoffset() is None:
        yield f"{place}: time"
    if isinstance(value, list) and len(value) < schema.get("minItems", 0):
        yield f"{place}: empty"
    for entry in value if isinstance(value, list) else []:
        yield from mistakes(entry, schema["items"], f"{place}[]")
    if isinstance(value, dict):
        yield from (f"{place}.{key}: missing" for key in schema["required"] if key not in value)
        yield from (f"{place}.{key}: unknown" for key in value if key not in schema["properties"])
        for key in value.keys() & schema["properties"].keys():
            yield from mistakes(value[key], schema["properties"][key], f"{place}.{key}")


def test_payloads_keep_to_the_schema(
    make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    phrases = (ExceptionPhrase("law", "unless required by law"),)
    full = make_change(
        values=(ValueChange(None, "P1D"),), exceptions_added=phrases, exceptions_removed=phrases
    )
    today = StatedDate("1 March 2026", date(2026, 3, 1), date(2026, 3, 1))
    dates = Dating(
        StatedDates(),
        StatedDates(updated=today),
        True,
        remarks=("Odd.",),
    )
    for alert in (
        make_alert(idempotency_key=f"pw_{'0f' * 16}", changes=(make_change(), full)),
        make_alert(idempotency_key="test-6f1d0000-0000-4000-8000-000000000000", url="", test=True),
        make_alert(idempotency_key=f"pw_{'0f' * 16}", dates=dates),
    ):
        assert list(mistakes(json.loads(json.dumps(as_json(alert))), SCHEMA)) == []


def test_the_schema_refuses_what_is_no_alert(make_alert: Callable[..., Alert]) -> None:
    payload = {**as_json(make_alert(idempotency_key="other")), "changes": []}
    assert sorted(mistakes({**payload, "odd": 1, "site": {}}, SCHEMA)) == [
        "$.changes: empty",
        "$.id: pattern",
        "$.odd: unknown",
        "$.site.id: missing",
        "$.site.name: missing",
    ]


@pytest.mark.parametrize(
    ("key", "words"), [("topic", Topic), ("kind", Kind), ("direction", Direction), ("severity", Severity)]
)
def test_the_schema_knows_every_word(key: str, words: Any) -> None:
    assert set(CHANGE["properties"][key]["enum"]) == set(get_args(words))
