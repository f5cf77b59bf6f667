"""Time reading and comparing two versions, as a ratio to `git diff --word-diff` on the same files.

    speed.py [--pairs DIR]

DIR holds folders with `old.md` and `new.md`; without it, versions are made from the statements under `training/`.
Then it shows how the time grows up to 500,000 words, and how long hostile texts take. CPU seconds of this process,
beside those of git, from the same run; nothing is kept between two comparisons but the lexicon.
"""

from __future__ import annotations

import argparse
import csv
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from monitor import compare, read_policy
from monitor.reading.evidence import token
from monitor.reading.forms import stem

HERE = Path(__file__).resolve().parent
WORDS = (1_000, 5_000, 25_000, 100_000, 500_000)


def statements() -> list[str]:
    """Return the statements that were written for learning."""
    found: list[str] = []
    for path in sorted((HERE / "training").glob("statements*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            found += [row[5] for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    return found


def made(words: int, first: int) -> str:
    """Return a policy of so many words, ten statements a section; two with other first statements differ throughout."""
    pool = statements()
    parts: list[str] = []
    count = at = 0
    while count < words:
        sentence = pool[(at * 7 + first) % len(pool)] + (
            f" (part {at // len(pool)})" if at >= len(pool) else ""
        )
        if at % 10 == 0:
            parts.append(f"\n\n## Section {at // 10}\n\n")
        parts.append(sentence + " ")
        count += sentence.count(" ") + 1
        at += 1
    return "".join(parts)


def edited(text: str) -> str:
    """Return the text with every fortieth sentence changed, as a revision would."""
    sentences = text.split(". ")
    for at in range(0, len(sentences), 40):
        sentences[at] = sentences[at].replace(" may ", " will ").replace(" your ", " all of your ", 1)
    return ". ".join(sentences)


def our_cpu_s(old: str, new: str) -> float:
    """Compare with nothing learned of the words before."""
    stem.cache_clear()
    token.cache_clear()
    begun = time.process_time()
    compare(read_policy(old), read_policy(new))
    return time.process_time() - begun


def git_cpu_s(old: str, new: str) -> float:
    """Let git tell the words that differ."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / "old.md", Path(folder) / "new.md"]
        for path, text in zip(paths, (old, new), strict=True):
            path.write_text(text, encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            ["git", "diff", "--no-index", "--word-diff", *map(str, paths)],
            stdout=subprocess.DEVNULL,
            check=False,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def of_pairs(folder: Path | None) -> list[tuple[str, str]]:
    """Return the pairs of versions to time."""
    if folder is None:
        return [(text := made(words, 0), edited(text)) for words in range(500, 12_000, 500)]
    return [
        (old.read_text(encoding="utf-8"), old.with_name("new.md").read_text(encoding="utf-8"))
        for old in sorted(folder.glob("*/old.md"))
    ]


def hostile() -> dict[str, str]:
    """Return texts made to be slow."""
    return {
        "100,000 nested list items": "".join(
            f"{' ' * (at % 60)}- item {at} may be shared\n" for at in range(100_000)
        ),
        "one line of 5 MB": "we may share your data with partners " * 135_000,
        "a million commas": "we may share" + ", data" * 200_000 + "," * 800_000,
        "200,000 asterisks": "*" * 200_000 + " we share",
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=Path)
    pairs = of_pairs(parser.parse_args().pairs)
    our_cpu_s(*pairs[0])
    ours = sorted(our_cpu_s(*pair) for pair in pairs)
    gits = sorted(git_cpu_s(*pair) for pair in pairs)
    print(f"{len(pairs)} pairs: CPU milliseconds, ours, git diff --word-diff, ratio")
    for name, share in (("median", 0.5), ("95th percentile", 0.95)):
        a, b = (times[int(share * (len(times) - 1))] * 1000 for times in (ours, gits))
        print(f"  {name:16} {a:8.1f} {b:8.1f} {a / max(b, 0.1):8.1f}")
    print(f"  {'mean':16} {statistics.mean(ours) * 1000:8.1f} {statistics.mean(gits) * 1000:8.1f}")
    print("growth: words, ours (s), microseconds a word, git (s)")
    for words in WORDS:
        text = made(words, 0)
        took = our_cpu_s(text, edited(text))
        print(f"  {words:8,} {took:8.2f} {took / words * 1e6:8.1f} {git_cpu_s(text, edited(text)):8.2f}")
    print("hostile texts, compared with themselves and one sentence more: seconds")
    for name, text in hostile().items():
        print(f"  {name:28} {our_cpu_s(text, text + chr(10) * 2 + 'We never sell your data.'):8.2f}")


if __name__ == "__main__":
    main()
