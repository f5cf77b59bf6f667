"""The plain sentence for each change, and the line for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from monitor.alerts.alert import headline
from monitor.comparison.changes import Change
from monitor.comparison.compare import compare
from monitor.comparison.summary import comparison_summary, tally
from monitor.reading.policy import read_policy

if TYPE_CHECKING:
    from monitor.comparison.changes import Direction, Kind

FRAME = (
    "# Privacy policy\n\nWe collect your name and your address.\n\n## More\n\n{}\n\nYou may write to us.\n"
)


@pytest.mark.parametrize(
    ("before", "after", "summary"),
    [
        pytest.param(
            "We keep server logs for 30 days.",
            "We keep server logs for 60 days.",
            "Server logs are now kept for 60 days instead of 30 days.",
            id="a length with what it is about",
        ),
        pytest.param(
            "After you close your account, we delete your profile within 30 days.",
            "After you close your account, we delete your profile within 90 days.",
            "How long your data are kept: now 90 days instead of 30 days.",
            id="a length alone",
        ),
        pytest.param(
            "We never share your personal data with third parties.",
            "We may share your personal data with third parties.",
            "A promise about who receives your data was weakened: it now says “We may share your personal data with"
            " third parties”.",
            id="a promise",
        ),
        pytest.param(
            "",
            "We share your personal data with advertisers.",
            "Newly said about who receives your data: “We share your personal data with advertisers”.",
            id="new",
        ),
        pytest.param(
            "We share your personal data with advertisers.",
            "",
            "No longer said about who receives your data: “We share your personal data with advertisers”.",
            id="gone",
        ),
    ],
)
def test_a_sentence_names_what_it_is_about_and_what_is_said_now(
    before: str, after: str, summary: str
) -> None:
    found = compare(*(read_policy(FRAME.format(text)) for text in (before, after)))
    assert [change.summary for change in found.changes if change.material] == [summary]


@pytest.mark.parametrize(
    ("fates", "line"),
    [
        ([("changed", "weaker")], "1 promise weakened"),
        # A promise that is withdrawn is weaker than any.
        ([("changed", "weaker"), ("removed", "weaker")], "2 promises weakened"),
        ([("changed", "neutral"), ("changed", "stronger")], "1 promise strengthened, 1 changed"),
        # Nobody had promised not to.
        ([("added", "weaker")], "1 new statement for the worse"),
        ([("added", "stronger"), ("added", "neutral")], "1 new statement for the better, 1 new statement"),
        ([("removed", "stronger"), ("removed", "stronger")], "2 statements gone for the better"),
        (
            [("added", "weaker"), ("changed", "weaker"), ("added", "weaker")],
            "1 promise weakened, 2 new statements for the worse",
        ),
    ],
)
def test_what_was_no_promise_is_not_counted_as_one(fates: list[tuple[Kind, Direction]], line: str) -> None:
    changes = [
        Change(
            material=True, topic="sharing", kind=kind, direction=direction, severity="high", section="Sharing",
            section_before="Sharing", before="We share.", after="We share more.", summary="More is shared.",
        )
        for kind, direction in fates
    ]  # fmt: skip
    assert tally(changes) == headline(changes) == line
    assert comparison_summary(changes) == f"{line}: More is shared."


def test_an_item_under_a_promise_is_one() -> None:
    items = ["share your location with partners", "sell your name and address to anybody"]
    old, new = (
        read_policy(FRAME.format("We will never:\n\n" + "\n".join(f"- {item}" for item in listed)))
        for listed in (items, items[:1])
    )
    (change,) = [change for change in compare(old, new).changes if change.material]
    assert change.direction == "weaker"
    assert change.summary.startswith("A promise about ")
    assert change.summary.endswith(" was withdrawn: “sell your name and address to anybody”.")


def test_a_length_of_time_that_keeps_no_data_is_not_said_to() -> None:
    frame = "# Policy\n\nWe sell bulbs.\n\n## How long we keep data\n\nWe keep letters in drawers.\n\n{}\n"
    old, new = (
        read_policy(frame.format(f"You can return goods within {number} days.")) for number in (14, 7)
    )
    (change,) = compare(old, new).changes
    assert change.summary == "A length of time: now 7 days instead of 14 days."
