from __future__ import annotations

import gc
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extraction import ExtractionError, extract
from tests.extraction.decorations import PAGES, TEXT

DEEP = 40_000
HOSTILE = {
    "nested boxes": "<div>" * DEEP + "the end",
    "nested lists": "<ul><li>" * (DEEP // 2) + "the end",
    "nested tables": "<table><tr><td>" * (DEEP // 3) + "the end",
    "nested emphasis": "<b><i>" * (DEEP // 2) + "the end",
    "nested headings and quotes": "<h1><blockquote>" * (DEEP // 2) + "the end",
    "16 MB of attribute": f'<p title="{"a" * 16_000_000}">the end</p>',
    "a hundred thousand attributes": f"<p {' '.join(f'a{n}=1' for n in range(100_000))}>the end</p>",
    "a line of 5 MB": f"<p>{'word ' * 1_000_000}the end</p>",
    "a million line breaks": f"<pre>{'x' + chr(10) * 1_000_000}the end</pre>",
    "runs of one letter": f"<p>{'<b>a</b>b' * 20_000} the end</p>",
    "NULs": f"<p>{chr(0) * 100_000}the\0 end</p>",
    "broken entities": f"<p>{'&#x110000;&bogus;&#0;&amp' * 20_000} the end</p>",
    "brackets": f"<p>{'[' * 300_000}{'a](' * 100_000} the end</p>",
    "white space": f"<p>{'a' + ' ' * 2_000_000} the end</p>",
    "wide table": f"<table>{'<tr><td colspan=9999>a<td rowspan=9999>b' * 5_000}</table><p>the end</p>",
    "rows of buttons": f"<div>{'<button aria-expanded=1>a</button>' * 20_000}</div><p>the end</p>",
    "unclosed comment": "<p>the end</p><!--" + "x" * 1_000_000,
    "unclosed tags": "<p>the end</p>" + "<a " * 30_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_page_ends_soon_in_text(name: str) -> None:
    page = f"<html><body>{HOSTILE[name]}".encode()

    started = time.process_time()
    text = extract(page).text

    assert time.process_time() - started < 5
    assert "the end" in text[-200:]


def test_text_behind_too_deep_nesting_is_kept() -> None:
    page = f"<body>{'<div>' * DEEP}inside{'</div>' * DEEP}<p>behind it all</p>"

    assert extract(page.encode()).text.split() == ["inside", "behind", "it", "all"]


@pytest.mark.parametrize(
    "base",
    ["http://[", "http://[privacy]/", "//[::1", "http://a]b/"],
    ids=lambda base: base.replace("/", " "),
)
@pytest.mark.parametrize("url", ["https://shop.test/privacy", None])
def test_broken_base_address_counts_for_nothing(base: str, url: str | None) -> None:
    page = (
        f'<head><base href="{base}"></head><body><p>We keep <a href="https://shop.test/a">this</a> for a day.'
    )

    assert extract(page.encode(), url=url).text == "We keep [this](https://shop.test/a) for a day.\n"


@pytest.mark.parametrize("character", ["\x01", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_odd_characters_beside_what_is_removed_do_no_harm(character: str) -> None:
    page = f"<body><p>We keep it.</p>a{character}b<nav>Home</nav>c{character}d<p>For a day.</p>"

    text = extract(page.encode(), remove=["nav"]).text

    assert "Home" not in text
    assert "We keep it." in text
    assert "For a day." in text


def test_attribute_with_a_name_that_xml_forbids_does_no_harm() -> None:
    page = "<body><h1 {1=2 }x {http://a}b=c>Privacy</h1><p {>We keep it for a day.</p>"

    assert extract(page.encode()).text == "# Privacy\n\nWe keep it for a day.\n"


def test_mutilated_pages_end_in_text_or_one_reason() -> None:
    rng = random.Random(20_260_101)
    sources = [page.encode() for page in PAGES.values()]
    tokens = [
        b"<",
        b">",
        b"</div>",
        b"<table>",
        b"<li>",
        b"\0",
        b"&#",
        b'"',
        b"<!--",
        b"]]>",
        b"\xff\xfe",
        b"<h1>",
        b"<a ",
    ]
    ended = 0
    for _ in range(250):
        page = bytearray(rng.choice(sources))
        for _ in range(rng.randrange(1, 25)):
            place = rng.randrange(len(page))
            if rng.random() < 0.5:
                page[place:place] = rng.choice(tokens) * rng.randrange(1, 4)
            else:
                del page[place : place + rng.randrange(40)]
        try:
            text = extract(bytes(page)).text
            assert not text or (text.endswith("\n") and "\0" not in text and " \n" not in text)
        except ExtractionError as error:
            assert str(error)
        ended += 1
    assert ended == 250


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_end_in_text_or_one_reason(body: bytes) -> None:
    for form in (None, "html", "text", "markdown"):
        try:
            text = extract(body, form=form).text
        except ExtractionError as error:
            assert str(error)
        else:
            assert text == "" or text.endswith("\n")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_normalising_text_twice_changes_nothing_more(text: str) -> None:
    for form in ("text", "markdown"):
        once = extract(text.encode("utf-8", "replace"), form=form).text
        assert extract(once.encode(), form=form).text == once


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_white_space_and_wrappers_never_change_the_text(seed: int) -> None:
    rng = random.Random(seed)
    page = PAGES["bare"]
    for tag in ("<p>", "<h2>", "<ul>", "<ol>"):
        page = page.replace(
            tag, rng.choice([tag, f"\n\n{tag}  ", f"<div class=c{rng.randrange(99)}></div>{tag}"])
        )
    for tag in ("</p>", "</li>", "</h2>"):
        page = page.replace(
            tag, rng.choice([tag, f" \t{tag}\n", f"<!-- {rng.random()} -->{tag}", f"<span></span>{tag}"])
        )

    assert extract(page.encode(), url="https://lindenhof.example/privacy").text == TEXT


def test_pages_leave_no_memory_behind_and_the_collector_as_it_was() -> None:
    page = PAGES["landmarks"].encode()
    extract(page)
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(20):
            extract(page)
        assert len(gc.get_objects()) - before < 200
        assert not gc.isenabled()
    finally:
        gc.enable()
    extract(page)
    assert gc.isenabled()
