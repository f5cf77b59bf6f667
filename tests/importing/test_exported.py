"""`export --as json` read back: equal history, and one clear error for what no export wrote."""

from __future__ import annotations

import gzip
import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from monitor.exporting.histories import histories
from monitor.exporting.run import export
from monitor.importing.exported import Exported, count_lines
from monitor.importing.records import ArchiveError
from storage import open_store
from storage.browsing import Wanted
from storage.confirmations import NewConfirmation
from storage.records import ChangeRecord
from tests.exporting.kept import SHOP, WHOLE, fill, told
from tests.storage.samples import START, after, make_version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.store import Store


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path}/kept.db")) as store:
        fill(store)
        yield store


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path}/other.db")) as store:
        yield store


def exported(store: Store, path: Path, *, bodies: bool = True) -> Path:
    export(histories(store, store.documents(retired=True)), "json", path, bodies=bodies)
    return path


def brought(store: Store, path: Path) -> Exported:
    found = Exported(store, path, START)
    assert sum(1 for _ in found.take_all()) == count_lines(path)
    return found


@pytest.mark.parametrize("name", ["kept.jsonl", "kept.jsonl.gz"])
def test_an_export_read_back_is_the_same_history(
    kept: Store, other: Store, tmp_path: Path, name: str
) -> None:
    found = brought(other, exported(kept, tmp_path / name))
    assert (found.versions, found.captures, found.known) == (4, 5, 0)
    assert told(other) == told(kept)


def test_nothing_is_kept_twice(kept: Store, other: Store, tmp_path: Path) -> None:
    path = exported(kept, tmp_path / "kept.jsonl")
    stopped = Exported(other, path, START).take_all()
    for _ in range(6):
        next(stopped)
    again = brought(other, path)
    assert again.known
    assert told(other) == told(kept)
    assert (brought(other, path).versions, brought(other, path).captures) == (0, 0)


def test_captures_that_are_here_need_no_bytes(kept: Store, tmp_path: Path) -> None:
    before = told(kept)
    assert brought(kept, exported(kept, tmp_path / "kept.jsonl", bodies=False)).known == 4
    assert told(kept) == before


def _spoilt(kind: str, **fields: Any) -> Any:
    def spoil(line: dict[str, Any]) -> dict[str, Any]:
        return {**line, **fields} if line["record"] == kind else line

    return spoil


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_spoilt("document", format=2), "line 1: format 2 is not known, only 1"),
        (_spoilt("document", site="../shop"), "line 1: .*"),
        (_spoilt("document", record="song"), "line 1: .*tag.*"),
        (_spoilt("capture", body="AAAA"), "line 2: the bytes of the capture do not match their SHA-256"),
        (_spoilt("capture", body="A"), "line 2: capture.body: .*"),
        (
            _spoilt("capture", body=None),
            "line 2: the bytes of the capture are missing: export them with --bodies",
        ),
        (_spoilt("capture", fetched_at="2026-01-01T00:00:00"), "line 2: capture.fetched_at: .*timezone.*"),
        (_spoilt("capture", fetched_at="0001-01-01T00:00:00+23:59"), "line 2: date value out of range"),
        (_spoilt("version", observed_at="0001-01-01T00:00:00+23:59"), "line 3: date value out of range"),
        (_spoilt("version", text="Pay."), "line 3: the text does not match its SHA-256"),
        (
            _spoilt("version", captures=[99]),
            "line 3: version .* names capture 99, which does not come before it",
        ),
        (
            _spoilt("version", site="shop"),
            "line 3: a version of shop/terms-of-service that no document comes before",
        ),
        (_spoilt("version", confirmation={"state": "perhaps"}), "line 3: version.confirmation.state: .*"),
        (_spoilt("version", changes=[{"material": True}]), "line 3: not a change as .*"),
    ],
)
def test_what_no_export_wrote_is_one_clear_error(
    kept: Store, other: Store, tmp_path: Path, spoil: Any, message: str
) -> None:
    path = exported(kept, tmp_path / "kept.jsonl")
    lines = [json.dumps(spoil(json.loads(line))) for line in path.read_text().splitlines()]
    path.write_text("\n".join(lines))
    with pytest.raises(ArchiveError, match=rf"kept.jsonl, {message}"):
        list(Exported(other, path, START).take_all())


@pytest.mark.parametrize(
    "content",
    [b"\x1f\x8bnot gzip", gzip.compress(b"{}" * 50, mtime=0)[:20], b"\xff\xfe\x00", b"[]"],
    ids=["no gzip", "cut off", "no text", "a list"],
)
def test_another_file_is_none(other: Store, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match=r"odd\.jsonl"):
        list(Exported(other, path, START).take_all())
    assert other.documents(retired=True) == []


def with_standings(store: Store, *confirmations: NewConfirmation | None) -> None:
    store.sync_documents([(SHOP, "Shop")], START)
    for day, confirmation in enumerate(confirmations):
        version = make_version(f"Text {day}.", after(day), key=SHOP, rules="comparing")
        store.add_version(
            version,
            [ChangeRecord({**WHOLE, "summary": "Sold."})] if day else [],
            [],
            confirmation=confirmation,
        )


def standings(store: Store) -> list[NewConfirmation | None]:
    return [store.confirmations.of_version(note.id) for note in store.version_notes(SHOP)]


def test_what_is_not_confirmed_is_so_in_another_database(other: Store, tmp_path: Path) -> None:
    words = (("Of something else.", "Said anew."),)
    known = [
        None,
        NewConfirmation("withdrawn", after(1), after(16)),
        NewConfirmation("confirmed", after(40), after(17), untold=words),
        NewConfirmation("held", after(3), after(18)),
    ]
    with closing(open_store(f"sqlite:///{tmp_path}/watching.db")) as store:
        with_standings(store, *known)
        brought(other, exported(store, tmp_path / "kept.jsonl"))
        assert standings(other) == standings(store) == known
        assert [item.mark.id for item in other.browse.news(Wanted(standing="confirmed"), limit=9)] == [3]
        # Brought once more, it is as it was confirmed meanwhile.
        store.confirmations.confirm(SHOP, after(60))
        (tmp_path / "kept.jsonl").unlink()
        brought(other, exported(store, tmp_path / "kept.jsonl"))
        assert standings(other) == standings(store) != known


def test_an_export_of_an_older_program_has_nothing_to_confirm(
    kept: Store, other: Store, tmp_path: Path
) -> None:
    path = exported(kept, tmp_path / "kept.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        line.pop("confirmation", None)
    path.write_text("\n".join(map(json.dumps, lines)))
    brought(other, path)
    assert told(other) == told(kept)
    assert other.confirmations.held() == []


def test_another_history_stays_as_it_is(kept: Store, other: Store, tmp_path: Path) -> None:
    other.sync_documents([(SHOP, "Shop")], START)
    other.add_version(make_version("We sell everything.", after(5), key=SHOP), [], [])
    path = exported(kept, tmp_path / "kept.jsonl")
    with pytest.raises(ArchiveError, match="shop/privacy-policy has another history here"):
        list(Exported(other, path, START).take_all())
    assert [version.text for version in other.versions(SHOP)] == ["We sell everything."]


def test_nothing_is_slipped_into_what_is_watched(kept: Store, other: Store, tmp_path: Path) -> None:
    other.sync_documents([(SHOP, "Shop")], START)
    other.record_check(SHOP, START, None, None, None)
    path = exported(kept, tmp_path / "kept.jsonl")
    with pytest.raises(ArchiveError, match="shop/privacy-policy is watched here"):
        list(Exported(other, path, START).take_all())
    assert other.versions(SHOP) == []
