"""The page of a ledger: from what is kept, and made for its reader where nothing is."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING

from monitor.ledger import keeping
from monitor.ledger.keeping import keep_ledgers
from storage import open_store
from tests.storage.samples import after, make_version
from tests.web.conftest import serving
from tests.web.history import TERMS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pytest

    from monitor.ledger.model import Ledger, Seen

PAGES = [
    f"{before}commitments/harbour-books/{document}{end}"
    for document in ("privacy-policy", "terms-of-service")
    for before, end in (("", "/"), ("", ".json"), ("", ".md"), ("api/", ""))
]


def test_pages_say_the_same_whether_a_ledger_is_kept_or_made(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "kept.db"
    shutil.copy(database, copy)
    with serving(copy) as reader:
        made = [reader.get(page).body for page in PAGES]
    with closing(open_store(f"sqlite:///{copy}")) as store:
        keep_ledgers(store)

    def never(_: Sequence[Seen]) -> Ledger:
        raise AssertionError("a ledger is made although it is kept")

    monkeypatch.setattr(keeping, "build_ledger", never)
    with serving(copy) as reader:
        replies = [reader.get(page) for page in PAGES]
    assert {reply.status for reply in replies} == {200}
    assert [reply.body for reply in replies] == made
    assert b"We may share" in made[0]


def test_a_new_version_is_in_the_ledger_before_anybody_kept_it(database: Path, tmp_path: Path) -> None:
    copy = tmp_path / "kept.db"
    shutil.copy(database, copy)
    with closing(open_store(f"sqlite:///{copy}")) as store, serving(copy, fresh_s=0.0) as reader:
        keep_ledgers(store)
        page = f"commitments/{TERMS.site}/{TERMS.document}.json"
        before = reader.get(page).data["standing"]
        store.add_version(make_version("We will answer you within 3 days.", after(90_000), key=TERMS), [], [])
        standing = reader.get(page).data["standing"]
        assert [one["text"] for one in standing] == ["We will answer you within 3 days."]
        assert standing != before
        keep_ledgers(store)
        assert reader.get(page).data["standing"] == standing
