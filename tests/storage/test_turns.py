from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from storage import StoreBusyError, StoreError, open_store
from storage.turns import only_backfill, only_daemon
from tests.storage.processes import start
from tests.storage.samples import START

if TYPE_CHECKING:
    from pathlib import Path


def test_a_database_has_one_daemon_at_a_time(path: Path) -> None:
    with (
        only_daemon(f"sqlite:///{path}"),
        pytest.raises(StoreBusyError, match=r"already watched by another `policywatch run`"),
        only_daemon(f"sqlite:///{path}"),
    ):
        pytest.fail("two daemons")
    with only_daemon(f"sqlite:///{path}"):
        pass


def test_a_daemon_keeps_nobody_else_from_the_database(path: Path) -> None:
    with only_daemon(f"sqlite:///{path}"), closing(open_store(f"sqlite:///{path}")) as store:
        store.sync_documents([], START)


def test_another_name_of_the_database_has_the_same_daemon(path: Path) -> None:
    path.touch()
    other = path.with_name("other.db")
    other.symlink_to(path)
    with only_daemon(f"sqlite:///{path}"), pytest.raises(StoreBusyError), only_daemon(f"sqlite:///{other}"):
        pytest.fail("two daemons")


def test_a_killed_daemon_leaves_its_place(path: Path) -> None:
    process = start("be_the_daemon", path)
    assert process.stdout is not None
    assert process.stdout.readline() == "daemon\n"
    with pytest.raises(StoreBusyError), only_daemon(f"sqlite:///{path}"):
        pytest.fail("two daemons")
    process.kill()
    process.communicate(timeout=10)
    with only_daemon(f"sqlite:///{path}"):
        pass


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(StoreError, match="cannot be opened"),
        only_daemon(f"sqlite:///{tmp_path}/absent/policywatch.db"),
    ):
        pytest.fail("a daemon of nothing")


def test_a_backfill_may_be_at_work_beside_the_daemon_and_not_beside_another(path: Path) -> None:
    with (
        only_daemon(f"sqlite:///{path}"),
        only_backfill(f"sqlite:///{path}"),
        pytest.raises(StoreBusyError, match="already filled by another"),
        only_backfill(f"sqlite:///{path}"),
    ):
        pytest.fail("two backfills")
