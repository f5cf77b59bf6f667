"""Captures that are a page of the site, though not the policy: judged as live pages are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.config.loading import parse_config
from monitor.outcomes import NewVersion
from monitor.pipeline import Pipeline
from storage.records import Capture
from tests.backfill.conftest import KEY, URL, page

if TYPE_CHECKING:
    from tests.backfill.conftest import World

GERMAN = """<html lang="de"><head><title>Datenschutzerklärung</title></head><body><main><h1>Datenschutzerklärung</h1>
<h2>Was wir erheben</h2><p>Wir erheben Ihren Namen und Ihre E-Mail-Adresse, wenn Sie bei uns bestellen.</p>
<h2>Weitergabe</h2><p>Wir geben Ihre persönlichen Daten niemals an Dritte weiter. Wir verkaufen sie an niemanden.</p>
<h2>Speicherung</h2><p>Wir behalten Protokolle der Server 30 Tage lang. Wir löschen Ihr Konto binnen eines Monats.</p>
<h2>Ihre Rechte</h2><p>Sie können jederzeit kostenlos eine Kopie Ihrer persönlichen Daten verlangen.</p>
</main></body></html>"""
TERMS = """<html lang="en"><head><title>Terms of service</title></head><body><main><h1>Terms of service</h1>
<h2>Acceptance</h2><p>By ordering in our shop you agree to these terms. If you do not agree, do not order here.</p>
<h2>Payment</h2><p>You agree to pay the prices that are shown when you order. You may send goods back within 14 days,
and we return what you paid as soon as they are here. Whoever pays late pays interest at the rate of the law.</p>
<h2>Liability</h2><p>We are not liable for indirect damages. Our liability ends at the amount that you paid to us,
but for what the law does not let us limit, such as harm to life and limb or what we did on purpose.</p>
<h2>End</h2><p>We may close your account at any time if you breach these terms. You may close it whenever you like,
and orders that were made before are still delivered under the same terms as they were made.</p>
<h2>Law</h2><p>The courts of our seat decide all disputes, and the law of that country holds for them.</p>
</main></body></html>"""
# Too short for its kind to be told by its words.
SHORT_TERMS = TERMS.partition("<h2>End")[0].replace("but for what the law does not let us limit, ", "")
HALF = page().partition("<h2>Sharing")[0]


def seen_of(world: World) -> list[tuple[str, str | None]]:
    return [(f"{version.observed_at:%Y-%m}", version.accepted) for version in world.versions()]


@pytest.mark.parametrize(
    ("odd", "reason"),
    [(GERMAN, "other-language"), (TERMS, "other-document"), (HALF, "truncated")],
    ids=["another language", "another document", "half a page"],
)
def test_one_odd_capture_is_no_version(world: World, odd: str, reason: str) -> None:
    for month, body in ((1, page()), (2, f"{page()}\n"), (3, odd), (4, f"{page()}\n\n"), (5, page(60))):
        world.archive.keep(f"2012{month:02d}01000000", URL, body)
    filled = world.fill().filled
    assert filled.suspect == {reason: 1}
    assert world.seen() == [("2012-01-01", "30"), ("2012-05-01", "60")]
    (odd_one,) = [one for one in world.store.archived(KEY, URL) if one.state == "suspect"]
    assert world.store.capture(odd_one.capture_id or 0).suspect == reason


def test_what_stays_in_its_place_is_the_document_from_then_on(world: World) -> None:
    world.archive.keep("20120101000000", URL, page())
    for month in range(2, 7):
        world.archive.keep(f"2012{month:02d}01000000", URL, f"{GERMAN}<!-- {month} -->")
    assert world.fill().filled.suspect == {"other-language": 2}
    assert seen_of(world) == [("2012-01", None), ("2012-04", "other-language")]


def test_what_the_archive_calls_unchanged_has_stayed(world: World) -> None:
    world.archive.keep("20120101000000", URL, page())
    for month in range(2, 7):
        world.archive.keep(f"2012{month:02d}01000000", URL, GERMAN)
    assert world.fill().filled.suspect == {}
    assert seen_of(world) == [("2012-01", None), ("2012-02", "other-language")]


def test_it_stays_also_where_we_saw_the_document_ourselves_later(world: World) -> None:
    world.archive.keep("20120101000000", URL, page())
    for month in range(2, 7):
        world.archive.keep(f"2012{month:02d}01000000", URL, f"{GERMAN}<!-- {month} -->")
    world.store.record_check(KEY, datetime(2026, 4, 1, tzinfo=UTC))
    world.fill()
    assert seen_of(world)[:2] == [("2012-01", None), ("2012-04", "other-language")]


@pytest.mark.parametrize("odd", [GERMAN, SHORT_TERMS], ids=["another language", "too little in common"])
def test_an_odd_newest_capture_does_not_silence_what_we_see_live(world: World, odd: str) -> None:
    world.archive.keep("20200101000000", URL, page(30))
    world.archive.keep("20260301000000", URL, odd)
    world.fill()
    config = parse_config(
        f'[policywatch]\ncontact = "watch@shop.test"\n[[site]]\nname = "Shop"\n'
        f'[[site.document]]\ntype = "privacy-policy"\nurl = "{URL}"\n'.encode(),
        Path("config.toml"),
    )
    ((_, document, site),) = config.documents()
    at = world.clock.now() + timedelta(hours=1)
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    capture = Capture(KEY, URL, URL, at, "live", 200, headers, page(90).encode())
    outcome = Pipeline(world.store, config).take(KEY, document, site, [capture], at)
    assert isinstance(outcome, NewVersion)
    assert outcome.comparison
    assert outcome.comparison.material
