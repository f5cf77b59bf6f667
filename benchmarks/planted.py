"""Plant statements of our own in real policies, change one, and see whether that change is told, and nothing else.

    planted.py FILE.md [FILE.md ...] [--seed 1] [--misses]

Every pair of `planting/LANGUAGE.toml` is planted once in each file of its language, in a paragraph of its own at a
place that the seed chooses; so is every edit without meaning. Prints for each language how many changes of meaning
were told at the edited place, how many with the right direction and at most one further change, and how many edits
without meaning were called material.
"""

from __future__ import annotations

import argparse
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from monitor.comparison.compare import compare
from monitor.reading.policy import read_policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.comparison.changes import Comparison

PLANTING = Path(__file__).resolve().parent / "planting"


@dataclass(frozen=True)
class Planted:
    """Two versions of a policy that differ in one statement; a direction is given where the change has a meaning."""

    kind: str
    old: str
    new: str
    texts: tuple[str, str] = ("", "")
    direction: str | None = None

    def found(self, comparison: Comparison) -> tuple[bool, bool]:
        """Return whether the change is told where it happened, and whether rightly and with little beside."""
        material = [change for change in comparison.changes if change.material]
        before, after = self.texts
        here = [
            change
            for change in material
            if (before and before in (change.whole_before or change.before))
            or (after and after in (change.whole_after or change.after))
        ]
        right = any(change.direction == self.direction for change in here) and len(material) <= 2
        return bool(here), right


def planted(paragraphs: list[str], table: dict[str, Any], random: Random) -> Iterator[Planted]:
    """Yield every pair, and every edit without meaning, planted in a policy."""

    def put(text: str, at: int) -> str:
        return "\n\n".join([*paragraphs[:at], *([text] if text else []), *paragraphs[at:]])

    for pair in table["pair"]:
        at = random.randint(1, len(paragraphs))
        old, new = pair["old"], pair["new"]
        yield Planted(pair["kind"], put(old, at), put(new, at), (old, new), pair["direction"])
    plain = "\n\n".join(paragraphs)
    furniture = table["furniture"]
    for kind in ("dates", "contacts", "numbers", "reworded"):
        at, (old, new) = random.randint(1, len(paragraphs)), furniture[kind]
        yield Planted(kind, put(old, at), put(new, at))
    yield Planted("furniture", plain, "\n\n".join([*furniture["lines"], plain]))
    yield Planted("white space", plain, plain.replace(". ", ".  ").replace("\n\n", "\n\n\n"))
    yield Planted("typography", plain, plain.replace("'", "’").replace(" - ", " – "))
    yield Planted("emphasis", plain, "\n\n".join(f"**{p}**" if len(p) < 60 else p for p in paragraphs))
    yield Planted("links", plain.replace("](http", "](http://old.example/?"), plain)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misses", action="store_true", help="name the kinds that went wrong")
    arguments = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    wrong: Counter[tuple[str, str]] = Counter()
    for path in arguments.files:
        text = path.read_text(encoding="utf-8")
        language = read_policy(text).language or ""
        if not (PLANTING / f"{language}.toml").is_file():
            continue
        table = tomllib.loads((PLANTING / f"{language}.toml").read_text(encoding="utf-8"))
        paragraphs = [part.strip() for part in text.split("\n\n") if part.strip()]
        for one in planted(paragraphs, table, Random(f"{arguments.seed} {path.name}")):
            comparison = compare(read_policy(one.old), read_policy(one.new))
            if one.direction is None:
                counts[language, "without meaning"] += 1
                counts[language, "false alarms"] += comparison.material
                wrong[language, one.kind] += comparison.material
                continue
            told, right = one.found(comparison)
            counts[language, "with meaning"] += 1
            counts[language, "told"] += told
            counts[language, "right"] += right
            wrong[language, one.kind] += not right
    for language in sorted({language for language, _ in counts}):
        names = ("with meaning", "told", "right", "without meaning", "false alarms")
        print(language, ", ".join(f"{name} {counts[language, name]}" for name in names), sep=": ")
    if arguments.misses:
        for (language, kind), count in wrong.most_common():
            if count:
                print(f"  {language} {kind}: {count}")


if __name__ == "__main__":
    main()
