"""Silent edits, dates that moved alone, and changes that bind backwards."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.comparison.compare import compare
from monitor.comparison.dating import Dating, date_change
from monitor.reading.policy import read_policy

KEPT = "We keep server logs for 30 days and your orders for ten years."
LONGER = "We keep server logs for 90 days and your orders for ten years."
REST = "We collect your name and your e-mail address when you place an order with us."
STOOD_AT = datetime(2021, 6, 1, 12, tzinfo=UTC)


def policy(stamp: str, retention: str = KEPT) -> str:
    return f"# Privacy policy\n\n{stamp}\n\n## Collection\n\n{REST}\n\n## Retention\n\n{retention}\n"


def dating(old: str, new: str, stood_at: datetime | None = STOOD_AT) -> Dating:
    return date_change(old, new, compare(read_policy(old), read_policy(new)).changes, stood_at)


@pytest.mark.parametrize("stood_at", [STOOD_AT, None])
@pytest.mark.parametrize("stamp", ["Last updated: 1 May 2020", "Effective date: 1 May 2020"])
def test_a_text_that_changed_under_its_old_date_is_a_silent_edit(
    stamp: str, stood_at: datetime | None
) -> None:
    found = dating(policy(stamp), policy(stamp, LONGER), stood_at)
    assert found.silent_edit
    assert found.remarks == (f"The text changed, but the date that it states did not: “{stamp}”.",)
    assert not (found.date_alone or found.retroactive)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("", "", id="no date at all"),
        pytest.param("Last updated: 1 May 2020", "", id="the date went"),
        pytest.param("", "Last updated: 1 May 2020", id="a date came"),
        pytest.param("Last updated: 1 May 2020", "Last updated: 2 June 2021", id="the date moved"),
        pytest.param(
            "Last updated: 1 May 2020. Effective 1 May 2020.",
            "Last updated: 1 May 2020. Effective 1 July 2021.",
            id="one of two moved",
        ),
        pytest.param("Last updated: 1 June 2021", "Last updated: 1 June 2021", id="it may be of that day"),
        pytest.param("Last updated: 1 July 2021", "Last updated: 1 July 2021", id="announced before"),
        pytest.param("Last updated: June 2021", "Last updated: June 2021", id="of that month"),
    ],
)
def test_what_may_be_in_order_is_no_silent_edit(before: str, after: str) -> None:
    found = dating(policy(before), policy(after, LONGER))
    assert not found.silent_edit
    assert found.remarks == ()


def test_the_same_date_in_another_form_is_the_same() -> None:
    assert dating(policy("Last updated: 1 May 2020"), policy("Updated on May 1st, 2020", LONGER)).silent_edit


def test_without_a_material_change_the_old_date_is_right() -> None:
    stamp = "Last updated: 1 May 2020"
    assert not dating(
        policy(stamp), policy(stamp, KEPT.replace("server logs", "logs of our servers"))
    ).silent_edit


def test_a_date_that_moved_alone_is_told() -> None:
    found = dating(policy("Last updated: 1 May 2020"), policy("Last updated: 2 June 2021"))
    assert found.date_alone
    assert found.remarks == (
        "The stated date moved from “Last updated: 1 May 2020” to “Last updated: 2 June 2021”,"
        " though no wording changed.",
    )


@pytest.mark.parametrize(
    ("before", "after", "retention"),
    [
        pytest.param("Last updated: 1 May 2020", "Last updated: 2 June 2021", LONGER, id="the text changed"),
        pytest.param("", "Last updated: 2 June 2021", KEPT, id="there was none"),
        pytest.param("Last updated: 2 June 2021", "Last updated: 1 May 2020", KEPT, id="an older page came back"),
        pytest.param("Last updated: May 2021", "Last updated: 5 May 2021", KEPT, id="only more exact"),
        pytest.param(
            "Last updated: 1 May 2020", "Last updated: 2 June 2021", KEPT.replace("for ten", "for about ten"),
            id="another word",
        ),
    ],
)  # fmt: skip
def test_a_date_that_moved_with_a_reason_is_not(before: str, after: str, retention: str) -> None:
    assert not dating(policy(before), policy(after, retention)).date_alone


def test_a_change_that_binds_from_before_it_could_be_read_is_flagged() -> None:
    found = dating(policy("Effective 1 May 2020"), policy("Effective 2 May 2021", LONGER))
    assert found.retroactive
    assert found.remarks == (
        "It is to bind from before it could be read: it says “Effective 2 May 2021”, but the text before it still"
        " stood on 2021-06-01.",
    )


@pytest.mark.parametrize(
    ("stamp", "stood_at"),
    [
        pytest.param("Effective 1 May 2020", STOOD_AT, id="the date of the old text"),
        pytest.param("Effective 1 July 2021", STOOD_AT, id="later"),
        pytest.param("Effective 31 May 2021", STOOD_AT, id="a day earlier, as somewhere on earth"),
        pytest.param("Effective 2 May 2021", None, id="nobody knows when the old text stood"),
    ],
)
def test_what_may_bind_forwards_is_not_flagged(stamp: str, stood_at: datetime | None) -> None:
    assert not dating(policy("Effective 1 May 2020"), policy(stamp, LONGER), stood_at).retroactive


def test_a_date_that_is_stated_for_the_first_time_is_not_flagged() -> None:
    assert not dating(policy(""), policy("Effective 2 May 2021", LONGER)).retroactive


def test_words_that_bind_backwards_are_flagged_where_they_came() -> None:
    said = f"{KEPT} This policy applies to information that we collected before its effective date."
    found = dating(policy("", KEPT), policy("", said))
    assert found.retroactive
    assert found.remarks == ("It says that it binds for what happened before it.",)
    assert not dating(policy("", said), policy("", said.replace("30", "90"))).retroactive
    assert not dating(policy("", said), policy("", KEPT)).retroactive
    never = f"{KEPT} We will never apply a new version of this policy retroactively."
    assert not dating(policy("", KEPT), policy("", never)).retroactive


def test_json_has_both_dates_of_both_versions() -> None:
    old, new = (
        policy("Last updated: 1 May 2020"),
        policy("Last updated: June 2021. Effective 1 July 2021.", LONGER),
    )
    assert dating(old, new).to_json() == {
        "updated": {
            "before": {"date": "2020-05-01", "text": "Last updated: 1 May 2020"},
            "after": {"date": "2021-06", "text": "Last updated: June 2021"},
        },
        "effective": {"before": None, "after": {"date": "2021-07-01", "text": "Effective 1 July 2021"}},
        "silent_edit": False,
        "date_alone": False,
        "retroactive": False,
        "remarks": [],
    }
