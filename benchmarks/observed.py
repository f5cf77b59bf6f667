"""Find the texts of observed changes again, of which `training/observed/` holds only fingerprints and labels.

    observed.py ARCHIVE.git [ARCHIVE.git ...] [--pages DIR] > observed.jsonl

An ARCHIVE is a git repository (or bundle) of versions in Markdown, one file a document; DIR holds folders with a
`reference.md` each. Prints one JSON object a change that was found, as `train.py --observed` reads it.

A line of the labels: the fingerprint; the commit before, the commit after and the file (all empty for a sentence of a
page); "m" where it matters, else "-", with "?" where the change was chosen since policywatch took it for one that
matters, so that it does not show how often changes do; the topic; and the direction, "w"eaker, "s"tronger or
"n"eutral.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from monitor.comparison.align import align
from monitor.reading.markup import clean, mask, words
from monitor.reading.policy import read_policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from monitor.reading.blocks import Block

HERE = Path(__file__).resolve().parent
LABELS = HERE / "training" / "observed" / "labels.tsv"
DIRECTIONS = {"w": "weaker", "s": "stronger", "n": "neutral"}
# So many characters of a lead-in are kept, its last.
_LEAD = 160

# A change as `train.py` takes it, without its label: heading, lead, old and new.
Described = dict[str, str]


@dataclass(frozen=True)
class Label:
    """What was said of one observed change, and between which versions of which file it happened."""

    fingerprint: str
    before: str
    after: str
    document: str
    matter: str
    topic: str
    direction: str

    def to_json(self) -> dict[str, str | bool]:
        """Return the label as `train.py` takes it."""
        return {
            "material": self.matter.startswith("m"),
            "topic": self.topic,
            "direction": DIRECTIONS[self.direction],
            **({"chosen": True} if self.matter.endswith("?") else {}),
        }


def read_labels(path: Path) -> list[Label]:
    with path.open(encoding="utf-8", newline="") as file:
        return [Label(*row) for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


def fingerprint(old: str, new: str) -> str:
    """Return by what a change is known: 12 hexadecimal digits of its words, markup and case left aside."""
    text = "|".join(" ".join(words(mask(side))) for side in (old, new))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def described(block: Block, old: str, new: str) -> Described:
    lead = clean(block.lead.raw)[-_LEAD:] if block.lead is not None else ""
    return {"heading": " > ".join(block.path[-2:]), "lead": lead, "old": old, "new": new}


def changes_between(before: str, after: str) -> Iterator[Described]:
    """Yield the sentences that changed, went and came between two versions."""
    alignment = align(read_policy(before).blocks, read_policy(after).blocks)
    for pair in alignment.changed:
        old = clean(before[pair.old[0].start : pair.old[-1].end])
        yield described(pair.new[0].block, old, clean(after[pair.new[0].start : pair.new[-1].end]))
    for unit in alignment.removed:
        yield described(unit.block, clean(before[unit.start : unit.end]), "")
    for unit in alignment.added:
        yield described(unit.block, "", clean(after[unit.start : unit.end]))


def sentences(text: str) -> Iterator[Described]:
    """Yield every sentence of a page as if it had come."""
    for block in read_policy(text).blocks:
        for start, end in block.sentence_spans:
            yield described(block, "", clean(block.raw[start:end]))


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

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End git and remove the copy."""
        self._ask.close()
        self._git.wait()
        self._folder.cleanup()


def changes_of(archives: Iterable[Path], labels: Iterable[Label]) -> Iterator[Described]:
    """Yield what changed between the versions that the labels name, as far as the archives have both."""
    versions = ((label.before, label.after, label.document) for label in labels if label.document)
    wanted = list(dict.fromkeys(versions))
    for path in archives:
        with Archive(path) as archive:
            for before, after, document in wanted:
                old, new = archive.text(before, document), archive.text(after, document)
                if old and new:
                    yield from changes_between(old, new)


def sentences_of(pages: Path) -> Iterator[Described]:
    """Yield the sentences of all pages of a folder."""
    for page in sorted(pages.glob("*/reference.md")):
        yield from sentences(page.read_text(encoding="utf-8"))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archives", nargs="+", type=Path)
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--labels", type=Path, default=LABELS)
    arguments = parser.parse_args()
    labels = read_labels(arguments.labels)
    changes = changes_of(arguments.archives, labels)
    found = {fingerprint(change["old"], change["new"]): change for change in changes}
    if arguments.pages:
        found.update((fingerprint("", change["new"]), change) for change in sentences_of(arguments.pages))
    for label in labels:
        if label.fingerprint in found:
            print(json.dumps({**label.to_json(), **found[label.fingerprint]}, ensure_ascii=False))
    count = sum(label.fingerprint in found for label in labels)
    print(f"{count} of {len(labels)} found again", file=sys.stderr)


if __name__ == "__main__":
    main()
