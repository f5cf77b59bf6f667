"""What is read from repositories of versions: which commits, in which order, under which names."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from monitor.importing.git import opened
from monitor.importing.open_terms_archive import archive_in
from monitor.importing.records import ArchiveError, Observation
from storage import DocumentKey
from tests.importing.archives import FILE, Archive, day, policy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY = DocumentKey("shop", "privacy-policy")


def read(path: Path) -> list[Observation]:
    with opened(path) as repository:
        archive = archive_in(repository, path)
        found = list(archive)
        assert len(archive) == len(found)
        return found


@pytest.mark.parametrize(
    ("prefixes", "upgrades"),
    [
        (["Start tracking", "Update", "Refilter"], [False, False, True]),
        (
            [
                "First record of",
                "Record new changes of",
                "Apply technical or declaration upgrade on",
            ],
            [False, False, True],
        ),
    ],
)
def test_versions_of_every_era_are_read(archive: Archive, prefixes: list[str], upgrades: list[bool]) -> None:
    for number, prefix in enumerate(prefixes, 1):
        archive.record(policy(number), day(number), prefix=prefix)
    found = read(archive.path)
    assert [version.text for version in found] == [policy(1), policy(2), policy(3)]
    assert [version.observed_at for version in found] == [day(1), day(2), day(3)]
    assert [version.upgrade for version in found] == upgrades
    assert {version.key for version in found} == {KEY}


def test_what_people_and_machines_did_besides_is_left_out(archive: Archive) -> None:
    archive.commit("Initial commit", {"README.md": "Versions."}, day(1))
    archive.commit("Update README.md", {"README.md": "Versions of policies."}, day(1))
    archive.record(policy(1), day(2))
    archive.commit("Tidy Shop Privacy Policy", {FILE: policy(2)}, day(3))
    archive.commit("Update workflow", {".github/check.yml": "on: push"}, day(3))
    archive.commit("Update two", {FILE: policy(3), "Shop/Terms of Service.md": "Be kind."}, day(4))
    archive.git("rm", "--quiet", FILE)
    archive.commit("Update Shop Privacy Policy", {}, day(5))
    (archive.path / FILE).symlink_to("README.md")
    archive.commit("Update Shop Privacy Policy", {}, day(6))
    (version,) = read(archive.path)
    assert (version.text, version.observed_at) == (policy(1), day(2))


def test_a_merge_brings_what_its_branch_recorded(archive: Archive) -> None:
    archive.record(policy(1), day(1))
    archive.git("switch", "--quiet", "-c", "other")
    archive.record("Be kind.", day(2), "Shop/Terms of Service.md")
    archive.git("switch", "--quiet", "main")
    archive.record(policy(2), day(3))
    archive.git("merge", "--quiet", "-m", "Update from other", "other", at=day(4))
    assert [version.text for version in read(archive.path)] == [policy(1), policy(2), "Be kind."]


def test_the_date_of_the_fetch_decides_the_order(archive: Archive) -> None:
    archive.record(policy(2), day(2))
    archive.commit("Update Shop Privacy Policy", {FILE: policy(1)}, day(1), committed=day(9))
    archive.record(policy(3), day(3))
    assert [version.text for version in read(archive.path)] == [policy(1), policy(2), policy(3)]


def test_versions_of_the_same_second_keep_their_order_and_have_times_of_their_own(archive: Archive) -> None:
    for number in (3, 1, 2):
        archive.record(policy(number), day(1))
    found = read(archive.path)
    assert [version.text for version in found] == [policy(3), policy(1), policy(2)]
    assert len({version.observed_at for version in found}) == 3


def test_the_evidence_names_commit_file_snapshots_and_engine(archive: Archive) -> None:
    body = (
        "This version was recorded after extracting from and assembling the following snapshots from 2 source"
        " documents:\n- https://git.test/commit/aaaaa1\n- https://git.test/commit/aaaaa2\n\nx-Engine-Version: 14.1.0"
    )
    commit = archive.record(policy(), day(1), body=body)
    (version,) = read(archive.path)
    assert version.url == version.final_url == "https://git.test/commit/aaaaa1"
    assert version.body == policy().encode()
    assert version.headers == (
        ("Content-Type", "text/markdown; charset=utf-8"),
        ("Commit", commit),
        ("File", FILE),
        ("Snapshot", "https://git.test/commit/aaaaa1"),
        ("Snapshot", "https://git.test/commit/aaaaa2"),
        ("X-Engine-Version", "14.1.0"),
    )


@pytest.mark.parametrize(
    ("words", "snapshot"),
    [
        ("after filtering snapshot 5c0ffee5c0ffee", "5c0ffee5c0ffee"),
        ("after filtering snapshot with Mongo ID 0123456789abcdef01234567", "0123456789abcdef01234567"),
        (
            "after extracting from mongo://all/terms/snapshots/0123456789ab",
            "mongo://all/terms/snapshots/0123456789ab",
        ),
    ],
)
def test_snapshots_in_the_words_of_earlier_years_are_evidence(
    archive: Archive, words: str, snapshot: str
) -> None:
    commit = archive.record(policy(), day(1), body=f"This version was recorded {words}")
    (version,) = read(archive.path)
    assert ("Snapshot", snapshot) in version.headers
    assert version.url == f"commit:{commit}"


@pytest.mark.parametrize("form", ["work tree", "bare", "bundle", "bundle without HEAD"])
def test_repositories_are_read_in_every_form(archive: Archive, tmp_path: Path, form: str) -> None:
    archive.record(policy(1), day(1), "Café Zürich/Privacy Policy.md")
    archive.record(policy(2), day(2), "Café Zürich/Privacy Policy.md")
    path = archive.path
    if form == "bare":
        path = tmp_path / "bare.git"
        archive.git("clone", "--quiet", "--bare", str(archive.path), str(path))
    elif form.startswith("bundle"):
        path = tmp_path / "versions.bundle"
        archive.git("branch", "-m", "history")
        heads = ["history"] if form.endswith("without HEAD") else ["HEAD", "history"]
        archive.git("bundle", "create", "--quiet", str(path), *heads)
    found = read(path)
    assert [version.text for version in found] == [policy(1), policy(2)]
    assert {version.key for version in found} == {DocumentKey("cafe-zurich", "privacy-policy")}


def test_git_is_started_once_for_the_log_and_once_for_all_texts(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 6):
        archive.record(policy(number), day(number))
    folder, calls = tmp_path / "bin", tmp_path / "calls"
    folder.mkdir()
    shim = folder / "git"
    shim.write_text(f'#!/bin/sh\necho "$@" >> {calls}\nexec {shutil.which("git")} "$@"\n')
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    assert len(read(archive.path)) == 5
    called = calls.read_text()
    assert (called.count(" log "), called.count(" cat-file ")) == (1, 1)
    assert len(called.splitlines()) <= 4


def test_names_that_would_have_one_id_stay_apart_and_keep_their_ids(archive: Archive) -> None:
    archive.record(policy(1), day(1), "Yahoo!/Privacy Policy.md")
    archive.record(policy(2), day(2), "Yahoo/Privacy Policy.md")
    archive.record(policy(3), day(3), "隐私/Privacy Policy.md")
    before = {version.headers[2][1]: version.key for version in read(archive.path)}
    assert len(set(before.values())) == 3
    assert before["Yahoo!/Privacy Policy.md"] == DocumentKey("yahoo", "privacy-policy")
    archive.record(policy(4), day(4), "YAHOO/Privacy Policy.md")
    after = {version.headers[2][1]: version.key for version in read(archive.path)}
    assert {path: after[path] for path in before} == before
    assert len(set(after.values())) == 4


def test_messages_cannot_pass_for_other_commits(archive: Archive) -> None:
    body = "\x01deadbeef\n:100644 100644 aaaa bbbb M\nShop/Terms of Service.md"
    archive.record(policy(), day(1), body=body)
    (version,) = read(archive.path)
    assert version.key == KEY


def test_a_text_that_is_no_utf8_is_read_as_far_as_it_goes(archive: Archive) -> None:
    (archive.path / "Shop").mkdir()
    (archive.path / FILE).write_bytes(b"We keep caf\xe9 logs.\0")
    archive.commit("Start tracking Shop Privacy Policy", {}, day(1))
    (version,) = read(archive.path)
    assert (version.text, version.body) == ("We keep caf\ufffd logs.\0", b"We keep caf\xe9 logs.\0")


def _no_repository(path: Path) -> Path:
    path.mkdir()
    return path


def _no_bundle(path: Path) -> Path:
    path.write_text("not a bundle")
    return path


def _within_another(path: Path) -> Path:
    archive = Archive(path)
    archive.record(policy(), day(1))
    return path / "Shop"


def _empty(path: Path) -> Path:
    return Archive(path).path


def _other_files(path: Path) -> Path:
    archive = Archive(path)
    archive.commit("First record of Shop Privacy Policy", {"Shop/Privacy Policy.json": "{}"}, day(1))
    return path


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (_no_repository, "is no git repository"),
        (_within_another, "is no git repository"),
        (_no_bundle, "is neither a git repository nor a bundle of one"),
        (_empty, "holds no commit"),
        (_other_files, 'records no version: an archive has .* "Service/Privacy Policy.md"'),
    ],
)
def test_what_is_no_archive_of_versions_is_refused(
    tmp_path: Path, make: Callable[[Path], Path], message: str
) -> None:
    with pytest.raises(ArchiveError, match=message):
        read(make(tmp_path / "made"))


def test_a_repository_that_misses_a_text_is_named(archive: Archive) -> None:
    archive.record(policy(1), day(1))
    blob = archive.git("rev-parse", f"HEAD:{FILE}").strip()
    (archive.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(
        ArchiveError, match=rf"{archive.path}: the repository is damaged or incomplete: {blob}"
    ):
        read(archive.path)


def test_a_log_that_breaks_off_is_no_history(archive: Archive) -> None:
    first = archive.record(policy(1), day(1))
    archive.record(policy(2), day(2))
    (archive.path / ".git" / "objects" / first[:2] / first[2:]).unlink()
    with pytest.raises(ArchiveError, match=first):
        read(archive.path)


def test_a_machine_without_git_is_told_so(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ArchiveError, match="git is not installed"):
        read(archive.path)


def test_the_settings_of_a_repository_run_nothing(archive: Archive, tmp_path: Path) -> None:
    archive.record(policy(), day(1))
    witness = tmp_path / "witness"
    for setting in ("core.pager", "core.fsmonitor", "diff.external", "gpg.program"):
        archive.git("config", setting, f"touch {witness}")
    archive.git("config", "log.showSignature", "true")
    assert len(read(archive.path)) == 1
    assert not witness.exists()


def test_the_environment_of_another_repository_is_not_heard(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.record(policy(), day(1))
    other = Archive(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    assert len(read(archive.path)) == 1


def test_an_unbundled_copy_is_removed(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.record(policy(), day(1))
    bundle, temporary = tmp_path / "versions.bundle", tmp_path / "temporary"
    archive.git("bundle", "create", "--quiet", str(bundle), "HEAD", "main")
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    assert len(read(bundle)) == 1
    assert list(temporary.iterdir()) == []
