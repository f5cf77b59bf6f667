"""Observed changes, known by their fingerprints alone, are found again where their texts are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.observed import LABELS, changes_between, fingerprint, read_labels, sentences

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "observed.py"
DOCUMENT = "Larkspur Gardens/Privacy Policy.md"
KEPT = "We keep the letters of our customers for two years."
OLD = f"# Privacy\n\n{KEPT}\n\nWe share your address with:\n\n- the carrier who brings your parcel\n"
NEW = OLD.replace("two years", "ten years") + "- the printer of our catalogue\n"
LONGER = (KEPT, KEPT.replace("two", "ten"))


def git(folder: Path, *arguments: str) -> str:
    settings = ["-c", "user.name=Larkspur", "-c", "user.email=archive@larkspur.example"]
    command = ["git", "-C", str(folder), *settings, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A repository with two versions of one document."""
    folder = tmp_path / "archive"
    path = folder / DOCUMENT
    path.parent.mkdir(parents=True)
    git(folder, "init", "--quiet")
    for text in (OLD, NEW):
        path.write_text(text, encoding="utf-8")
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "--message", "A version")
    return folder


def found_again(labels: Path, *arguments: Path | str) -> tuple[list[dict[str, object]], str]:
    """What the script finds of the labels, and how it sums that up."""
    command = [sys.executable, str(SCRIPT), "--labels", str(labels), *map(str, arguments)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return [json.loads(line) for line in ended.stdout.splitlines()], ended.stderr.strip()


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("We keep your **letters** for two years.", id="emphasis"),
        pytest.param("We keep [your letters](https://larkspur.example/letters) for two years.", id="a link"),
        pytest.param("WE KEEP YOUR LETTERS for two years", id="case and punctuation"),
        pytest.param("We keep your\n  letters for two  years.", id="other lines"),
    ],
)
def test_a_fingerprint_leaves_markup_and_case_aside(written: str) -> None:
    plain = "We keep your letters for two years."
    assert fingerprint(written, "") == fingerprint(plain, "")
    assert fingerprint("", written) == fingerprint("", plain)


def test_a_fingerprint_tells_words_and_sides_apart() -> None:
    there, back = fingerprint(*LONGER), fingerprint(*reversed(LONGER))
    assert len({there, back, fingerprint(LONGER[0], ""), fingerprint("", LONGER[0])}) == 4
    assert len(there) == 12


def test_what_changed_and_came_between_two_versions_is_described() -> None:
    heading, lead = "Privacy", "We share your address with:"
    assert list(changes_between(OLD, NEW)) == [
        {"heading": heading, "lead": "", "old": LONGER[0], "new": LONGER[1]},
        {"heading": heading, "lead": lead, "old": "", "new": "the printer of our catalogue"},
    ]


def test_every_sentence_of_a_page_is_described_as_if_it_had_come() -> None:
    described = list(sentences(OLD))
    assert [entry["new"] for entry in described] == [
        "Privacy", KEPT, "We share your address with:", "the carrier who brings your parcel",
    ]  # fmt: skip
    assert {entry["old"] for entry in described} == {""}


def test_texts_are_found_again_in_an_archive_and_on_pages(archive: Path, tmp_path: Path) -> None:
    before, after = git(archive, "rev-parse", "HEAD~1", "HEAD").splitlines()
    page = tmp_path / "pages" / "shop"
    page.mkdir(parents=True)
    (page / "reference.md").write_text("# Cookies\n\nWe set one cookie.\n", encoding="utf-8")
    rows = [
        (fingerprint(*LONGER), before, after, DOCUMENT, "m", "retention", "w"),
        (fingerprint("", "We set one cookie."), "", "", "", "-", "other", "n"),
        (fingerprint("", "Nobody wrote this."), before, after, "Larkspur Gardens/Terms.md", "m", "sale", "s"),
    ]
    labels = tmp_path / "labels.tsv"
    labels.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")

    found, summary = found_again(labels, archive, "--pages", page.parent)

    assert summary.endswith("2 of 3 found again")
    assert found == [
        {
            "material": True, "topic": "retention", "direction": "weaker",
            "heading": "Privacy", "lead": "", "old": LONGER[0], "new": LONGER[1],
        },
        {
            "material": False, "topic": "other", "direction": "neutral",
            "heading": "Cookies", "lead": "", "old": "", "new": "We set one cookie.",
        },
    ]  # fmt: skip


def test_no_change_is_labelled_twice() -> None:
    labels = read_labels(LABELS)
    assert len({label.fingerprint for label in labels}) == len(labels)
