"""What holds for the comparison of any two policies."""

from __future__ import annotations

import json
from collections import Counter

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from monitor.comparison.compare import compare
from monitor.reading.markup import mask, words
from monitor.reading.policy import read_policy
from tests.comparison.gardens import LAYOUTS, Section, sections, whole
from tests.comparison.policies import compared, material

QUICK = settings(
    max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
MIRRORED_KINDS = {"added": "removed", "removed": "added", "changed": "changed"}
MIRRORED_DIRECTIONS = {"weaker": "stronger", "stronger": "weaker", "neutral": "neutral"}
TOP_KEYS = {"material", "broken", "noise", "summary", "changes"}
CHANGE_KEYS = {
    "material", "topic", "kind", "direction", "severity", "section", "section_before", "before", "after", "values",
    "exceptions", "noise", "summary",
}  # fmt: skip


def stretch(words_of_quote: tuple[str, ...], source: str) -> bool:
    """Whether the words stand in the source one after the other; none always do."""
    return not words_of_quote or f" {' '.join(words_of_quote)} " in f" {' '.join(words(mask(source)))} "


@QUICK
@given(sections(), LAYOUTS)
def test_a_version_compared_with_itself_shows_nothing(policy: list[Section], separator: str) -> None:
    text = whole(policy, separator)
    assert compare(read_policy(text), read_policy(text)).changes == ()


@QUICK
@given(sections(), sections())
def test_the_way_back_mirrors_kinds_and_directions(old: list[Section], new: list[Section]) -> None:
    there = compare(read_policy(whole(old)), read_policy(whole(new)))
    back = compare(read_policy(whole(new)), read_policy(whole(old)))
    assume(not there.broken and not back.broken)
    expected = Counter(
        (MIRRORED_KINDS[c.kind], MIRRORED_DIRECTIONS[c.direction], c.after, c.before) for c in material(there)
    )
    assert Counter((c.kind, c.direction, c.before, c.after) for c in material(back)) == expected


@QUICK
@given(sections(), st.randoms(use_true_random=False))
def test_sections_in_another_order_are_no_news(policy: list[Section], chance) -> None:  # type: ignore[no-untyped-def]
    shuffled = policy.copy()
    chance.shuffle(shuffled)
    comparison = compare(read_policy(whole(policy)), read_policy(whole(shuffled)))
    assert not comparison.material
    assert not comparison.broken


@QUICK
@given(sections(), LAYOUTS, LAYOUTS)
def test_sentences_set_in_other_lines_are_no_news(policy: list[Section], one: str, other: str) -> None:
    assert not compare(read_policy(whole(policy, one)), read_policy(whole(policy, other))).material


@QUICK
@given(sections(), st.sampled_from(["About you", "More", "Information", "7. Details", "Good to know"]))
def test_a_renamed_heading_is_no_news(policy: list[Section], heading: str) -> None:
    renamed = [Section(heading, policy[0].sentences), *policy[1:]]
    assert not compare(read_policy(whole(policy)), read_policy(whole(renamed))).material


PARTNERS = (
    "the carrier who brings your parcel",
    "the bank that takes your payment",
    "the printer of our catalogue",
)
USES = ("send your parcel", "answer your letters", "recommend plants that suit your soil", "keep our books")


@QUICK
@given(
    sections(),
    st.sampled_from([("We share your address with", PARTNERS), ("We use your information to", USES)]),
    st.sampled_from(["- ", "* ", "1. "]),
)
def test_a_list_re_flowed_into_a_sentence_is_no_news(
    policy: list[Section], clause: tuple[str, tuple[str, ...]], marker: str
) -> None:
    lead, items = clause
    sentence = f"{lead} {', '.join(items[:-1])} and {items[-1]}."
    listed = f"{lead}:\n\n" + "\n".join(f"{marker}{item}" for item in items)
    before = whole([*policy, Section("In particular", (sentence,))])
    after = whole([*policy, Section("In particular", (listed,))])
    assert not compare(read_policy(before), read_policy(after)).material
    assert not compare(read_policy(after), read_policy(before)).material


@QUICK
@given(
    sections(),
    st.sampled_from(
        [
            ("We keep your letters for two years", "we delete them afterwards"),
            ("We share your address with our carriers", "we tell our bank what you paid"),
            ("You can close your account in its settings", "you can ask us for a copy of your data"),
            ("We do not sell your information", "we do not rent it to anybody"),
        ]
    ),
)
def test_a_sentence_split_in_two_is_no_news(policy: list[Section], clauses: tuple[str, str]) -> None:
    first, second = clauses
    joined = whole([*policy, Section("In short", (f"{first}, and {second}.",))])
    split = whole([*policy, Section("In short", (f"{first}. {second[0].upper()}{second[1:]}.",))])
    assert not compare(read_policy(joined), read_policy(split)).material
    assert not compare(read_policy(split), read_policy(joined)).material


@QUICK
@given(sections(), sections(), LAYOUTS)
def test_quotes_are_words_of_the_versions_as_given(
    old: list[Section], new: list[Section], separator: str
) -> None:
    before, after = whole(old), whole(new, separator)
    for change in compare(read_policy(before), read_policy(after)).changes:
        assert stretch(words(change.before), before)
        assert stretch(words(change.after), after)
        assert bool(change.before) == (change.kind != "added")
        assert bool(change.after) == (change.kind != "removed")
        assert len(change.before.split()) <= 120
        assert len(change.after.split()) <= 120


@QUICK
@given(sections(), sections())
def test_the_json_has_the_keys_of_the_contract(old: list[Section], new: list[Section]) -> None:
    comparison = compare(read_policy(whole(old)), read_policy(whole(new)))
    data = json.loads(json.dumps(comparison.to_json()))
    assert set(data) == TOP_KEYS
    assert data["material"] == any(change["material"] for change in data["changes"])
    for change in data["changes"]:
        assert set(change) == CHANGE_KEYS
        assert set(change["exceptions"]) == {"added", "removed"}
        assert change["material"] == (change["noise"] is None)
        assert all(set(value) == {"before", "after"} for value in change["values"])


@QUICK
@given(sections(), sections())
def test_the_same_versions_give_the_same_answer(old: list[Section], new: list[Section]) -> None:
    before, after = whole(old), whole(new)
    first = compare(read_policy(before), read_policy(after)).to_json()
    assert compare(read_policy(before), read_policy(after)).to_json() == first


EDITS = (
    ("We never share your messages.", "We may share your messages with advertisers."),
    ("We keep your invoices for two years.", "We keep your invoices for ten years."),
    (
        "We will notify you 30 days before the new terms apply.",
        "We will notify you 3 days before the new terms apply.",
    ),
    ("We do not sell your data.", "We do not sell your data unless our lenders require it."),
    (
        "You may ask us to delete your account.",
        "You may ask us to delete your account once a year for a fee.",
    ),
    (
        "We use your address to send your parcel.",
        "We use your address to send your parcel and for advertising.",
    ),
    ("We set cookies only if you agree.", "We set cookies unless you opt out."),
    (
        "Disputes are settled by the courts of your home.",
        "Disputes are settled by binding arbitration in Oslo.",
    ),
)


@QUICK
@given(st.sampled_from(EDITS), st.booleans(), st.sampled_from(["More", "Your privacy", "9. In particular"]))
def test_an_edit_swapped_goes_the_other_way(edit: tuple[str, str], swapped: bool, heading: str) -> None:
    old, new = reversed(edit) if swapped else edit
    (there,) = material(compared(old, new, heading))
    (back,) = material(compared(new, old, heading))
    assert there.kind == back.kind == "changed"
    assert there.direction == ("stronger" if swapped else "weaker")
    assert back.direction == MIRRORED_DIRECTIONS[there.direction]
    assert back.topic == there.topic


# A lead-in that promises, one that takes, and items that say nothing without it.
LEADS = (
    ("We will never share the following with anybody:", "stronger"),
    ("We may sell the following to data brokers:", "weaker"),
    ("You have the right to receive a copy of:", "stronger"),
)
ITEMS = ("your messages", "the photographs of your garden", "your order history", "your postal address")


@QUICK
@given(st.sampled_from(LEADS), st.permutations(ITEMS), st.booleans(), st.sampled_from(["- ", "* ", "1. "]))
def test_a_lead_in_carries_into_its_items(
    lead: tuple[str, str], items: list[str], added: bool, marker: str
) -> None:
    text, direction = lead
    longer = f"{text}\n\n" + "\n".join(f"{marker}{item}" for item in items)
    shorter = longer.rpartition("\n")[0]
    old, new = (shorter, longer) if added else (longer, shorter)
    (change,) = material(compared(old, new))
    assert change.kind == ("added" if added else "removed")
    assert change.direction == (direction if added else MIRRORED_DIRECTIONS[direction])
    assert (change.before, change.after) == (("", items[-1]) if added else (items[-1], ""))
