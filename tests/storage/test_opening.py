from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from storage import StoreError, open_store
from storage.connection import Connection
from storage.failures import explain
from storage.sqlite import SqliteStore
from tests.storage.processes import finish, start
from tests.storage.samples import DOCUMENTS, KEY, NEW, OLD, START, after, make_changes, make_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.store import Store


def refusal(path: Path, *, create: bool = True) -> str:
    with pytest.raises(StoreError) as error:
        open_store(f"sqlite:///{path}", create=create)
    message = str(error.value)
    assert str(path) in message
    assert "\n" not in message
    return message.replace(str(path), "FILE").replace(str(path.parent), "FOLDER")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgresql://me:hunter2@db/x", "PostgreSQL is not supported in this version"),
        ("postgresql+psycopg://me:hunter2@db/x", "PostgreSQL is not supported in this version"),
        ("mysql://me:hunter2@db/x", "not one that begins with mysql://"),
        ("sqlite://policywatch.db", "not one that begins with sqlite://"),
        ("policywatch.db", 'an address such as "sqlite:///policywatch.db", not one without a scheme'),
        ("sqlite:///", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///a\0b", "names no file"),
    ],
)
def test_an_address_of_another_kind_is_refused_without_its_password(url: str, message: str) -> None:
    with pytest.raises(StoreError) as error:
        open_store(url)
    assert message in str(error.value)
    assert "hunter2" not in str(error.value)


def test_three_slashes_are_relative_and_four_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(open_store("sqlite:///here.db")) as store:
        store.sync_documents(DOCUMENTS, START)
    with closing(open_store(f"sqlite:////{str(tmp_path).lstrip('/')}/here.db", create=False)) as store:
        assert KEY in store.documents()


def test_a_folder_is_not_a_database(path: Path) -> None:
    path.mkdir()
    assert refusal(path) == "FILE is a folder, not a database file"


def test_a_device_is_not_a_database() -> None:
    assert refusal(Path("/dev/null")) == "FILE is not a regular file"


def test_a_missing_folder_is_named(path: Path) -> None:
    path = path.parent / "missing" / path.name
    assert refusal_of_folder(path) == "there is no folder FOLDER for the database policywatch.db"


def refusal_of_folder(path: Path) -> str:
    with pytest.raises(StoreError) as error:
        open_store(f"sqlite:///{path}")
    return str(error.value).replace(str(path.parent), "FOLDER")


def test_a_path_through_a_file_is_refused(path: Path) -> None:
    path.write_text("x")
    assert "there is no folder" in refusal_of_folder(path / "policywatch.db")


def test_a_name_that_is_too_long_is_refused(path: Path) -> None:
    message = refusal(path.parent / ("x" * 300))
    assert message == "FILE cannot be opened: File name too long"


def test_a_file_that_is_no_database_is_left_as_it_was(path: Path) -> None:
    path.write_text("We never share your data. " * 50)
    assert refusal(path) == "FILE: it is not a database"
    assert path.read_text() == "We never share your data. " * 50


def test_another_programs_database_is_left_as_it_was(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    before = path.read_bytes()
    assert refusal(path) == "FILE is a database of another program"
    assert path.read_bytes() == before


def test_a_database_of_a_newer_program_is_left_as_it_was(path: Path) -> None:
    open_store(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 19")
    before = path.read_bytes()
    assert refusal(path) == (
        "FILE was made by a newer policywatch (schema 19, this program knows 18); update policywatch"
    )
    assert path.read_bytes() == before


@pytest.mark.parametrize("empty", [False, True], ids=["no file", "an empty file"])
def test_nothing_is_made_where_nothing_may_be(path: Path, empty: bool) -> None:
    if empty:
        path.touch()
    assert refusal(path, create=False) == "no database at FILE; run 'policywatch check' first"
    assert path.exists() == empty


def test_an_empty_file_becomes_a_database(path: Path) -> None:
    path.touch()
    with closing(open_store(f"sqlite:///{path}")) as store:
        assert store.documents() == []


def test_a_damaged_database_is_named(store: Store, path: Path) -> None:
    store.add_version(make_version(OLD), [], [])
    store.close()
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    assert refusal(path).startswith("FILE: the database is damaged")


def test_a_full_disk_leaves_what_was_there(store: Store, path: Path) -> None:
    first = store.add_version(make_version(OLD), [], [])
    with closing(Connection.open(path)) as connection:
        (pages,) = connection.db.execute("PRAGMA page_count").fetchone()
        connection.db.execute(f"PRAGMA max_page_count = {pages + 2}")
        full = SqliteStore(connection)
        words = " ".join(str(number * number) for number in range(20_000))
        with pytest.raises(StoreError) as error:
            full.add_version(make_version(words, after(10)), make_changes(), [])
        assert str(error.value) == f"{path}: the disk is full, nothing was written"
        assert full.versions(KEY) == [first]
        assert connection.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert store.add_version(make_version(NEW, after(10)), make_changes(), []).id == 2


@pytest.mark.parametrize(
    ("free", "message"),
    [(0, "the disk is full, nothing was written"), (10**9, "reading or writing failed (disk I/O error)")],
)
def test_a_disk_too_full_for_the_index_of_the_log_is_told_as_full(
    path: Path, monkeypatch: pytest.MonkeyPatch, free: int, message: str
) -> None:
    # SQLite calls it an I/O error when there is no room for the file `-shm`.
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9 - free, free))
    assert explain(path, error) == f"{path}: {message}"


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """Give a folder that an unprivileged user can reach (pytest's own are private to the user)."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_read_only_folder_is_named(shared_folder: Path) -> None:
    shared_folder.chmod(0o555)
    path = shared_folder / "policywatch.db"
    expected = f"{path} cannot be opened: the folder {shared_folder} may not be written to\n"
    assert finish(start("write_unprivileged", path)) == (0, expected)


def test_a_database_in_a_read_only_folder_is_left_as_it_was(shared_folder: Path) -> None:
    path = shared_folder / "policywatch.db"
    open_store(f"sqlite:///{path}").close()
    before = path.read_bytes()
    shared_folder.chmod(0o555)
    code, output = finish(start("write_unprivileged", path))
    assert (code, output.count("\n"), str(path) in output) == (0, 1, True)
    assert path.read_bytes() == before


def test_a_read_only_file_is_named(shared_folder: Path) -> None:
    path = shared_folder / "policywatch.db"
    open_store(f"sqlite:///{path}").close()
    path.chmod(0o444)
    shared_folder.chmod(0o777)
    expected = f"{path}: it may not be written to (attempt to write a readonly database)\n"
    assert finish(start("write_unprivileged", path)) == (0, expected)


def test_a_file_of_another_user_is_named(shared_folder: Path) -> None:
    path = shared_folder / "policywatch.db"
    open_store(f"sqlite:///{path}").close()
    path.chmod(0o000)
    shared_folder.chmod(0o777)
    expected = f"{path} cannot be opened: this user may not read and write it\n"
    assert finish(start("write_unprivileged", path)) == (0, expected)


def test_the_database_library_is_loaded_when_a_store_is_opened() -> None:
    command = "import storage, sys; sys.exit('sqlite_utils' in sys.modules or 'sqlite3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], check=False).returncode == 0
