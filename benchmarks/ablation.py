"""What each stage of the comparison adds: labelled pairs compared with one stage taken out at a time.

    ablation.py --pairs DIR --scorer FILE.py [--half a|b] [--language en]

DIR holds labelled pairs (folders with old.md, new.md, meta.json and label.json), FILE.py is the scorer that came with
them, of which `score`, `half` and `valid` are called. Prints a Markdown table, a row a variant.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from monitor import compare, read_policy

if TYPE_CHECKING:
    from types import ModuleType

JUDGE = "monitor.comparison.judge"
COMPARE = "monitor.comparison.compare"
# Each variant puts other values or functions in the place of a stage's own.
VARIANTS: dict[str, dict[str, Any]] = {
    "everything": {},
    "no noise gate": {
        f"{JUDGE}.noise_of_single": lambda *_: None,
        f"{JUDGE}.noise_of_edit": lambda edit, **_: "reworded" if edit.difference.empty else None,
    },
    "nothing learned of what matters": {f"{JUDGE}._MATTER": -99.0, f"{JUDGE}._MATTER_OF_EDIT": -99.0},
    "slots of an edit not weighed": {f"{JUDGE}._MATERIAL": 0.0},
    "no rule for sure directions": {f"{JUDGE}.sure_direction": lambda *_: None},
    "topic by phrases alone": {"monitor.reading.weights.Weights.topic_scores": lambda *_: {}},
    "topic by learned evidence alone": {"monitor.reading.topics._PHRASE_SHARE": 0.0},
    "sentences beside not heard": {"monitor.comparison.beside._WEIGHT": 0.0},
    "no direction learned": {f"{JUDGE}.tipped": lambda _: "weaker"},
    "rewritten sentences not joined": {f"{COMPARE}._may_replace": lambda *_: False},
    "what stands elsewhere is told too": {f"{COMPARE}._covered": lambda *_: False},
    "neighbours not grouped": {f"{COMPARE}._belongs": lambda *_: False},
}
FIGURES = ("pair_precision", "pair_recall", "change_precision", "change_recall", "topic", "direction")


def load(path: Path) -> ModuleType:
    """Load the scorer from its file."""
    spec = importlib.util.spec_from_file_location("scorer", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def labelled(folder: Path, scorer: ModuleType, half: str | None, language: str) -> dict[str, Any]:
    """Return the pairs of a half in a language: folder and label by id."""
    found: dict[str, Any] = {}
    for path in sorted(folder.glob("*/label.json")):
        meta = json.loads(path.with_name("meta.json").read_text(encoding="utf-8"))
        if meta["language"] == language and half in (None, scorer.half(meta)):
            found[meta["id"]] = (path.parent, json.loads(path.read_text(encoding="utf-8")))
    return found


def answers(pairs: dict[str, Any], scorer: ModuleType) -> dict[str, Any]:
    """Compare every pair."""
    return {
        pid: scorer.valid(
            compare(
                *(read_policy((folder / name).read_text(encoding="utf-8")) for name in ("old.md", "new.md"))
            ).to_json()
        )
        for pid, (folder, _) in pairs.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--scorer", type=Path, required=True)
    parser.add_argument("--half", choices="ab")
    parser.add_argument("--language", default="en")
    arguments = parser.parse_args()
    scorer = load(arguments.scorer)
    pairs = labelled(arguments.pairs, scorer, arguments.half, arguments.language)
    print("| variant | " + " | ".join(FIGURES).replace("_", " ") + " |")
    print("|---" * (len(FIGURES) + 1) + "|")
    for name, patches in VARIANTS.items():
        with ExitStack() as stack:
            for target, stand_in in patches.items():
                stack.enter_context(patch(target, stand_in))
            figures = scorer.score(pairs, answers(pairs, scorer))
        print(f"| {name} | " + " | ".join(str(figures[key]) for key in FIGURES) + " |", flush=True)


if __name__ == "__main__":
    main()
