"""What readers of all history ask: lists of sites, versions and changes, without any text being read for them."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol

from storage import captures, changes, checks, origins
from storage.records import CaptureNote, ChangeRecord, DocumentKey, DocumentStatus, Source
from storage.times import from_column, from_microseconds, to_microseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlite_utils import Database

    from storage.confirmations import Confirmation
    from storage.connection import Connection
    from storage.origins import Origin

# Comparisons whose changes stay in memory: those of a few hundred pages.
_RECENT_COMPARISONS = 2_000
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Tally:
    """How many material changes went which way, and how many nobody has judged."""

    weaker: int = 0
    stronger: int = 0
    neutral: int = 0
    # Changes in a language that is not analysed: nobody knows whether they matter.
    unread: int = 0

    @property
    def material(self) -> int:
        """All that matter for sure."""
        return self.weaker + self.stronger + self.neutral


@dataclass(frozen=True, slots=True)
class SiteNote:
    """A site with what is known of its documents, in numbers."""

    id: str
    name: str
    documents: int
    versions: int
    tally: Tally
    # When its first version was seen, and its last material change; None where there was none.
    since: datetime | None
    changed_at: datetime | None
    # Documents of the configuration, and those of them that fail.
    watched: int
    failing: int
    # How the checks of each of them go.
    statuses: tuple[DocumentStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentNote:
    """A document in numbers, with how its last checks went."""

    key: DocumentKey
    site_name: str
    versions: int
    tally: Tally
    since: datetime | None
    # When its newest version was first seen, and which that is.
    latest_at: datetime | None
    latest_id: int | None
    retired: bool
    status: DocumentStatus


@dataclass(frozen=True, slots=True)
class VersionMark:
    """A version without its text: what a list or a picture needs."""

    id: int
    key: DocumentKey
    observed_at: datetime
    source: Source
    # Other rules of extraction made it: nothing in it is the site's doing.
    upgrade: bool
    # None where its text is damaged.
    words: int | None
    tally: Tally
    # Why it was doubted before it was accepted in the place of the document that was there.
    accepted: str | None = None
    # Whether a further fetch has shown that its changes stay.
    confirmation: Confirmation = "confirmed"
    # When that was, or when it was written down that they wait or went; None for a version of the past.
    settled_at: datetime | None = None
    # Places of changes that only take back what nobody was told of.
    untold: tuple[int, ...] = ()

    @property
    def told_at(self) -> datetime:
        """When readers of feeds hear of it, where they do."""
        return self.settled_at or self.observed_at


@dataclass(frozen=True, slots=True)
class NewsItem:
    """What one version brought."""

    mark: VersionMark
    site_name: str
    previous_id: int
    previous_at: datetime
    # Each with its place among all changes of the version, from 1; in lists, those alone that matter or may.
    changes: tuple[tuple[int, ChangeRecord], ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which news are asked for; what is None does not matter."""

    site: str | None = None
    document: str | None = None
    topic: str | None = None
    direction: str | None = None
    since: datetime | None = None
    # All; without those that were taken back before they were confirmed; or the confirmed alone, newest telling first.
    standing: Literal["any", "not-withdrawn", "confirmed"] = "any"


@dataclass(frozen=True, slots=True)
class ChannelNote:
    """How many deliveries of a channel are in which state."""

    channel: str
    state: str
    count: int
    last_sent_at: datetime | None


class BrowseStore(Protocol):
    """What readers ask; every method may raise StoreError, none reads more texts than it says."""

    def edition(self) -> int:
        """Return a number that is another one as soon as another connection wrote anything."""

    def sites(self) -> list[SiteNote]:
        """Return all sites that have a document, in the order of their names."""

    def documents(self, site: str | None = None) -> list[DocumentNote]:
        """Return the documents of a site, or all of them, in the order of their keys."""

    def news(self, wanted: Wanted, *, limit: int, offset: int = 0) -> list[NewsItem]:
        """Return what versions brought that matters or may, newest first; their two texts are read for each.

        Of the confirmed alone, what was told last comes first, without what only takes back what nobody was told of.
        """

    def news_count(self, wanted: Wanted) -> int:
        """Return how many versions `news` could give."""

    def versions(self, site: str, document: str | None = None) -> list[VersionMark]:
        """Return the versions of a site's documents, oldest first."""

    def version(self, version_id: int) -> VersionMark | None:
        """Return one version, None where there is none of that id."""

    def changes(self, version_id: int) -> NewsItem | None:
        """Return all that a version brought, None for a first version."""

    def neighbours(self, version_id: int) -> tuple[int | None, int | None]:
        """Return the versions of the document before and after one."""

    def topics(self, site: str) -> list[tuple[datetime, str, int]]:
        """Return how many material changes each version of a site brought to a topic, oldest first."""

    def evidence(self, version_id: int) -> list[CaptureNote]:
        """Return the captures that date a version and those that it was read from, without their bodies.

        The oldest pages come first, and those of one time in the order of the document's pages.
        """

    def channels(self) -> list[ChannelNote]:
        """Return the deliveries in numbers."""


_COUNTS = "sum(weaker) AS weaker, sum(stronger) AS stronger, sum(neutral) AS neutral, sum(unread) AS unread"
_MARK = (
    "versions.id, versions.observed_at, versions.source, versions.upgrade, versions.words, versions.accepted,"
    " coalesce(confirmations.state, 'confirmed') AS confirmation, confirmations.at AS settled_at, untold,"
    " documents.site, documents.id AS document, coalesce(weaker, 0) AS weaker, coalesce(stronger, 0) AS stronger,"
    " coalesce(neutral, 0) AS neutral, coalesce(unread, 0) AS unread"
)
_JOINED = (
    "versions JOIN documents ON number = versions.document LEFT JOIN tallies ON tallies.version_id = versions.id"
    " LEFT JOIN confirmations ON confirmations.version_id = versions.id"
)
_DOCUMENTS = f"""
    SELECT documents.site, documents.id AS document, sites.name, retired_at,
        seen.count AS versions, seen.since, seen.latest_at,
        (SELECT versions.id FROM versions WHERE versions.document = number AND NOT replaced
            ORDER BY observed_at DESC, versions.id DESC LIMIT 1) AS latest_id,
        coalesce(weaker, 0) AS weaker, coalesce(stronger, 0) AS stronger, coalesce(neutral, 0) AS neutral,
        coalesce(unread, 0) AS unread, changed_at,
        last_checked_at, last_ok_at, checks.seen_at, failing_since, next_check_at, reason, detail,
        coalesce(failures, 0) AS failures
    FROM documents JOIN sites ON sites.id = documents.site
    LEFT JOIN (SELECT document, count(*) AS count, min(observed_at) AS since, max(observed_at) AS latest_at
        FROM versions WHERE NOT replaced {{of_site}} GROUP BY document) AS seen ON seen.document = number
    LEFT JOIN (SELECT document, {_COUNTS}, max(observed_at) AS changed_at
        FROM tallies WHERE NOT hidden AND standing < 2 {{of_site}} GROUP BY document) AS told ON told.document = number
    LEFT JOIN checks ON checks.site = documents.site AND checks.document = documents.id
    {{where}} ORDER BY documents.site, documents.id
"""  # noqa: S608
_TOPICS = """
    SELECT versions.observed_at, coalesce(topic, 'other') AS topic, count(*) AS count
    FROM documents CROSS JOIN versions ON versions.document = number
    CROSS JOIN comparisons ON comparisons.version_id = versions.id AND superseded = 0
    CROSS JOIN changes ON changes.id BETWEEN comparisons.id AND comparisons.id + comparisons.count - 1
    JOIN meanings ON meanings.id = meaning
    WHERE documents.site = ? AND material AND NOT upgrade AND NOT replaced AND NOT EXISTS (
        SELECT 1 FROM confirmations WHERE confirmations.version_id = versions.id AND state = 'withdrawn')
    GROUP BY versions.id, topic ORDER BY versions.observed_at, topic
"""


_ONE_CHANGE = """EXISTS (
    SELECT 1 FROM comparisons
    JOIN changes ON changes.id BETWEEN comparisons.id AND comparisons.id + comparisons.count - 1
    JOIN meanings ON meanings.id = meaning
    WHERE comparisons.version_id = tallies.version_id AND superseded = 0 AND material
        AND coalesce(topic, 'other') = ? AND direction IS ?
)"""


class SqliteBrowsing:
    """A `BrowseStore` in the database."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._recent: OrderedDict[tuple[int, bytes], tuple[ChangeRecord, ...]] = OrderedDict()

    def edition(self) -> int:  # noqa: D102
        with self._connection.reading() as db:
            return int(db.execute("PRAGMA data_version").fetchone()[0])

    def sites(self) -> list[SiteNote]:  # noqa: D102
        of_site: dict[str, list[Mapping[str, Any]]] = {}
        with self._connection.reading() as db:
            for row in db.query(_DOCUMENTS.format(of_site="", where="")):
                of_site.setdefault(row["site"], []).append(row)
        notes = [_site(site, rows) for site, rows in of_site.items()]
        return sorted(notes, key=lambda note: (note.name.casefold(), note.id))

    def documents(self, site: str | None = None) -> list[DocumentNote]:  # noqa: D102
        with self._connection.reading() as db:
            if site is None:
                return [_document(row) for row in db.query(_DOCUMENTS.format(of_site="", where=""))]
            own = "AND document IN (SELECT number FROM documents WHERE site = :site)"
            asked = _DOCUMENTS.format(of_site=own, where="WHERE documents.site = :site")
            return [_document(row) for row in db.query(asked, {"site": site})]

    def news(self, wanted: Wanted, *, limit: int, offset: int = 0) -> list[NewsItem]:  # noqa: D102
        where, values = _where(wanted)
        by = "told_at" if wanted.standing == "confirmed" else "observed_at"
        newest = f"ORDER BY {by} DESC, version_id DESC LIMIT ? OFFSET ?"
        asked = f"SELECT version_id FROM tallies WHERE {where} {newest}"  # noqa: S608
        with self._connection.reading() as db:
            found = db.execute(asked, [*values, limit, offset]).fetchall()
            items = [self._item(db, version_id) for (version_id,) in found]
        told = [_material(item, wanted) for item in items if item]
        # What is left of a version may be nothing of what was asked for.
        return [item for item in told if item.changes or not item.mark.untold]

    def news_count(self, wanted: Wanted) -> int:  # noqa: D102
        where, values = _where(wanted)
        with self._connection.reading() as db:
            return int(db.execute(f"SELECT count(*) FROM tallies WHERE {where}", values).fetchone()[0])  # noqa: S608

    def versions(self, site: str, document: str | None = None) -> list[VersionMark]:  # noqa: D102
        asked = (
            f"SELECT {_MARK} FROM {_JOINED} WHERE versions.document IN (SELECT number FROM documents WHERE site = ?"  # noqa: S608
            " AND id = coalesce(?, id)) AND NOT replaced ORDER BY versions.observed_at, versions.id"
        )
        with self._connection.reading() as db:
            return [_mark(row) for row in db.query(asked, [site, document])]

    def version(self, version_id: int) -> VersionMark | None:  # noqa: D102
        with self._connection.reading() as db:
            return _version(db, version_id)

    def changes(self, version_id: int) -> NewsItem | None:  # noqa: D102
        with self._connection.reading() as db:
            return self._item(db, version_id)

    def neighbours(self, version_id: int) -> tuple[int | None, int | None]:  # noqa: D102
        if not 0 < version_id <= _LARGEST_ID:
            return None, None
        own = "(SELECT document, observed_at, id FROM versions WHERE id = ?) AS own"
        same = f"FROM {own} JOIN versions ON versions.document = own.document AND NOT replaced WHERE"
        before, after = (
            f"SELECT versions.id {same} (versions.observed_at, versions.id) {sign} (own.observed_at, own.id)"
            f" ORDER BY versions.observed_at {order}, versions.id {order} LIMIT 1"
            for sign, order in (("<", "DESC"), (">", "ASC"))
        )
        with self._connection.reading() as db:
            rows = [db.execute(asked, [version_id]).fetchone() for asked in (before, after)]
        return rows[0][0] if rows[0] else None, rows[1][0] if rows[1] else None

    def topics(self, site: str) -> list[tuple[datetime, str, int]]:  # noqa: D102
        with self._connection.reading() as db:
            rows = db.execute(_TOPICS, [site]).fetchall()
        return [(from_microseconds(at), topic, count) for at, topic, count in rows]

    def evidence(self, version_id: int) -> list[CaptureNote]:  # noqa: D102
        with self._connection.reading() as db:
            return [
                *captures.notes_that_date(db, version_id),
                *captures.notes_of_version(db, version_id),
            ]

    def channels(self) -> list[ChannelNote]:  # noqa: D102
        asked = (
            "SELECT channel, state, count(*) AS count, max(sent_at) AS last_sent_at FROM deliveries"
            " GROUP BY channel, state ORDER BY channel, state"
        )
        with self._connection.reading() as db:
            return [
                ChannelNote(row["channel"], row["state"], row["count"], from_column(row["last_sent_at"]))
                for row in db.query(asked)
            ]

    def _item(self, db: Database, version_id: int) -> NewsItem | None:
        mark = _version(db, version_id)
        asked = (
            "SELECT comparisons.*, versions.observed_at AS previous_at, sites.name FROM comparisons"
            " JOIN versions ON versions.id = previous_version_id JOIN documents ON number = versions.document"
            " JOIN sites ON sites.id = documents.site WHERE version_id = ? AND superseded = 0"
        )
        row = next(iter(db.query(asked, [version_id])), None) if mark else None
        if mark is None or row is None:
            return None
        records = self._records(db, row)
        previous_at = from_microseconds(row["previous_at"])
        origin = origins.of_version(db, version_id, row["previous_version_id"])
        return NewsItem(
            mark, row["name"], row["previous_version_id"], previous_at, tuple(enumerate(records, 1)), origin
        )

    def _records(self, db: Database, row: Mapping[str, Any]) -> tuple[ChangeRecord, ...]:
        """Return the changes of a comparison, from memory where it is the same as before."""
        named = (row["id"], row["packed"])
        found = self._recent.get(named)
        if found is None:
            found = self._recent[named] = tuple(changes.of_row(db, row))
        self._recent.move_to_end(named)
        while len(self._recent) > _RECENT_COMPARISONS:
            self._recent.popitem(last=False)
        return found


_STANDING = {"any": "", "not-withdrawn": " AND standing < 2", "confirmed": " AND standing = 0"}


def _where(wanted: Wanted) -> tuple[str, list[Any]]:
    conditions: list[str] = [f"NOT hidden{_STANDING[wanted.standing]}"]
    values: list[Any] = []
    if wanted.site is not None:
        conditions.append(
            "document IN (SELECT number FROM documents WHERE site = ? AND id = coalesce(?, id))"
        )
        values += [wanted.site, wanted.document]
    elif wanted.document is not None:
        # That type of document of all sites.
        conditions.append("document IN (SELECT number FROM documents WHERE id = ?)")
        values.append(wanted.document)
    if wanted.topic is not None:
        conditions.append("instr(topics, ?)")
        values.append(f" {wanted.topic} ")
    if wanted.direction in ("weaker", "stronger", "neutral"):
        conditions.append(f"{wanted.direction} > 0")
        if wanted.topic is not None:
            # Both of one change: a version may have the one of this and the other of that.
            conditions.append(_ONE_CHANGE)
            values += [wanted.topic, wanted.direction]
    if wanted.since is not None:
        conditions.append("observed_at >= ?")
        values.append(to_microseconds(wanted.since))
    return " AND ".join(conditions), values


def _material(item: NewsItem, wanted: Wanted) -> NewsItem:
    """Leave what was asked for alone."""
    untold = item.mark.untold if wanted.standing == "confirmed" else ()
    kept = tuple(
        (at, change) for at, change in item.changes if at not in untold and _is_wanted(change, wanted)
    )
    return replace(item, changes=kept)


def _is_wanted(change: ChangeRecord, wanted: Wanted) -> bool:
    told = change.payload
    if change.not_analysed:
        # What nobody has read is of no topic and of no direction.
        return wanted.topic is None and wanted.direction is None
    return (
        change.material
        and wanted.topic in (None, told.get("topic"))
        and wanted.direction in (None, told.get("direction"))
    )


def _version(db: Database, version_id: int) -> VersionMark | None:
    if not 0 < version_id <= _LARGEST_ID:
        return None
    rows: Iterable[Mapping[str, Any]] = db.query(
        f"SELECT {_MARK} FROM {_JOINED} WHERE versions.id = ?",  # noqa: S608
        [version_id],
    )
    return next(map(_mark, rows), None)


def _mark(row: Mapping[str, Any]) -> VersionMark:
    return VersionMark(
        id=row["id"],
        key=DocumentKey(row["site"], row["document"]),
        observed_at=from_microseconds(row["observed_at"]),
        source=row["source"],
        upgrade=bool(row["upgrade"]),
        words=row["words"],
        tally=_tally([row]),
        accepted=row["accepted"],
        confirmation=row["confirmation"],
        settled_at=_time(row["settled_at"]),
        untold=tuple(json.loads(row["untold"])) if row["untold"] else (),
    )


def _tally(rows: Sequence[Mapping[str, Any]]) -> Tally:
    return Tally(*(sum(row[way] for row in rows) for way in ("weaker", "stronger", "neutral", "unread")))


def _document(row: Mapping[str, Any]) -> DocumentNote:
    return DocumentNote(
        key=DocumentKey(row["site"], row["document"]),
        site_name=row["name"],
        versions=row["versions"] or 0,
        tally=_tally([row]),
        since=_time(row["since"]),
        latest_at=_time(row["latest_at"]),
        latest_id=row["latest_id"],
        retired=row["retired_at"] is not None,
        status=checks.from_row(row),
    )


def _site(site: str, rows: Sequence[Mapping[str, Any]]) -> SiteNote:
    since = [row["since"] for row in rows if row["since"] is not None]
    changed = [row["changed_at"] for row in rows if row["changed_at"] is not None]
    watched = [row for row in rows if row["retired_at"] is None]
    return SiteNote(
        id=site,
        name=rows[0]["name"],
        documents=len(rows),
        versions=sum(row["versions"] or 0 for row in rows),
        tally=_tally(rows),
        since=_time(min(since, default=None)),
        changed_at=_time(max(changed, default=None)),
        watched=len(watched),
        failing=sum(row["failing_since"] is not None for row in watched),
        statuses=tuple(checks.from_row(row) for row in watched),
    )


def _time(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else from_microseconds(microseconds)
