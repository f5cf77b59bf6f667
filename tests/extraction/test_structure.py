# ruff: noqa: E501  (markup reads better in one line)
from __future__ import annotations

import pytest

from crawler.extraction import extract

# Long enough to be found as the text of the page, before and behind what is tested.
PROSE = (
    "We write this down so that everybody who uses our service can read what happens to the data that it keeps, "
    "and may ask us about it whenever something is unclear."
)


def written(markup: str, url: str = "https://shop.example/legal/privacy") -> str:
    page = f"<html><body><p>{PROSE}</p>{markup}<p>{PROSE}</p></body></html>"
    text = extract(page.encode(), url=url).text
    assert text.startswith(f"{PROSE}\n\n")
    assert text.endswith(f"\n\n{PROSE}\n")
    return text[len(PROSE) + 2 : -len(PROSE) - 3]


CASES = {
    "nested lists keep their indentation and numbers": (
        "<ul><li>One<ul><li>Two<ol><li>Three</li><li>Four</li></ol></li></ul></li><li>Five</li></ul>",
        "- One\n  - Two\n    1. Three\n    2. Four\n- Five",
    ),
    "a list directly in a list is indented": (
        "<ul><li>A</li><ul><li>B</li></ul><li>C</li></ul>",
        "- A\n  - B\n- C",
    ),
    "numbers start where the source starts": (
        "<ol start=5><li>five</li><li value=9>nine</li><li>ten</li></ol>",
        "5. five\n9. nine\n10. ten",
    ),
    "letters and roman numerals stay": (
        "<ol type=a><li>first</li></ol><ol style='list-style-type: upper-roman' start=4><li>fourth</li></ol>",
        "a. first\n\nIV. fourth",
    ),
    "typed numbers and bullets make list items": (
        "<p>• one</p><p>▪ two</p><p>1. three</p><ol><li>2. four</li></ol>",
        "- one\n- two\n1. three\n2. four",
    ),
    "a number in a box of its own belongs to the text behind it": (
        "<table><tr><td>1.</td><td>First clause.</td></tr><tr><td>2.</td><td>Second clause.</td></tr></table>",
        "1. First clause.\n2. Second clause.",
    ),
    "list items with headings are sections": (
        "<ol><li><h3>Scope</h3><p>All users.</p></li><li><h3>Term</h3><p>One year.</p></li></ol>",
        "### 1. Scope\n\nAll users.\n\n### 2. Term\n\nOne year.",
    ),
    "two paragraphs in an item stay in it": (
        "<ul><li><p>One</p><p>More</p></li><li>Two</li></ul>",
        "- One\n\n  More\n\n- Two",
    ),
    "line breaks are kept, two of them end a paragraph": (
        "<p>Mill Lane 4<br>Oxford<br><br>Phone first.<br></p>",
        "Mill Lane 4\\\nOxford\n\nPhone first.",
    ),
    "emphasis is written one way": (
        "<p><b>All </b><b>rights</b> and <i>no</i><em>thing</em> <b> </b>else<strong></strong></p>",
        "**All rights** and *nothing* else",
    ),
    "bold by style is bold": (
        '<p><span style="font-weight: 700">Deletion</span> on request</p>',
        "**Deletion** on request",
    ),
    "a bold line stays a bold line": ("<p><b>2. Cookies</b></p><p>None.</p>", "**2. Cookies**\n\nNone."),
    "only what would be markup is escaped": (
        "<p>5 * 4 is *twenty*, snake_case and _this_, [a](b), 1 &lt; 2 but &lt;b&gt;</p><p># no heading</p><p>2024. A year</p>",
        "5 * 4 is \\*twenty\\*, snake_case and \\_this\\_, \\[a](b), 1 < 2 but \\<b>\n\n\\# no heading\n\n2024\\. A year",
    ),
    "definitions": (
        "<dl><dt>Cookie</dt><dd>A small file.</dd></dl>",
        "**Cookie**\n\nA small file.",
    ),
    "accordions open": (
        f"<details><summary>Sharing</summary><p>{PROSE}</p></details>"
        f"<div><button aria-expanded=false>Sale</button><div hidden><p>{PROSE}</p></div></div>"
        f"<h3><button>Retention</button></h3><div style='display:none'>{PROSE}</div>",
        f"**Sharing**\n\n{PROSE}\n\n**Sale**\n\n{PROSE}\n\n### Retention\n\n{PROSE}",
    ),
    "tables": (
        "<table><caption>Cookies</caption><tr><th>Name</th><th>Life</th></tr><tr><td>a|b</td><td>1 day<br>or 2</td></tr>"
        "<tr><td colspan=2>all</td></tr></table>",
        "**Cookies**\n\n| Name | Life |\n| --- | --- |\n| a\\|b | 1 day<br>or 2 |\n| all |  |",
    ),
    "quotes": ("<blockquote><p>One</p><p>Two</p></blockquote>", "> One\n>\n> Two"),
    "preformatted text is unwrapped, its lists are lists": (
        "<pre>This line is longer than fifty characters and was wrapped\nby its author.\n\n* one\n* two\n</pre>",
        "This line is longer than fifty characters and was wrapped by its author.\n\n- one\n- two",
    ),
    "footnotes keep their marks, arrows back go": (
        '<p>Data<sup><a href="#n1">1</a></sup> of the 10<sup>th</sup></p><ol><li id=n1>A note <a href="#r1">↩</a></li></ol>',
        "Data[1] of the 10th\n\n1. A note",
    ),
    "links are absolute, jumps and scripts become text": (
        '<p><a href="../terms?a=1#x">terms</a>, <a href="#s2">section 2</a>, <a href="/legal/privacy#s3">section 3</a>, '
        '<a href="javascript:x()">settings</a>, <a href="http://[bad">bad</a>, <a href="/a (b)">c</a></p>',
        "[terms](https://shop.example/terms?a=1#x), section 2, section 3, settings, bad, "
        "[c](https://shop.example/a%20%28b%29)",
    ),
    "links of archived copies lead to the original": (
        '<p><a href="/web/20200101000000/https://bank.example/p">bank</a></p>',
        "[bank](https://bank.example/p)",
    ),
    "answers of one word are kept": ("<h2>Do we sell data?</h2><p>No.</p>", "## Do we sell data?\n\nNo."),
    "lines that change at every visit go": ("<p>Updated 3 days ago</p><p>5 min read</p>", ""),
    "a list of links inside the text is kept": (
        '<ul><li><a href="/c">Cookies</a></li><li><a href="/t">Terms</a></li><li><a href="/d">Deletion</a></li></ul>',
        "- [Cookies](https://shop.example/c)\n- [Terms](https://shop.example/t)\n- [Deletion](https://shop.example/d)",
    ),
    "Chinese": (
        "<h2>我们收集的信息</h2><p>我们不会出售您的个人信息。</p>",
        "## 我们收集的信息\n\n我们不会出售您的个人信息。",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_structure_becomes_canonical_markdown(name: str) -> None:
    markup, expected = CASES[name]

    assert written(markup).strip("\n") == expected


@pytest.mark.parametrize("name", CASES)
def test_canonical_markdown_stays_as_it_is(name: str) -> None:
    once = extract(f"<p>{PROSE}</p>{CASES[name][0]}".encode(), form="html").text

    assert extract(once.encode(), form="markdown").text == once


def test_an_image_as_heading_gives_its_words() -> None:
    page = f'<h1><img src="t.gif" alt="Privacy Notice"></h1><p>{PROSE}</p>'

    assert extract(page.encode()).text == f"# Privacy Notice\n\n{PROSE}\n"


def test_a_page_of_font_tags_and_layout_tables_gives_its_text() -> None:
    menu = "".join(f'<a href="p{n}.htm">Clocks of the {n}0s</a><br>' for n in range(2, 9))
    page = (
        f"<TABLE width=700><TR><TD bgcolor=#eeeeee>{menu}</TD><TD><FONT size=5>Privacy Statement</FONT><BR><BR>"
        f"<FONT face=Arial size=2><B>E-mail</B><BR>{PROSE}<P>{PROSE}</FONT></TD></TR><TR><TD colspan=2><FONT size=1>"
        "Copyright 2003 Clocks Inc. <A href=t.htm>Terms</A></FONT></TD></TR></TABLE>"
    )

    assert extract(page.encode()).text == f"# Privacy Statement\n\n**E-mail**\\\n{PROSE}\n\n{PROSE}\n"


def test_title_named_like_a_menu_stays_above_the_table_of_contents() -> None:
    sections = "".join(f"<h2 id=part-{n}>Part {n}</h2><p>{PROSE}</p>" for n in range(3))
    contents = "".join(f"<li><a href=#part-{n}>Part {n}</a></li>" for n in range(3))
    page = f"<body><h1>Legal</h1><h2>Contents</h2><ul>{contents}</ul><p>{PROSE}</p>{sections}</body>"

    assert extract(page.encode()).text.startswith(f"# Legal\n\n{PROSE}\n\n## Part 0")


@pytest.mark.parametrize(
    "title", ["Comments", "Testimonials", "Latest changes", "Related companies", "About us"]
)
def test_section_named_like_a_widget_is_kept(title: str) -> None:
    section = (
        f"<section id={title.lower().split()[0]}><h2>{title}</h2><p>{PROSE} <a href=/a>More</a></p></section>"
    )
    page = f"<body><main><h1>Privacy</h1>{f'<p>{PROSE}</p>' * 9}{section}</main></body>"

    assert extract(page.encode()).text.count(f"## {title}\n\n{PROSE}") == 1


def test_sections_whose_titles_lead_to_longer_versions_are_kept() -> None:
    sections = "".join(f"<h3><a href=/long/{n}>Part {n}</a></h3><p>{PROSE}</p>" for n in range(4))
    page = f"<body><main><h1>Privacy</h1><div><h2>In short</h2>{sections}</div><p>{PROSE}</p></main></body>"

    assert extract(page.encode()).text.count(PROSE) == 5


COOKIES = "We use cookies to remember your basket, and to count how many readers open which page every day."
KEPT = {
    "link to cookie settings": f"<section><h2>Cookies</h2><p>{COOKIES} Change this in your <a href='#'>cookie settings</a>.</p></section>",
    "button for cookie settings": f"<section><h2>Cookies</h2><p>{COOKIES}</p><button>Cookie settings</button></section>",
    "button for preferences": f"<div><p>{COOKIES}</p><p><button>Manage preferences</button></p></div>",
    "link to refuse": f"<div><p>{COOKIES} To refuse them, <a href='javascript:void(0)'>reject all</a>.</p></div>",
    "link to accept in an item": f"<ul><li>{COOKIES} <a href='#'>Allow</a></li><li>{PROSE}</li></ul>",
    "block of a page builder": f"<div class='elementor-element elementor-widget'><p>{COOKIES}</p><button>More</button></div>",
    "section whose anchor is a topic": f"<section id=sharing><h2>Partners</h2><p>{COOKIES}</p><button>See partners</button></section>",
    "text to scroll in a box of a form": f"<textarea readonly rows=9>{COOKIES}\n\n{PROSE} {PROSE}</textarea>",
}


@pytest.mark.parametrize("name", KEPT)
def test_text_of_a_policy_is_kept_beside_controls(name: str) -> None:
    page = f"<body><main><h1>Privacy</h1>{f'<p>{PROSE}</p>' * 6}{KEPT[name]}<p>{PROSE}</p></main></body>"

    assert COOKIES in extract(page.encode()).text


def test_typing_into_a_form_is_no_text() -> None:
    page = f"<body><main><h1>Privacy</h1><p>{PROSE}</p><textarea>Your message</textarea></main></body>"

    assert "Your message" not in extract(page.encode()).text


TEXT = f"<h1>Privacy</h1>{f'<p>{PROSE}</p>' * 4}"
SECTION_BOXES = "".join(f"<div class=part><h2>Part {n}</h2><p>{PROSE}</p></div>" for n in range(4))
LAST_OR_FIRST = {
    "short section in a box like the others": (
        f"<div>{SECTION_BOXES}<div class=part><h2>Do we sell data?</h2><p>No.</p></div></div>",
        "## Do we sell data?\n\nNo.\n",
    ),
    "tab that is closed": (
        f"<main><div role=tabpanel>{TEXT}</div><div role=tabpanel hidden><h2>Sale</h2><p>{PROSE} Never.</p></div></main>",
        "Never.",
    ),
    "table": (
        f"<main>{TEXT}<table><tr><th>Cookie</th><th>Life</th></tr><tr><td>sid</td><td>1 day</td></tr></table></main>",
        "| sid | 1 day |",
    ),
    "table in a box": (
        f"<div><div>{TEXT}</div><div><table><tr><th>Cookie</th><th>Life</th></tr><tr><td>sid</td><td>1 day</td></tr></table></div></div>",
        "| sid | 1 day |",
    ),
    "date beside the title in the head of the page": (
        f"<header><nav><a href=/>Home</a></nav><h1>Privacy</h1><p>Last updated: 3 March 2024</p></header><main><p>{PROSE}</p></main>",
        "# Privacy\n\nLast updated: 3 March 2024\n",
    ),
}


@pytest.mark.parametrize("name", LAST_OR_FIRST)
def test_text_at_the_edge_of_a_policy_is_kept(name: str) -> None:
    markup, expected = LAST_OR_FIRST[name]

    assert expected in extract(f"<body>{markup}</body>".encode()).text


def test_lines_in_larger_fonts_are_the_headings_of_old_pages() -> None:
    page = (
        "<BODY><CENTER><FONT SIZE=+3><B>Terms of Use</B></FONT></CENTER><BR><BR><FONT SIZE=2>"
        f"{PROSE}<BR><BR><FONT SIZE=5>Liability</FONT><BR>{PROSE} <FONT SIZE=5>Never</FONT> more.<BR><BR>"
        f"<B><FONT SIZE=5>Law</FONT></B><BR>{PROSE}</FONT>"
    )

    assert extract(page.encode()).text == (
        f"# Terms of Use\n\n{PROSE}\n\n## Liability\n\n{PROSE} **Never** more.\n\n## Law\n\n{PROSE}\n"
    )


def test_large_fonts_are_no_headings_beside_real_ones() -> None:
    page = f"<h1>Terms</h1><p>{PROSE}</p><h2>Law</h2><p><font size=5>Read this.</font></p><p>{PROSE}</p>"

    assert "\n\n**Read this.**\n\n" in extract(page.encode()).text


@pytest.mark.parametrize("element", ["main", "article", "header", "section", "nav", "unheard-of"])
def test_a_page_that_opens_no_body_is_read_whole(element: str) -> None:
    page = f"<!doctype html><title>Policy</title><{element}><p>First. {PROSE}</p></{element}><p>{PROSE}</p>"
    opened = page.replace("</title>", "</title><body>")
    text = extract(page.encode(), url="https://shop.example/legal/privacy").text
    assert text == extract(opened.encode(), url="https://shop.example/legal/privacy").text
    assert PROSE in text
