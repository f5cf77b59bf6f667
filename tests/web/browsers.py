"""A real Chromium for tests: the system's own, driven by Playwright."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FOLDER = Path(__file__).parents[2]
# Fetched by `make axe`; it is no part of this repository.
AXE = Path(os.environ.get("AXE_JS", _FOLDER / "node_modules/axe-core/axe.min.js"))

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
needs_axe = pytest.mark.skipif(
    not AXE.is_file(), reason=f"axe-core is not at {AXE}: `make axe` fetches it, or AXE_JS names it"
)


@dataclass
class Heard:
    """What a page did beside being shown."""

    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def taken(self) -> Heard:
        """Return what was heard until now, and begin anew."""
        taken = replace(self)
        self.requests, self.dialogs, self.console, self.errors = [], [], [], []
        return taken


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser for the length of a `with` block."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        try:
            yield browser
        finally:
            browser.close()


def listened(page: Any) -> Heard:
    """Have a page's requests, dialogs and console noted from now on."""
    heard = Heard()
    page.on("request", lambda request: heard.requests.append(request.url))
    page.on("console", lambda message: heard.console.append(message.text))
    page.on("pageerror", lambda error: heard.errors.append(str(error)))

    def dialog(shown: Any) -> None:
        heard.dialogs.append(shown.message)
        shown.dismiss()

    page.on("dialog", dialog)
    return heard
