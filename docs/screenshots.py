"""Takes the pictures in docs/screenshots/: the pages of the demo's policies, at three widths, light and dark.

.venv/bin/python docs/screenshots.py [FOLDER]

The demo's story takes minutes; here its versions stand over the years, so that the pictures of time show something.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import threading
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from PIL import Image
from playwright.sync_api import sync_playwright

from monitor.comparison.compare import compare
from monitor.demo.pages import render
from monitor.demo.story import DOCUMENTS
from monitor.reading.policy import read_policy
from monitor.web.guard import Access
from monitor.web.serving import listening, server
from storage import open_store
from storage.records import Capture, ChangeRecord, DocumentKey, Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.demo.script import DemoDocument
    from storage.store import Store

START = datetime(2021, 3, 8, 9, 30, tzinfo=UTC)
# Between two scenes of a document.
STEP = timedelta(days=173)
WIDTHS = {"phone": (390, 844), "tablet": (820, 1100), "wide": (1360, 900)}
SCHEMES = ("light", "dark")
PAGES = {
    "overview": "",
    "site": "sites/{site}/",
    "change": "versions/{version}/changes/{place}/",
    "comparison": "compare/{previous_version}/{version}/",
    "commitments": "commitments/{site}/{document}/",
}


def main() -> None:
    """Take all of them."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "screenshots")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with TemporaryDirectory() as place:
        database = f"sqlite:///{place}/demo.db"
        with closing(open_store(database)) as store:
            fill(store)
            story = weakened(store)
        with served(database) as base:
            take(base, story, folder)
    sizes = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{len(list(folder.iterdir()))} pictures in {folder}, {sizes / 1e6:.1f} MB")


def fill(store: Store) -> None:
    """Write the demo's policies with the years between their versions."""
    keys = [(DocumentKey(document.site, document.type), document.site_name) for document in DOCUMENTS]
    store.sync_documents(keys, START)
    for number, document in enumerate(DOCUMENTS):
        _write(store, document, START + timedelta(days=61 * number))
        store.record_check(DocumentKey(document.site, document.type), START + 12 * STEP)


def _write(store: Store, document: DemoDocument, start: datetime) -> None:
    key, url = DocumentKey(document.site, document.type), f"https://{document.site}.example/{document.type}"
    before = None
    for number, page in enumerate(document.pages()):
        if page.dress.instead or page.text == before:
            continue
        at = start + number * STEP
        body = render(page, document.site_name).encode()
        source: Any = "archive" if number < 3 else "live"
        capture = store.add_capture(Capture(key, url, url, at, source, 200, (), body))
        digest = hashlib.sha256(page.text.encode()).hexdigest()
        version = Version(key, at, page.text, digest, source, (capture.id or 0,))
        found = compare(read_policy(before), read_policy(page.text)).changes if before else ()
        store.add_version(version, [ChangeRecord(change.to_json()) for change in found], [])
        before = page.text


def weakened(store: Store) -> dict[str, Any]:
    """Return what names the newest version that weakened something."""
    from storage.browsing import Wanted  # noqa: PLC0415

    item = store.browse.news(Wanted(direction="weaker"), limit=1)[0]
    return {
        "site": item.mark.key.site, "document": item.mark.key.document, "version": item.mark.id,
        "previous_version": item.previous_id, "place": item.changes[0][0],
    }  # fmt: skip


@contextmanager
def served(database: str) -> Iterator[str]:
    """Serve the pages of a database; give their address."""
    ready = threading.Event()
    with listening("127.0.0.1", 0) as listener:
        own = server(database, Access(), ready.set)
        thread = threading.Thread(target=own.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            ready.wait()
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            own.should_exit = True
            thread.join()


def take(base: str, story: dict[str, Any], folder: Path) -> None:
    """Take each page at each width, light and dark."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for scheme in SCHEMES:
            for width, (across, down) in WIDTHS.items():
                context = browser.new_context(
                    viewport={"width": across, "height": down}, color_scheme=scheme, reduced_motion="reduce"
                )
                page = context.new_page()
                for name, path in PAGES.items():
                    page.goto(base + path.format(**story))
                    small(page.screenshot(), folder / f"{name}-{width}-{scheme}.png")
                context.close()
        browser.close()


def small(picture: bytes, file: Path) -> None:
    """Write a picture in few colours."""
    with Image.open(BytesIO(picture)) as whole:
        whole.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(file, optimize=True)


if __name__ == "__main__":
    main()
