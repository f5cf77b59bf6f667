from __future__ import annotations

import re
import signal
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Program
    from tests.site import Site


@pytest.fixture
def checked(program: Program, site: Site, write_config: Callable[..., Path]) -> Program:
    site.set("/privacy", POLICY)
    write_config("/privacy")
    assert program.run("check").returncode == 0
    return program


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_pages_are_served_until_they_are_stopped(checked: Program, number: signal.Signals) -> None:
    process = checked.start("serve", "--port", "0")
    assert process.stdout
    line = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+/", line)
    assert found, line
    with urllib.request.urlopen(f"{found.group()}sites/shop/") as answer:  # noqa: S310  our own
        assert b"<h1>Shop</h1>" in answer.read()
    process.send_signal(number)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


def test_other_machines_are_not_answered_without_a_password(checked: Program) -> None:
    told = checked.fails("serve", "--host", "0.0.0.0", "--port", "0", code=2)
    assert "[web] wants password_env, password_file or trusted_proxy" in told


def test_an_address_of_another_machine_is_told(checked: Program) -> None:
    config = checked.folder / "config.toml"
    config.write_text(config.read_text() + '[web]\npassword_env = "READERS"\n')
    checked.environment["READERS"] = "secret"
    told = checked.fails("serve", "--host", "192.0.2.1", "--port", "1", code=1)
    assert told.startswith("192.0.2.1 port 1: ")
    assert "secret" not in told


def test_nothing_is_served_where_nothing_is_kept(program: Program, write_config: Callable[..., Path]) -> None:
    write_config("/privacy")
    assert "run 'policywatch check' first" in program.fails("serve", code=1)


def test_a_website_is_exported(checked: Program) -> None:
    assert checked.run("export", "--as", "site", "public").returncode == 0
    assert b"<h1>Shop</h1>" in (checked.folder / "public/sites/shop/index.html").read_bytes()
    assert "leave --site out" in checked.fails("export", "--as", "site", "other", "--site", "shop", code=2)
