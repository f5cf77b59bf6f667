"""Histories to be shown, a friendly one and one written by people who mean harm."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from monitor.comparison.compare import compare
from monitor.reading.policy import read_policy
from storage.records import ChangeRecord, DeliveryState, DocumentKey
from tests.storage.samples import START, make_capture, make_delivery, make_version
from tests.web.payloads import ADDRESSES, PAYLOADS

if TYPE_CHECKING:
    from storage.saves import SaveState
    from storage.store import Store

POLICY = DocumentKey("harbour-books", "privacy-policy")
TERMS = DocumentKey("harbour-books", "terms-of-service")
OTHER = DocumentKey("kestrel", "privacy-policy")
HOSTILE = DocumentKey("hostile", "privacy-policy")
TEXTS = [
    "# Privacy policy\n\n## Sharing\n\nWe never share your personal data with third parties.\n\n## Retention\n\n"
    "We keep server logs for 30 days.\n\n## Rights\n\nYou may ask us for a copy of your data at any time.\n",
    "# Privacy policy\n\n## Sharing\n\nWe may share your personal data with third parties.\n\n## Retention\n\n"
    "We keep server logs for 60 days.\n\n## Rights\n\nYou may ask us for a copy of your data at any time.\n",
    "# Privacy policy\n\n## Rights\n\nYou may ask us for a copy of your data at any time.\n\n## Sharing\n\nWe may "
    "share your personal data with third parties.\n\n## Retention\n\nWe keep server logs for 60 days.\n",
]


def fill(store: Store) -> None:
    """Write a policy whose second version weakens it and whose third moves a section, terms, and a failing page."""
    store.sync_documents([(POLICY, "Harbour Books"), (TERMS, "Harbour Books"), (OTHER, "Kestrel Run")], START)
    write(store, POLICY, TEXTS)
    write(store, TERMS, ["# Terms\n\nYou must pay within 14 days.\n"])
    store.record_check(POLICY, START)
    store.record_check(OTHER, START, "dns", "there is no such host")


def write(store: Store, key: DocumentKey, texts: list[str]) -> None:
    """Write versions of a document, a day apart, compared as the program does."""
    for day, text in enumerate(texts):
        at = START + timedelta(days=day)
        capture = store.add_capture(make_capture(f"<p>{day}".encode(), key=key, fetched_at=at))
        changes = []
        if day:
            found = compare(read_policy(texts[day - 1]), read_policy(text))
            changes = [ChangeRecord(change.to_json()) for change in found.changes]
        store.add_version(make_version(text, at, key=key, capture_ids=(capture.id,)), changes, [])


def fill_archived(store: Store, addresses: list[str]) -> int:
    """Write a policy changed behind its date, whose pages an archive was asked to keep; return the second version.

    The archive keeps the first page at the first address, and so on; one more it could not have.
    """
    store.sync_documents([(POLICY, "Harbour Books")], START)
    texts = [f"{text}\nLast updated: 1 March 2026\n" for text in TEXTS[:2]]
    at = START + timedelta(days=1)
    (change, *others) = compare(*map(read_policy, texts)).changes
    changes = [ChangeRecord(one.to_json()) for one in (change, *others)]
    store.add_version(make_version(texts[0], key=POLICY), [], [])
    urls = [f"https://shop.example/{number}" for number in range(len(addresses) + 1)]
    second = store.add_version(make_version(texts[1], at, key=POLICY), changes, [], to_save=urls)
    for save, address in zip(store.saves.due(at), [*addresses, None], strict=True):
        state: SaveState = "saved" if address else "given-up"
        store.saves.settle(save, state, address=address, reason=None if address else "it said no")
    assert second.id
    return second.id


def fill_hostile(store: Store) -> None:
    """Write every payload wherever the words of strangers stand."""
    sites = [
        (DocumentKey(f"hostile-{number}", "privacy-policy"), payload)
        for number, payload in enumerate(PAYLOADS)
    ]
    store.sync_documents([(HOSTILE, "Hostile & Sons"), *sites], START)
    for key, payload in sites:
        _hostile_site(store, key, payload)
    whole = "\n\n".join(PAYLOADS)
    store.add_version(make_version(f"# Old\n\n{whole}", key=HOSTILE), [], [])
    at = START + timedelta(days=1)
    captures = [
        store.add_capture(
            make_capture(
                f"{number}".encode(), key=HOSTILE, url=address, final_url=address, source="archive", fetched_at=at
            )
        ).id
        for number, address in enumerate(ADDRESSES)
    ]  # fmt: skip
    headed = "\n\n".join(
        f"## {payload}\n\n- We may share your data. {payload}\n\n| {payload} |" for payload in PAYLOADS
    )
    changes = [ChangeRecord(_change(payload)) for payload in PAYLOADS]
    ids = tuple(number for number in captures if number)
    version = make_version(f"# New\n\n{headed}\n\n````\n`````", at, key=HOSTILE, capture_ids=ids)
    store.add_version(version, changes, [make_delivery(PAYLOADS[0], state=DeliveryState.SENT)])


def _hostile_site(store: Store, key: DocumentKey, payload: str) -> None:
    store.record_check(key, START, payload, payload)
    store.add_version(make_version(f"# {payload}\n\nWe never share. {payload}", key=key), [], [])
    later = make_version(f"# {payload}\n\nWe share. {payload}", START + timedelta(hours=1), key=key)
    store.add_version(later, [ChangeRecord(_change(payload))], [])


def changed(words: str) -> list[ChangeRecord]:
    """A change for the worse, as the comparison gives it."""
    return [ChangeRecord({**_change(words), "values": [], "exceptions": {"added": [], "removed": []}})]


def _change(payload: str) -> dict[str, Any]:
    return {
        "material": True, "topic": "sharing", "kind": "changed", "direction": "weaker", "severity": "high",
        "section": payload, "section_before": payload, "before": f"{payload} before", "after": f"{payload} after",
        "summary": payload, "noise": None, "values": [{"before": payload, "after": payload}],
        "exceptions": {"added": [{"type": payload, "text": payload}], "removed": [{"type": payload, "text": payload}]},
    }  # fmt: skip
