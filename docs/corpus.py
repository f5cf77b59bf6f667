"""Draws what a corpus did to its users, year by year: promises weakened below the line, strengthened above it.

.venv/bin/python docs/corpus.py policywatch.db > years.svg
"""

from __future__ import annotations

import sys
from collections import Counter
from html import escape

from monitor import open_corpus

WIDTH, HEIGHT, BAR = 720, 320, 0.36


def count(database: str) -> Counter[tuple[int, str]]:
    """Return how many material changes there were, by year and direction."""
    found: Counter[tuple[int, str]] = Counter()
    with open_corpus(database) as corpus:
        for document in corpus.documents():
            for version in document.versions():
                if not version.upgrade:
                    found.update((version.observed_at.year, change.direction) for change in version.changes())
    return found


def draw(found: Counter[tuple[int, str]]) -> str:
    """Return the picture as SVG."""
    years = range(min(year for year, _ in found), max(year for year, _ in found) + 1)
    most = max(found.values())
    step, middle = WIDTH / len(years), HEIGHT / 2
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + 24}" role="img">',
        "<title>Promises strengthened (above) and weakened (below), by year</title>",
    ]
    for place, year in enumerate(years):
        left = (place + 0.5 - BAR / 2) * step
        up, down = ((middle - 20) * found[year, way] / most for way in ("stronger", "weaker"))
        parts += [
            _bar(
                (left, middle - up, step * BAR, up), "#2a7d4f", f"{year}: {found[year, 'stronger']} stronger"
            ),
            _bar((left, middle, step * BAR, down), "#b3392f", f"{year}: {found[year, 'weaker']} weaker"),
            f'<text x="{(place + 0.5) * step:.1f}" y="{HEIGHT + 16}" text-anchor="middle" font-size="13">{year}</text>',
        ]
    return "\n".join([*parts, f'<path d="M0 {middle}H{WIDTH}" stroke="currentColor"/>', "</svg>"])


def _bar(box: tuple[float, float, float, float], colour: str, title: str) -> str:
    x, y, width, height = box
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"'
    return f"<rect {place}><title>{escape(title)}</title></rect>"


if __name__ == "__main__":
    print(draw(count(sys.argv[1])))
