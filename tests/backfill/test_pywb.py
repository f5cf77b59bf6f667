"""A real replay server over WARCs of our own pages: pywb, from an environment of its own (it is GPL)."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import closing
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
from monitor.importing.history import History
from storage import open_store
from tests.backfill.conftest import KEY, LIMITS, URL, Clock, page

if TYPE_CHECKING:
    from collections.abc import Iterator

# The folder of its programs: PYWB_BIN, else where `wb-manager` is found.
FOLDER = os.environ.get("PYWB_BIN") or str(Path(shutil.which("wb-manager") or "/nowhere/").parent)
pytestmark = pytest.mark.skipif(
    not (Path(FOLDER) / "wb-manager").exists(),
    reason="pywb is not installed; PYWB_BIN may name the folder of its programs",
)
PLANTED = {"20060301120000": 14, "20121225201235": 30, "20161116173702": 60, "20240105060708": 90}
WRITE = """
import io, sys
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter
with open("policy.warc.gz", "wb") as file:
    writer = WARCWriter(file, gzip=True)
    for line in sys.stdin.read().splitlines():
        timestamp, url, name = line.split(" ")
        t = timestamp
        date = f"{t[:4]}-{t[4:6]}-{t[6:8]}T{t[8:10]}:{t[10:12]}:{t[12:]}Z"
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
        writer.write_record(writer.create_warc_record(
            url, "response", payload=io.BytesIO(open(name, "rb").read()), http_headers=headers,
            warc_headers_dict={"WARC-Date": date}))
"""


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a collection that holds the planted captures."""
    folder = tmp_path_factory.mktemp("pywb")
    lines = []
    for timestamp, days in PLANTED.items():
        (folder / f"{timestamp}.html").write_text(page(days))
        lines.append(f"{timestamp} {URL} {timestamp}.html")
    _run(folder, "python", "-c", WRITE, given="\n".join(lines))
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


def _run(folder: Path, program: str, *arguments: str, given: str = "") -> None:
    command = [f"{FOLDER}/{program}", *arguments]
    subprocess.run(command, cwd=folder, input=given, text=True, check=True, capture_output=True)


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
    assert bodies == [page(days).encode() for days in PLANTED.values()]
