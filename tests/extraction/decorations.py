# ruff: noqa: E501  (markup reads better in one line)
"""One policy of our own, and the many ways in which a site may dress it."""

from __future__ import annotations

import re

TITLE = "Privacy Policy of Lindenhof Books"

BODY = """
<h1>Privacy Policy of Lindenhof Books</h1>
<p>Last updated: 3 March 2024</p>
<p>Lindenhof Books runs a shop for used books. This policy tells you which data we keep when you order from us,
why we need them, and what you can ask of us at any time.</p>
<h2>What we collect</h2>
<p>When you place an order we ask for the following data, and for nothing else:</p>
<ul>
<li>your name and postal address, so that the parcel finds you;</li>
<li>your e-mail address, so that we can tell you when it leaves;</li>
<li>the titles that you bought.</li>
</ul>
<p>We never see your card number. It goes straight to our bank, whose rules are in
<a href="https://bank.example/privacy">its own policy</a>.</p>
<h2>How long we keep it</h2>
<p>We delete orders <strong>60 days</strong> after delivery, except where the tax law of our country obliges us
to keep the invoice for longer.</p>
<table>
<tr><th>Data</th><th>Kept for</th></tr>
<tr><td>Invoices</td><td>10 years</td></tr>
<tr><td>Order history</td><td>60 days</td></tr>
</table>
<h2>Your rights</h2>
<ol>
<li>You may ask what we know about you; we answer within 14 days and charge nothing.</li>
<li>You may have mistakes corrected and data deleted.</li>
</ol>
<h3>How to reach us</h3>
<p>Write to <a href="mailto:data@lindenhof.example">data@lindenhof.example</a> or to Lindenhof Books, 4 Mill Lane,
Oxford. We read every letter ourselves.</p>
"""

TEXT = """\
# Privacy Policy of Lindenhof Books

Last updated: 3 March 2024

Lindenhof Books runs a shop for used books. This policy tells you which data we keep when you order from us, why we \
need them, and what you can ask of us at any time.

## What we collect

When you place an order we ask for the following data, and for nothing else:

- your name and postal address, so that the parcel finds you;
- your e-mail address, so that we can tell you when it leaves;
- the titles that you bought.

We never see your card number. It goes straight to our bank, whose rules are in \
[its own policy](https://bank.example/privacy).

## How long we keep it

We delete orders **60 days** after delivery, except where the tax law of our country obliges us to keep the invoice \
for longer.

| Data | Kept for |
| --- | --- |
| Invoices | 10 years |
| Order history | 60 days |

## Your rights

1. You may ask what we know about you; we answer within 14 days and charge nothing.
2. You may have mistakes corrected and data deleted.

### How to reach us

Write to data@lindenhof.example or to Lindenhof Books, 4 Mill Lane, Oxford. We read every letter ourselves.
"""

_LINKS = "".join(
    f'<li><a href="/{name.lower()}">{name}</a></li>'
    for name in (
        "Home",
        "Novels",
        "Poetry",
        "Travel",
        "Maps",
        "Atlases",
        "Gifts",
        "Basket",
        "Account",
        "Help",
    )
)
_TOC = "".join(
    f'<li><a href="#{n}">{name}</a></li>'
    for n, name in enumerate(("What we collect", "How long we keep it", "Your rights", "How to reach us"))
)
_FOOT = f"<p>© 2024 Lindenhof Books. All rights reserved.</p><ul>{_LINKS}</ul>"
_COOKIES = """<p>We use cookies to improve your experience on our site, to show you books that you may like and to
measure our adverts. You can change your mind whenever you want.</p>
<button>Accept all</button><button>Reject all</button>"""

_POSTS = "".join(
    f"<div><h3><a href='/blog/{year}'>How we bound the atlas of {year}</a></h3><p>A reader brought us an atlas of {year}, and "
    "we spent a week on its spine.</p><a href='/blog'>Read more</a></div>"
    for year in (1881, 1885, 1893)
)
_QUOTES = "".join(
    f"<div><p>“The parcel came in two days and the book was as good as new, I will be back.”</p><span>{name}, Oxford</span></div>"
    for name in ("Ada", "Bo", "Cleo")
)
_COMMENTS = "".join(
    f"<li><b>{name}</b> <span>3 March 2024 at 10:04</span><p>I have asked twice now when my parcel will come, and nobody "
    "answers.</p><a href='#r'>Reply</a></li>"
    for name in ("Ada", "Bo", "Cleo")
)


def _page(body: str, head: str = "") -> str:
    return f"<!doctype html><html lang=en><head><title>{TITLE}</title>{head}</head><body>{body}</body></html>"


def _spread(body: str) -> str:
    """Wrap every paragraph and heading in a box of its own, with attributes and white space."""
    body = re.sub(
        r"<(p|h[123])>(.*?)</\1>",
        r'<div class="row c-\1" data-k="x1">\n\t <div><\1 class="t" id=q>\n   \2\n  </\1></div> </div>\n\n',
        body,
        flags=re.S,
    )
    return body.replace(" ", "  ", 40) if "data-k" not in body else body


# The address with every byte crossed with 0x2A, and that byte in front.
_PROTECTED = "2a" + bytes(byte ^ 0x2A for byte in b"data@lindenhof.example").hex()
_TITLE_TAG, _REST = BODY.strip().split("\n", 1)

PAGES = {
    "bare": _page(BODY),
    "no html, head or body tags": BODY,
    "landmarks": _page(
        f"<header><a href='/'>Lindenhof</a><nav><ul>{_LINKS}</ul></nav></header><main>{BODY}</main><footer>{_FOOT}</footer>"
    ),
    "boxes without landmarks": _page(
        f"<div><div>Lindenhof</div><div><ul>{_LINKS}</ul></div></div><div><div>{BODY}</div></div><div>{_FOOT}</div>"
    ),
    "roles instead of tags": _page(
        f"<div role=banner><ul>{_LINKS}</ul></div><div role=main>{BODY}</div><div role=contentinfo>{_FOOT}</div>"
    ),
    "article with a header of its own": _page(
        f"<main><article><header>{_TITLE_TAG}</header>{_REST}</article></main><footer>{_FOOT}</footer>"
    ),
    "title in a hero above the text": _page(
        f"<div><ul>{_LINKS}</ul></div><section class=hero><div>{_TITLE_TAG}</div></section><section>{_REST}</section>"
        f"<footer>{_FOOT}</footer>"
    ),
    "title in the page's header, text in main": _page(
        f"<header><nav>{_LINKS}</nav>{_TITLE_TAG}</header><main>{_REST}</main><footer>{_FOOT}</footer>"
    ),
    "every block in boxes with attributes": _page(_spread(BODY)),
    "layout table": _page(
        f"<table width=760><tr><td><ul>{_LINKS}</ul></td><td><table><tr><td>{BODY}</td></tr></table></td></tr></table>"
    ),
    "sidebar before the text": _page(
        f"<div class=sidebar><h3>Categories</h3><ul>{_LINKS}</ul></div><div class=content>{BODY}</div>"
    ),
    "sidebar behind the text": _page(
        f"<div>{BODY}</div><aside><h3>Bestsellers</h3><p>Our readers loved these books last month, have a look at them.</p>"
        f"<ul>{_LINKS}</ul></aside>"
    ),
    "breadcrumb and skip link": _page(
        "<a href='#main'>Skip to main content</a><div><a href='/'>Home</a> / <a href='/legal'>Legal</a> / Privacy</div>"
        f"<div id=main>{BODY}</div>"
    ),
    "cookie dialog with a role": _page(
        f"<div role=dialog aria-modal=true>{_COOKIES}</div><main>{BODY}</main>"
    ),
    "cookie bar without a role, before": _page(f"<div><div>{_COOKIES}</div></div><div>{BODY}</div>"),
    "cookie bar without a role, behind": _page(f"<div>{BODY}</div><div><div>{_COOKIES}</div></div>"),
    "cookie bar inside the text's box": _page(f"<div>{BODY}<div class=cookie-banner>{_COOKIES}</div></div>"),
    "table of contents": _page(BODY.replace("<h2>What", f"<h2>Contents</h2><ul>{_TOC}</ul><h2>What", 1)),
    "table of contents in nav": _page(
        BODY.replace("<h2>What", f"<h2>In this article</h2><nav><ul>{_TOC}</ul></nav><h2>What", 1)
    ),
    "table of contents in paragraphs": _page(
        BODY.replace("<h2>What", f"<p>{_TOC.replace('<li>', '').replace('</li>', '<br>')}</p><h2>What", 1)
    ),
    "feedback widget": _page(
        f"<main>{BODY}<div><p>Was this page helpful?</p><button>Yes</button><button>No</button></div></main>"
    ),
    "feedback widget of links": _page(
        f"<div>{BODY}<div>Was this article helpful? <a href='#y'>Yes</a> <a href='#n'>No</a></div></div>"
    ),
    "related links": _page(f"<div>{BODY}<h2>Related articles</h2><ul>{_LINKS}</ul></div>"),
    "language switcher": _page(
        "<div class=langs><a href='/de'>Deutsch</a> <a href='/fr'>Français</a> <a href='/es'>Español</a></div>"
        f"<div>{BODY}</div>"
    ),
    "newsletter form": _page(
        f"<div>{BODY}</div><div><h2>Stay in touch</h2><p>Get our letter about new old books, once a month, free of charge and "
        "without any obligation.</p><form><input type=email><button>Subscribe</button></form></div>"
    ),
    "whole page in a form": _page(f"<form id=aspnetForm><input type=hidden name=v>{BODY}</form>"),
    "advert between": _page(
        BODY.replace("<h2>Your", "<div class='ad-slot'><iframe src='/ad'></iframe></div><h2>Your", 1)
    ),
    "hidden pop-up": _page(
        f"<div>{BODY}</div><div style='display:none'><h2>Wait!</h2><p>Before you go, take ten percent off your first order "
        "with us, valid today on everything that is in stock.</p></div>"
    ),
    "scripts, styles and pixels": _page(
        "<noscript>Please enable JavaScript</noscript><script>var a = '<p>x</p>';</script>"
        + BODY.replace("<h2>", "<style>.a{color:red}</style><img src='/p.gif' width=1 height=1 alt=''><h2>"),
        "<script>1</script>",
    ),
    "links with tracking": _page(
        BODY.replace("example/privacy", "example/privacy?utm_source=shop&amp;utm_medium=web&amp;gclid=1")
    ),
    "headings with permalinks": _page(
        re.sub(r"<h2>(.*?)</h2>", r"<h2 id=a>\1 <a class=headerlink href='#a' title='Link'>¶</a></h2>", BODY)
    ),
    "headings that link to themselves": _page(
        re.sub(r"<h2>(.*?)</h2>", r"<h2><a href='#a'>\1</a></h2>", BODY)
    ),
    "bold headings": _page(re.sub(r"<h2>(.*?)</h2>", r"<h2><span><b>\1</b></span></h2>", BODY)),
    "headings by role": _page(re.sub(r"<h2>(.*?)</h2>", r"<div role=heading aria-level=2>\1</div>", BODY)),
    "protected e-mail": _page(
        BODY.replace(
            '<a href="mailto:data@lindenhof.example">data@lindenhof.example</a>',
            f'<a href="/cdn-cgi/l/email-protection" data-cfemail="{_PROTECTED}">[email&#160;protected]</a>',
        )
    ),
    "invisible characters": _page(
        BODY.replace("this policy", "this&nbsp;policy")
        .replace("parcel", "par&shy;cel")
        .replace("a b", "a &#8203;b")
        .replace("This policy", "This\u00a0policy")
        .replace("delivery", "deli\u00advery\u200b")
    ),
    "back to top": _page(BODY.replace("<h2>", "<p><a href='#top'>Back to top</a></p><h2>")),
    "same title twice, for two widths": _page(
        BODY.replace(_TITLE_TAG, f"<div>{_TITLE_TAG}</div><div>{_TITLE_TAG}</div>")
    ),
    "comments and processing instructions": _page(
        BODY.replace("<p>", "<!-- x --><p><!-- y -->").replace("</p>", "<?php z ?></p>")
    ),
    "capital tags, unquoted and unclosed": _page(
        re.sub(r"</?[a-z0-9]+", lambda m: m.group().upper(), BODY).replace("</P>", "").replace("</LI>", "")
    ),
    "promotion above the title": _page(
        f"<div class=x><h6>Summer sale</h6><span>All maps for half the price until 2024-08-31</span></div><div>{BODY}</div>"
    ),
    "posts in a box behind the text": _page(
        f"<div><div>{BODY}</div></div><div><h2>Latest from our blog</h2>{_POSTS}</div><div>{_FOOT}</div>"
    ),
    "posts in main": _page(
        f"<main><section>{BODY}</section><section><p>From the workshop</p>{_POSTS}</section></main><footer>{_FOOT}</footer>"
    ),
    "posts in a column beside the text": _page(
        f"<main><div class=row><div>{BODY}</div><div><h4>Recent posts</h4>{_POSTS}</div></div></main>"
    ),
    "posts in a box with a name": _page(
        f"<main>{BODY}<div class='row related-posts'><h2>More to discover</h2>{_POSTS}</div></main>"
    ),
    "praise behind the text": _page(
        f"<div><div>{BODY}</div></div><div><h2>What our readers say</h2>{_QUOTES}</div><div>{_FOOT}</div>"
    ),
    "praise in a box with a name": _page(
        f"<main>{BODY}<div class=testimonials-slider><h2>Praise</h2>{_QUOTES}</div></main>"
    ),
    "comments of readers": _page(
        f"<div><div>{BODY}</div><div><h3>3 comments</h3><ol>{_COMMENTS}</ol><form><textarea></textarea></form></div></div>"
    ),
    "comments of readers in a box with a name": _page(
        f"<div><div>{BODY}</div><div class=comments-area><ol>{_COMMENTS}</ol></div></div>"
    ),
    "about the author": _page(
        f"<main><article>{BODY}<div><h4>About the author</h4><p>Anna writes about old books and the people who bind them, and "
        "lives in Oxford with two cats and a press.</p></div></article></main>"
    ),
    "invitation behind the text": _page(
        f"<main>{BODY}<section><h2>Ready to get started?</h2><p>Join the twelve thousand readers who order their books from us "
        "every year.</p><a class=btn href=/signup>Sign up</a></section></main>"
    ),
    "links that say where they open": _page(
        BODY.replace(
            "its own policy</a>", "its own policy<span class=sr-only> (opens in a new window)</span></a>"
        )
    ),
    "links that say where they open, without a space": _page(
        BODY.replace("its own policy</a>", "its own policy<span class=x>Link opens in new tab</span></a>")
    ),
    "headings with a button to copy their link": _page(
        BODY.replace("</h2>", " <button>Copy link</button></h2>")
    ),
    "stamp of the server": _page(f"<main>{BODY}<p>Page generated in 0.034 seconds</p></main>"),
    "stamp of a printer": _page(f"<main>{BODY}<p>Printed on 3 March 2024 at 10:33</p></main>"),
    "whole text twice, for two widths": _page(
        f"<main><div class=wide>{BODY}</div><div class=narrow style='display:none'>{BODY}</div></main>"
    ),
    "posts without a box": _page(f"<main>{BODY}<h2>Latest from our blog</h2>{_POSTS}</main>"),
}
