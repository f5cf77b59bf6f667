"""Two small policies of our own, with a place in their midst for the old and the new text of a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.comparison.compare import compare
from monitor.reading.policy import read_policy

if TYPE_CHECKING:
    from monitor.comparison.changes import Change, Comparison

PRIVACY = """\
# Privacy Policy

This policy tells you how Larkspur Gardens handles your personal information when you visit our shop.

## What we collect

When you order seeds, we ask for your name, your delivery address and your email address. Our servers note the
pages that you open and the type of your browser.

## Why we need it

We need these details to send your parcel, to answer your letters and to keep our books in order. We also
count visits to learn which pages are hard to find.

## {heading}

{text}

## Your account

You may open an account to see your earlier orders. Please choose a password that nobody can guess.

## How to complain

If you are unhappy with us, you may write to the data protection authority of your country.
"""

TERMS = """\
# Terms of Service

These terms govern your use of the Larkspur forum, where gardeners talk about plants.

## Joining

To join, you choose a name and confirm your email address. Each member may have one account.

## Your posts

You keep the ownership of what you write. Other members can quote your posts with your name.

## {heading}

{text}

## Ending

You may leave the forum whenever you like. We may close an account that nobody has used for three years.

## Law

These terms are governed by the laws of Denmark.
"""

BASES = {"privacy": PRIVACY, "terms": TERMS}


def policy(text: str, heading: str = "How we handle your information", base: str = "privacy") -> str:
    """A whole policy in which the text stands under the heading."""
    return BASES[base].format(heading=heading, text=text.strip())


def compared(
    old: str, new: str, heading: str = "How we handle your information", base: str = "privacy"
) -> Comparison:
    """Compare two texts, each in the midst of the same policy."""
    return compare(read_policy(policy(old, heading, base)), read_policy(policy(new, heading, base)))


def material(comparison: Comparison) -> list[Change]:
    """The changes that matter."""
    return [change for change in comparison.changes if change.material]
