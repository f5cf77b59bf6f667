from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from monitor.importing.princeton import PrincetonFiles
from monitor.importing.records import ArchiveError
from storage import DocumentKey
from tests.importing.archives import policy, princeton_file

if TYPE_CHECKING:
    from pathlib import Path


def test_the_first_line_says_whose_text_it_is_when_it_stood_and_where(tmp_path: Path) -> None:
    file = princeton_file(tmp_path, "20090417213715", policy())
    files = PrincetonFiles([file])
    (version,) = files
    assert files.documents == [(DocumentKey("shop-test", "privacy-policy"), "shop.test")]
    assert version.observed_at == datetime(2009, 4, 17, 21, 37, 15, tzinfo=UTC)
    assert version.url == "http://shop.test/privacy.html"
    assert (
        version.final_url == "https://web.archive.org/web/20090417213715id_/http%3A//shop.test/privacy.html"
    )
    assert (version.text, version.body) == (policy(), file.read_bytes())


def test_folders_are_read_with_what_lies_below_them_in_the_order_of_time(tmp_path: Path) -> None:
    inside = tmp_path / "shop"
    inside.mkdir()
    princeton_file(inside, "20120920044319", policy(2))
    princeton_file(tmp_path, "20090417213715", policy(1))
    other = princeton_file(tmp_path, "20010101000000", policy(9), site="bank.test")
    (tmp_path / "README.md").write_text("A corpus.")
    files = PrincetonFiles([tmp_path, other])
    assert len(files) == 3
    assert [version.text for version in files] == [policy(9), policy(1), policy(2)]


@pytest.mark.parametrize("time", ["20091399000000", "2009"])
def test_a_file_without_a_time_is_refused(tmp_path: Path, time: str) -> None:
    file = princeton_file(tmp_path, time, policy())
    with pytest.raises(ArchiveError, match=f"{file}: its first line does not say where and when"):
        PrincetonFiles([file])


def test_a_folder_without_such_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "policy.md").write_text(policy())
    with pytest.raises(ArchiveError, match=f"{tmp_path} holds no file whose first line says"):
        PrincetonFiles([tmp_path])
