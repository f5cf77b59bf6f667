"""The systemd unit and the container file."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parent.parent / "packaging"
PROGRAM = Path(sys.executable).parent / "policywatch"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "policywatch.service"
    installed = (PACKAGING / unit.name).read_text().replace("/opt/policywatch/bin/policywatch", str(PROGRAM))
    unit.write_text(installed)
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_is_unprivileged_and_stops_by_sigterm() -> None:
    lines = (PACKAGING / "policywatch.service").read_text().splitlines()
    confined = {"DynamicUser=yes", "NoNewPrivileges=yes", "CapabilityBoundingSet=", "ProtectSystem=strict"}
    assert confined <= set(lines)
    assert "KillMode=mixed" in lines
    assert not [line for line in lines if line.startswith("KillSignal=")]


def test_the_container_copies_what_is_there_and_runs_without_rights() -> None:
    lines = (PACKAGING / "Containerfile").read_text().splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    assert all((PACKAGING.parent / name).exists() for names in copied for name in names)
    assert "USER 10001" in lines
    assert lines.index("USER 10001") < lines.index('ENTRYPOINT ["policywatch"]')
