from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from monitor.reprocessing.timeline import Sighting, Standing, replay
from storage.records import VersionNote

START = datetime(2026, 5, 1, tzinfo=UTC)


def at(day: int) -> datetime:
    return START + timedelta(days=day)


def note(number: int, text: str, *, upgrade: bool = False, captures: bool = True) -> VersionNote:
    ids = (number,) if captures else ()
    return VersionNote(number, at(number), text, "live", ids, upgrade=upgrade, rules="r")


def version(number: int, old: str, new: str | None, **fields: bool) -> Sighting:
    """A version whose pages read otherwise now."""
    known = note(number, old, **fields)
    return Sighting(at(number), "live", known.capture_ids, new, fixed=False, version=known)


def recorded(number: int, text: str) -> Sighting:
    """A version whose text nothing alters."""
    known = note(number, text)
    return Sighting(at(number), "archive", known.capture_ids, text, fixed=True, version=known)


def page(number: int, text: str | None) -> Sighting:
    """A page that made no version till now."""
    return Sighting(at(number), "live", (number,), text, fixed=False)


def shown(standing: list[Standing]) -> list[tuple[str, int | None, bool]]:
    return [(one.text_sha256, one.version.id if one.version else None, one.upgrade) for one in standing]


def test_versions_that_read_as_before_stay_as_they_are() -> None:
    standing = replay([version(1, "a", "a"), page(2, "a"), version(3, "b", "b"), recorded(4, "c")])
    assert shown(standing) == [("a", 1, False), ("b", 3, False), ("c", 4, False)]
    assert all(one.is_as_it_was for one in standing)


def test_versions_that_read_alike_now_are_one() -> None:
    assert shown(replay([version(1, "a", "x"), version(2, "b", "x"), version(3, "c", "c")])) == [
        ("x", 1, False),
        ("c", 3, False),
    ]


def test_what_is_not_the_policy_stands_for_nothing() -> None:
    assert shown(replay([page(1, None), version(2, "a", None), version(3, "b", "b")])) == [("b", 3, False)]


def test_a_page_that_shows_another_text_now_is_a_version() -> None:
    assert shown(replay([version(1, "a", "a"), page(2, "x"), page(3, "x"), version(4, "b", "b")])) == [
        ("a", 1, False),
        ("x", None, False),
        ("b", 4, False),
    ]


def test_a_text_that_was_there_before_its_version_dates_it_back() -> None:
    first, second = replay([version(1, "a", "a"), page(2, "b"), version(3, "b", "b")])
    assert (first.version, second.version) == (note(1, "a"), note(3, "b"))
    assert (second.at, second.capture_ids) == (at(2), (2,))
    assert not second.is_as_it_was


def test_what_our_rules_altered_beside_a_text_that_they_cannot_alter_is_an_upgrade() -> None:
    standing = replay([recorded(1, "a"), version(2, "b", "x"), version(3, "c", "y")])
    assert shown(standing) == [("a", 1, False), ("b", 2, False), ("x", None, True), ("y", 3, False)]
    assert [one.capture_ids for one in standing] == [(1,), (), (2,), (3,)]
    assert [one.at for one in standing] == [at(1), at(2), at(2), at(3)]


def test_a_page_that_reads_otherwise_behind_a_fixed_text_is_an_upgrade() -> None:
    assert shown(replay([recorded(1, "a"), page(2, "x")])) == [("a", 1, False), ("x", None, True)]


def test_an_upgrade_that_is_read_again_stays_one() -> None:
    frozen = Sighting(at(2), "live", (), "b", fixed=True, version=note(2, "b", captures=False))
    again = replay([recorded(1, "a"), frozen, version(3, "x", "z", upgrade=True)])
    assert shown(again) == [("a", 1, False), ("b", 2, False), ("z", 3, True)]


def test_an_upgrade_that_reads_as_before_is_the_version_of_before() -> None:
    frozen = Sighting(at(2), "live", (), "b", fixed=True, version=note(2, "b", captures=False))
    standing = replay([recorded(1, "a"), frozen, version(3, "x", "b", upgrade=True), version(4, "y", "c")])
    assert shown(standing) == [("a", 1, False), ("b", 2, False), ("c", 4, False)]
    assert standing[1].capture_ids == (3,)


def test_what_our_rules_read_like_an_archive_did_is_followed_by_the_sites_changes() -> None:
    assert shown(replay([recorded(1, "a"), page(2, "a"), version(3, "b", "x")])) == [
        ("a", 1, False),
        ("x", 3, False),
    ]


texts = st.sampled_from("abc")
sightings = st.lists(
    st.one_of(
        st.tuples(st.just("version"), texts, st.one_of(st.none(), texts)),
        st.tuples(st.just("recorded"), texts, texts),
        st.tuples(st.just("page"), texts, st.one_of(st.none(), texts)),
    ),
    max_size=8,
)


@given(made=sightings)
def test_neighbours_differ_and_reading_once_more_alters_nothing(
    made: list[tuple[str, str, str | None]],
) -> None:
    seen = [
        version(number, old, new)
        if kind == "version"
        else recorded(number, old)
        if kind == "recorded"
        else page(number, new)
        for number, (kind, old, new) in enumerate(made, 1)
    ]
    standing = replay(seen)
    assert all(old.text_sha256 != new.text_sha256 for old, new in pairwise(standing))
    assert all(old.at <= new.at for old, new in pairwise(standing))
    numbers = [one.version.id for one in standing if one.version]
    assert len(set(numbers)) == len(numbers)
    assert shown(replay(map(_seen_again, _written(standing)))) == shown(_written(standing))


def _written(standing: list[Standing]) -> list[Standing]:
    """Return what stands, as it is once it was written."""
    return [
        replace(
            one,
            version=VersionNote(
                number, one.at, one.text_sha256, one.source, one.capture_ids, upgrade=one.upgrade, rules="r"
            ),
        )
        for number, one in enumerate(standing, 100)
    ]


def _seen_again(one: Standing) -> Sighting:
    return Sighting(
        one.at, one.source, one.capture_ids, one.text_sha256, fixed=one.fixed, version=one.version
    )
