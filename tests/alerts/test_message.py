from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from lxml import html

from monitor.alerts.alert import headline, subject, subject_of_all, summary
from monitor.alerts.chat import chat_text
from monitor.alerts.digest import stories
from monitor.alerts.message import SHORT_TEXT, as_html, as_json, as_text, texts_of
from monitor.comparison.dating import date_change
from storage.records import DocumentKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.alerts.alert import Alert
    from monitor.comparison.changes import Change

LONG = "and we do so because our systems need them for finding faults, for accounting and for security, "


def test_the_text_of_one_changed_number_says_all_in_few_words(make_alert: Callable[..., Alert]) -> None:
    assert as_text(make_alert()) == (
        "Example Shop, privacy policy: 1 promise weakened\n"
        "\n"
        "How long we keep data (retention, weaker, high)\n"
        "Server logs are now kept for 60 days instead of 30.\n"
        "Before: We keep server logs for 30 days.\n"
        "Now: We keep server logs for 60 days.\n"
        "\n"
        "Seen 2026-11-24, the version before 2026-10-01.\n"
        "https://shop.example/privacy\n"
    )


def test_versions_of_one_day_are_told_apart_by_their_time(make_alert: Callable[..., Alert]) -> None:
    known, back = (datetime(2026, 11, 24, hour, tzinfo=UTC) for hour in (9, 7))
    seen = "Seen 2026-11-24 09:30 UTC, the version before 2026-11-24 09:00 UTC"
    assert f"{seen}.\n" in as_text(make_alert(previous_observed_at=known))
    alert = make_alert(previous_observed_at=known, back_to=back)
    for told in (as_text(alert), as_html(alert), chat_text([alert])):
        assert f"{seen}; back to the version of 2026-11-24 07:00 UTC." in told


def test_one_changed_number_stays_within_500_characters(
    make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    before, after = (f"{LONG}{LONG}we keep server logs for {n} days, {LONG}{LONG}" for n in (30, 60))
    change = make_change(before=before, after=after, section="How long we keep data " * 6)
    text = as_text(make_alert(site_name="A shop with a name " * 10, changes=(change,)))
    assert len(text) <= SHORT_TEXT
    assert "for 30 days" in text
    assert "for 60 days" in text
    assert "https://shop.example/privacy" in text


def test_an_added_sentence_has_no_before(
    make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    change = make_change(kind="added", before="", section_before="", values=())
    text = as_text(make_alert(changes=(change,)))
    assert "Before:" not in text
    assert "Now: We keep" in text
    assert "Before:" not in as_html(make_alert(changes=(change,)))


def test_a_removed_section_is_named_by_its_old_heading(
    make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    change = make_change(kind="removed", after="", section="")
    text = as_text(make_alert(changes=(change,)))
    assert "\nRetention (retention, weaker, high)\n" in text
    assert "Now:" not in text


def test_the_gravest_change_comes_first(
    make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    changes = (make_change(severity="low", summary="Small."), make_change(summary="Grave."))
    text = as_text(make_alert(changes=changes))
    assert text.index("Grave.") < text.index("Small.")
    assert summary(make_alert(changes=changes)) == "2 promises weakened: Grave."


@pytest.mark.parametrize(
    ("directions", "expected"),
    [
        (["weaker"], "1 promise weakened"),
        (["stronger", "stronger"], "2 promises strengthened"),
        (["neutral", "weaker", "weaker"], "2 promises weakened, 1 changed"),
        (["neutral", "weaker", "stronger"], "1 promise weakened, 1 strengthened, 1 changed"),
    ],
)
def test_headline_counts_directions(
    make_change: Callable[..., Change], directions: list[str], expected: str
) -> None:
    assert headline([make_change(direction=direction) for direction in directions]) == expected


def test_subject_tells_the_one_change_or_counts_many(
    make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    told = "Server logs are now kept for 60 days instead of 30."
    assert subject(make_alert()) == f"Example Shop privacy policy: {told}"
    two = make_alert(changes=(make_change(), make_change(direction="stronger")))
    assert subject(two) == "Example Shop privacy policy: 1 promise weakened, 1 strengthened"


def test_the_subject_says_which_documents_of_a_site_changed(make_alert: Callable[..., Alert]) -> None:
    policy, terms, cookies = (
        make_alert(key=DocumentKey("example-shop", kind), document_type=kind, idempotency_key=kind)
        for kind in ("privacy-policy", "terms-of-service", "cookie-policy")
    )
    bank = make_alert(key=DocumentKey("bank", "privacy-policy"), site_name="Bank")
    subjects = [
        subject_of_all(alerts)
        for alerts in ([policy, policy], [policy, terms], [terms, policy, cookies], [policy, bank, terms])
    ]
    assert subjects == [
        "Example Shop privacy policy: 2 promises weakened",
        "Example Shop privacy policy and terms of service: 2 promises weakened",
        "Example Shop terms of service and 2 more: 3 promises weakened",
        "Example Shop and 1 more: 3 promises weakened",
    ]
    # Told as one story: the same change in both.
    assert subject_of_all(stories([policy, terms])) == (
        "Example Shop privacy policy and terms of service: Server logs are now kept for 60 days instead of 30."
    )


def test_documents_of_one_type_are_told_apart_by_their_ids(make_alert: Callable[..., Alert]) -> None:
    alert = make_alert(key=DocumentKey("example-shop", "privacy-eu"))
    assert make_alert(key=DocumentKey("example-shop", "privacy")).document_name == "privacy policy"
    assert subject(alert).startswith("Example Shop privacy policy (privacy-eu): Server logs")
    assert as_text(alert).startswith("Example Shop, privacy policy (privacy-eu): 1 promise weakened\n")


def test_no_subject_is_longer_than_140_characters(
    make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    alert = make_alert(
        key=DocumentKey("example-shop", "of-the-"*20 + "shop"), site_name="A shop with a name " * 10,
        document_type="a-very-long-type-" * 9, changes=(make_change(summary="Logs are now kept. " * 20),),
    )  # fmt: skip
    many = replace(
        alert, changes=tuple(make_change(direction=way) for way in ("weaker", "stronger", "neutral"))
    )
    for line in (subject(alert), subject(many), subject_of_all([alert, make_alert()])):
        assert len(line) <= 140
    assert "Logs are now kept." in subject(alert)


def test_html_marks_the_changed_words_and_loads_nothing(make_alert: Callable[..., Alert]) -> None:
    page = html.document_fromstring(as_html(make_alert()))
    assert [element.text_content() for element in page.iter("del")] == ["30"]
    assert [element.text_content() for element in page.iter("ins")] == ["60"]
    assert [element.get("href") for element in page.iter("a")] == ["https://shop.example/privacy"]
    assert "We keep server logs for 30 days." in " ".join(page.text_content().split())
    loading = ("img", "script", "link", "iframe", "object", "style", "form", "base")
    assert not [element.tag for element in page.iter(*loading)]
    assert "url(" not in as_html(make_alert())


def test_a_page_rewritten_as_a_whole_does_not_fill_the_mailbox(
    make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    alert = make_alert(changes=tuple(make_change(before=LONG * 900, after="New.") for _ in range(200)))
    for shown in (as_text(alert), as_html(alert)):
        assert len(shown) < 150_000
        assert "And 170 more" in shown
    assert len(as_json(alert)["changes"]) == 200


def test_json_carries_the_changes_as_diff_prints_them(make_alert: Callable[..., Alert]) -> None:
    alert = make_alert()
    assert json.loads(json.dumps(as_json(alert))) == {
        "id": "6f1d-key",
        "type": "policy.changed",
        "site": {"id": "example-shop", "name": "Example Shop"},
        "document": {
            "id": "privacy-policy",
            "type": "privacy-policy",
            "url": "https://shop.example/privacy",
        },
        "version": {"id": 7, "observed_at": "2026-11-24T09:30:00+00:00"},
        "previous_version": {"id": 5, "observed_at": "2026-10-01T00:00:00+00:00"},
        "summary": "1 promise weakened: Server logs are now kept for 60 days instead of 30.",
        "dates": None,
        "changes": [alert.changes[0].to_json()],
    }


def test_watched_words_without_a_meaning_are_told_as_such(
    make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    noise = make_change(
        material=False, noise="other-noise", kind="removed", direction="neutral", severity="low", after="",
        summary="No right and no duty is touched.",
    )  # fmt: skip
    alone = make_alert(changes=(noise,))
    assert subject(alone) == "Example Shop privacy policy: A statement with words that are watched vanished."
    assert "1 watched statement vanished" in as_text(alone)
    assert "(words that are watched)" in as_text(alone)
    assert "words that are watched" in as_html(alone)
    both = make_alert(changes=(noise, make_change()))
    assert headline(both.changes) == "1 promise weakened, 1 watched statement vanished"
    assert both.gravest_first[0].material
    assert summary(both).endswith("Server logs are now kept for 60 days instead of 30.")


def test_what_is_odd_about_the_dates_is_one_plain_sentence(make_alert: Callable[..., Alert]) -> None:
    old, new = (f"Last updated: 1 May 2020\n\nWe keep server logs for {days} days.\n" for days in (30, 60))
    alert = make_alert()
    dates = date_change(old, new, alert.changes, alert.previous_observed_at)
    dated = make_alert(dates=dates)
    said = "The text changed, but the date that it states did not: “Last updated: 1 May 2020”."
    assert said in as_text(dated).splitlines()
    assert f"<p>{said}</p>" in as_html(dated)
    assert as_json(dated)["dates"] == dates.to_json()
    assert len(as_text(dated)) <= SHORT_TEXT


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=https://evil.example/x.png>",
    "\"><a href='https://evil.example'>click</a>",
    "</del></p></div></body></html><h1>owned</h1>",
    "{{ 7 * 7 }}{% include '/etc/passwd' %}",
    "<style>*{display:none}</style>",
    "&lt;script&gt;",
    "javascript:alert(1)",
    "<!-- ",
    "\x1b[2Jgone\x07",
    "right\u202eto left",
]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("field", ["before", "after", "summary", "section", "site_name", "url"])
def test_html_shows_hostile_text_as_text(
    make_alert: Callable[..., Alert], make_change: Callable[..., Change], hostile: str, field: str
) -> None:
    ordinary = html.document_fromstring(as_html(make_alert()))
    if field in ("site_name", "url"):
        alert = make_alert(**{field: hostile})
    else:
        alert = make_alert(changes=(make_change(**{field: hostile}),))
    page = html.document_fromstring(as_html(alert))
    # Nothing but our own elements, whatever the text says.
    assert {element.tag for element in page.iter()} <= {element.tag for element in ordinary.iter()}
    assert {element.get("href") for element in page.iter("a")} <= {"https://shop.example/privacy"}
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202e]", as_html(alert))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", as_text(alert))
    assert "49" not in page.text_content()


def test_an_address_that_is_no_web_address_is_no_link(make_alert: Callable[..., Alert]) -> None:
    page = html.document_fromstring(as_html(make_alert(url="javascript:alert(1)")))
    assert list(page.iter("a")) == []


def test_line_breaks_in_policy_text_cannot_pretend_to_be_our_lines(
    make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    change = make_change(after="We keep\n\nSeen 2020-01-01\nhttps://evil.example", values=())
    lines = as_text(make_alert(changes=(change,))).splitlines()
    assert not [line for line in lines if line.startswith(("Seen 2020", "https://evil"))]


def test_a_test_says_so_in_every_part(make_alert: Callable[..., Alert]) -> None:
    real, test = make_alert(), make_alert(test=True)
    assert subject(test) == "[TEST] No policy has changed: this is a test of the channel"
    said = "This is a TEST of the channel: no policy has changed, and what follows is made up."
    assert as_text(test) == f"{said}\n\n{as_text(real)}"
    assert said in html.fromstring(as_html(test)).text_content()
    assert as_json(test) == {
        **as_json(real),
        "test": True,
        "summary": "[TEST] No policy has changed: this is a test of the channel",
    }
    assert "test" not in as_json(real)
    assert "TEST" not in as_html(real)


def test_words_without_end_are_broken_and_cannot_widen_the_mail(make_alert: Callable[..., Alert]) -> None:
    (outermost,) = html.document_fromstring(as_html(make_alert())).xpath("/html/body/div")
    assert "overflow-wrap: anywhere" in outermost.get("style")


def test_the_row_of_a_table_is_quoted_without_its_lines(
    make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    change = make_change(before="| Log-in times | To detect abuse | 12 months |", after="| A | | 6 months |")
    text = as_text(make_alert(changes=(change,)))
    assert "Before: Log-in times · To detect abuse · 12 months\nNow: A · 6 months\n" in text
    assert "|" not in html.document_fromstring(as_html(make_alert(changes=(change,)))).text_content()


def test_several_alerts_are_told_in_short_before_all_of_them(
    make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    two = make_alert(changes=(make_change(), make_change(direction="stronger")), idempotency_key="two")
    lines = texts_of([make_alert(), two]).splitlines()
    assert lines[:2] == [
        "Example Shop, privacy policy: weaker: Server logs are now kept for 60 days instead of 30.",
        "Example Shop, privacy policy: 1 promise weakened, 1 strengthened:"
        " Server logs are now kept for 60 days instead of 30.",
    ]
    shown = html.document_fromstring(as_html(make_alert(), two))
    assert [" ".join(entry.text_content().split()) for entry in shown.iter("li")] == lines[:2]
    assert list(html.document_fromstring(as_html(make_alert())).iter("li")) == []


def test_subjects_hold_no_address_to_make_a_link_of(
    make_alert: Callable[..., Alert], make_change: Callable[..., Change]
) -> None:
    told = make_change(summary="Log in at evil.example/login or ask thief@evil。example.")
    one = make_alert(site_name="www.evil.example", changes=(told,))
    for line in (subject(one), subject(replace(one, changes=(told, told))), subject_of_all([one, one])):
        assert line.startswith("www․evil․example")
        assert "evil.example" not in line
        assert "evil。example" not in line


@pytest.mark.parametrize("invisible", ["\u200b", "\u00ad", "\u2060", "\ufeff", "\u202e", "\x00"])
def test_no_invisible_character_hides_an_address_in_a_quote(
    make_alert: Callable[..., Alert], make_change: Callable[..., Change], invisible: str
) -> None:
    hidden = f"Log in at evil.{invisible}example/login or https:{invisible}//evil.example now."
    alert = make_alert(changes=(make_change(before=hidden, after=hidden, section=hidden, summary=hidden),))
    for shown in (as_text(alert), as_html(alert), subject(alert)):
        words = shown.replace("https://shop.example/privacy", "")
        assert "evil.example" not in words
        assert "://" not in words
