"""An export that is interrupted goes on where it stopped, and ends with the same bytes."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from monitor.exporting.histories import History, histories
from monitor.exporting.run import FORMATS, export
from tests.exporting.kept import SHOP
from tests.exporting.test_formats import git
from tests.storage.samples import after, make_version

if TYPE_CHECKING:
    from pathlib import Path

    from monitor.exporting.run import Format
    from storage import DocumentKey
    from storage.store import Store


class StoppedError(Exception):
    """Somebody pressed Ctrl-C."""


def interrupted(kept: list[History], form: Format, path: Path) -> None:
    def stop() -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        export(kept, form, path, advance=stop)
    assert not path.exists()


def content(form: Format, path: Path) -> object:
    if form == "git":
        return git(path, "rev-parse", "main")
    if form == "sqlite":
        with closing(sqlite3.connect(path)) as db:
            return list(db.iterdump())
    if path.is_dir():
        return {file.relative_to(path): file.read_bytes() for file in path.rglob("*") if file.is_file()}
    return path.read_bytes()


@pytest.mark.parametrize("form", FORMATS)
def test_it_ends_with_the_same_content(kept: list[History], tmp_path: Path, form: Format) -> None:
    export(kept, form, tmp_path / "whole")
    interrupted(kept, form, tmp_path / "parts")
    export(kept, form, tmp_path / "parts")
    assert content(form, tmp_path / "parts") == content(form, tmp_path / "whole")
    assert [path.name for path in tmp_path.iterdir() if ".part" in path.name] == []


def test_what_is_written_is_not_read_again(store: Store, kept: list[History], tmp_path: Path) -> None:
    interrupted(kept, "json", tmp_path / "kept.jsonl")
    read: list[DocumentKey] = []

    class Watched(History):
        def document(self) -> dict[str, str]:
            read.append(self.key)
            return super().document()

    again = [Watched(store, history.key, history.site_name) for history in kept]
    export(again, "json", tmp_path / "kept.jsonl")
    assert set(read) == {SHOP}


def test_half_a_document_is_cut_off(kept: list[History], tmp_path: Path) -> None:
    export(kept, "json", tmp_path / "whole")
    interrupted(kept, "json", tmp_path / "parts")
    with (tmp_path / "parts.part" / "export").open("ab") as file:
        file.write(b'{"record": "version", "te')
    export(kept, "json", tmp_path / "parts")
    assert (tmp_path / "parts").read_bytes() == (tmp_path / "whole").read_bytes()


@pytest.mark.parametrize("form", FORMATS)
def test_a_history_that_went_on_meanwhile_is_written_anew(
    store: Store, kept: list[History], tmp_path: Path, form: Format
) -> None:
    interrupted(kept, form, tmp_path / "parts")
    cafe = kept[0].key
    store.add_version(make_version("Pay in coins.", after(60), key=cafe), [], [])
    now = histories(store, [history.key for history in kept])
    export(now, form, tmp_path / "parts")
    export(now, form, tmp_path / "whole")
    assert content(form, tmp_path / "parts") == content(form, tmp_path / "whole")


def test_another_question_begins_anew(kept: list[History], tmp_path: Path) -> None:
    interrupted(kept, "json", tmp_path / "kept.jsonl.gz")
    export(kept[1:], "json", tmp_path / "kept.jsonl.gz", bodies=False)
    written = gzip.decompress((tmp_path / "kept.jsonl.gz").read_bytes())
    assert b"cafe" not in written
    assert b'"body"' not in written


def test_a_kill_after_the_file_took_its_name_spoils_no_later_export(
    kept: list[History], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_: Path, ignore_errors: bool = False) -> None:
        # The one call is that before it begins.
        if not ignore_errors:
            raise StoppedError

    with monkeypatch.context() as patched:
        patched.setattr("monitor.exporting.unfinished.shutil.rmtree", killed)
        with pytest.raises(StoppedError):
            export(kept, "json", tmp_path / "kept.jsonl")
    whole = (tmp_path / "kept.jsonl").read_bytes()
    (tmp_path / "kept.jsonl").unlink()
    export(kept, "json", tmp_path / "kept.jsonl")
    assert (tmp_path / "kept.jsonl").read_bytes() == whole
