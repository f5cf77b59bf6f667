"""The systemd unit and the container file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import POLICY
from tests.site import Site

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
    assert {"Type=notify", "TimeoutStartSec=infinity", "Restart=on-failure"} < set(lines)
    assert any(line.startswith("WatchdogSec=") for line in lines)
    assert not [line for line in lines if line.startswith("KillSignal=")]
    # The memory and the CPU time of /metrics are counted from /proc/stat.
    assert "ProcSubset=pid" not in lines


# What `MemoryDenyWriteExecute=yes` of a unit does: prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN).
CONFINED = "import ctypes; assert ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) == 0"


@pytest.mark.skipif(
    subprocess.run([sys.executable, "-c", CONFINED], capture_output=True, check=False).returncode != 0,
    reason="this system cannot deny a program to make code",
)
def test_pages_come_by_https_whatever_the_unit_forbids_of_memory(tmp_path: Path) -> None:
    forbidden = "MemoryDenyWriteExecute=yes" in (PACKAGING / "policywatch.service").read_text().splitlines()
    code = f"{CONFINED if forbidden else ''}\nimport sys\nfrom monitor.cli import main\nsys.exit(main())"
    with Site(certificate_folder=tmp_path) as site:
        site.set("/privacy", POLICY)
        (tmp_path / "config.toml").write_text(
            '[policywatch]\ncontact = "watch@shop.test"\n[crawl]\nallow_addresses = ["127.0.0.0/8"]\n'
            f'[[site]]\nname = "Shop"\n[[site.document]]\ntype = "privacy-policy"\nurl = "{site.url("/privacy")}"\n'
        )
        done = subprocess.run(
            [sys.executable, "-c", code, "check"],
            cwd=tmp_path,
            env={**os.environ, "SSL_CERT_FILE": str(tmp_path / "certificate.pem")},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Shop, privacy policy: first version, ")


def test_the_container_copies_what_is_there_and_runs_without_rights() -> None:
    lines = (PACKAGING / "Containerfile").read_text().splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    assert all((PACKAGING.parent / name).exists() for names in copied for name in names)
    assert "USER 10001" in lines
    assert lines.index("USER 10001") < lines.index('ENTRYPOINT ["policywatch"]')
