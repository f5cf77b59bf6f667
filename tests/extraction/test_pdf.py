from __future__ import annotations

import subprocess
import sys
import zlib
from typing import TYPE_CHECKING

import pytest

from crawler.extraction import ExtractionError, extract, pdf_reader
from tests.extraction.decorations import TEXT
from tests.extraction.pdfs import TOP, Text, flowing, pdf

if TYPE_CHECKING:
    from pathlib import Path

POLICY = [
    ("h1", ["Privacy Policy of Lindenhof Books"]),
    ("p", ["Last updated: 3 March 2024"]),
    (
        "p",
        [
            "Lindenhof Books runs a shop for used books. This policy tells you which data we keep when",
            "you order from us, why we need them, and what you can ask of us at any time.",
        ],
    ),
    ("h2", ["What we collect"]),
    ("p", ["When you place an order we ask for the following data, and for nothing else:"]),
    ("li", ["• your name and postal address, so that the parcel finds you;"]),
    (
        "li",
        [
            "• your e-mail address, so that we can tell you when it leaves the house of our good old",
            "printer;",
        ],
    ),
    ("li", ["• the titles that you bought."]),
    ("h2", ["Your rights"]),
    ("li", ["1. You may ask what we know about you; we answer within 14 days and charge nothing."]),
    ("li", ["2. You may have mistakes corrected and data deleted."]),
]
POLICY_TEXT = """\
# Privacy Policy of Lindenhof Books

Last updated: 3 March 2024

Lindenhof Books runs a shop for used books. This policy tells you which data we keep when you order from us, why we \
need them, and what you can ask of us at any time.

## What we collect

When you place an order we ask for the following data, and for nothing else:

- your name and postal address, so that the parcel finds you;
- your e-mail address, so that we can tell you when it leaves the house of our good old printer;
- the titles that you bought.

## Your rights

1. You may ask what we know about you; we answer within 14 days and charge nothing.
2. You may have mistakes corrected and data deleted.
"""
LONG = "We keep the data that you give us for as long as your order takes and not one day longer, so"
PROSE = [LONG, "that nobody has to fear for them, whoever he may be and wherever he may live."]
PROSE_TEXT = " ".join(PROSE)


def text_of(lines: list[Text]) -> str:
    return extract(pdf(lines)).text


def paragraph(*lines: str) -> str:
    """Return what becomes of lines that stand between two paragraphs."""
    text = text_of(flowing([("p", PROSE), ("p", list(lines)), ("p", PROSE)]))
    assert text.startswith(f"{PROSE_TEXT}\n\n")
    assert text.endswith(f"\n\n{PROSE_TEXT}\n")
    return text[len(PROSE_TEXT) + 2 : -len(PROSE_TEXT) - 3]


def test_policy_keeps_headings_paragraphs_and_lists() -> None:
    extraction = extract(pdf(flowing(POLICY), extra="/Lang (en-GB)"), content_type="application/pdf")

    assert extraction.text == POLICY_TEXT
    assert (extraction.form, extraction.title, extraction.language, extraction.suspect) == (
        "pdf",
        "Privacy Policy of Lindenhof Books",
        "en-GB",
        None,
    )


def test_words_of_a_pdf_are_those_of_the_page() -> None:
    head = TEXT.split("## What", maxsplit=1)[0]

    assert extract(pdf(flowing(POLICY))).text.startswith(head)


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (
            ["We keep your postal address and all other infor-", "mation for a year."],
            "information for a year.",
        ),
        (
            ["We share nothing with anybody who is a third-", "party to our contract."],
            "third-party to our contract.",
        ),
        (["We send letters to your e-", "mail address alone."], "e-mail address alone."),
        (["Das gilt für Nutzungs-", "und Bestandsdaten."], "für Nutzungs- und Bestandsdaten."),
        (["Our own rules of Anti-", "Spam bind everybody."], "Anti-Spam bind everybody."),
        (["Cross-site cookies are none of ours. Nobody sets cross-", "site ones."], "sets cross-site ones."),
        (["Opt-in is a re-opt-", "in for all."], "a re-opt-in for all."),
    ],
    ids=["joined", "compound", "short prefix", "rest of a word", "capital", "known with hyphen", "twice"],
)
def test_words_broken_at_line_ends_are_put_together(lines: list[str], text: str) -> None:
    assert paragraph(*lines).endswith(text)


def test_lines_ended_on_purpose_stay_lines() -> None:
    assert paragraph("Lindenhof Books", "4 Mill Lane", "Oxford") == "Lindenhof Books\\\n4 Mill Lane\\\nOxford"


def test_paragraphs_without_a_gap_are_told_by_their_ends() -> None:
    lines = flowing([("p", [*PROSE, *PROSE, *PROSE])])

    assert text_of(lines) == f"{PROSE_TEXT}\n\n{PROSE_TEXT}\n\n{PROSE_TEXT}\n"


def test_bold_lines_between_paragraphs_are_headings_and_bold_paragraphs_are_not() -> None:
    shout = [
        "PLEASE READ THIS WITH CARE BEFORE YOU ORDER ANYTHING FROM US, AS IT BINDS",
        "YOU AND US. " * 5,
    ] * 2
    text = text_of(
        flowing([("h1", ["Terms"]), ("b", ["1. Scope"]), ("p", PROSE), ("b", shout), ("p", PROSE)])
    )

    assert text.startswith(f"# Terms\n\n## 1. Scope\n\n{PROSE_TEXT}\n\nPLEASE READ")


def test_heading_of_two_lines_is_one_heading() -> None:
    text = text_of(flowing([("h1", ["Terms of the shop that", "sells used books"]), ("p", PROSE)]))

    assert text == f"# Terms of the shop that sells used books\n\n{PROSE_TEXT}\n"


def test_items_within_items_are_indented() -> None:
    rows = [
        ("• Data that you give", 90),
        ("– your name", 108),
        ("– your address", 108),
        ("• Data that we find", 90),
    ]
    lines = [Text(words, TOP - 14 * n, x) for n, (words, x) in enumerate(rows)]

    assert text_of(lines) == "- Data that you give\n  - your name\n  - your address\n- Data that we find\n"


def test_bullet_drawn_apart_belongs_to_its_words() -> None:
    lines = [
        Text("•", TOP, 80),
        Text("your name", TOP, 98),
        Text("•", TOP - 14, 80),
        Text("your age", TOP - 14, 98),
    ]

    assert text_of(lines) == "- your name\n- your age\n"


@pytest.mark.parametrize("number", ["{n}", "Page {n} of 4", "- {n} -", "{n}/4", "Seite {n} von 4"])
def test_running_heads_and_page_numbers_are_dropped(number: str) -> None:
    pages = [
        [
            Text("Lindenhof Books: Privacy Policy", 810, size=9),
            *flowing([("h2", [f"Section {word}"]), ("p", PROSE)]),
            Text(number.format(n=n), 30, x=290, size=9),
        ]
        for n, word in enumerate(("one", "two", "three", "four"), 1)
    ]

    assert extract(pdf(*pages)).text == "\n".join(
        f"## Section {word}\n\n{PROSE_TEXT}\n" for word in ("one", "two", "three", "four")
    )


def test_paragraph_goes_on_over_the_end_of_the_page() -> None:
    pages = [[Text(PROSE[0], 80), Text("1", 30)], [Text(PROSE[1], TOP), Text("2", 30)]]

    assert extract(pdf(*pages)).text == f"{PROSE_TEXT}\n"


def test_table_of_contents_is_dropped() -> None:
    contents = [
        ("h2", ["Contents"]),
        ("p", ["1. Data . . . . . . . . . . . . 2", "2. Rights ............ 3"]),
    ]

    assert text_of(flowing([*contents, ("h2", ["1. Data"]), ("p", PROSE)])) == f"## 1. Data\n\n{PROSE_TEXT}\n"


def test_columns_are_read_one_after_the_other() -> None:
    left = [
        "We keep what you give us for as",
        "long as your order takes, and we",
        "give it to nobody. You may ask us",
    ]
    right = ["at any time what we know, and", "we tell you within two weeks."]
    lines = [Text(words, TOP - 14 * n, 60) for n, words in enumerate(left)]
    lines += [Text(words, TOP - 14 * n, 310) for n, words in enumerate(right)]

    assert text_of(lines) == " ".join([*left, *right]) + "\n"


def test_letters_scaled_by_the_page_count_with_their_height() -> None:
    title = b"BT /bold 1 Tf 22 0 0 22 72 770 Tm (Privacy) Tj ET\n"
    body = b"BT /plain 1 Tf 11 0 0 11 72 740 Tm (We keep nothing that you tell us, and we never did.) Tj ET"

    assert extract(pdf(contents=[zlib.compress(title + body)])).text.startswith("# Privacy\n\nWe keep")


def test_watermark_across_the_page_is_dropped() -> None:
    mark = b"\nBT /bold 60 Tf 0.7 0.7 -0.7 0.7 150 300 Tm (DRAFT) Tj ET"
    body = b"BT /plain 11 Tf 72 740 Td (We keep nothing that you tell us, and we never did.) Tj ET"

    assert extract(pdf(contents=[zlib.compress(body + mark)])).text == (
        "We keep nothing that you tell us, and we never did.\n"
    )


def test_pdf_behind_rubbish_is_found() -> None:
    assert (
        extract(b"\r\n\x00junk\n" + pdf(flowing(POLICY)), content_type="application/pdf").text == POLICY_TEXT
    )


def test_pdf_whose_end_is_missing_is_suspect() -> None:
    whole = pdf(flowing(POLICY))

    assert extract(whole[: whole.index(b"startxref")]).suspect == "truncated"


PICTURE = b"q 400 0 0 600 90 90 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \xff EI Q"
WHOLE = pdf(flowing(POLICY))
UNREADABLE = {
    "damaged": (b"%PDF-1.7\nnothing of a PDF", "damaged"),
    "cut in the middle": (WHOLE[:700], "damaged"),
    "scanned": (pdf(contents=[zlib.compress(PICTURE)] * 3), "scanned: its 3 pages"),
    "blank": (pdf([], []), "no text on its 2 pages"),
    "too many pages": (pdf(contents=[zlib.compress(b"")] * 10_000), "10,000 pages; at most 400"),
    "encrypted": (
        WHOLE.replace(
            b"/Root 1 0 R",
            b"/Root 1 0 R /ID [<00><00>] /Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <"
            + b"4a" * 32
            + b"> /U <"
            + b"3b" * 32
            + b"> >>",
        ),
        "encrypted",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_pdf_that_cannot_be_read_says_why(name: str) -> None:
    body, words = UNREADABLE[name]

    with pytest.raises(ExtractionError, match=words):
        extract(body, content_type="application/pdf")


@pytest.mark.parametrize(
    ("limit", "value"), [("CPU_SECONDS", 1), ("MEMORY_BYTES", 300 * 2**20)], ids=["time", "memory"]
)
def test_stream_that_grows_without_end_is_stopped(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(f"crawler.extraction.pdf.{limit}", value)
    endless = zlib.compress(b"BT /plain 11 Tf 72 740 Td (never) Tj 9 9 Td (ending) Tj ET " * 1_500_000)

    with pytest.raises(ExtractionError, match="cannot be read within"):
        extract(pdf(contents=[endless]))


def test_reader_that_dies_is_one_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "dies.py"
    program.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n")
    monkeypatch.setattr("crawler.extraction.pdf._READER", program)

    with pytest.raises(ExtractionError, match="breaks the reader"):
        extract(WHOLE)


def test_mutilated_pdfs_end_in_text_or_one_reason() -> None:
    for place in range(20, len(WHOLE), len(WHOLE) // 6):
        body = WHOLE[:place] + b"\x00/Kids [2 0 R]" + WHOLE[place + 13 :]
        found = pdf_reader.read(body)
        assert "pages" in found or found["error"] in ("damaged", "encrypted")


def test_reading_web_pages_needs_no_pdf_library() -> None:
    program = "import sys; from crawler.extraction import extract; extract(b'<p>Hi'); print('pypdfium2' in sys.modules)"

    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "False\n"
