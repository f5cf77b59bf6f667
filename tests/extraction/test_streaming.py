"""Pages whose server sends slow parts late, hidden at the end, with a script that puts each in its place."""

from __future__ import annotations

import re
import time

from crawler.extraction import extract
from tests.extraction.decorations import BODY, PAGES, TEXT

TABLE = re.search(r"<table>.*?</table>", BODY, re.DOTALL)
assert TABLE is not None
WAITING = '<!--$?--><template id="B:0"></template><p>Loading the table ...</p><!--/$-->'
RUNTIME = "$RC=function(a,b){document.getElementById(a)};"


def _hole(inside: str) -> str:
    """The policy with something else where its table was."""
    assert TABLE is not None
    return BODY.replace(TABLE.group(), inside)


def _page(body: str, late: str) -> bytes:
    return f"<html lang=en><body><main>{body}</main><footer>© Lindenhof</footer>{late}</body></html>".encode()


def test_part_that_came_late_stands_in_its_place() -> None:
    assert TABLE is not None
    late = f'<div hidden id="S:0">{TABLE.group()}</div><script>{RUNTIME}$RC("B:0","S:0")</script>'

    assert extract(_page(_hole(WAITING), late)).text == TEXT


def test_part_of_a_late_part_stands_in_its_place() -> None:
    assert TABLE is not None
    late = (
        '<div hidden id="S:0"><div><template id="P:1"></template></div></div>'
        f'<div hidden id="S:1">{TABLE.group()}</div>'
        '<script>$RS("S:1","P:1")</script><script>$RC("B:0","S:0")</script>'
    )

    assert extract(_page(_hole(WAITING), late)).text == TEXT


def test_late_rows_stand_in_their_table() -> None:
    assert TABLE is not None
    rows = re.findall(r"<tr>.*?</tr>", TABLE.group())
    table = f'<table><tbody>{rows[0]}{rows[1]}<template id="P:3"></template></tbody></table>'
    late = f'<table hidden><tbody id="S:3">{rows[2]}</tbody></table><script>$RS("S:3","P:3")</script>'

    assert extract(_page(_hole(table), late)).text == TEXT


def test_what_waits_within_what_waits_goes_with_it() -> None:
    assert TABLE is not None
    inner = '<!--$?--><template id="B:7"></template><p>Wait</p><!--/$-->'
    waiting = WAITING.replace("<p>Loading", f"{inner}<p>Loading")
    late = f'<div hidden id="S:0">{TABLE.group()}</div><script>$RR("B:0","S:0",[["a.css"]])</script>'

    assert extract(_page(_hole(waiting), late)).text == TEXT


def test_text_around_a_late_part_stays() -> None:
    body = 'The shop <!--$?--><template id="B:0"></template>...<!--/$--> and nobody else.'
    late = '<div hidden id="S:0">keeps your <b>address</b></div>tail<script>$RC("B:0","S:0")</script>'

    text = extract(f"<body><p>{body}</p>{late}</body>".encode()).text

    assert text == "The shop keeps your **address** and nobody else.\n\ntail\n"


def test_scripts_that_name_nothing_or_each_other_move_nothing() -> None:
    page = (
        '<body><p>The shop keeps your address for a year.</p><div id="S:0"><p>And a day.</p>'
        '<template id="B:0"></template></div>'
        '<script>$RC("B:0","S:0");$RC("B:1","S:0");$RS("S:0","S:0");$RS("","")</script></body>'
    )

    assert extract(page.encode()).text == "The shop keeps your address for a year.\n\nAnd a day.\n"


def test_thousands_of_late_parts_cost_little() -> None:
    holes = "".join(f'<template id="B:{n}"></template>...<b></b>' for n in range(12_000))
    late = "".join(f'<div id="S:{n}">x</div><i>$RC("B:{n}","S:{n}")</i>' for n in range(12_000))
    started = time.process_time()

    extract(_page(PAGES["bare"] + holes, late))

    assert time.process_time() - started < 5
