from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from monitor.config import ConfigError
from monitor.config.secrets import read_secret

if TYPE_CHECKING:
    from pathlib import Path

PURPOSE = "the password of [smtp]"


def test_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "hunter2")
    assert read_secret(PURPOSE, "MAIL_PASSWORD", None) == "hunter2"


def test_secret_comes_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("hunter 2 \n")
    assert read_secret(PURPOSE, None, file) == "hunter 2 "


def test_no_secret_is_asked_for() -> None:
    assert read_secret(PURPOSE, None, None) is None


@pytest.mark.parametrize("value", [None, ""])
def test_a_variable_that_is_not_set_is_one_clear_error(
    monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    if value is None:
        monkeypatch.delenv("MAIL_PASSWORD", raising=False)
    else:
        monkeypatch.setenv("MAIL_PASSWORD", value)
    with pytest.raises(ConfigError) as raised:
        read_secret(PURPOSE, "MAIL_PASSWORD", None)
    assert str(raised.value) == "the password of [smtp]: the environment variable MAIL_PASSWORD is not set"


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    empty, binary = tmp_path / "empty", tmp_path / "binary"
    empty.write_text("\n")
    binary.write_bytes(b"\xff\xfe")
    for file, problem in [
        (empty, f"the file {empty} is empty"),
        (binary, f"the file {binary} is not UTF-8 text"),
        (tmp_path / "absent", f"cannot read {tmp_path / 'absent'}: No such file or directory"),
    ]:
        with pytest.raises(ConfigError) as raised:
            read_secret(PURPOSE, None, file)
        assert str(raised.value) == f"{PURPOSE}: {problem}"


def test_a_variable_that_holds_no_text_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", os.fsdecode(b"hunter2\xff"))
    with pytest.raises(ConfigError) as raised:
        read_secret(PURPOSE, "MAIL_PASSWORD", None)
    assert str(raised.value) == f"{PURPOSE}: the environment variable MAIL_PASSWORD is not UTF-8 text"
