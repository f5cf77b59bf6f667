"""Where sentences end, in words of our own."""

from __future__ import annotations

import pytest

from monitor.reading.markup import clean, mask
from monitor.reading.sentences import sentence_spans


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("We certified to the U.S. Department of Commerce. We keep to it.", 2),
        ("Transfers rest on the EU-U.S. Data Privacy Framework. Ask us for a copy.", 2),
        ("Our servers stand in the U.S. We also use a backup in Norway.", 2),
        ("The shop belongs to Harbour Books Ltd. You can write to us.", 2),
        ("See Cal. Civ. Code § 1798 for more.", 1),
        ("It costs 3.50 a month, e.g. for storage.", 1),
        ("Keep this in mind. We do.", 2),
        ("The parcel came in box no. 5. May we ask you?", 2),
        ("Diese Regeln gelten ab dem 1. Januar 2025. Ältere gelten nicht mehr.", 2),
        ("Wer das 16. Lebensjahr vollendet hat, darf mitmachen.", 1),
        ("Das Angebot gilt vom 01. 02. 2025 an.", 1),
        ("Wir löschen die Datei Nummer 5. Dann folgt die nächste.", 2),
        ("Gem. Art. 6 Abs. 1 S. 1 lit. f DSGVO i.V.m. § 25 TDDDG dürfen wir das.", 1),
        ("Das kostet mind. 3 Euro inkl. Versand und dauert i.d.R. Tage.", 1),
    ],
)
def test_a_sentence_ends_where_a_reader_would_stop(text: str, sentences: int) -> None:
    assert len(sentence_spans(text)) == sentences


def test_a_sentence_may_end_with_an_address() -> None:
    text = r"Go to [https://shop.example/user/delete\_me.](https://shop.example/x) You may ask us by post."
    masked = mask(text)
    assert [clean(text[start:end]) for start, end in sentence_spans(masked)] == [
        "Go to https://shop.example/user/delete_me.",
        "You may ask us by post.",
    ]
