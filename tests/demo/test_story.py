"""The story of the demo, taken through the real pipeline: what is planted is told, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from monitor.alerts.message import as_json
from monitor.alerts.outbox import build_alert
from monitor.config.loading import load_config
from monitor.demo.findings import Finding, findings
from monitor.demo.pages import render
from monitor.demo.program import write_config
from monitor.demo.script import Edit, Moved
from monitor.demo.servers import Loopback
from monitor.demo.story import CHECKS, DOCUMENTS
from monitor.pipeline import Pipeline
from storage import Capture, open_store

if TYPE_CHECKING:
    from storage import Store

START = datetime(2026, 3, 1, tzinfo=UTC)
SCENES = [
    (number, document.file)
    for document in DOCUMENTS
    for number, scene in enumerate(document.scenes, start=1)
    if scene is not None
]


def check(pipeline: Pipeline, number: int) -> list[dict[str, Any]]:
    """Take every document at one moment through the pipeline; return the webhooks that would be sent."""
    store, at = pipeline.store, START + timedelta(days=number)
    known = len(store.deliveries())
    for document, (key, configured, site) in zip(DOCUMENTS, pipeline.config.documents(), strict=True):
        url, html = configured.addresses[0], render(document.pages()[number], document.type)
        headers = (("Content-Type", "text/html"),)
        pipeline.take(
            key, configured, site, [Capture(key, url, url, at, "live", 200, headers, html.encode())], at
        )
    return [
        as_json(build_alert(store, d, None)) for d in store.deliveries()[known:] if d.channel == "tickets"
    ]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[int, str], Finding]:
    folder = tmp_path_factory.mktemp("demo")
    config = load_config(write_config(folder, Loopback()))
    store: Store = open_store(config.policywatch.database)
    store.sync_documents([(key, site.name) for key, _, site in config.documents()], START)
    pipeline = Pipeline(store, config)
    received = [check(pipeline, number) for number in range(CHECKS)]
    store.close()
    return {(finding.check, finding.document.file): finding for finding in findings(received)}


@pytest.mark.parametrize(("number", "file"), SCENES)
def test_scene_is_told_exactly_as_planted(
    found: dict[tuple[int, str], Finding], number: int, file: str
) -> None:
    finding = found[number, file]
    assert [plant.what for plant, change in finding.told if change is None] == []
    assert finding.unplanted == ()


def test_policies_are_as_long_as_real_ones() -> None:
    for document in DOCUMENTS:
        assert 400 <= len(document.pages()[0].text.split()) <= 900


def test_edit_that_does_not_fit_its_text_is_refused() -> None:
    with pytest.raises(ValueError, match="stands 2 times"):
        Edit("we", "they").applied("we and we")


def test_moved_section_goes_before_the_one_that_is_named() -> None:
    text = "# T\n\n## A\n\na\n\n## B\n\nb\n\n## C\n\nc\n"
    assert Moved("C", before="B").applied(text) == "# T\n\n## A\n\na\n\n## C\n\nc\n\n## B\n\nb\n"
