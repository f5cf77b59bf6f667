"""The package as others install and import it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

import monitor

ROOT = Path(__file__).parent.parent


def test_reading_and_comparing_are_two_names_of_the_package() -> None:
    from monitor import compare, read_policy

    comparison = compare(read_policy("We keep logs for 30 days."), read_policy("We keep logs for 60 days."))
    assert comparison.material


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'diff'"):
        monitor.diff  # noqa: B018


def test_importing_the_package_loads_nothing_of_it() -> None:
    code = "import sys; import monitor; print([m for m in sys.modules if m.startswith('monitor.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_wheel_holds_all_that_is_not_code(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if not name.endswith(".py")}
    data = {
        str(path.relative_to(ROOT))
        for package in ("crawler", "monitor", "storage")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc"}
    }
    assert {"crawler/py.typed", "monitor/py.typed", "storage/py.typed"} <= data
    assert data <= packed
