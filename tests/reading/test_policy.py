from __future__ import annotations

import os
import subprocess
import sys

CODE = """
from monitor.reading.policy import read_policy
words = "amber brown coral green ivory mauve olive peach".split()
policy = read_policy("".join(f"We like {word} most of all {place}.\\n\\n" * 2 for place, word in enumerate(words)))
print(sorted(policy.shingles_around(words, 3)))
"""


def test_a_comparison_is_the_same_in_every_process() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", CODE],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "12345"
    }
    assert len(said) == 1
