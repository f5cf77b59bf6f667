"""One SQLite file: opened with care, written in turn with other processes, its errors told in our words."""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlite_utils import Database

from storage import lines
from storage.failures import RowError, StaleError, explain, primary_code
from storage.migrations import APPLICATION_ID, migrations, schema_of
from storage.numbers import forget
from storage.store import DamagedError, StaleVersionError, StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlite_utils import Migrations

# Between two attempts to switch a new file to its write-ahead log, which SQLite does not queue for.
_JOURNAL_RETRY_S = 0.02
# A step takes some seconds for a database of that size.
_LARGE_BYTES = 20_000_000
# SQLite hears no signal while it waits.
_STEP_S = 0.25


@dataclass(eq=False)
class Connection:
    """A database file of ours, open in this thread."""

    path: Path
    db: Database
    # How long a write waits for its turn.
    patience_s: float
    # Within `together`.
    _joined: bool = field(default=False, init=False)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        create: bool = True,
        patience_s: float = 60.0,
        steps: Migrations = migrations,
        told: Callable[[str], None] | None = None,
    ) -> Connection:
        """Open a file and bring its structure up to date; `told` hears of it before that takes long.

        Raises:
            StoreError: there is none and none may be made, or it is not a database that this program can use.
        """
        _require_usable(path, create)
        connection = cls(path, _connect(path, patience_s), patience_s)
        try:
            connection._prepare(create, steps, told)
        except BaseException:
            connection.close()
            raise
        return connection

    @classmethod
    def is_up_to_date(cls, path: Path, patience_s: float) -> bool:
        """Whether a file that can be written has the structure of this version; nothing is changed in it.

        Raises:
            StoreError: there is none, or it is not a database that this program can use.
        """
        _require_usable(path, create=False)
        connection = cls(path, _connect(path, patience_s), patience_s)
        try:
            with connection._explaining():
                current = connection._up_to_date(False, migrations)
            with connection.write_transaction() as db:
                # Needs the right to write, and leaves what stands there.
                db.execute(f"PRAGMA user_version = {connection._pragma('user_version')}")
            return current
        finally:
            connection.close()

    def close(self) -> None:
        """Release the file; closing twice does no harm."""
        self.db.close()

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """Give the database as it stands now: what others write meanwhile is not seen."""
        # Takes no lock yet, so that there is nothing to wait for.
        with self._transaction(lambda: self._do("BEGIN")) as db:
            yield db

    @contextmanager
    def write_transaction(self, *, lasting: bool = True) -> Iterator[Database]:
        """Give the database for one transaction that holds the write lock from its first statement.

        A transaction that begins with reading (SQLite's default, and that of `Database.atomic`) fails at once
        when another process has written since; this one waits for its turn.

        Args:
            lasting: whether it must be on the disk when it ends. One that need not is safe from a crash of this program
                or of others, as any is; of the machine, only once a lasting one has followed. It is several times as
                quick. Within `together` all are what that is.

        Raises:
            StoreBusyError: the turn did not come within the patience.
        """
        if lasting or self._joined:
            with self._transaction(self._take_turn) as db:
                yield db
            return
        with self._explaining():
            self._do("PRAGMA synchronous = NORMAL")
        try:
            with self._transaction(self._take_turn) as db:
                yield db
        finally:
            self._do("PRAGMA synchronous = FULL")

    @property
    def joined(self) -> bool:
        """Whether what is written now is part of a transaction that `together` began."""
        return self._joined

    @contextmanager
    def together(self, *, lasting: bool = True) -> Iterator[None]:
        """Let all transactions that begin in a `with` block be one, which writes; what fails in it must leave it.

        Args:
            lasting: as for `write_transaction`.

        Raises:
            StoreBusyError: the turn did not come within the patience.
        """
        if self._joined:
            with self._explaining():
                yield
            return
        with self.write_transaction(lasting=lasting) as db:
            self._joined = True
            try:
                with lines.put_off(db):
                    yield
            finally:
                self._joined = False

    @contextmanager
    def _transaction(self, begin: Callable[[], None]) -> Iterator[Database]:
        with self._explaining():
            if self._joined:
                yield self.db
                return
            try:
                begin()
                yield self.db
                self._do("COMMIT")
            except BaseException:
                self.db.rollback()
                forget(self.db)
                raise

    def _take_turn(self) -> None:
        """Begin to write, waiting for the turn in short steps: between them the program hears Ctrl-C."""
        deadline = time.monotonic() + self.patience_s
        self._wait_at_most(min(_STEP_S, self.patience_s))
        try:
            while True:
                try:
                    self._do("BEGIN IMMEDIATE")
                    return
                except sqlite3.OperationalError as error:
                    if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                        raise
        finally:
            self._wait_at_most(self.patience_s)

    def _wait_at_most(self, seconds: float) -> None:
        self._do(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    def _do(self, statement: str) -> None:
        """Run what surrounds every transaction; the library would look at each of these words again."""
        self.db.conn.execute(statement)

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        """Turn what goes wrong into a StoreError that names the file."""
        began = time.monotonic()
        try:
            yield
        except StaleError as error:
            raise StaleVersionError(f"{self.path}: {error}") from error
        except RowError as error:
            raise DamagedError(f"{self.path}: {error}") from error
        except sqlite3.ProgrammingError:
            # A mistake of ours: another thread, or a closed database.
            raise
        except sqlite3.Error as error:
            raise self._explained(error, time.monotonic() - began) from error

    def _prepare(self, create: bool, steps: Migrations, told: Callable[[str], None] | None) -> None:
        with self._explaining():
            self.db.execute("PRAGMA foreign_keys = ON")
            if self._up_to_date(create, steps):
                return
            self._use_write_ahead_log()
            # Steps replace tables that others refer to; what is amiss then is noticed before they are committed.
            self.db.execute("PRAGMA foreign_keys = OFF")
        with self.write_transaction() as db:
            # Asked again, now that no other process can be at the same work.
            if not self._up_to_date(create, steps):
                if told and (size := self.path.stat().st_size) > _LARGE_BYTES:
                    told(f"bringing {self.path} ({size / 1e6:.0f} MB) up to date for this version, once")
                steps.apply(db)
                db.execute(f"PRAGMA user_version = {schema_of(steps)}")
                _require_whole(db)
        with self._explaining():
            self.db.execute("PRAGMA foreign_keys = ON")
            self._give_back_room()

    def _up_to_date(self, create: bool, steps: Migrations) -> bool:
        """Whether every step was applied.

        Raises:
            StoreError: the file belongs to another program or to a newer version of this one, or it is empty
                and no database may be made.
        """
        known = schema_of(steps)
        # The table of applied steps is asked too, so that a damaged file is noticed here.
        schema = max(self._pragma("user_version"), len(steps.applied(self.db)))
        application = self._pragma("application_id")
        if application != APPLICATION_ID and (application or self.db.table_names()):
            raise StoreError(f"{self.path} is a database of another program")
        if application != APPLICATION_ID and not create:
            raise StoreError(_missing(self.path))
        if schema > known:
            raise StoreError(
                f"{self.path} was made by a newer policywatch (schema {schema}, this program knows {known}); "
                "update policywatch"
            )
        return application == APPLICATION_ID and schema == known

    def _give_back_room(self) -> None:
        """Make the file smaller where steps left most of it empty; if that cannot be now, it is filled again later."""
        if 2 * self._pragma("freelist_count") > self._pragma("page_count"):
            with suppress(sqlite3.OperationalError):
                self.db.execute("VACUUM")

    def _use_write_ahead_log(self) -> None:
        """Let readers go on while one process writes; the setting stays with the file."""
        deadline = time.monotonic() + self.patience_s
        while True:
            try:
                self.db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
            time.sleep(_JOURNAL_RETRY_S)

    def _pragma(self, name: str) -> int:
        value: int = self.db.execute(f"PRAGMA {name}").fetchone()[0]
        return value

    def _explained(self, error: sqlite3.Error, waited_s: float) -> StoreError:
        if primary_code(error) == sqlite3.SQLITE_BUSY:
            return StoreBusyError(
                f"{self.path} is in use by another process: waited {waited_s:.0f} s for its turn"
            )
        return StoreError(explain(self.path, error))


def _require_whole(db: Database) -> None:
    """Raise RowError where a row refers to one that is not there."""
    dangling = db.execute("PRAGMA foreign_key_check").fetchone()
    if dangling:
        raise RowError(f"a row of {dangling[0]} refers to none of {dangling[2]}; nothing was changed")


def _connect(path: Path, patience_s: float) -> Database:
    try:
        # No transaction is begun behind our back: `isolation_level=None`.
        connection = sqlite3.connect(path.absolute(), timeout=patience_s, isolation_level=None)
        # Other people's sqlite-utils plug-ins have no business in this file.
        return Database(connection, execute_plugins=False)
    except sqlite3.Error as error:
        raise StoreError(explain(path, error)) from error


def _require_usable(path: Path, create: bool) -> None:
    try:
        if path.is_dir():
            raise StoreError(f"{path} is a folder, not a database file")
        if path.exists() and not path.is_file():
            raise StoreError(f"{path} is not a regular file")
        if not path.parent.is_dir():
            raise StoreError(f"there is no folder {path.parent} for the database {path.name}")
        if not path.exists() and not create:
            raise StoreError(_missing(path))
    except OSError as error:
        raise StoreError(f"{path} cannot be opened: {error.strerror}") from error


def _missing(path: Path) -> str:
    return f"no database at {path}; run 'policywatch check' first"
