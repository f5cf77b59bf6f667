"""What differs without touching a right or a duty, beside what looks alike and does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from monitor.comparison.compare import compare
from monitor.reading.policy import read_policy

if TYPE_CHECKING:
    from monitor.comparison.changes import Change, Noise

TEXT = """# Privacy policy

## Orders

We use your name and address to bring you what you ordered. {sentence}

## Keeping

We keep your orders for six years, since the law on taxes asks for it.
"""


def changes(before: str, after: str) -> list[Change]:
    old, new = (read_policy(TEXT.format(sentence=sentence)) for sentence in (before, after))
    return list(compare(old, new).changes)


@pytest.mark.parametrize(
    ("before", "after", "noise"),
    [
        (
            "These terms are a contract between you and Inkwell, Inc., 12 Mill Road, Dover, DE 19901.",
            "These terms are a contract between you and Inkwell, Inc., 12 Mill Road, Dover, DE 19901, USA.",
            "contact",
        ),
        (
            "As Inkwell (registered at Old Mill, Mill Road 3, Valletta VLT1455) is in Malta, you may complain there.",
            "As Inkwell (registered at Harbour House, Quay Road 9, PO Box 77, Valletta VLT1455) is in Malta, you may"
            " complain there.",
            "contact",
        ),
        (
            "To complain about the use of your data, please contact our data protection officer via email at"
            " dpo@inkwell.test or by post.",
            "To complain about the use of your data, please contact our data protection officer via our form here or"
            " by post.",
            "contact",
        ),
        ("You can preview the updated privacy policy.", "You can view the current privacy policy.", "navigation"),
        ("", "You may also refer to our reading room rules, which explain what is allowed there.", "navigation"),
        ("", "If you have any questions please feel free to ask our data protection officer in the shop.", "contact"),
        ("You can log in with your email.", "You can log in with your email address.", "reworded"),
        (
            "Our software is trained on photos that you share with everybody.",
            "Our software is trained using photos that you share with everybody.",
            "reworded",
        ),
        ("", "We have clarified how we share your data with printers.", "other-noise"),
        (
            "Printers or other firms share information with us about you to count what was printed.",
            "Printers or other firms provide information to us about you to count what was printed.",
            "reworded",
        ),
        (
            "Words in capitals mean what they mean in our terms and conditions, which you accept.",
            "Words in capitals mean what they mean in our terms of use, which you accept.",
            "reworded",
        ),
    ],
)  # fmt: skip
def test_noise_is_named(before: str, after: str, noise: Noise) -> None:
    for found in (changes(before, after), changes(after, before)):
        assert [(change.material, change.noise) for change in found] == [(False, noise)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # A country that is no part of an address.
        (
            "We send your orders to our printers in Malta.",
            "We send your orders to our printers in Malta and Chile.",
        ),
        # An age, beside words that may lead to another page.
        ("Readers in Spain must be 16 to sign up.", "Readers in Spain must be 18 to sign up."),
        # Who names a time in an example binds himself.
        (
            "How long we keep data depends on what they are, for example we keep your logs for 30 days.",
            "How long we keep data depends on what they are.",
        ),
        ("", "We share your data with the partners listed below."),
        ("", "We do not sell your data except as set out below."),
        ("", "We refer to your location when we show you ads."),
        ("We tell you of changes via email.", "We tell you of changes via our website."),
        ("", "If you have any questions, contact us; we do not encrypt the messages that you send us."),
        (
            "Your data are transferred to our printers at 1 Main Street, Dublin D02 XY45, Ireland.",
            "Your data are transferred to our printers at 1 Main Street, Moscow D02 XY45, Russia.",
        ),
        ("", "You may also refer friends to us, and we keep their addresses for a year."),
    ],
)
def test_what_looks_alike_and_matters_is_told(before: str, after: str) -> None:
    assert any(change.material for change in changes(before, after))


@pytest.mark.parametrize(
    "promise", ["We sell your data to printers.", "We never call you.", "Free cancellation at any time."]
)
def test_what_stands_out_at_the_beginning_of_a_paragraph_is_told(promise: str) -> None:
    before = TEXT.format(sentence="")
    after = f"{before}\n**{promise}** It has been so for years.\n"
    assert any(change.material for change in compare(read_policy(before), read_policy(after)).changes)


def test_who_tells_nothing_makes_no_promise_for_others() -> None:
    (change,) = changes("If you choose not to tell us your address, it may limit what we can bring you.", "")
    assert not change.summary.startswith("A promise")
    assert change.severity != "high"
