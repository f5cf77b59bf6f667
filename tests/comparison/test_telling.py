"""What is told of an edit: the words that went and came, where it is greatest."""

from __future__ import annotations

import pytest

from monitor.comparison.telling import main_edit


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("We keep logs for 30 days.", "We keep logs for 60 days.", ("30", "60")),
        ("We ship to Italy and Malta.", "We ship to Italy, Malta and Cyprus.", ("", "Cyprus")),
        ("In Norway or Iceland you may object.", "In Norway, Iceland or Chile you may object.", ("", "Chile")),
        ("We ask for it when you order: this.", "When you order we ask for it: your name.", ("this", "your name")),
        ("After that we call.", "Else we cannot deliver.After that we call.", ("", "Else we cannot deliver")),
        ("An e-mail to a U.S. shop.", "An email to a US shop in Ohio.", ("", "in Ohio")),
        ("Your child may join, then.", "A Minor (see below) may join, then.", ("Your child", "A Minor (see below)")),
        ("We wrap books in paper.", "We wrap books.", ("in paper", "")),
        # Where words only changed their places, these are told.
        ("You sell books or lend books.", "You lend books or sell books.", ("sell", "lend")),
        # The two that went and came at one place, not the longest of all that went with the longest of all that came.
        (
            "Emphasised words mean what they mean in the terms.",
            "Emphasized words mean what they mean in the terms or in the rules of the library.",
            ("", "or in the rules of the library"),
        ),
        ("我们会保存日志30天。", "我们会保存日志60天。", ("30", "60")),
        ("The same.", "The same!", ("", "")),
    ],
)  # fmt: skip
def test_the_words_that_went_and_came_where_a_change_is_greatest(
    before: str, after: str, told: tuple[str, str]
) -> None:
    assert main_edit(before, after) == told
