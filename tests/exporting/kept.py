"""A small history of two sites, with everything that an export has to carry."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from storage import ChangeRecord, DocumentKey
from storage.confirmations import NewConfirmation
from tests.storage.samples import CHANGE, START, make_capture, make_version

if TYPE_CHECKING:
    from storage.store import Store

SHOP = DocumentKey("shop", "privacy-policy")
CAFE = DocumentKey("cafe", "terms-of-service")
PAGE = "https://shop.example/privacy"
TEXTS = [
    "We never share.\n\nLogs: 30 days.",
    "We may share.\n\nLogs: 30 days.",
    "We never share.\n\nLogs: 30 days.",
]
HOSTILE = '=HYPERLINK("http://evil.example")'

WHOLE = {
    **CHANGE,
    "section": HOSTILE,
    "section_before": HOSTILE,
    "values": [{"before": "P30D", "after": None}],
    "exceptions": {"added": [{"type": "law", "text": "unless required by law"}], "removed": []},
    "noise": None,
}


def fill(store: Store) -> None:
    """Write three versions of a policy, the last made by other rules, a suspect capture, and recorded terms."""
    store.sync_documents([(SHOP, "Shop & Söhne\n<b>"), (CAFE, "Café")], START)
    for day, text in enumerate(TEXTS):
        at = START + timedelta(days=day, microseconds=17 * day)
        capture = store.add_capture(
            make_capture(
                f"<p>{text}</p>".encode(),
                key=SHOP,
                url=PAGE,
                final_url=f"{PAGE}/{day}",
                fetched_at=at,
                headers=(
                    ("Content-Type", "text/html"),
                    ("Content-Encoding", "gzip"),
                    ("X-Odd", "a\r\nX-Evil: 1"),
                ),
                redirects=(PAGE,),
                ip_address="192.0.2.7",
                certificate_sha256="ab" * 32,
                rendered="Chromium 150.0",
                rules="reading",
            )
        )
        version = make_version(
            text, at, key=SHOP, capture_ids=(capture.id,), rules="comparing", upgrade=day == 2
        )
        changes = [ChangeRecord({**WHOLE, "summary": f"Change {day}"})] if day else []
        held = NewConfirmation("held", at, at + timedelta(hours=1)) if day == 1 else None
        store.add_version(version, changes, [], confirmation=held)
    store.add_capture(
        make_capture(b"Are you a robot?", key=SHOP, url=PAGE, final_url=PAGE, suspect="bot-wall")
    )
    recorded = store.add_capture(
        make_capture(
            b"Pay in cash.",
            key=CAFE,
            url="https://cafe.example/terms",
            final_url="https://web.archive.org/web/20260301000000/https://cafe.example/terms",
            source="archive",
            headers=(("Content-Type", "text/markdown; charset=utf-8"), ("Commit", "c" * 40)),
        )
    )
    store.add_version(
        make_version("Pay in cash.", key=CAFE, source="archive", capture_ids=(recorded.id,)), [], []
    )


def told(store: Store) -> dict[str, Any]:
    """Return all that the store tells of its history, whatever numbers it gave."""
    return {str(key): _document(store, key) for key in store.documents(retired=True)}


def _document(store: Store, key: DocumentKey) -> dict[str, Any]:
    captures = {note.id: asdict(store.capture(note.id)) for note in store.capture_notes(key)}
    places = {number: place for place, number in enumerate(captures)}
    versions = [
        {
            **asdict(version),
            "id": None,
            "capture_ids": [places[number] for number in version.capture_ids],
            "changes": [dict(change.payload) for change in store.changes(version.id or 0)],
        }
        for version in store.versions(key)
    ]
    return {
        "name": store.site_name(key.site),
        "captures": [{**capture, "id": None} for capture in captures.values()],
        "versions": versions,
    }
