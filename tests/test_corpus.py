"""The way of researchers through what is kept."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest

from monitor import compare, open_corpus
from storage import StoreError, open_store
from tests.exporting.kept import TEXTS, fill

EXAMPLE = Path(__file__).parents[1] / "docs" / "corpus.py"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "kept.db"
    with closing(open_store(f"sqlite:///{path}")) as store:
        fill(store)
    return path


def test_everything_is_reached_from_the_corpus(database: Path) -> None:
    with open_corpus(database) as corpus:
        assert [site.name for site in corpus.sites()] == ["Café", "Shop & Söhne\n<b>"]
        terms, policy = corpus.documents()
        assert (str(terms), str(policy)) == ("cafe/terms-of-service", "shop/privacy-policy")
        first, second, third = policy.versions()
        assert [version.text for version in (first, second, third)] == TEXTS
        assert [version.upgrade for version in (first, second, third)] == [False, False, True]
        assert [change.summary for change in second.changes()] == ["Change 1"]
        assert ("sharing", "will-not") in {(one.topic, one.stance) for one in first.commitments()}
        assert compare(first.policy, second.policy).material


def test_an_address_opens_it_too(database: Path) -> None:
    with open_corpus(f"sqlite:///{database}") as corpus:
        assert len(list(corpus.documents())) == 2


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"none\.db"), open_corpus(tmp_path / "none.db"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_example_draws_the_years(database: Path) -> None:
    done = subprocess.run([sys.executable, EXAMPLE, database], capture_output=True, text=True, check=True)
    picture = ElementTree.fromstring(done.stdout)  # noqa: S314  our own
    assert [title.text for title in picture.iter("{http://www.w3.org/2000/svg}title")] == [
        "Promises strengthened (above) and weakened (below), by year",
        "2026: 0 stronger",
        "2026: 1 weaker",
    ]
