# ruff: noqa: E501  (markup reads better in one line)
from __future__ import annotations

import unicodedata

import pytest

from crawler.extraction import extract
from crawler.extraction.wording import wording_sha256

PROSE = (
    "We write this down so that everybody who uses our service can read what happens to the data that it keeps, "
    "and may ask us about it whenever something is unclear."
)
# The same words in several dresses: the text is the same, byte for byte.
SAME_TEXT = {
    "definition list": (
        "<dl><dt>Account data</dt><dd>Your name.</dd><dt>Log data</dt><dd>Your address.</dd></dl>",
        "<dl><div><dt><b>Account data</b></dt><dd><p>Your name.</p></dd></div><div><dt>Log data</dt><dd>Your address.</dd></div></dl>",
        "<dl><dt>Account data<dd>Your name.<dt>Log data<dd>Your address.</dl>",
    ),
    "bullets": (
        "<ul><li>your name</li><li>your age</li></ul>",
        "<p>• your name<br>• your age</p>",
        "<p>·&nbsp;&nbsp;your name</p><p>·&nbsp;&nbsp;your age</p>",
        "<div>- your name</div><div>- your age</div>",
        "<ul><li>• your name</li><li>• your age</li></ul>",
        "<div role=list><div role=listitem>your name</div><div role=listitem>your age</div></div>",
        "<table><tr><td>•</td><td>your name</td></tr><tr><td>•</td><td>your age</td></tr></table>",
    ),
    "numbers": (
        "<ol><li>We keep it.</li><li>We delete it.</li></ol>",
        "<p>1. We keep it.</p><p>2. We delete it.</p>",
        "<p>1.&nbsp;&nbsp; We keep it.<br>2.&nbsp;&nbsp; We delete it.</p>",
        "<ol><li>1. We keep it.</li><li>2. We delete it.</li></ol>",
        "<table><tr><td>1.</td><td>We keep it.</td></tr><tr><td>2.</td><td>We delete it.</td></tr></table>",
    ),
    "footnotes": (
        "<p>We keep it<sup><a href='#f1'>1</a></sup> for a year.</p><p id=f1>[1] On our server.</p>",
        "<p>We keep it<sup class=r id=r1><a href='#f1'>[1]</a></sup> for a year.</p><p id=f1>[1] On our server. <a href='#r1'>↩</a></p>",
    ),
    "panels of an accordion": (
        f"<h3>Log data</h3><p>{PROSE}</p>",
        f"<details><summary><h3>Log data</h3></summary><p>{PROSE}</p></details>",
        f"<h3><button aria-expanded=false>Log data</button></h3><div hidden><p>{PROSE}</p></div>",
        f"<h3><a href='#p1' data-toggle=collapse>Log data</a></h3><div id=p1 class=collapse style='display:none'><p>{PROSE}</p></div>",
    ),
    "details without a heading": (
        f"<p><b>Log data</b></p><p>{PROSE}</p>",
        f"<details><summary>Log data</summary>{PROSE}</details>",
        f"<details open><summary><b>Log data</b></summary><p>{PROSE}</p></details>",
    ),
    "panels of tabs": (
        f"<h3>Europe</h3><p>{PROSE}</p><h3>Brazil</h3><p>{PROSE}</p>",
        f"<div role=tablist><button role=tab>1</button><button role=tab>2</button></div><div role=tabpanel><h3>Europe</h3><p>{PROSE}</p></div><div role=tabpanel hidden><h3>Brazil</h3><p>{PROSE}</p></div>",
    ),
    "quote": (
        "<blockquote><p>Nobody reads it.</p></blockquote>",
        "<blockquote>Nobody reads it.</blockquote>",
        "<blockquote><div><span>Nobody reads</span> it.</div></blockquote>",
    ),
    "Unicode forms": (
        "<p>Größe für ein Café</p>",
        f"<p>{unicodedata.normalize('NFD', 'Größe für ein Café')}</p>",
        "<p>Gr&ouml;&szlig;e f&#252;r ein Caf&#xE9;</p>",
        "<p>GrÃ¶ÃŸe fÃ¼r ein CafÃ©</p>",
        "<p>Grö\u00adße für\u200b ein\u00a0Café</p>",
    ),
    "emphasis": (
        "<p>We <b>never</b> sell <i>it</i>.</p>",
        "<p>We <strong>never</strong> sell <em>it</em>.</p>",
        "<p>We <span style='font-weight:700'>never</span> sell <span style='font-style: italic'>it</span>.</p>",
        "<p>We<b> never </b>sell <i>it</i>.</p>",
        "<p>We <b>ne</b><b>ver</b> sell <i><span>it</span></i>.</p>",
    ),
    "line breaks": (
        "<p>4 Mill Lane<br>Oxford</p>",
        "<p>4 Mill Lane<br/>\n   Oxford</p>",
        "<address>4 Mill Lane<br>Oxford<br></address>",
        "<p style='white-space:pre-line'>4 Mill Lane\nOxford</p>",
    ),
    "links": (
        "<p>See <a href='https://a.test/x'>our rules</a>.</p>",
        "<p>See <a href='https://a.test/x?utm_source=p&fbclid=1' target=_blank rel=noopener>our rules<svg><title>External</title></svg></a>.</p>",
        "<p>See <a href=' https://a.test/x '><u>our rules</u></a>.</p>",
    ),
    "table": (
        "<table><tr><th>Data</th><th>Time</th></tr><tr><td>Name</td><td>1 year</td></tr></table>",
        "<div class=scroll><table class=t border=1><thead><tr><th scope=col><p>Data</p></th><th><b></b>Time</th></tr></thead><tbody><tr><td><div>Name</div></td><td> 1\n year</td></tr></tbody></table></div>",
    ),
}


def _text(markup: str) -> str:
    page = f"<html><body><main><p>{PROSE}</p>{markup}<p>{PROSE}</p></main></body></html>"
    return extract(page.encode(), url="https://shop.test/privacy").text


@pytest.mark.parametrize("name", SAME_TEXT)
def test_two_dresses_of_one_text_give_the_same_bytes(name: str) -> None:
    first, *others = SAME_TEXT[name]
    text = _text(first)

    assert len(text) > 2 * len(PROSE) + 6
    assert [_text(other) for other in others] == [text] * len(others)


SAME_WORDING = {
    "quotes and dashes": (
        "<p>We “keep” it – for a year’s time…</p>",
        '<p>We "keep" it - for a year\'s time...</p>',
    ),
    "emphasis as title": ("<h3>Log data</h3>", "<p><b>LOG DATA:</b></p>"),
    "list as sentence": ("<ul><li>your name,</li><li>your age.</li></ul>", "<p>your name, your age</p>"),
    "letters": ("<ol type=a><li>name</li></ol>", "<p>(a) Name</p>"),
    "link": ("<p>See <a href='https://a.test/x'>our rules</a>.</p>", "<p>See our rules</p>"),
}


@pytest.mark.parametrize("name", SAME_WORDING)
def test_texts_that_differ_in_signs_alone_have_the_same_wording(name: str) -> None:
    one, other = map(_text, SAME_WORDING[name])

    assert one != other
    assert wording_sha256(one) == wording_sha256(other)
