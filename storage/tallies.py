"""The table `tallies`: how much each version changed for the better or the worse, for lists over all of history.

A version has a row where it brought a material change, or one that is not analysed. The database keeps the rows itself,
whoever writes: triggers follow the changes as they are written, put aside and judged again.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from storage import changes, contents
from storage.failures import RowError

if TYPE_CHECKING:
    from sqlite_utils import Database

# Of each change that is written: its direction is counted, its topic joins the others of the version.
_COUNT = """
    INSERT INTO tallies (version_id, document, observed_at, hidden, weaker, stronger, neutral, topics)
    SELECT versions.id, document, observed_at, upgrade OR replaced, direction IS 'weaker', direction IS 'stronger',
        direction IS NOT 'weaker' AND direction IS NOT 'stronger', ' ' || coalesce(topic, 'other') || ' '
    FROM comparisons JOIN versions ON versions.id = comparisons.version_id {changes}
    WHERE comparisons.superseded = 0 AND material
    ON CONFLICT (version_id) DO UPDATE SET
        weaker = weaker + excluded.weaker, stronger = stronger + excluded.stronger,
        neutral = neutral + excluded.neutral,
        topics = CASE WHEN instr(topics, excluded.topics) THEN topics ELSE topics || ltrim(excluded.topics) END
"""
_ALL_CHANGES = (
    "JOIN changes ON changes.id BETWEEN comparisons.id AND comparisons.id + count - 1"
    " JOIN meanings ON meanings.id = meaning"
)
_NEW_CHANGE = (
    "JOIN meanings ON meanings.id = NEW.meaning"
    " AND comparisons.id = (SELECT id FROM comparisons WHERE id <= NEW.id ORDER BY id DESC LIMIT 1)"
)
_TABLES = (
    """
    CREATE TABLE tallies (
        version_id INTEGER PRIMARY KEY REFERENCES versions (id) ON DELETE CASCADE,
        document INTEGER NOT NULL,
        observed_at INTEGER NOT NULL,
        hidden INTEGER NOT NULL,
        weaker INTEGER NOT NULL,
        stronger INTEGER NOT NULL,
        neutral INTEGER NOT NULL,
        topics TEXT NOT NULL
    )
    """,
    "CREATE INDEX tallies_by_time ON tallies (observed_at)",
    "CREATE INDEX tallies_by_document ON tallies (document, observed_at)",
    f"CREATE TRIGGER tally_change AFTER INSERT ON changes BEGIN {_COUNT.format(changes=_NEW_CHANGE)}; END",
    """
    CREATE TRIGGER tally_put_aside AFTER UPDATE OF superseded ON comparisons WHEN NEW.superseded <> 0 BEGIN
        DELETE FROM tallies WHERE version_id = NEW.version_id;
    END
    """,
    """
    CREATE TRIGGER tally_deleted AFTER DELETE ON comparisons WHEN OLD.superseded = 0 BEGIN
        DELETE FROM tallies WHERE version_id = OLD.version_id;
    END
    """,
    """
    CREATE TRIGGER tally_version AFTER UPDATE OF observed_at, upgrade, replaced ON versions BEGIN
        UPDATE tallies SET observed_at = NEW.observed_at, hidden = NEW.upgrade OR NEW.replaced
        WHERE version_id = NEW.id;
    END
    """,
)


def begin(db: Database) -> None:
    """Make the table, count what is there already, and note how many words each text has."""
    for statement in _TABLES:
        db.execute(statement)
    db.execute(_COUNT.format(changes=_ALL_CHANGES))
    db.execute("ALTER TABLE versions ADD COLUMN words INTEGER")
    texts = db.execute("SELECT id, text FROM versions ORDER BY document, observed_at, id").fetchall()
    for version_id, text in texts:
        with suppress(RowError):
            # What is damaged is told where it is read.
            count = words_in(contents.recall(db, text, "a text").decode())
            db.execute("UPDATE versions SET words = ? WHERE id = ?", [count, version_id])


# As above, with what is not analysed: of changes that are not material, those alone have a row of their own.
_COUNT_ALL = """
    INSERT INTO tallies (version_id, document, observed_at, hidden, weaker, stronger, neutral, unread, topics)
    SELECT versions.id, document, observed_at, upgrade OR replaced, material AND direction IS 'weaker',
        material AND direction IS 'stronger',
        material AND direction IS NOT 'weaker' AND direction IS NOT 'stronger', NOT material,
        CASE WHEN material THEN ' ' || coalesce(topic, 'other') || ' ' ELSE ' ' END
    FROM comparisons JOIN versions ON versions.id = comparisons.version_id {changes}
    WHERE comparisons.superseded = 0 {which}
    ON CONFLICT (version_id) DO UPDATE SET
        weaker = weaker + excluded.weaker, stronger = stronger + excluded.stronger,
        neutral = neutral + excluded.neutral, unread = unread + excluded.unread,
        topics = CASE WHEN instr(topics, excluded.topics) THEN topics ELSE topics || ltrim(excluded.topics) END
"""


_WORDS_AND_SPACES = {code: " " if chr(code).isspace() else "x" for code in range(128)}


def count_not_analysed(db: Database) -> None:
    """Count what is not analysed from now on, and what is there already."""
    db.execute("ALTER TABLE tallies ADD COLUMN unread INTEGER NOT NULL DEFAULT 0")
    db.execute("DROP TRIGGER tally_change")
    db.execute(_COUNT_ALL.format(changes=_ALL_CHANGES, which="AND NOT material"))
    counted = _COUNT_ALL.format(changes=_NEW_CHANGE, which="")
    db.execute(f"CREATE TRIGGER tally_change AFTER INSERT ON changes BEGIN {counted}; END")
    changes.name_not_analysed(db)


def words_in(text: str) -> int:
    """Return how many words a text has, as `policywatch history` counts them."""
    if text.isascii():
        # A word begins behind a space: counted in a third of the time that it takes to part them.
        return f" {text}".translate(_WORDS_AND_SPACES).count(" x")
    return len(text.split())
