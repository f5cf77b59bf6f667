"""The database's structure, as ordered and named steps; each is applied once, in one transaction.

A step that stands here is never changed: a later wish is a new step. `application_id` tells our files from
those of other programs, `user_version` counts the steps that were applied.
"""

from __future__ import annotations

from contextlib import suppress

from sqlite_utils import Database, Migrations

from storage import confirmations, contents, ledgers, lines, tallies
from storage.compacting import compact_history
from storage.failures import RowError

# "POLW" in ASCII, in the header of every database file of ours.
APPLICATION_ID = 0x504F4C57

migrations = Migrations("policywatch")


def schema_of(steps: Migrations) -> int:
    """Return the number of the structure that the steps lead to: how many there are."""
    return len(steps.pending(Database(memory=True, execute_plugins=False)))


_FIRST_TABLES = (
    """
    CREATE TABLE sites (
        id TEXT PRIMARY KEY NOT NULL,
        name TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE documents (
        site TEXT NOT NULL REFERENCES sites (id),
        id TEXT NOT NULL,
        first_seen TEXT NOT NULL,
        retired_at TEXT,
        PRIMARY KEY (site, id)
    )
    """,
    # Bodies of captures and texts of versions, each kept once however often it comes back.
    """
    CREATE TABLE contents (
        sha256 TEXT PRIMARY KEY NOT NULL,
        size INTEGER NOT NULL,
        zstd BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE captures (
        id INTEGER PRIMARY KEY,
        site TEXT NOT NULL,
        document TEXT NOT NULL,
        url TEXT NOT NULL,
        final_url TEXT NOT NULL,
        fetched_at TEXT NOT NULL,
        source TEXT NOT NULL,
        status INTEGER NOT NULL,
        headers TEXT NOT NULL,
        body_sha256 TEXT NOT NULL REFERENCES contents (sha256),
        redirects TEXT NOT NULL,
        ip_address TEXT,
        certificate_sha256 TEXT,
        suspect TEXT,
        FOREIGN KEY (site, document) REFERENCES documents (site, id)
    )
    """,
    "CREATE INDEX captures_by_url ON captures (site, document, url, fetched_at)",
    """
    CREATE TABLE versions (
        id INTEGER PRIMARY KEY,
        site TEXT NOT NULL,
        document TEXT NOT NULL,
        observed_at TEXT NOT NULL,
        text_sha256 TEXT NOT NULL REFERENCES contents (sha256),
        source TEXT NOT NULL,
        FOREIGN KEY (site, document) REFERENCES documents (site, id)
    )
    """,
    "CREATE INDEX versions_in_order ON versions (site, document, observed_at, id)",
    """
    CREATE TABLE version_captures (
        version_id INTEGER NOT NULL REFERENCES versions (id),
        position INTEGER NOT NULL,
        capture_id INTEGER NOT NULL REFERENCES captures (id),
        PRIMARY KEY (version_id, position)
    )
    """,
    """
    CREATE TABLE changes (
        id INTEGER PRIMARY KEY,
        version_id INTEGER NOT NULL REFERENCES versions (id),
        previous_version_id INTEGER NOT NULL REFERENCES versions (id),
        position INTEGER NOT NULL,
        material INTEGER NOT NULL,
        topic TEXT,
        kind TEXT,
        direction TEXT,
        severity TEXT,
        payload TEXT NOT NULL,
        UNIQUE (version_id, position)
    )
    """,
    """
    CREATE TABLE deliveries (
        id INTEGER PRIMARY KEY,
        idempotency_key TEXT NOT NULL UNIQUE,
        site TEXT NOT NULL,
        document TEXT NOT NULL,
        channel TEXT NOT NULL,
        version_id INTEGER NOT NULL REFERENCES versions (id),
        previous_version_id INTEGER NOT NULL REFERENCES versions (id),
        state TEXT NOT NULL,
        created_at TEXT NOT NULL,
        not_before TEXT NOT NULL,
        leased_until TEXT,
        attempts INTEGER NOT NULL,
        reason TEXT,
        sent_at TEXT,
        FOREIGN KEY (site, document) REFERENCES documents (site, id),
        UNIQUE (version_id, channel)
    )
    """,
    "CREATE INDEX deliveries_by_state ON deliveries (state, not_before)",
    """
    CREATE TABLE delivery_changes (
        delivery_id INTEGER NOT NULL REFERENCES deliveries (id),
        position INTEGER NOT NULL,
        change_id INTEGER NOT NULL REFERENCES changes (id),
        PRIMARY KEY (delivery_id, position)
    )
    """,
    """
    CREATE TABLE checks (
        site TEXT NOT NULL,
        document TEXT NOT NULL,
        last_checked_at TEXT NOT NULL,
        last_ok_at TEXT,
        failing_since TEXT,
        reason TEXT,
        detail TEXT,
        failures INTEGER NOT NULL,
        PRIMARY KEY (site, document),
        FOREIGN KEY (site, document) REFERENCES documents (site, id)
    )
    """,
    f"PRAGMA application_id = {APPLICATION_ID}",
)


@migrations()
def first_tables(db: Database) -> None:
    """Make every table of the first version."""
    for statement in _FIRST_TABLES:
        db.execute(statement)


@migrations()
def upgrades(db: Database) -> None:
    """Tell versions apart that another way of extraction made, and not the site."""
    db.execute("ALTER TABLE versions ADD COLUMN upgrade INTEGER NOT NULL DEFAULT 0")


@migrations()
def compact(db: Database) -> None:
    """Keep texts, bodies, captures and changes in a tenth of the room: see `storage.compacting`."""
    compact_history(db)


@migrations()
def rules(db: Database) -> None:
    """Note by which of our rules captures were read and versions compared, and which versions they replaced.

    A version that was replaced is kept for the alerts that told of it, and is no part of the history.
    """
    db.execute("CREATE TABLE rulebooks (id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE)")
    db.execute("ALTER TABLE captures ADD COLUMN rules INTEGER REFERENCES rulebooks (id)")
    db.execute("ALTER TABLE versions ADD COLUMN rules INTEGER REFERENCES rulebooks (id)")
    db.execute("ALTER TABLE versions ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0")


@migrations()
def search(db: Database) -> None:
    """Let the lines of all versions be found: see `storage.lines`."""
    db.execute(
        "CREATE VIRTUAL TABLE lines USING fts5 (line, content='', detail=none, columnsize=0,"
        " tokenize='unicode61 remove_diacritics 2')"
    )
    db.execute(
        "CREATE TABLE document_lines (document INTEGER PRIMARY KEY REFERENCES documents (number), packed BLOB NOT NULL)"
    )
    versions = "SELECT document, id, text FROM versions ORDER BY document, observed_at, id"
    for document, version_id, text in db.execute(versions).fetchall():
        with suppress(RowError):
            # What is damaged is told where it is read.
            lines.index(db, document, version_id, contents.recall(db, text, "a text").decode())
    db.execute("INSERT INTO lines (lines) VALUES ('optimize')")


_HOSTS_AND_PAGES = (
    """
    CREATE TABLE hosts (
        host TEXT PRIMARY KEY NOT NULL,
        taken_until TEXT,
        last_at TEXT,
        resting_until TEXT,
        resting_why TEXT
    )
    """,
    """
    CREATE TABLE robots (
        origin TEXT PRIMARY KEY NOT NULL,
        expires_at TEXT NOT NULL,
        rules BLOB,
        reason TEXT,
        note TEXT NOT NULL
    )
    """,
    # What goes with its capture or version is fetched and read anew, and does no harm.
    """
    CREATE TABLE pages (
        site TEXT NOT NULL,
        document TEXT NOT NULL,
        url TEXT NOT NULL,
        final_url TEXT NOT NULL,
        capture_id INTEGER NOT NULL REFERENCES captures (id) ON DELETE CASCADE,
        version_id INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
        body_sha256 TEXT NOT NULL,
        etag TEXT,
        last_modified TEXT,
        fetched_at TEXT NOT NULL,
        rules TEXT NOT NULL,
        PRIMARY KEY (site, document, url),
        FOREIGN KEY (site, document) REFERENCES documents (site, id)
    )
    """,
    "CREATE INDEX pages_by_capture ON pages (capture_id)",
    "CREATE INDEX pages_by_version ON pages (version_id)",
    "ALTER TABLE checks ADD COLUMN next_check_at TEXT",
)


@migrations()
def hosts_and_pages(db: Database) -> None:
    """Remember when a host may be asked again, what a page last gave, and when a document is due."""
    for statement in _HOSTS_AND_PAGES:
        db.execute(statement)


@migrations()
def archive_captures_and_gates(db: Database) -> None:
    """Keep what archives list, what became of it, and when they may be asked next."""
    for statement in _ARCHIVE_TABLES:
        db.execute(statement)


_ARCHIVE_TABLES = (
    """
    CREATE TABLE archive_listings (
        id INTEGER PRIMARY KEY,
        site TEXT NOT NULL,
        document TEXT NOT NULL,
        url TEXT NOT NULL,
        reaches_to TEXT,
        whole_at TEXT,
        FOREIGN KEY (site, document) REFERENCES documents (site, id),
        UNIQUE (site, document, url)
    )
    """,
    """
    CREATE TABLE archive_captures (
        listing_id INTEGER NOT NULL REFERENCES archive_listings (id),
        timestamp TEXT NOT NULL,
        original TEXT NOT NULL,
        status INTEGER,
        digest TEXT NOT NULL,
        state TEXT NOT NULL,
        capture_id INTEGER REFERENCES captures (id),
        PRIMARY KEY (listing_id, timestamp, original)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX archive_captures_by_capture ON archive_captures (capture_id) WHERE capture_id IS NOT NULL",
    """
    CREATE TABLE gates (
        name TEXT PRIMARY KEY NOT NULL,
        next_at TEXT NOT NULL
    )
    """,
)


@migrations()
def tallies_of_versions(db: Database) -> None:
    """Count what each version changed, and its words, for lists over all history: see `storage.tallies`."""
    tallies.begin(db)


@migrations()
def wordings_and_replacements(db: Database) -> None:
    """Keep the hash of each version's bare wording, and why one was doubted before it was accepted."""
    db.execute("ALTER TABLE versions ADD COLUMN wording BLOB")
    db.execute("ALTER TABLE versions ADD COLUMN accepted TEXT")


@migrations()
def what_needs_contents(db: Database) -> None:
    """Let be told at once what needs a content, so that captures that are not kept take their bytes with them."""
    db.execute("CREATE INDEX contents_by_base ON contents (base) WHERE base IS NOT NULL")
    db.execute("CREATE INDEX captures_by_body ON captures (body)")
    db.execute("CREATE INDEX versions_by_text ON versions (text)")


@migrations()
def times_of_what_checks_saw(db: Database) -> None:
    """Tell as of when a check saw its document: an archive's newest capture may be much older than the check."""
    db.execute("ALTER TABLE checks ADD COLUMN seen_at TEXT")
    db.execute(
        "UPDATE checks SET seen_at = coalesce((SELECT min(pages.fetched_at) FROM pages"
        " JOIN captures ON captures.id = capture_id WHERE captures.source = 'archive'"
        " AND pages.site = checks.site AND pages.document = checks.document), last_ok_at)"
        " WHERE last_ok_at IS NOT NULL"
    )


@migrations()
def pages_to_save(db: Database) -> None:
    """Keep what an archive is asked to keep. By its time and not by its version, which `reprocess` may replace."""
    db.execute(
        """
        CREATE TABLE saves (
            id INTEGER PRIMARY KEY,
            document INTEGER NOT NULL REFERENCES documents (number),
            observed_at INTEGER NOT NULL,
            url TEXT NOT NULL,
            state TEXT NOT NULL,
            next_at TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            reason TEXT,
            address TEXT,
            UNIQUE (document, observed_at, url)
        )
        """
    )
    db.execute("CREATE INDEX saves_due ON saves (next_at) WHERE state = 'wanted'")


@migrations()
def notices_to_operators(db: Database) -> None:
    """Let deliveries bring what operators are told, which is about no version: see `storage.notices`."""
    db.execute(_NOTICES)
    # So that the table of what deliveries tell goes on to refer to the new one by its name.
    db.execute("PRAGMA legacy_alter_table = ON")
    try:
        db.execute("DROP INDEX deliveries_by_state")
        db.execute("ALTER TABLE deliveries RENAME TO old_deliveries")
        db.execute(_DELIVERIES_OF_BOTH_KINDS)
        kept = ", ".join(column.name for column in db.table("old_deliveries").columns)
        db.execute(f"INSERT INTO deliveries ({kept}) SELECT {kept} FROM old_deliveries")  # noqa: S608
        db.execute("DROP TABLE old_deliveries")
        db.execute("CREATE INDEX deliveries_by_state ON deliveries (state, not_before)")
    finally:
        db.execute("PRAGMA legacy_alter_table = OFF")


_NOTICES = """
    CREATE TABLE notices (
        id INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        site TEXT NOT NULL,
        document TEXT NOT NULL,
        about TEXT NOT NULL,
        since TEXT NOT NULL,
        at TEXT NOT NULL,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        failures INTEGER NOT NULL,
        FOREIGN KEY (site, document) REFERENCES documents (site, id),
        UNIQUE (kind, site, document, about, since)
    )
"""
_DELIVERIES_OF_BOTH_KINDS = """
    CREATE TABLE deliveries (
        id INTEGER PRIMARY KEY,
        idempotency_key TEXT NOT NULL UNIQUE,
        site TEXT NOT NULL,
        document TEXT NOT NULL,
        channel TEXT NOT NULL,
        version_id INTEGER REFERENCES versions (id),
        previous_version_id INTEGER REFERENCES versions (id),
        notice_id INTEGER REFERENCES notices (id),
        state TEXT NOT NULL,
        created_at TEXT NOT NULL,
        not_before TEXT NOT NULL,
        leased_until TEXT,
        attempts INTEGER NOT NULL,
        reason TEXT,
        sent_at TEXT,
        FOREIGN KEY (site, document) REFERENCES documents (site, id),
        UNIQUE (version_id, channel),
        UNIQUE (notice_id, channel),
        CHECK ((version_id IS NULL) = (previous_version_id IS NULL)),
        CHECK ((version_id IS NULL) = (notice_id IS NOT NULL))
    )
"""


@migrations()
def ledgers_of_documents(db: Database) -> None:
    """Keep what was made of each document's history, so that no reader waits for it: see `storage.ledgers`."""
    ledgers.begin(db)


@migrations()
def misses_of_archives(db: Database) -> None:
    """Remember why an archive did not have a capture, and since when: what passes is no reason to write it off."""
    db.execute("ALTER TABLE archive_captures ADD COLUMN missed TEXT")
    db.execute("ALTER TABLE archive_captures ADD COLUMN missed_at TEXT")


@migrations()
def sources_of_versions_dated_back(db: Database) -> None:
    """Say of versions that an archive dated back that their time is the archive's, as is written since."""
    db.execute(
        "UPDATE versions SET source = 'archive' WHERE source = 'live' AND observed_at <"
        " (SELECT max(fetched_at) FROM version_captures JOIN captures ON captures.id = capture_id"
        " WHERE version_id = versions.id)"
    )


@migrations()
def changes_not_analysed(db: Database) -> None:
    """Count changes in languages that are not analysed, so that lists tell them: somebody has to read them."""
    tallies.count_not_analysed(db)


@migrations()
def confirmations_of_versions(db: Database) -> None:
    """Keep whether what a version changed was confirmed, whoever is told of it: see `storage.confirmations`."""
    confirmations.begin(db)
