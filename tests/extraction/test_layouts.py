from __future__ import annotations

import re

import pytest

from crawler.extraction import extract
from tests.extraction.decorations import TEXT
from tests.extraction.layouts import PAGES

# Landmarks and names that sloppier sites do without.
_LANDMARK = re.compile(r"<(/?)(?:main|article|nav|header|footer|aside|section)\b")
_NAMES = re.compile(r"""\s(?:class|id|role|aria-[a-z]+)=("[^"]*"|'[^']*'|[^\s"'>]+)""")


@pytest.mark.parametrize("name", PAGES)
def test_policy_is_found_on_sites_of_every_make(name: str) -> None:
    extraction = extract(PAGES[name].encode(), url="https://lindenhof.example/privacy")

    assert extraction.text == TEXT
    assert extraction.suspect is None


@pytest.mark.parametrize("name", PAGES)
def test_no_sentence_is_lost_where_landmarks_and_names_are_missing(name: str) -> None:
    plain = _NAMES.sub("", _LANDMARK.sub(r"<\1div", PAGES[name]))
    text = extract(plain.encode(), url="https://lindenhof.example/privacy").text

    lines = TEXT.splitlines()
    assert [line for line in lines if line.strip("# ") not in text] == []
    # What comes along is no more than one box, which without any name may be a part of so short a policy.
    assert len(text) < 1.5 * len(TEXT)
