"""The shortest promises count as much as the long ones, and labels are no promises."""

from __future__ import annotations

import pytest

from tests.comparison.policies import compared, material

BESIDE = "Our staff answer your questions."

# Each for the user's good.
PROMISES = [
    "Data is never sold.",
    "No cookies are used.",
    "No personal data is collected.",
    "Passwords are encrypted.",
    "No data is shared with advertisers.",
    "Logs are not kept.",
    "IP addresses are anonymised.",
    "Card numbers are never stored.",
    "Nothing is shared.",
    "Nobody reads your messages.",
    "Third parties receive no data.",
    "Sensitive data is not processed.",
    "Photos are erased within a week.",
    "Complaints are answered within 30 days.",
]

# From the first to the second it gets worse for the user.
WORSE = [
    ("Data is never sold.", "Data may be sold."),
    ("No cookies are used.", "Cookies are used."),
    ("Calls are not recorded.", "Calls are recorded."),
    ("Logs are kept for 30 days.", "Logs are kept for 60 days."),
    ("Tracking is off by default.", "Tracking is on by default."),
    ("Tracking is opt-in.", "Tracking is opt-out."),
    ("Your photos are private.", "Your photos are public."),
    ("Email is optional.", "Email is required."),
    ("Users must be 18.", "Users must be 16."),
    ("Consent can be withdrawn.", "Consent cannot be withdrawn."),
    ("Backups are deleted weekly.", "Backups are deleted yearly."),
    ("Newsletters are sent monthly.", "Newsletters are sent daily."),
    ("Messages are end-to-end encrypted.", "Messages are encrypted."),
    ("Nobody reads your messages.", "Our staff may read your messages."),
    ("Data is used for billing only.", "Data is used for billing and marketing."),
    ("Notice is given 30 days ahead.", "Notice is given 10 days ahead."),
]

LABELS = [
    "Was this page helpful?",
    "This page is available in German.",
    "All rights reserved.",
    "Our office is closed on Sundays.",
    "You are here: Start",
    "Read more about cookies",
    "Do you sell my data?",
    "Our data team",
    "Data protection",
    "Thank you for your visit.",
    "Nothing found",
    "Not signed in",
]

SAME = [
    ("You are told no later than two weeks before.", "You are told at least two weeks before."),
    ("Tracking is opt-in.", "Tracking is opt in."),
    ("Tracking is off by default.", "By default, tracking is off."),
]


def beside(sentence: str) -> str:
    return f"{BESIDE} {sentence}"


@pytest.mark.parametrize("promise", PROMISES)
def test_a_short_promise_is_told_when_it_comes_and_when_it_goes(promise: str) -> None:
    (came,) = material(compared(BESIDE, beside(promise)))
    assert (came.kind, came.direction) == ("added", "stronger")
    (went,) = material(compared(beside(promise), BESIDE))
    assert (went.kind, went.direction) == ("removed", "weaker")


@pytest.mark.parametrize(("old", "new"), WORSE)
def test_a_short_sentence_that_gets_worse_or_better_is_told(old: str, new: str) -> None:
    assert {change.direction for change in material(compared(beside(old), beside(new)))} == {"weaker"}
    assert {change.direction for change in material(compared(beside(new), beside(old)))} == {"stronger"}


@pytest.mark.parametrize("label", LABELS)
def test_a_label_is_no_promise(label: str) -> None:
    assert not material(compared(BESIDE, f"{BESIDE}\n\n{label}"))
    assert not material(compared(BESIDE, beside(label)))


@pytest.mark.parametrize(("old", "new"), SAME)
def test_other_words_for_the_same_are_silent(old: str, new: str) -> None:
    assert not material(compared(beside(old), beside(new)))


# Turned promises, times that begin, and times that are the user's.
TURNED = [
    ("We use no cookies.", "We use cookies."),
    ("We do not fingerprint your device.", "We fingerprint your device."),
    ("We will notify you of changes.", "We will not notify you of changes."),
    ("Logs are deleted immediately.", "Logs are deleted after 90 days."),
    ("You can restore a deleted account for 30 days.", "You can restore a deleted account for 7 days."),
    ("You have 30 days to appeal.", "You have 7 days to appeal."),
]


@pytest.mark.parametrize(("old", "new"), TURNED)
def test_what_is_turned_round_is_told_the_right_way(old: str, new: str) -> None:
    assert {change.direction for change in material(compared(beside(old), beside(new)))} == {"weaker"}
    assert {change.direction for change in material(compared(beside(new), beside(old)))} == {"stronger"}
