"""What a policy commits to, read from texts of our own."""

from __future__ import annotations

from monitor.reading.commitments import commitments
from monitor.reading.policy import read_policy


def read(text: str) -> list[tuple[str, str, tuple[str, ...]]]:
    return [
        (one.topic, one.stance, tuple(duration.value for duration in one.durations))
        for one in commitments(read_policy(text))
    ]


def test_what_is_free_of_charge_is_done_all_the_same() -> None:
    (found,) = read("# Your rights\n\nWe answer every request within one month, free of charge.\n")
    assert found[1:] == ("will", ("P1M",))


def test_a_visit_that_opens_a_sentence_is_no_pointer() -> None:
    (visit,) = commitments(read_policy("When you visit our website, we collect your IP address."))
    (left,) = commitments(read_policy("Once you leave our website, these cookies are deleted."))
    assert (visit.topic, visit.stance) == ("collection", "will")
    assert left.stance == "will"
    for nothing in ("Please visit our help pages.", "Cookies are small text files that a website stores."):
        assert commitments(read_policy(nothing)) == []


def test_an_entry_that_only_names_a_period_is_a_commitment() -> None:
    text = "# How long we keep data\n\nWe keep the following:\n\n- Server logs: 7 days\n- Crash reports: 3 months\n"
    assert ("retention", "will", ("P7D",)) in read(text)
    assert ("retention", "will", ("P3M",)) in read(text)


def test_a_promise_keeps_its_exception() -> None:
    text = "# Sharing\n\nWe will never give your address to anybody else, unless the law requires it.\n"
    (found,) = commitments(read_policy(text))
    assert (found.topic, found.stance) == ("sharing", "will-not")
    assert [(carved.type, carved.text) for carved in found.exceptions] == [
        ("law", "unless the law requires it")
    ]


def test_what_users_are_asked_not_to_do_binds_them() -> None:
    (found,) = commitments(read_policy("# Terms\n\nIf you are under 16, please do not use our service."))
    assert found.stance == "user-must"


def test_what_the_user_does_to_get_his_choice_is_granted_to_him() -> None:
    ((topic, stance, _),) = read("# Emails\n\nTo unsubscribe, click the link at the bottom of each email.\n")
    assert (topic, stance) == ("choice", "user-may")
    assert read("# Account\n\nTo close your account, you have to pay a fee.\n")[0][1] == "user-must"


def test_what_binds_nobody_is_no_commitment() -> None:
    text = """\
# Privacy

- [What we collect and share](#collect)
- [How long we keep your data](#keep)

This policy explains how we collect and share your data. Personal data means any information about a person. We
value the protection of your data. For more information, please refer to our cookie policy. If you have any questions
about this policy, write to us.

Deleted accounts. We delete the data of your account within a month.
"""
    (found,) = commitments(read_policy(text))
    assert found.text == "We delete the data of your account within a month."
