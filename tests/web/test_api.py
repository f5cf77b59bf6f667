"""The API asked whatever its own description allows, and what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from requests.models import PreparedRequest
from schemathesis.generation import GenerationMode

if TYPE_CHECKING:
    from tests.web.conftest import Reader

# So many questions of each operation, the same in every run.
_QUESTIONS = 25


@pytest.fixture(scope="module")
def schema(reader: Reader) -> Any:
    return schemathesis.openapi.from_url(f"{reader.base}api/openapi.json", wait_for_schema=None)


def test_documents_of_one_type_are_asked_for_at_all_sites(reader: Reader) -> None:
    found = reader.get("api/changes?document=privacy-policy").data
    assert [item["document"] for item in found["news"]] == ["privacy-policy"]
    assert reader.get("api/changes?document=terms-of-service").data["count"] == 0


def sent(query: Any) -> set[str]:
    """The names that an address has once a question stands in it."""
    address = PreparedRequest()
    address.prepare_url("http://127.0.0.1/", query)
    return {name for name, _ in parse_qsl(urlsplit(address.url or "").query, keep_blank_values=True)}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_every_question_is_answered_as_described(schema: Any, reader: Reader, mode: GenerationMode) -> None:
    asked = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and not operation.definition.raw["parameters"]:
            # What takes no parameter takes no wrong one.
            continue
        asked.add(operation.path)

        @seed(12)
        @settings(
            max_examples=_QUESTIONS,
            deadline=None,
            database=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            # A wrong value that leaves nothing in the address is no question at all.
            assume((case.query or {}).keys() <= sent(case.query))
            case.call_and_validate(base_url=f"{reader.base}api")

        ask()
    paths = reader.get("api/openapi.json").data["paths"]
    with_parameters = {path for path, item in paths.items() if item["get"]["parameters"]}
    assert asked == (with_parameters if mode is GenerationMode.NEGATIVE else set(paths))
