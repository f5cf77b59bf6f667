"""Small archives of our own wording: repositories of versions, and files with a line of provenance."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

POLICY = """Privacy policy
==============

Sharing
-------

{sharing}

Retention
---------

We keep server logs for {days} days. We delete your account within a month of your request.

Your rights
-----------

You may ask us for a copy of your personal data at any time, free of charge.
"""
NEVER = "We never share your personal data with third parties. We do not sell it to anybody."
MAY = "We may share your personal data with third parties. We do not sell it to anybody."
BODY = "This version was recorded after extracting from snapshot https://git.test/snapshots/commit/{}"
FILE = "Shop/Privacy Policy.md"
PAGE_FILE = "Shop/Privacy Policy.html"
ADDRESS = "https://shop.test/privacy"
PAGE = """<html lang="en"><head><title>Privacy policy</title></head><body><nav><a href="/">Start</a></nav>
<main><h1>Privacy policy</h1><h2>Sharing</h2><p>{sharing}</p>
<h2>Retention</h2><p>We keep server logs for {days} days. We delete your account within a month of your request.</p>
<h2>Your rights</h2><p>You may ask us for a <a href="/copy">copy</a> of your personal data at any time.</p>
</main><div class="ad">{ad}</div></body></html>"""
BOT_WALL = "<title>Just a moment...</title><p>Checking your browser before you go on.</p>"


def policy(days: int = 30, sharing: str = NEVER) -> str:
    return POLICY.format(days=days, sharing=sharing)


def page(days: int = 30, sharing: str = NEVER, ad: str = "") -> str:
    """A web page with the policy, and beside it what changes with every visit."""
    return PAGE.format(days=days, sharing=sharing, ad=ad)


def day(number: int, month: int = 3) -> datetime:
    return datetime(2022, month, number, 12, tzinfo=UTC)


class Archive:
    """A git repository to which versions are recorded as the archive's engine does."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, at: datetime | None = None, committed: datetime | None = None) -> str:
        at = at or day(1)
        who = {
            "GIT_AUTHOR_NAME": "Bot",
            "GIT_AUTHOR_EMAIL": "bot@git.test",
            "GIT_AUTHOR_DATE": at.isoformat(),
        }
        who |= {
            name.replace("AUTHOR", "COMMITTER"): value
            for name, value in who.items()
        } | ({"GIT_COMMITTER_DATE": committed.isoformat()} if committed else {})  # fmt: skip
        environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        command = ["git", "-C", str(self.path), *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    def commit(
        self,
        subject: str,
        files: dict[str, str],
        at: datetime,
        body: str = "",
        committed: datetime | None = None,
    ) -> str:
        """Commit some files; return the commit's hash."""
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        message = f"{subject}\n\n{body}" if body else subject
        self.git("commit", "--quiet", "--allow-empty", "-m", message, at=at, committed=committed)
        return self.git("rev-parse", "HEAD").strip()

    def record(
        self, text: str, at: datetime, file: str = FILE, prefix: str = "Record new changes of", body: str = ""
    ) -> str:
        """Record one version of a document."""
        subject = f"{prefix} {file.removesuffix('.md').replace('/', ' ')}"
        return self.commit(subject, {file: text}, at, body or BODY.format("5c0ffee"))

    def snapshot(
        self,
        page: str,
        at: datetime,
        file: str = PAGE_FILE,
        url: str | None = ADDRESS,
        fetcher: str = "htmlOnly",
    ) -> str:
        """Record a page as it was fetched; engines of before 2025 did not say where."""
        trailers = f"X-engine-version: 14.1.0\nX-fetcher: {fetcher}\nX-source-document-location: {url}"
        subject = f"Record new changes of {file.rpartition('.')[0].replace('/', ' ')}"
        return self.commit(subject, {file: page}, at, trailers if url else "")


def princeton_file(folder: Path, time: str, text: str, site: str = "shop.test") -> Path:
    file = folder / f"{site}-{time}.md"
    file.write_text(
        f"> *The following text is extracted and transformed from the {site} privacy policy that was archived on"
        f" {time[:4]}-{time[4:6]}-{time[6:8]}. Please check the [original snapshot on the Wayback Machine]"
        f"(https://web.archive.org/web/{time}id_/http%3A//{site}/privacy.html) for the most accurate"
        f" reproduction.*\n\n{text}",
        encoding="utf-8",
    )
    return file
