"""A real replay server over WARCs of our own pages: pywb, from an environment of its own (it is GPL)."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crawler.archive.addresses import ArchiveAddress
from crawler.archive.asking import Asker
from crawler.archive.pace import Pace
from crawler.archive.transport import Transport
from crawler.archive.wayback import Wayback
from monitor.backfill.filling import Backfill, Span
from monitor.config.models import DocumentConfig
from monitor.exporting.histories import histories
from monitor.exporting.run import export
from monitor.following import Following
from monitor.importing.history import History
from storage import Capture, open_store
from tests.backfill.conftest import KEY, LIMITS, URL, Clock, page

if TYPE_CHECKING:
    from collections.abc import Iterator

# The folder of its programs: PYWB_BIN, else where `wb-manager` is found.
FOLDER = os.environ.get("PYWB_BIN") or str(Path(shutil.which("wb-manager") or "/nowhere/").parent)
pytestmark = pytest.mark.skipif(
    # Whoever names its folder wants it to run: without its programs the tests fail then.
    "PYWB_BIN" not in os.environ and not (Path(FOLDER) / "wb-manager").exists(),
    reason="pywb is not installed; PYWB_BIN may name the folder of its programs",
)
PLANTED = {"20060301120000": 14, "20121225201235": 30, "20161116173702": 60, "20240105060708": 90}


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a collection that holds the planted captures."""
    folder = tmp_path_factory.mktemp("pywb")
    _export(folder / "policy.warc.gz")
    _run(folder, "wb-manager", "init", "policies")
    _run(folder, "wb-manager", "add", "policies", "policy.warc.gz")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [f"{FOLDER}/wayback", "-b", "127.0.0.1", "-p", str(port)],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(f"http://127.0.0.1:{port}/", server)
        yield f"http://127.0.0.1:{port}/policies"
    finally:
        server.terminate()
        server.wait(30)


def _export(path: Path) -> None:
    """Write the planted captures as `policywatch export --as warc` does: what pywb replays are our own WARCs."""
    with closing(open_store(f"sqlite:///{path.parent}/planted.db")) as store:
        store.sync_documents([(KEY, "Shop")], datetime(2024, 2, 1, tzinfo=UTC))
        for timestamp, days in PLANTED.items():
            at = datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            headers = (("Content-Type", "text/html"), ("Content-Encoding", "gzip"))
            store.add_capture(Capture(KEY, URL, URL, at, "live", 200, headers, planted(days)))
        export(histories(store, [KEY]), "warc", path)


def planted(days: int) -> bytes:
    """Return a page as the web of its time wrote them: the oldest in an encoding that only the page itself names."""
    if days == min(PLANTED.values()):
        named = page(days, "<p>Write to our café.</p>").replace("<head>", "<head><meta charset=windows-1252>")
        return named.encode("windows-1252")
    return page(days).encode()


def _run(folder: Path, program: str, *arguments: str) -> None:
    subprocess.run([f"{FOLDER}/{program}", *arguments], cwd=folder, check=True, capture_output=True)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert server.poll() is None
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("pywb did not start")


def test_backfill_yields_exactly_the_versions_that_were_planted(collection: str, tmp_path: Path) -> None:
    clock = Clock()
    document = DocumentConfig(
        type="privacy-policy", url=URL, url_history=("https://shop.test/never-archived",)
    )
    with closing(open_store(f"sqlite:///{tmp_path}/watch.db")) as store, Transport(LIMITS) as transport:
        store.sync_documents([(KEY, "Shop")], clock.now())
        address = ArchiveAddress(collection, "pywb")
        asker = Asker(address, transport, store, Pace(), clock=clock.now, sleep=clock.sleep)
        filling = Backfill(store, Wayback(asker), History(store), Span("change"), clock.now)
        assert filling.list_captures(KEY, document), filling.filled.failures
        filling.fill(KEY, document)
        assert (filling.filled.fetched, filling.filled.failures) == (4, [])
        versions = store.versions(KEY)
        assert [f"{version.observed_at:%Y%m%d%H%M%S}" for version in versions] == list(PLANTED)
        bodies = [store.capture(version.capture_ids[0]).body for version in versions]
    assert bodies == [planted(days) for days in PLANTED.values()]
    assert b"caf\xe9" in bodies[0]
    assert "Write to our café." in versions[0].text


def test_its_newest_capture_is_followed(collection: str, tmp_path: Path) -> None:
    clock = Clock()
    document = DocumentConfig(type="privacy-policy", url=URL, source="archive")
    with closing(open_store(f"sqlite:///{tmp_path}/watch.db")) as store, Transport(LIMITS) as transport:
        store.sync_documents([(KEY, "Shop")], clock.now())
        address = ArchiveAddress(collection, "pywb")
        asker = Asker(address, transport, store, Pace(), clock=clock.now, sleep=clock.sleep)
        (answer,) = Following(store, Wayback(asker), address, clock.now).answers(KEY, document)
    assert isinstance(answer, Capture)
    assert (f"{answer.fetched_at:%Y%m%d%H%M%S}", answer.body) == (max(PLANTED), planted(90))
