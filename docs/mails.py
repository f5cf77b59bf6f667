"""Takes the pictures in docs/mails/: an alert, a digest and an operators' alert, as on a telephone and on a desk.

.venv/bin/python docs/mails.py [FOLDER]

The messages are those that a mail server would get, about the policies of the demo; nothing is loaded from anywhere.
"""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

from monitor.alerts.alert import Alert
from monitor.alerts.email import build_email
from monitor.alerts.operators import OperatorsAlert
from monitor.comparison.compare import compare
from monitor.demo.story import DOCUMENTS
from monitor.reading.policy import read_policy
from storage.records import DocumentKey, Notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitor.alerts.delivery import Message
    from monitor.demo.script import DemoDocument

SEEN = datetime(2026, 5, 4, 6, 20, tzinfo=UTC)
WIDTHS = {"phone": 390, "wide": 900}
SHOP = DocumentKey("kestrel-run", "privacy-policy")


def main() -> None:
    """Take all of them."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "mails")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    alerts = [alert for document in DOCUMENTS for alert in alerts_of(document)]
    single = min(alerts, key=lambda alert: (len(alert.changes) != 1, not alert.changes[0].values))
    messages: dict[str, Sequence[Message]] = {
        # The changes of the whole story at once: more than most people ever get.
        "alert": [single],
        "digest": alerts,
        "operators": [failing()],
        "operators-several": [failing(), dead(), recovered()],
    }
    with sync_playwright() as playwright:
        chromium = (
            shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        )
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for width, across in WIDTHS.items():
            context = browser.new_context(
                viewport={"width": across, "height": 100}, java_script_enabled=False, offline=True
            )
            page = context.new_page()
            for name, message in messages.items():
                page.set_content(html_of(message))
                small(page.screenshot(full_page=True), folder / f"{name}-{width}.png")
            context.close()
        browser.close()
    sizes = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{len(list(folder.iterdir()))} pictures in {folder}, {sizes / 1e6:.1f} MB")


def alerts_of(document: DemoDocument) -> Iterator[Alert]:
    """Yield an alert for each version of a demo's document that changes a commitment."""
    key = DocumentKey(document.site, document.type)
    before = None
    for number, page in enumerate(document.pages()):
        if page.dress.instead:
            continue
        if before:
            found = compare(read_policy(before), read_policy(page.text)).changes
            changes = tuple(change for change in found if change.material)
            if changes:
                at = SEEN + timedelta(hours=number)
                yield Alert(
                    f"pw_{number}", key, document.site_name, document.type,
                    f"https://{document.site}.example/{document.type}",
                    number + 1, at, number, at - timedelta(days=31), changes,
                )  # fmt: skip
        before = page.text


def failing() -> OperatorsAlert:
    """Return an operators' alert about a document that is suspect."""
    url = "https://kestrel-run.example/privacy-policy"
    notice = Notice(
        "document.failing", SHOP, SEEN - timedelta(days=1), SEEN, reason="suspect:bot-wall",
        detail=f"{url}: the site asks whether we are a robot (captcha).", failures=7,
    )  # fmt: skip
    return OperatorsAlert("pw_1", notice, "Kestrel Run", "privacy-policy", url)


def dead() -> OperatorsAlert:
    """Return an operators' alert about a channel."""
    reason = "given up after 8 attempts: the receiver answered 503"
    notice = Notice("channel.dead", SHOP, SEEN, SEEN, "tickets", detail=reason, failures=8)
    return OperatorsAlert("pw_2", notice, "Kestrel Run", "privacy-policy", "")


def recovered() -> OperatorsAlert:
    """Return an operators' alert that all is well again."""
    key = DocumentKey("harbour-books", "terms-of-service")
    notice = Notice("document.recovered", key, SEEN - timedelta(days=3), SEEN, reason="http-503", failures=19)
    url = "https://harbour-books.example/terms-of-service"
    return OperatorsAlert("pw_3", notice, "Harbour Books", "terms-of-service", url)


def html_of(alerts: Sequence[Message]) -> str:
    """Return the HTML part of a message as its receiver reads it."""
    sent = build_email(alerts, "watch@example.org", ["team@example.org"], SEEN).as_bytes()
    part = message_from_bytes(sent, policy=policy.default).get_body(["html"])
    if part is None:
        raise ValueError("the message has no HTML part")
    return str(part.get_content())


def small(picture: bytes, file: Path) -> None:
    """Write a picture in few colours."""
    with Image.open(BytesIO(picture)) as whole:
        # Colours that are rare, as those of a thin line, stay what they are.
        few = whole.convert("RGB").quantize(64, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(file, optimize=True)


if __name__ == "__main__":
    main()
