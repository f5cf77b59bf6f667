"""A numbered section that one version skips was not read; one that others were numbered anew for is news."""

from __future__ import annotations

import pytest

from monitor.comparison.compare import compare
from monitor.reading.policy import read_policy

SECTIONS = {
    "Who may use the shop": "Anyone who is older than 18 may buy in our shop, and must give his real name.",
    "Your account": "You must keep your password to yourself. We may close an account that nobody uses for a year.",
    "What we share": "We share your address with the carrier. We never sell your personal data to third parties.",
    "Liability": "We are not liable for damages that others cause. Nothing limits our liability for gross negligence.",
    "Disputes": "The courts of Lübeck have jurisdiction over all disputes. We take part in no arbitration.",
}


def document(numbers: dict[str, int], form: str = "## {number}. {title}") -> str:
    return "\n\n".join(
        f"{form.format(number=number, title=title)}\n\n{SECTIONS[title]}" for title, number in numbers.items()
    )


def numbered(*leave_out: str) -> dict[str, int]:
    return {title: n for n, title in enumerate(SECTIONS, 1) if title not in leave_out}


@pytest.mark.parametrize(
    "form",
    [
        pytest.param("## {number}. {title}", id="point"),
        pytest.param("## {number}\\. **{title}**", id="escaped point"),
        pytest.param("## Section {number} - {title}", id="word and dash"),
        pytest.param("**{number}) {title}**", id="bold line"),
    ],
)
@pytest.mark.parametrize("missing", [("What we share",), ("What we share", "Liability")], ids=["one", "two"])
def test_a_hole_that_is_filled_is_no_news(form: str, missing: tuple[str, ...]) -> None:
    old, new = (
        read_policy(document(numbered(*missing), form)),
        read_policy(document(numbered(), form)),
    )
    for before, after in ((old, new), (new, old)):
        comparison = compare(before, after)
        assert not comparison.material
        assert "navigation" in comparison.noise


@pytest.mark.parametrize(
    "new",
    [
        pytest.param({**numbered("Disputes")}, id="the last one went"),
        pytest.param(
            {title: n for n, title in enumerate([t for t in SECTIONS if t != "What we share"], 1)},
            id="the others are numbered anew",
        ),
    ],
)
def test_a_section_that_is_deleted_is_news(new: dict[str, int]) -> None:
    assert compare(read_policy(document(numbered())), read_policy(document(new))).material


def test_what_changes_elsewhere_is_told() -> None:
    new = document(numbered()).replace("older than 18", "older than 21")
    comparison = compare(read_policy(document(numbered("What we share"))), read_policy(new))
    assert [change.after for change in comparison.changes if change.material] == [
        "Anyone who is older than 21 may buy in our shop, and must give his real name."
    ]
