"""Time the pages with many readers at once, beside a bare page of the same server, in the same run.

    web.py [--sites N] [--versions N] [--readers N] [--pause S] [--seconds S] [--ledgers]
           [--database FILE]

The database is generated (and kept, where --database names a file): every version has four changes, two of them
material. Readers are threads of another process, each on a connection of its own; each asks for a page of a random
kind and place, waits for the whole of it, pauses, and asks for the next. Few pages are asked for twice, so nearly
all are made anew. The bare page is the style sheet, which the same server gives from memory.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import multiprocessing
import random
import statistics
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.comparison.changes import Topic
from monitor.ledger.keeping import keep_ledgers
from monitor.web.changelog import TOPICS
from monitor.web.guard import Access
from monitor.web.serving import listening, server
from monitor.workers import processors
from storage import open_store
from storage.connection import Connection
from storage.documents import sync
from storage.records import ChangeRecord, DocumentKey, Version
from storage.transitions import add_version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection as Pipe

BARE = "style.css"
START = datetime(2010, 1, 1, tzinfo=UTC)
DOCUMENTS = ("privacy-policy", "terms-of-service")
MEDIAN_MS, LAST_MS = 50, 150
SUBJECTS = (
    "your name|your address|server logs|payment data|position data|your messages|your contacts|your photos"
)
ACTS = "keep|share|sell|use|transfer|analyse|delete|disclose|combine|publish"
WHOM = "our partners|advertisers|authorities|our affiliates|researchers|other users|processors|insurers"


def main() -> None:
    asked = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        database = asked.database or Path(folder) / "generated.db"
        if not database.exists():
            began = time.monotonic()
            generate(database, asked.sites, asked.versions)
            print(
                f"generated {asked.versions:,} versions of {asked.sites:,} sites in {time.monotonic() - began:.0f} s"
            )
        if asked.ledgers:
            began = time.monotonic()
            with closing(open_store(f"sqlite:///{database}")) as store:
                keep_ledgers(store, processes=processors())
            print(f"kept what was not kept of their ledgers in {time.monotonic() - began:.0f} s")
        with listening("127.0.0.1", 0) as listener:
            ready = threading.Event()
            own = server(f"sqlite:///{database}", Access(), ready.set)
            thread = threading.Thread(target=own.run, kwargs={"sockets": [listener]})
            thread.start()
            try:
                ready.wait()
                took = measure(listener.getsockname()[1], asked)
            finally:
                own.should_exit = True
                thread.join()
    report(took)


def measure(port: int, asked: argparse.Namespace) -> dict[str, list[float]]:
    """Return the seconds of each answer, by kinds of pages."""
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_readers, args=(theirs, port, vars(asked)))
    process.start()
    took: dict[str, list[float]] = ours.recv()
    process.join()
    return took


def _readers(pipe: Pipe, port: int, asked: dict[str, Any]) -> None:
    took: defaultdict[str, list[float]] = defaultdict(list)
    until = time.monotonic() + asked["seconds"]
    threads = [
        threading.Thread(target=_reader, args=(number, port, asked, until, took))
        for number in range(asked["readers"])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pipe.send(dict(took))


def _reader(
    number: int, port: int, asked: dict[str, Any], until: float, took: dict[str, list[float]]
) -> None:
    dice = random.Random(number)
    # Not all at the same moment.
    time.sleep(dice.uniform(0, asked["pause"]))
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
        while time.monotonic() < until:
            kind, path = _page(dice, asked["sites"], asked["versions"], ledgers=asked["ledgers"])
            began = time.perf_counter()
            connection.request("GET", f"/{path}")
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                took[kind].append(time.perf_counter() - began)
            else:
                took[f"{kind}: {answer.status}"].append(time.perf_counter() - began)
            time.sleep(dice.uniform(0.5, 1.5) * asked["pause"])


def _page(dice: random.Random, sites: int, versions: int, *, ledgers: bool) -> tuple[str, str]:
    site = f"site-{dice.randrange(sites)}"
    # Versions are numbered document by document, the first of each brings no change.
    each = versions // sites // len(DOCUMENTS)
    version = dice.randrange(sites * len(DOCUMENTS)) * each + dice.randint(2, each)
    return dice.choice([
        ("bare page", BARE), ("bare page", BARE),
        ("overview", ""), ("all sites", "sites/"), ("health", "health/"), ("topics", "topics/"),
        ("site", f"sites/{site}/"), ("document", f"sites/{site}/{dice.choice(DOCUMENTS)}/"),
        ("topic", f"topics/{dice.choice(TOPICS)}/"), ("weaker", f"directions/weaker/page/{dice.randint(1, 500)}/"),
        ("version", f"versions/{version}/"), ("change", f"versions/{version}/changes/1/"),
        ("comparison", f"compare/{version - 1}/{version}/"),
        ("in one text", f"compare/{version - 1}/{version}/inline/"),
        *([("commitments", f"commitments/{site}/{dice.choice(DOCUMENTS)}/")] if ledgers else []),
        ("search", f"search/?q=keep+{dice.randrange(400)}"),
        ("feed of all", "feed.atom"), ("feed of a site", f"sites/{site}/feed.json"),
        ("API", f"api/changes?site={site}&limit=20"),
    ])  # fmt: skip


def report(took: dict[str, list[float]]) -> None:
    bare = _figures(took["bare page"])
    print(
        f"{'page':<20}{'answers':>8}{'median ms':>11}{'95 % ms':>9}{'x bare':>8}  within {MEDIAN_MS} and {LAST_MS} ms"
    )
    for kind, times in sorted(took.items()):
        median, last = _figures(times)
        within = "yes" if median < MEDIAN_MS and last < LAST_MS else "no"
        print(f"{kind:<20}{len(times):>8}{median:>11.1f}{last:>9.1f}{median / bare[0]:>8.1f}  {within}")


def _figures(times: list[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile in milliseconds."""
    last = sorted(times)[min(len(times) - 1, int(0.95 * len(times)))]
    return 1e3 * statistics.median(times), 1e3 * last


def generate(database: Path, sites: int, versions: int) -> None:
    """Write a database of so many sites and versions."""
    dice = random.Random(7)
    each = versions // sites // len(DOCUMENTS)
    keys = [DocumentKey(f"site-{number}", document) for number in range(sites) for document in DOCUMENTS]
    with closing(Connection.open(database)) as connection:
        with connection.write_transaction() as db:
            sync(db, [(key, f"Site {key.site.rpartition('-')[2]}") for key in keys], START)
        for place, key in enumerate(keys):
            with connection.write_transaction() as db:
                for version, changes in _history(dice, key, each, START + timedelta(minutes=7 * place)):
                    add_version(db, version, changes, [], previous_id="any", withdrawn=())


def _history(
    dice: random.Random, key: DocumentKey, each: int, start: datetime
) -> Iterator[tuple[Version, list[ChangeRecord]]]:
    sentences = [_sentence(dice) for _ in range(80)]
    for number in range(each):
        changes = []
        for order in range(4 if number else 0):
            place = dice.randrange(len(sentences))
            before, sentences[place] = sentences[place], _sentence(dice)
            changes.append(ChangeRecord(_change(dice, before, sentences[place], material=order % 2 == 0)))
        text = "\n\n".join(
            f"## Section {place // 8}\n\n{sentence}" if place % 8 == 0 else sentence
            for place, sentence in enumerate(sentences)
        )
        at = start + timedelta(days=110 * number)
        digest = hashlib.sha256(text.encode()).hexdigest()
        yield Version(key, at, text, digest, "archive" if number < each // 2 else "live", ()), changes


def _sentence(dice: random.Random) -> str:
    subject, act, whom = (dice.choice(words.split("|")) for words in (SUBJECTS, ACTS, WHOM))
    verb = dice.choice(["may", "will", "will not", "never"])
    return f"We {verb} {act} {subject} with {whom} for {dice.randint(2, 400)} days after you closed your account."


def _change(dice: random.Random, before: str, after: str, *, material: bool) -> dict[str, Any]:
    topic = dice.choice(Topic.__args__)  # type: ignore[attr-defined]
    return {
        "material": material, "topic": topic, "kind": "changed",
        "direction": dice.choice(["weaker", "stronger", "neutral"]), "severity": dice.choice(["high", "medium", "low"]),
        "section": "Section 3", "section_before": "Section 3", "before": before, "after": after, "values": [],
        "exceptions": {"added": [], "removed": []}, "noise": None if material else "reworded",
        "summary": f"What is said on {topic} changed.",
    }  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sites", type=int, default=1_000)
    parser.add_argument("--versions", type=int, default=100_000)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two pages of a reader")
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument(
        "--ledgers",
        action="store_true",
        help="ask for ledgers, too, which are kept first: some tenths of a second each, once",
    )
    parser.add_argument("--database", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
