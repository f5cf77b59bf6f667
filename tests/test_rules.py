from __future__ import annotations

from importlib import metadata, resources
from typing import TYPE_CHECKING

import pytest

from monitor import rules
from monitor.config.models import Reading

if TYPE_CHECKING:
    from pathlib import Path

RULES = {
    "extraction/page.py": "SHARE = 1",
    "suspect.py": "",
    "practice.py": "",
    "typography.py": "",
    "pages.py": "",
    "reading/lexicons/en.toml": "a = 1",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package in the place of ours, whose rules can be changed."""
    for name, content in {**RULES, "comparison/judge.py": "", "other.py": ""}.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    return tmp_path


def fingerprints() -> tuple[str, str]:
    rules._fingerprint.cache_clear()
    rules._versions.cache_clear()
    found = rules.reading_rules(Reading()), rules.comparing_rules()
    rules._fingerprint.cache_clear()
    rules._versions.cache_clear()
    return found


@pytest.mark.parametrize(
    ("file", "reading", "comparing"),
    [
        ("extraction/page.py", True, False),
        ("suspect.py", True, False),
        ("typography.py", True, False),
        ("pages.py", True, False),
        ("reading/lexicons/en.toml", False, True),
        ("comparison/judge.py", False, True),
        ("other.py", False, False),
        ("extraction/__pycache__/page.pyc", False, False),
    ],
)
def test_the_fingerprint_differs_where_the_rules_do(
    package: Path, file: str, reading: bool, comparing: bool
) -> None:
    before = fingerprints()
    assert fingerprints() == before
    (package / file).parent.mkdir(exist_ok=True)
    (package / file).write_text("other = 2")
    assert tuple(old != new for old, new in zip(before, fingerprints(), strict=True)) == (reading, comparing)


@pytest.mark.parametrize("library", ["lxml", "pypdfium2", "cssselect"])
def test_another_version_of_a_library_that_reads_pages_is_another_rule(
    monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    before = fingerprints()
    installed = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "0.1" if name == library else installed(name))
    assert tuple(old != new for old, new in zip(before, fingerprints(), strict=True)) == (True, False)


def test_selectors_are_rules_too() -> None:
    readings = [Reading(), Reading(("main",)), Reading((), ("main",)), Reading(("main", "p"))]
    assert len({rules.reading_rules(reading) for reading in readings}) == 4
