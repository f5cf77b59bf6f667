"""The ledger over histories that we wrote: what goes on, what ends, what comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from monitor.comparison.compare import SideBySide, compare, lay_side_by_side
from monitor.ledger import building
from monitor.ledger.building import build_ledger
from monitor.ledger.model import Entry, Ledger, Seen
from monitor.reading.commitments import commitments
from monitor.reading.policy import Policy, read_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.reading.lexicon import Lexicons

FIRST_DAY = datetime(2020, 1, 1, tzinfo=UTC)
NEVER_SHARE = "We never share your personal data with advertisers."
MAY_SHARE = "We may share your personal data with advertisers."
LOGS = "We keep server logs for 30 days."
LONGER_LOGS = "We keep server logs for 60 days."
COPY = "You may ask us for a copy of your personal data at any time."
REST = """## What we collect

We collect your name and your e-mail address when you place an order with us.

## Security

We encrypt your payment details when we send them to our bank.

## Contact

You may complain to the supervisory authority of your country if we do not answer your request.
"""


def policy(*, sharing: str = NEVER_SHARE, retention: str = LOGS, rights: str = COPY, more: str = "") -> str:
    return f"""# Privacy policy

## Sharing

{sharing}

## Retention

{retention}

## Your rights

{rights}

{REST}{more}"""


def ledger(*texts: str, upgrades: Sequence[int] = ()) -> Ledger:
    """Build the ledger of texts that were seen a hundred days apart, as versions 1, 2, 3, ..."""
    return build_ledger(
        [
            Seen(number, FIRST_DAY + timedelta(days=100 * (number - 1)), text, number in upgrades)
            for number, text in enumerate(texts, 1)
        ]
    )


def entry(found: Ledger, words: str) -> Entry:
    """Return the one entry whose newest words these are."""
    (one,) = [entry for entry in found.entries if entry.commitment.text == words]
    return one


def steps(one: Entry) -> list[tuple[str, int]]:
    return [(step.event, step.version_id) for step in one.history]


def test_what_stands_is_what_the_newest_version_commits_to() -> None:
    texts = [policy(), policy(retention=LONGER_LOGS), policy(rights="", retention=LONGER_LOGS)]
    found = ledger(*texts)
    assert [one.commitment for one in found.standing] == commitments(read_policy(texts[-1]))
    assert len(found.standing) == 5


def test_a_commitment_of_the_first_version_may_be_older() -> None:
    one = entry(ledger(policy()), NEVER_SHARE)
    assert steps(one) == [("first-seen", 1)]
    assert (one.since.after, one.since.section, one.until) == (NEVER_SHARE, "Sharing", None)


def test_a_value_that_changed_weakens_it_and_the_changelog_says_the_same() -> None:
    one = entry(ledger(policy(), policy(), policy(retention=LONGER_LOGS)), LONGER_LOGS)
    assert steps(one) == [("first-seen", 1), ("weakened", 3)]
    step = one.history[-1]
    assert (step.before, step.after, step.direction, step.material) == (LOGS, LONGER_LOGS, "weaker", True)
    assert step.summary == "Server logs are now kept for 60 days instead of 30 days."
    assert one.since.observed_at == FIRST_DAY


def test_the_way_back_strengthens_it() -> None:
    one = entry(ledger(policy(), policy(retention=LONGER_LOGS), policy()), LOGS)
    assert steps(one) == [("first-seen", 1), ("weakened", 2), ("strengthened", 3)]


def test_a_promise_that_became_its_opposite_is_no_longer() -> None:
    found = ledger(policy(), policy(sharing=MAY_SHARE))
    promise, reservation = entry(found, NEVER_SHARE), entry(found, MAY_SHARE)
    assert steps(promise) == [("first-seen", 1), ("withdrawn", 2)]
    assert promise.until is not None
    assert (promise.until.before, promise.until.after) == (NEVER_SHARE, MAY_SHARE)
    assert promise.until.direction == "weaker"
    assert (steps(reservation), reservation.commitment.stance) == ([("made", 2)], "may")
    assert found.gone == [promise]


def test_a_promise_that_went_and_came_back_is_one_entry() -> None:
    found = ledger(policy(), policy(sharing=MAY_SHARE), policy())
    promise = entry(found, NEVER_SHARE)
    assert steps(promise) == [("first-seen", 1), ("withdrawn", 2), ("returned", 3)]
    assert (promise.since.version_id, promise.stands) == (3, True)
    assert [one.commitment.text for one in found.gone] == [MAY_SHARE]


def test_a_sentence_that_went_is_withdrawn_with_its_last_words() -> None:
    one = entry(ledger(policy(), policy(rights="")), COPY)
    assert one.until is not None
    assert (one.until.event, one.until.before, one.until.after) == ("withdrawn", COPY, "")
    assert (one.until.version_id, one.until.direction) == (2, "weaker")


def test_it_comes_back_in_nearly_the_same_words() -> None:
    again = COPY.replace("at any time", "any time")
    one = entry(ledger(policy(), policy(rights=""), policy(rights=again)), again)
    assert steps(one) == [("first-seen", 1), ("withdrawn", 2), ("returned", 3)]


def test_rewording_and_moving_end_nothing() -> None:
    reworded = "You may ask us for a copy of your data at any time."
    moved = policy(rights="").replace("## Contact\n", f"## Contact\n\n{reworded}\n")
    found = ledger(policy(), policy(rights=reworded), moved)
    one = entry(found, reworded)
    assert steps(one) == [("first-seen", 1), ("reworded", 2), ("moved", 3)]
    assert one.commitment.section == "Contact"
    assert found.gone == []


def test_a_section_that_got_another_name_moved_nothing() -> None:
    one = entry(ledger(policy(), policy().replace("## Sharing", "## Sharing of data")), NEVER_SHARE)
    assert steps(one) == [("first-seen", 1)]
    assert one.commitment.section == "Sharing of data"


def test_other_layout_ends_nothing() -> None:
    listed = policy().replace(LOGS, f"- **{LOGS}**").replace(COPY, COPY.replace(" for ", "\nfor "))
    found = ledger(policy(), listed)
    assert [steps(one) for one in found.entries] == [[("first-seen", 1)]] * 6


def test_sentences_that_were_put_together_or_parted_end_nothing() -> None:
    both = f"{LOGS[:-1]}, and we delete your account within a month of your request."
    parted = f"{LOGS} We delete your account within a month of your request."
    found = ledger(policy(retention=parted), policy(retention=both), policy(retention=parted))
    assert found.gone == []
    assert {one.since.version_id for one in found.entries} == {1}


def test_of_the_same_clause_in_two_places_one_may_go() -> None:
    twice = policy(more=f"\n## Advertisers\n\n{NEVER_SHARE}\n")
    found = ledger(twice, policy())
    assert found.gone == []
    assert steps(entry(found, NEVER_SHARE)) == [("first-seen", 1)]


def test_of_a_clause_that_went_from_two_places_one_may_come_back() -> None:
    twice = policy(more=f"\n## Advertisers\n\n{NEVER_SHARE}\n")
    found = ledger(twice, policy(sharing=MAY_SHARE), policy())
    assert NEVER_SHARE not in [one.commitment.text for one in found.gone]
    assert steps(entry(found, NEVER_SHARE))[-1] == ("returned", 3)


def test_a_clause_repeated_elsewhere_stands_for_as_long() -> None:
    found = ledger(policy(), policy(more=f"\n## Advertisers\n\n{NEVER_SHARE}\n"))
    assert {one.since.version_id for one in found.standing} == {1}


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(
            "# Sorry\n\nThis page cannot be shown at the moment. Please try again.", id="error page"
        ),
        pytest.param(policy()[:220], id="half the page"),
    ],
)
def test_a_version_that_is_not_the_policy_ends_and_begins_nothing(broken: str) -> None:
    found = ledger(policy(), broken, policy())
    assert found.passed_over == (2,)
    assert [steps(one) for one in found.entries] == [[("first-seen", 1)]] * 6


def test_behind_a_broken_version_changes_are_told_against_the_one_before_it() -> None:
    found = ledger(policy(), "# Sorry\n\nNothing here. We will be back.", policy(retention=LONGER_LOGS))
    assert steps(entry(found, LONGER_LOGS)) == [("first-seen", 1), ("weakened", 3)]


def test_the_last_version_may_be_broken() -> None:
    strange = (
        "# Recipes\n\nYou may share this soup with friends. Boil onions, carrots and celery for an hour."
    )
    found = ledger(policy(), policy(), strange)
    assert found.passed_over == ()
    assert {one.until.event for one in found.entries if one.until} == {"replaced"}
    assert len(found.gone) == 6


def test_a_part_of_the_page_that_was_there_once_is_passed_over() -> None:
    extra = "\n## Jobs\n\n" + "\n\n".join(
        f"We keep the papers of people who apply as {job} for six months."
        for job in ("cook", "clerk", "nurse")
    )
    versions = [
        Seen(number, FIRST_DAY + timedelta(days=number), text)
        for number, text in enumerate([policy(), policy(more=extra), policy()], 1)
    ]
    found = build_ledger(versions)
    assert found.passed_over == (2,)
    assert len(found.entries) == 6


def test_what_our_rules_read_otherwise_is_not_the_sites_doing() -> None:
    found = ledger(policy(), policy(rights="", more=f"\n## More\n\n{MAY_SHARE}\n"), upgrades=[2])
    lost, won = entry(found, COPY), entry(found, MAY_SHARE)
    assert steps(lost) == [("first-seen", 1), ("unread", 2)]
    assert steps(won) == [("first-seen", 2)]
    assert not lost.stands
    assert found.gone == []


def test_what_our_rules_read_again_never_was_away() -> None:
    one = entry(ledger(policy(), policy(rights=""), policy(), upgrades=[2, 3]), COPY)
    assert steps(one) == [("first-seen", 1)]


def test_a_list_whose_lead_in_turned_is_told_with_its_items() -> None:
    items = "\n\n- your e-mail address with advertisers\n- your name with advertisers"
    found = ledger(policy(sharing=f"We never share:{items}"), policy(sharing=f"We may share:{items}"))
    ended = [one for one in found.gone if "e-mail address with" in one.commitment.text]
    assert [(one.commitment.stance, one.until and one.until.direction) for one in ended] == [
        ("will-not", "weaker")
    ]


def test_a_clause_that_was_cut_off_is_withdrawn() -> None:
    both = "We may share your postal address with carriers, but we will never sell it to advertisers."
    found = ledger(policy(sharing=both), policy(sharing="We may share your postal address with carriers."))
    assert [(one.commitment.stance, one.until and one.until.event) for one in found.gone] == [
        ("will-not", "withdrawn")
    ]


def test_the_ledger_never_contradicts_the_changelog() -> None:
    texts = [
        policy(),
        policy(retention=LONGER_LOGS, rights=""),
        policy(sharing=MAY_SHARE, more="\n## New\n\nWe sell your purchase history to data brokers.\n"),
        policy(sharing=f"{NEVER_SHARE} We never sell it."),
    ]
    found = ledger(*texts)
    told = [step for one in found.entries for step in one.history if step.material]
    assert len(told) >= 6
    for step in told:
        pair = map(read_policy, texts[step.version_id - 2 : step.version_id])
        changes = [change for change in compare(*pair).changes if change.material]
        quoted = [
            change
            for change in changes
            if (step.before and step.before in change.before) or (step.after and step.after in change.after)
        ]
        assert step.direction in {change.direction for change in quoted}, step


def test_every_version_is_compared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = []

    def counted(old: Policy, new: Policy, lexicons: Lexicons) -> SideBySide:
        pairs.append((old, new))
        return lay_side_by_side(old, new, lexicons)

    monkeypatch.setattr(building, "lay_side_by_side", counted)
    texts = [policy(retention=f"We keep server logs for {days} days.") for days in range(10, 40)]
    one = entry(ledger(*texts), "We keep server logs for 39 days.")
    assert len(pairs) == 29
    assert len(one.history) == 30


def test_each_step_has_a_direction_of_its_own_though_the_changelog_tells_both_in_one() -> None:
    both = (
        "Harbour Books may collect the number of your reading room card. However, we never store the number of your"
        " reading room card."
    )
    found = ledger(policy(), policy(more=f"\n## Cards\n\n{both}\n"))
    made = {one.commitment.stance: one.history[0] for one in found.entries if one.history[0].version_id == 2}
    assert (made["may"].direction, made["will-not"].direction) == ("weaker", "stronger")


def test_an_end_that_was_missing_for_a_day_was_never_withdrawn() -> None:
    more = "\n## Jobs\n\nWe keep the papers of people who apply as cook for six months.\n"
    days = (1, 101, 102)
    texts = (policy(more=more), policy(), policy(more=more))
    found = build_ledger(
        [
            Seen(number, FIRST_DAY + timedelta(days=day), text)
            for number, (day, text) in enumerate(zip(days, texts, strict=True), 1)
        ]
    )
    assert found.passed_over == (2,)
    assert all(steps(one) == [("first-seen", 1)] for one in found.entries)


def test_an_item_does_not_change_with_a_sentence_beside_its_lead_in() -> None:
    old = "We may write to you by post. We never share:\n\n- your e-mail address with advertisers"
    new = (
        "We may write to you by post and by e-mail. We never share:\n\n- your e-mail address with advertisers"
    )
    found = ledger(policy(sharing=old), policy(sharing=new))
    one = entry(found, "your e-mail address with advertisers")
    assert steps(one) == [("first-seen", 1)]


def test_a_sentence_that_goes_on_with_a_promise_is_not_withdrawn() -> None:
    old = "We use payment processors to handle your card number when you pay."
    new = (
        "We use payment processors to handle your card number when you pay and do not store your card number."
    )
    found = ledger(policy(retention=old), policy(retention=new))
    assert found.gone == []


@pytest.mark.parametrize(
    "label",
    [
        "* Do Not Track\n* Account Closure and Deletion\n",
        "| How We Use Your Information | Information Categories Used |\n|---|---|\n| Security | Log data |\n",
        "How We Use Information\n",
    ],
)
def test_labels_commit_nobody(label: str) -> None:
    assert commitments(read_policy(policy(more=f"\n## More\n\n{label}"))) == commitments(
        read_policy(policy())
    )


def test_what_a_user_may_do_if_we_refuse_is_his_right() -> None:
    (found,) = commitments(read_policy("# Policy\n\nIf we deny your request, you may appeal our decision."))
    assert (found.topic, found.stance) == ("rights", "user-may")


def test_nothing_has_no_ledger() -> None:
    assert build_ledger([]) == Ledger()
