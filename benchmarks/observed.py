"""Find the texts of observed changes again, of which `training/observed.tsv` holds only fingerprints and labels.

    observed.py ARCHIVE.git [ARCHIVE.git ...] [--pages DIR] > observed.jsonl

An ARCHIVE is a git repository (or bundle) of versions in Markdown, one file a document; DIR holds folders with a
`reference.md` each. Prints one JSON object a change that was found, as `train.py --observed` reads it.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from monitor.comparison.align import align
from monitor.reading.markup import clean, mask, words
from monitor.reading.policy import read_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.comparison.align import Unit

HERE = Path(__file__).resolve().parent
LABELS = HERE / "training" / "observed" / "labels.tsv"
DIRECTIONS = {"w": "weaker", "s": "stronger", "n": "neutral"}
_LEAD = 160


def fingerprint(old: str, new: str) -> str:
    """Return by what a change is known: 12 hexadecimal digits of its words, markup and case left aside."""
    text = "|".join(" ".join(words(mask(side))) for side in (old, new))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def described(units: list[Unit], old: str, new: str) -> dict[str, str]:
    """Return a change as `train.py` takes it, without its label."""
    block = units[0].block
    lead = clean(block.lead.raw)[-_LEAD:] if block.lead is not None else ""
    return {"heading": " > ".join(block.path[-2:]), "lead": lead, "old": old, "new": new}


def changes_between(before: str, after: str) -> Iterator[dict[str, str]]:
    """Yield the sentences that went, came and changed between two versions."""
    alignment = align(read_policy(before).blocks, read_policy(after).blocks)
    for pair in alignment.changed:
        old = clean(before[pair.old[0].start : pair.old[-1].end])
        yield described(pair.new, old, clean(after[pair.new[0].start : pair.new[-1].end]))
    for unit in alignment.removed:
        yield described([unit], clean(before[unit.start : unit.end]), "")
    for unit in alignment.added:
        yield described([unit], "", clean(after[unit.start : unit.end]))


def sentences(text: str) -> Iterator[dict[str, str]]:
    """Yield every sentence of a page as if it had come."""
    for block in read_policy(text).blocks:
        for start, end in block.sentence_spans:
            lead = clean(block.lead.raw)[-_LEAD:] if block.lead is not None else ""
            yield {
                "heading": " > ".join(block.path[-2:]),
                "lead": lead,
                "old": "",
                "new": clean(block.raw[start:end]),
            }


class Archive:
    """A git repository of versions, read through one `git cat-file --batch`."""

    def __init__(self, path: Path) -> None:
        self._folder = tempfile.TemporaryDirectory()
        subprocess.run(["git", "clone", "-q", "--bare", str(path), self._folder.name], check=True)
        command = ["git", "-C", self._folder.name, "cat-file", "--batch"]
        self._git = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._ask, self._answer = cast("IO[bytes]", self._git.stdin), cast("IO[bytes]", self._git.stdout)

    def text(self, commit: str, document: str) -> str:
        """Return a document at a commit, "" where it does not stand."""
        self._ask.write(f"{commit}:{document}\n".encode())
        self._ask.flush()
        header = self._answer.readline().split()
        if header[-1] == b"missing":
            return ""
        content = self._answer.read(int(header[2]) + 1)
        return content[:-1].decode("utf-8", "replace")

    def close(self) -> None:
        """End git and remove the copy."""
        self._ask.close()
        self._git.wait()
        self._folder.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archives", nargs="+", type=Path)
    parser.add_argument("--pages", type=Path)
    arguments = parser.parse_args()
    labels: dict[str, tuple[str, str, str]] = {}
    wanted: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    with LABELS.open(encoding="utf-8", newline="") as file:
        for key, before, after, document, *label in csv.reader(file, delimiter="\t"):
            labels[key] = (label[0], label[1], label[2])
            wanted[before, after, document].append(key)
    found: dict[str, dict[str, str]] = {}
    for path in arguments.archives:
        archive = Archive(path)
        for before, after, document in wanted:
            old, new = archive.text(before, document), archive.text(after, document)
            if old and new:
                found.update((fingerprint(c["old"], c["new"]), c) for c in changes_between(old, new))
        archive.close()
    for page in sorted(arguments.pages.glob("*/reference.md")) if arguments.pages else ():
        text = page.read_text(encoding="utf-8")
        found.update((fingerprint("", c["new"]), c) for c in sentences(text))
    for key, (matter, topic, direction) in labels.items():
        if key in found:
            label = {"material": matter == "m", "topic": topic, "direction": DIRECTIONS[direction]}
            print(json.dumps({**label, **found[key]}, ensure_ascii=False))
    print(f"{sum(key in found for key in labels)} of {len(labels)} found again", file=sys.stderr)


if __name__ == "__main__":
    main()
