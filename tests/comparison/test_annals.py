"""Lists of a policy's own changes, each under its date."""

from __future__ import annotations

import pytest

from tests.comparison.policies import compared, material, policy

ENGLISH = [
    ("March 4, 2021", "Sharing of your address with couriers added."),
    ("June 19, 2022", "We now keep chat logs for a year, see above."),
    ("September 8, 2023", "We may sell your photos to partners, see above."),
]
GERMAN = [
    ("4. März 2021", "Weitergabe Ihrer Adresse an Lieferdienste ergänzt."),
    ("19. Juni 2022", "Wir speichern Chats jetzt ein Jahr lang, siehe oben."),
    ("8. September 2023", "Transkription von Sprachnachrichten auf Wunsch hinzugefügt."),
]


def annals(entries: list[tuple[str, str]]) -> str:
    return "\n\n".join(f"**{date}**\n\n- {text}" for date, text in entries)


@pytest.mark.parametrize("entries", [ENGLISH, GERMAN], ids=["English", "German"])
def test_what_a_policy_tells_of_its_changes_is_no_change(entries: list[tuple[str, str]]) -> None:
    old, new = policy(annals(entries[:1])), policy(annals(entries))
    assert not material(compared(old, new))
    assert not material(compared(new, old))


def test_a_date_may_head_the_whole_policy() -> None:
    old = policy("**March 4, 2021**\n\nWe keep letters in a drawer.")
    new = policy("**March 4, 2021**\n\nWe keep letters in a drawer. We may sell your photos to partners.")
    assert material(compared(old, new))
