from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from monitor.changelog import ChangelogEntry, changelog_lines, changelog_text, indented, read_changelog
from monitor.comparison.changes import Change
from monitor.comparison.dating import date_change
from storage.records import ChangeRecord, DocumentKey, Version
from tests.fresh import open_fresh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.store import Store

PRIVACY = DocumentKey("shop", "privacy-policy")
TERMS = DocumentKey("shop", "terms-of-service")
OTHER = DocumentKey("bank", "privacy-policy")

WEAKER = Change(
    material=True,
    topic="retention",
    kind="changed",
    direction="weaker",
    severity="high",
    section="How long we keep data",
    section_before="Retention",
    before="We keep logs for 30 days.",
    after="We keep logs for 60 days.",
    summary="Logs are now kept for 60 days instead of 30.",
)
NOISE = replace(
    WEAKER, material=False, noise="date", section="Top", summary="A date changed.", before="1 May"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_fresh(tmp_path / "policywatch.db")
    documents = [(PRIVACY, "Shop"), (TERMS, "Shop"), (OTHER, "Bank")]
    store.sync_documents(documents, datetime(2026, 1, 1, tzinfo=UTC))
    yield store
    store.close()


def add(store: Store, key: DocumentKey, day: int, *changes: Change) -> int:
    text = f"{key} {day}"
    version = Version(
        key=key,
        observed_at=datetime(2026, 5, day, 12, tzinfo=UTC),
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
        source="live",
        capture_ids=(),
    )
    written = store.add_version(version, [ChangeRecord(change.to_json()) for change in changes], [])
    assert written.id is not None
    return written.id


def entry(*changes: Change) -> ChangelogEntry:
    return ChangelogEntry(PRIVACY, 2, 1, datetime(2026, 5, 2, tzinfo=UTC), "live", changes)


def test_changes_are_told_newest_first_over_all_documents_of_the_site(store: Store) -> None:
    first = add(store, PRIVACY, 1)
    add(store, TERMS, 1)
    add(store, OTHER, 1)
    second = add(store, PRIVACY, 3, WEAKER)
    terms = add(store, TERMS, 5, WEAKER)
    add(store, OTHER, 4, WEAKER)
    third = add(store, PRIVACY, 7, WEAKER, NOISE)
    entries = read_changelog(store, "shop")
    assert [(e.version_id, e.key) for e in entries] == [(third, PRIVACY), (terms, TERMS), (second, PRIVACY)]
    assert [e.previous_version_id for e in entries[::2]] == [second, first]
    assert entries[0].changes == (WEAKER,)


def test_noise_is_shown_only_when_all_is_asked_for(store: Store) -> None:
    add(store, PRIVACY, 1)
    add(store, PRIVACY, 2, NOISE)
    assert read_changelog(store, "shop") == []
    noisy, first = read_changelog(store, "shop", everything=True)
    assert noisy.changes == (NOISE,)
    assert (first.previous_version_id, first.changes) == (None, ())


def test_what_is_older_than_asked_for_is_left_out(store: Store) -> None:
    for day in (1, 2, 3):
        add(store, PRIVACY, day, *([WEAKER] if day > 1 else []))
    entries = read_changelog(store, "shop", since=datetime(2026, 5, 3, tzinfo=UTC))
    assert [e.observed_at.day for e in entries] == [3]
    assert entries[0].previous_version_id is not None


def test_a_retired_document_keeps_its_history(store: Store) -> None:
    add(store, PRIVACY, 1)
    add(store, PRIVACY, 2, WEAKER)
    store.sync_documents([(OTHER, "Bank")], datetime(2026, 6, 1, tzinfo=UTC))
    assert len(read_changelog(store, "shop")) == 1


def test_json_is_the_same_data(store: Store) -> None:
    add(store, PRIVACY, 1)
    version = add(store, PRIVACY, 2, WEAKER)
    (found,) = read_changelog(store, "shop")
    assert json.loads(json.dumps(found.to_json())) == {
        "site": "shop",
        "document": "privacy-policy",
        "version": version,
        "previous_version": found.previous_version_id,
        "observed_at": "2026-05-02T12:00:00+00:00",
        "source": "live",
        "upgrade": False,
        "accepted": None,
        "back_to": None,
        "confirmation": "confirmed",
        "evidence": [],
        "archived": [],
        "gap_before": None,
        "dates": date_change("shop/privacy-policy 1", "shop/privacy-policy 2", [WEAKER]).to_json(),
        "changes": [WEAKER.to_json()],
    }


def test_a_silent_edit_is_told_below_the_date() -> None:
    stamp = "Last updated: 1 May 2020\n"
    dates = date_change(stamp, stamp, [WEAKER], datetime(2026, 5, 1, tzinfo=UTC))
    assert changelog_text([replace(entry(WEAKER), dates=dates)]).splitlines()[:2] == [
        "2026-05-02  privacy policy",
        "  The text changed, but the date that it states did not: “Last updated: 1 May 2020”.",
    ]


def test_the_text_names_section_verdict_and_words() -> None:
    assert changelog_text([entry(WEAKER, NOISE)]) == (
        "2026-05-02  privacy policy\n"
        "  How long we keep data\n"
        "    weaker (retention, high): Logs are now kept for 60 days instead of 30.\n"
        "      - We keep logs for 30 days.\n"
        "      + We keep logs for 60 days.\n"
        "  Top\n"
        "    not material (date): A date changed.\n"
        "      - 1 May\n"
        "      + We keep logs for 60 days.\n"
        "\n"
    )


def test_versions_without_changes_say_so() -> None:
    first = replace(entry(), previous_version_id=None)
    assert changelog_text([entry(), first]) == (
        "2026-05-02  privacy policy  no change of meaning\n\n2026-05-02  privacy policy  first version\n\n"
    )


def test_versions_of_one_document_and_day_are_told_apart_by_their_time() -> None:
    noon = replace(entry(WEAKER), observed_at=datetime(2026, 5, 2, 12, tzinfo=UTC))
    entries = [
        replace(
            noon,
            observed_at=noon.observed_at.replace(hour=18, minute=5),
            back_to=noon.observed_at.replace(hour=9),
        ),
        noon,
        # Of another document, and of another day.
        replace(noon, key=TERMS),
        replace(noon, observed_at=noon.observed_at.replace(day=1)),
    ]
    titles = [line for line in changelog_text(entries).splitlines() if line.startswith("2026")]
    assert titles == [
        "2026-05-02 18:05 UTC  privacy policy  back to the version of 2026-05-02 09:00 UTC",
        "2026-05-02 12:00 UTC  privacy policy",
        "2026-05-02  terms of service",
        "2026-05-01  privacy policy",
    ]


def test_versions_of_one_minute_are_told_apart_by_their_second() -> None:
    noon = replace(entry(WEAKER), observed_at=datetime(2026, 5, 2, 12, tzinfo=UTC))
    told = changelog_text([replace(noon, observed_at=noon.observed_at.replace(second=9)), noon])
    assert [line[:23] for line in told.splitlines() if line.startswith("2026")] == [
        "2026-05-02 12:00:09 UTC",
        "2026-05-02 12:00:00 UTC",
    ]


def test_a_section_is_named_once() -> None:
    assert changelog_text([entry(WEAKER, WEAKER)]).count("How long we keep data") == 1


def test_long_lines_go_on_below_their_first_word() -> None:
    out = io.StringIO()
    console = Console(file=out, width=40, color_system=None)
    long = replace(WEAKER, before="We keep server logs for as long as thirty days and not longer.")
    for line in changelog_lines([entry(long)]):
        console.print(indented(line))
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert "      - We keep server logs for as long" in lines
    assert "      as thirty days and not longer." in lines
    assert lines[0] == "2026-05-02  privacy policy"


def test_an_added_sentence_has_no_old_words() -> None:
    text = changelog_text([entry(replace(WEAKER, kind="added", before=""))])
    assert "      - " not in text
    assert "      + We keep" in text


@pytest.mark.parametrize(
    "hostile",
    [
        "\x1b[2J\x1b[31mred",
        "\x1b]8;;https://evil.example\x07link",
        "\x9b31m",
        "\r overwritten",
        "a\nb",
        "\u202eevil",
        "x\x00\x08",
    ],
)
@pytest.mark.parametrize("field", ["before", "after", "summary", "section"])
def test_no_control_character_reaches_the_terminal(hostile: str, field: str) -> None:
    out = io.StringIO()
    console = Console(file=out, width=200, force_terminal=False, color_system=None)
    for line in changelog_lines([entry(replace(WEAKER, **{field: hostile}))]):
        console.print(line)
    shown = out.getvalue().replace("\n", "")
    assert shown.isprintable()
    assert out.getvalue().count("\n") == 6


@pytest.mark.parametrize(
    "hostile", ["[red]x[/red]", "[link=https://evil.example]x[/link]", "[/]", ":smile: \\["]
)
def test_policy_text_is_never_read_as_markup(hostile: str) -> None:
    out = io.StringIO()
    console = Console(file=out, width=200, force_terminal=False, color_system=None)
    for line in changelog_lines([entry(replace(WEAKER, before=hostile, section=hostile, summary=hostile))]):
        console.print(line)
    assert out.getvalue().count(hostile) == 3
