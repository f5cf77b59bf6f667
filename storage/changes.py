"""What each version brought: the tables `comparisons`, `changes` and `meanings`.

A row of `comparisons` holds every change between two versions, packed. Changes are numbered through: the id of a
comparison is that of its first change, the others follow. `changes` has a row, with its meaning, for each that is
material or not analysed, or that an alert tells: for questions asked in SQL, and for alerts to refer to.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from storage import contents
from storage.failures import RowError
from storage.packing import PackingError, pack, unpack
from storage.records import ChangeRecord, is_not_analysed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sqlite_utils import Database

_MEANING = ("material", "topic", "kind", "direction", "severity")
_SPAN = "id BETWEEN ? AND ?"
_TOLD = "SELECT change_id FROM delivery_changes"


def add(
    db: Database,
    version_id: int,
    previous_id: int,
    changes: Sequence[ChangeRecord],
    told: Collection[int] = (),
    *,
    superseded: bool = False,
) -> list[int]:
    """Write the changes of a version; return their ids in the same order.

    Args:
        db: the database, in a transaction.
        version_id: the version that brought them.
        previous_id: the version before it.
        changes: in the order of the text.
        told: positions of those that alerts tell.
        superseded: they are kept for those alerts alone.
    """
    if not changes:
        return []
    ids = range(first := _next_id(db), first + len(changes))
    payloads = {change_id: change.payload for change_id, change in zip(ids, changes, strict=True)}
    named = {ids[position] for position in told}
    bring_over(db, (previous_id, version_id), payloads, named, superseded=superseded)
    return list(ids)


def bring_over(
    db: Database,
    versions: tuple[int, int],
    payloads: Mapping[int, Mapping[str, Any]],
    told: Collection[int],
    *,
    superseded: bool = False,
) -> None:
    """Write changes under the ids that they have.

    Args:
        db: the database, in a transaction.
        versions: the ids of the version before and of the one that brought them.
        payloads: by their ids, which ascend in the order of the text.
        told: the ids of those that alerts tell.
        superseded: the version was compared with another one since.

    Raises:
        RowError: the ids do not ascend.
    """
    ids = list(payloads)
    if ids != sorted(ids):
        raise RowError(f"the changes of version {versions[1]} do not stand in their order")
    first, count = ids[0], ids[-1] - ids[0] + 1
    # Ids that are missing between others were given up when the version was judged again.
    packed = pack([payloads.get(first + n, {}) for n in range(count)], *_texts(db, *versions))
    db.execute(
        "INSERT INTO comparisons (id, version_id, previous_version_id, superseded, count, packed)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [first, versions[1], versions[0], first if superseded else 0, count, packed],
    )
    _name(db, {n: payload for n, payload in payloads.items() if _is_named(payload) or n in told})


def name_not_analysed(db: Database) -> None:
    """Name what is not analysed of all comparisons that were written before such changes had names."""
    for row in list(db.query("SELECT * FROM comparisons WHERE superseded = 0")):
        named = _kept(db, row["id"], row["count"])
        if len(named) == row["count"]:
            continue
        with suppress(RowError):
            # What is damaged is told where it is read.
            payloads = {change.id: change.payload for change in of_row(db, row) if change.not_analysed}
            _name(db, {n: payload for n, payload in payloads.items() if n is not None and n not in named})


def keep_for_alerts(db: Database, changes: Sequence[ChangeRecord]) -> None:
    """Name changes of the history that alerts tell from now on; most of them have their names already."""
    wanted = {change.id: change.payload for change in changes if change.id is not None}
    named = {n for n in wanted if db.execute("SELECT 1 FROM changes WHERE id = ?", [n]).fetchone()}
    _name(db, {n: payload for n, payload in wanted.items() if n not in named})


def judge_again(db: Database, version_id: int, previous_id: int, changes: Sequence[ChangeRecord]) -> None:
    """Write the changes of a version that has another one before it now, in the place of those it had.

    Those that an alert tells are kept for it.
    """
    forget(db, version_id)
    add(db, version_id, previous_id, changes)


def forget(db: Database, version_id: int) -> None:
    """Take the changes of a version away; those that an alert tells are kept for it."""
    current = "SELECT id, count FROM comparisons WHERE version_id = ? AND superseded = 0"
    for first, count in db.execute(current, [version_id]).fetchall():
        _supersede(db, first, count)


def of_version(db: Database, version_id: int, against: int | None = None) -> list[ChangeRecord]:
    """Return what a version brought, in the order of the text: against that version, or the one before it.

    Raises:
        RowError: what is stored is damaged.
    """
    rows = db.query(
        "SELECT * FROM comparisons WHERE version_id = ? AND CASE WHEN ? IS NULL THEN superseded = 0"
        " ELSE previous_version_id = ? END ORDER BY superseded = 0, id",
        [version_id, against, against],
    )
    return [change for row in rows for change in of_row(db, row)]


def _supersede(db: Database, first: int, count: int) -> None:
    """Put a comparison aside with the changes that alerts tell; remove it where there are none."""
    span = [first, first + count - 1]
    db.execute(f"DELETE FROM changes WHERE {_SPAN} AND id NOT IN ({_TOLD})", span)  # noqa: S608
    if db.execute(f"SELECT 1 FROM changes WHERE {_SPAN} LIMIT 1", span).fetchone():  # noqa: S608
        db.execute("UPDATE comparisons SET superseded = id WHERE id = ?", [first])
    else:
        db.execute("DELETE FROM comparisons WHERE id = ?", [first])


def _is_named(payload: Mapping[str, Any]) -> bool:
    return bool(payload["material"]) or is_not_analysed(payload)


def _next_id(db: Database) -> int:
    last = db.execute("SELECT id + count FROM comparisons ORDER BY id DESC LIMIT 1").fetchone()
    return int(last[0]) if last else 1


def _name(db: Database, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Write the rows of `changes`, by their ids."""
    known: dict[tuple[Any, ...], int] = {}
    for change_id, payload in changes.items():
        meaning = (bool(payload["material"]), *(payload.get(name) for name in _MEANING[1:]))
        if meaning not in known:
            known[meaning] = _meaning_id(db, meaning)
        db.execute("INSERT INTO changes (id, meaning) VALUES (?, ?)", [change_id, known[meaning]])


def _meaning_id(db: Database, meaning: tuple[Any, ...]) -> int:
    same = " AND ".join(f"{name} IS ?" for name in _MEANING)
    found = db.execute(f"SELECT id FROM meanings WHERE {same}", meaning).fetchone()  # noqa: S608
    if found:
        return int(found[0])
    columns = ", ".join(_MEANING)
    added = db.execute(f"INSERT INTO meanings ({columns}) VALUES (?, ?, ?, ?, ?)", meaning)  # noqa: S608
    return int(added.lastrowid or 0)


def of_row(db: Database, row: Mapping[str, Any]) -> Iterator[ChangeRecord]:
    """Yield the changes that a row of `comparisons` holds; raises as `of_version` does."""
    first, version_id, previous_id = row["id"], row["version_id"], row["previous_version_id"]
    try:
        payloads = unpack(row["packed"], *_texts(db, previous_id, version_id))
    except PackingError as error:
        raise RowError(f"the changes of version {version_id} are damaged ({error})") from error
    kept = _kept(db, first, row["count"]) if row["superseded"] else range(first, first + row["count"])
    for change_id, payload in enumerate(payloads, first):
        if payload and change_id in kept:
            yield ChangeRecord(payload, version_id, previous_id, change_id)


def _kept(db: Database, first: int, count: int) -> set[int]:
    rows = db.execute(f"SELECT id FROM changes WHERE {_SPAN}", [first, first + count - 1])  # noqa: S608
    return {change_id for (change_id,) in rows}


def _texts(db: Database, previous_id: int, version_id: int) -> tuple[bytes, bytes]:
    return _text(db, previous_id), _text(db, version_id)


def _text(db: Database, version_id: int) -> bytes:
    """Return a version's text; nothing where it is damaged, so that its changes may be packed without it."""
    ((text,),) = db.execute("SELECT text FROM versions WHERE id = ?", [version_id])
    try:
        return contents.recall(db, text, f"the text of version {version_id}")
    except RowError:
        return b""
