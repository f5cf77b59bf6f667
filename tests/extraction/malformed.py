# ruff: noqa: E501  (lists read better in few lines)
"""Malformed pages without end, each told by its number: real structure mutilated, and structure that attacks."""

from __future__ import annotations

import random

from tests.extraction.decorations import BODY, PAGES

_TOKENS = [
    b"<", b">", b"</", b"/>", b"</div>", b"<table>", b"<tr><td>", b"<li>", b"<ul>", b"</ul>", b"\0", b"&#", b"&#x110000;",
    b"&amp", b'"', b"'", b"=", b"<!--", b"-->", b"]]>", b"<![CDATA[", b"\xff\xfe", b"\xc3", b"<h1>", b"<a href=", b"<b>",
    b"<script>", b"</script>", b"<style>", b"<template>", b"<frameset>", b"<noframes>", b"<iframe src=x>", b"<svg><title>",
    b"<textarea>", b"<select><option>", b"<plaintext>", b"<base href='http://['>", b"<p hidden>", b"\xef\xbb\xbf",
    b"<html:p>", b"<font size=+9>", b"<meta charset=utf-16>", b"<br>" * 50, b"\r", b"\x1b$B", b"<pre>", b"<nav>", b"</body>",
]  # fmt: skip
ENCODINGS = """
    utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 utf-32-le utf-32-be ascii latin-1 cp1250 cp1251 cp1252 cp1253 cp1254
    cp1255 cp1256 cp1257 cp1258 iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10
    iso8859-13 iso8859-14 iso8859-15 iso8859-16 koi8-r koi8-u mac-roman mac-cyrillic cp437 cp850 cp866 cp874 gb2312 gbk
    gb18030 big5 big5hkscs shift_jis cp932 euc_jp iso2022_jp euc_kr cp949 iso2022_kr hz utf-7
""".split()
_WORDS = "privacy données Größe секрет 隐私政策 プライバシー 개인정보 ιδιωτικό خصوصية".split()
_NESTED = [
    "div",
    "b",
    "ul><li",
    "table><tr><td",
    "blockquote",
    "h2",
    "a href=#",
    "font size=5",
    "span",
    "dl><dt",
]
_SOURCES = [page.encode() for page in PAGES.values()]


def malformed(number: int) -> bytes:
    """Return the page of a number: the same one every time."""
    rng = random.Random(number)
    return rng.choice(
        [_mutilated, _mutilated, _mutilated, _shuffled, _encoded, _mislabelled, _nested, _repeated]
    )(rng)


def _mutilated(rng: random.Random) -> bytes:
    page = bytearray(rng.choice(_SOURCES))
    for _ in range(rng.randrange(1, 40)):
        place = rng.randrange(len(page))
        if rng.random() < 0.6:
            page[place:place] = rng.choice(_TOKENS) * rng.randrange(1, 4)
        elif rng.random() < 0.5:
            page[place] = rng.randrange(256)
        else:
            del page[place : place + rng.randrange(60)]
    return bytes(page[: rng.randrange(len(page))] if rng.random() < 0.2 else page)


def _shuffled(rng: random.Random) -> bytes:
    pieces = rng.choice(_SOURCES).split(b"<")
    rng.shuffle(pieces)
    return b"<".join(pieces)


def _encoded(rng: random.Random) -> bytes:
    encoding = rng.choice(ENCODINGS)
    page = f"<meta charset={encoding}>{BODY}<p>{' '.join(rng.choices(_WORDS, k=30))}</p>"
    return page.encode(encoding, "replace")


def _mislabelled(rng: random.Random) -> bytes:
    page = f"<meta charset={rng.choice(ENCODINGS)}>{BODY}<p>{' '.join(rng.choices(_WORDS, k=30))}</p>"
    return page.encode(rng.choice(ENCODINGS), "replace")


def _nested(rng: random.Random) -> bytes:
    tags = rng.choices(_NESTED, k=rng.randrange(1, 4))
    depth = rng.choice([300, 2_000, 5_000])
    opened = "".join(f"<{tag}>" for tag in tags) * depth
    closed = "</div></li></ul>" * (depth if rng.random() < 0.5 else 0)
    return f"<body>{opened}inside{closed}{BODY if rng.random() < 0.5 else ''}".encode()


def _repeated(rng: random.Random) -> bytes:
    token = rng.choice(_TOKENS) + bytes([rng.randrange(32, 127)])
    page = rng.choice(_SOURCES)
    place = rng.randrange(len(page))
    return page[:place] + token * rng.choice([50, 500, 5_000]) + page[place:]


# The largest of each kind: what takes most time and memory.
EXTREMES = {
    "nested 100,000 deep": b"<div>" * 99_000 + b"the end",
    "lists nested 100,000 deep": b"<ul><li>" * 49_000 + b"the end",
    "tables nested 100,000 deep": b"<table><tr><td>" * 33_000 + b"the end",
    "forms, links and headings nested": b"<form><a href=x><h2><b>" * 24_000 + b"the end",
    "16 MB of one attribute": b"<p title='" + b"a" * 16_000_000 + b"'>the end",
    "16 MB of attributes": b"<p " + b"a=b " * 4_000_000 + b">the end",
    "16 MB of attributes in many tags": (b"<p " + b"abc=defg " * 170 + b">x</p>") * 10_500 + b"the end",
    "16 MB of style": b"<p style='" + b"font-weight:bold;" * 1_000_000 + b"'>the end",
    "100,000 fonts": b"<font size=5>a</font>" * 45_000 + b"the end",
    "broken entities": b"<p>" + b"&#x110000;&bogus;&#0;&amp" * 200_000 + b"the end",
    "NULs": b"<p>" + b"\0" * 16_000_000 + b"the end",
    "20 MB of text": b"<p>" + b"We keep nothing. " * 1_200_000 + b"the end",
    "a million words in links": b"<p>" + b"<a href='#a'>x</a> <i>y</i> " * 24_000 + b"the end",
    "opening comments": b"<p>the end</p>" + b"<!--" * 4_000_000,
    "opening brackets": b"<p>" + b"[" * 3_000_000 + b"the end",
    "stars and underscores": b"<p>" + b"*_*" * 1_500_000 + b"the end",
    "line breaks": b"<pre>" + b"a\n" * 2_000_000 + b"</pre>the end",
    "mojibake": ("<p>" + "Ã¢â‚¬â„¢" * 300_000 + "the end").encode(),
    "zero-width characters": ("<p>" + "\u200b\u00ad" * 2_000_000 + "the end").encode(),
    "combining characters": ("<p>a" + "\u0301\u0323" * 1_000_000 + "the end").encode(),
    "a frameset of 50,000 frames": b"<frameset>" + b"<frame src=a>" * 50_000 + b"</frameset>",
    "50,000 titles": b"<h2>a</h2>" * 49_000 + b"the end",
    "paragraphs of two letters": b"<p>ab" * 99_000 + b"the end",
    "Markdown of brackets": b"# a\n\n" + b"[a](" * 1_000_000 + b"the end",
    "plain lines": b"Terms\n\n" + b"a  \n\n\n" * 1_000_000 + b"the end",
}  # fmt: skip
