from __future__ import annotations

import pytest

from crawler.extraction import extract
from tests.extraction.decorations import PAGES, TEXT, TITLE


@pytest.mark.parametrize("name", PAGES)
def test_the_same_policy_gives_the_same_text_in_every_dress(name: str) -> None:
    extraction = extract(
        PAGES[name].encode(), url="https://lindenhof.example/privacy", content_type="text/html"
    )

    assert extraction.text == TEXT
    assert extraction.suspect is None


def test_title_and_language_come_from_the_page() -> None:
    extraction = extract(PAGES["landmarks"].encode())

    assert extraction.title == TITLE
    assert extraction.language == "en"
    assert extraction.form == "html"


def test_extraction_of_the_extracted_text_changes_nothing() -> None:
    extraction = extract(TEXT.encode())

    assert extraction.form == "markdown"
    assert extraction.text == TEXT
