# ruff: noqa: E501  (markup reads better in one line)
"""The policy of `decorations` on whole sites of every make, with all that stands around it there."""

from __future__ import annotations

import re

from tests.extraction.decorations import BODY, TITLE

_TITLE_TAG, _REST = BODY.strip().split("\n", 1)
_INTRO, *_SECTIONS = re.split(r"(?=<h2>)", _REST)


def _links(*names: str) -> str:
    return "".join(f'<li><a href="/{name.lower().replace(" ", "-")}">{name}</a></li>' for name in names)


def _sections(wrap: str) -> str:
    """Wrap every section: `{title}` and `{text}` are its parts, `{n}` its number."""
    parts = [re.match(r"<h2>(.*?)</h2>(.*)", section, re.S) for section in _SECTIONS]
    return "".join(wrap.format(title=part[1], text=part[2], n=n) for n, part in enumerate(parts, 1) if part)


_SHOP = _links("New arrivals", "Novels", "Poetry", "Travel", "Maps", "Gift cards", "Sale")
_LEGAL = _links(
    "Privacy policy", "Terms of service", "Cookie policy", "Refund policy", "Imprint", "Accessibility"
)
_TOC = "".join(
    f'<li><a href="#s{n}">{name}</a></li>'
    for n, name in enumerate(("What we collect", "How long we keep it", "Your rights"), 1)
)


def _page(body: str, head: str = "", attributes: str = "") -> str:
    return f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{TITLE}</title>{head}</head><body {attributes}>{body}</body></html>"


_DIRECT_LINKS = re.sub(
    "<(h[123])>(.*?)</h",
    r'<\1 class=anchor id=x>\2<a class=hash-link href="#x" title="Direct link to this heading">\u200b</a></h'.replace(
        r"\u200b", "\u200b"
    ),
    BODY,
)
_PILCROWS = re.sub("<(h[123])>(.*?)</h", r'<\1>\2<a class=headerlink href="#p">¶</a></h', BODY)


PAGES = {
    "WordPress with a sidebar and widgets": _page(
        f"""<div id=page class=site><a class="skip-link screen-reader-text" href="#content">Skip to content</a>
<header id=masthead class=site-header><p class=site-title><a href=/>Lindenhof</a></p><p class=site-description>Just another old bookshop</p>
<nav id=site-navigation class=main-navigation><button class=menu-toggle>Menu</button><ul id=primary-menu>{_SHOP}</ul></nav></header>
<div id=content class=site-content><div id=primary class=content-area><main id=main class=site-main><article id=post-3 class="post-3 page type-page hentry">
<header class=entry-header>{_TITLE_TAG.replace("<h1>", "<h1 class=entry-title>")}</header><div class=entry-content>{_REST}</div>
<footer class=entry-footer><span class=edit-link><a class=post-edit-link href=/wp-admin>Edit <span class=screen-reader-text>Privacy</span></a></span></footer></article></main></div>
<aside id=secondary class=widget-area><section class="widget widget_search"><form role=search><input type=search><input type=submit value=Search></form></section>
<section class="widget widget_recent_entries"><h2 class=widget-title>Recent Posts</h2><ul>{_links("Our cat", "A flood", "New shelf")}</ul></section>
<section class="widget widget_archive"><h2>Archives</h2><ul>{_links("March 2024", "May 2023")}</ul></section></aside></div>
<footer class=site-footer><div class=site-info>Proudly powered by <a href=https://press.example>Press</a></div></footer></div>""",
        attributes='class="page-template-default page page-id-3 wp-embed-responsive"',
    ),
    "WordPress of blocks, with comments closed": _page(
        f"""<div class=wp-site-blocks><header class=wp-block-template-part><div class="wp-block-group"><p class=wp-block-site-title><a href=/>Lindenhof</a></p>
<nav class=wp-block-navigation><ul>{_SHOP}</ul></nav></div></header><main class=wp-block-group><h1 class=wp-block-post-title>{TITLE}</h1>
<div class="entry-content wp-block-post-content is-layout-flow">{_REST.replace("<p>", "<p class=wp-block-paragraph>").replace("<table>", "<figure class=wp-block-table><table>").replace("</table>", "</table></figure>")}</div>
<div class=wp-block-comments><p class=wp-block-comments-closed>Comments are closed.</p></div></main>
<footer class=wp-block-template-part><p>Designed with <a href=https://press.example>Press</a></p></footer></div>"""
    ),
    "Shopify": _page(
        f"""<a class="skip-to-content-link button visually-hidden" href=#MainContent>Skip to content</a>
<div id=shopify-section-announcement-bar class=shopify-section><div class=announcement-bar role=region aria-label=Announcement><p class=announcement-bar__message>Free shipping on all orders over £40 until Sunday</p></div></div>
<div class=shopify-section-header><header class=header><a href=/ class=header__heading-link>Lindenhof</a><nav class=header__inline-menu><ul>{_SHOP}</ul></nav><a href=/cart class=header__icon>Cart <span>0</span></a></header></div>
<main id=MainContent class="content-for-layout focus-none" role=main><div class=shopify-policy__container><div class=shopify-policy__title>{_TITLE_TAG}</div><div class=shopify-policy__body><div class=rte>{_REST}</div></div></div></main>
<div class=shopify-section-footer><footer class=footer><div class=footer-block><h2 class=footer-block__heading>Quick links</h2><ul>{_LEGAL}</ul></div><div class=footer-block--newsletter><h2>Subscribe to our emails</h2><form><input type=email><button>Subscribe</button></form></div><small>© 2024, Lindenhof. Powered by Shop</small></footer></div>
<ul hidden><li id=a11y-refresh-page-message>Choosing a selection results in a full page refresh.</li><li id=a11y-new-window-message>Opens in a new window.</li></ul>"""
    ),
    "app rendered by a server, classes without meaning": _page(
        f"""<div id=__next><div class=css-1x2><div class=css-9z><a href=/ class=css-l>Lindenhof</a><div class=css-m><ul>{_SHOP}</ul></div><button class=css-b>Log in</button></div>
<div class=css-2q><div class=css-3c><div class=css-t>{_TITLE_TAG}</div><div class=css-r>{_REST.replace("<p>", "<div class=css-p><p>").replace("</p>", "</p></div>")}</div></div></div>
<div class=css-f><div><div>Company</div><ul>{_links("About", "Careers", "Press")}</ul></div><div><div>Legal</div><ul>{_LEGAL}</ul></div><div>© Lindenhof Books Ltd.</div></div></div></div>
<script id=__NEXT_DATA__ type=application/json>{{"props":{{"text":"<p>We sell it all</p>"}}}}</script><div id=portal></div>"""
    ),
    "documentation site": _page(
        f"""<div class=navbar><a class=navbar__brand href=/>Docs</a><div class=navbar__search><input placeholder=Search><kbd>ctrl K</kbd></div></div>
<div class=main-wrapper><aside class=sidebar><nav class=menu><ul>{_links("Getting started", "Guides", "API", "Legal")}</ul></nav></aside>
<main><div class=row><div class=col><nav class=breadcrumbs aria-label=Breadcrumbs><ul>{_links("Home", "Legal")}</ul></nav><article><div class="theme-doc-markdown markdown">{_DIRECT_LINKS}</div>
<footer class=theme-doc-footer><a href=https://code.example/edit/privacy.md class=theme-edit-this-page>Edit this page</a><span>Last updated on <time>Mar 3, 2024</time> by <b>anna</b></span></footer></article>
<nav class=pagination-nav><a href=/terms><div>Previous</div><div>Terms</div></a><a href=/dpa><div>Next</div><div>DPA</div></a></nav></div>
<div class=col><div class=table-of-contents><ul>{_TOC}</ul></div></div></div></main></div>"""
    ),
    "manual with a search box and prev and next, as text": _page(
        f"""<div class=related role=navigation><h3>Navigation</h3><ul>{_links("index", "next")}</ul></div><div class=document><div class=documentwrapper><div class=bodywrapper><div class=body role=main><section id=privacy>{_PILCROWS}</section></div></div></div>
<div class=sphinxsidebar role=navigation><h3><a href=/>Table of Contents</a></h3><ul>{_TOC}</ul><h3>This Page</h3><ul class=this-page-menu><li><a href=/_sources/privacy.rst.txt>Show Source</a></li></ul></div></div><div class=footer>© Copyright 2024, Lindenhof. Created using a tool.</div>"""
    ),
    "help centre": _page(
        f"""<header class=header><div class=logo><a href=/hc/en-us>Lindenhof Help</a></div><a class=login href=/signin>Sign in</a></header><main role=main><div class=container-divider></div><div class=container><nav class=sub-nav><ol class=breadcrumbs>{_links("Lindenhof Help", "Legal", "Privacy")}</ol><form role=search class=search><input type=search></form></nav>
<div class=article-container id=article-container><aside class=article-sidebar><div class=collapsible-sidebar-title>Articles in this section</div><ul>{_links("Terms", "Cookies", "Privacy")}</ul></aside><article id=main-content class=article><header class=article-header>{_TITLE_TAG}<div class=article-author><ul class=meta-group><li><time>1 month ago</time></li><li>Updated</li></ul></div><button class=article-subscribe>Follow</button></header>
<section class=article-info><div class=article-content><div class=article-body>{_REST}</div></div></section><footer><div class=article-footer><div class=article-share><ul class=share>{_links("Facebook", "LinkedIn")}</ul></div></div><div class=article-votes><span class=article-votes-question>Was this article helpful?</span><div><button>Yes</button><button>No</button></div><small>3 out of 5 found this helpful</small></div><div class=article-more-questions>Have more questions? <a href=/requests/new>Submit a request</a></div></footer>
<div class=article-relatives><section class=related-articles><h2>Related articles</h2><ul>{_links("Refunds", "Data requests")}</ul></section></div></article></div></div></main>"""
    ),
    "government, with a banner and a feedback form": _page(
        f"""<div class=govuk-cookie-banner role=region aria-label="Cookies on this site"><h2>Cookies on this site</h2><p>We use some essential cookies to make this website work. We would like to set additional cookies to understand how you use it.</p><button>Accept additional cookies</button><button>Reject additional cookies</button><a href=/cookies>View cookies</a></div>
<header role=banner><a href=/>Borough of Lindenhof</a></header><div class=phase-banner><p><strong>Beta</strong> This is a new service – your <a href=/feedback>feedback</a> will help us to improve it.</p></div>
<div class=width-container><a href=/legal class=back-link>Back</a><main id=main-content role=main><div class=grid-row><div class=two-thirds>{BODY}</div></div></main></div>
<div class=feedback><h2>Is this page useful?</h2><button>Yes this page is useful</button><button>No this page is not useful</button><button>Report a problem with this page</button></div>
<footer role=contentinfo><h2>Support links</h2><ul>{_LEGAL}</ul><span>All content is available under the Open Licence v3.0, except where otherwise stated</span></footer>"""
    ),
    "newspaper": _page(
        f"""<div class=ad-leaderboard><div id=div-gpt-ad-1>Advertisement</div></div><header class=masthead><div class=date>Wednesday, 3 April</div><ul>{_links("World", "Politics", "Sport", "Culture")}</ul><a href=/subscribe>Subscribe for £1</a></header>
<div class=trending><span>Trending</span><ul>{_links("Budget", "Floods")}</ul></div><article class=story><h1>{TITLE}</h1><div class=share-bar><a href=/fb>Share on Facebook</a><a href=/x>Share on X</a></div><div class=story-body>{_REST.replace("<h2>Your", "<div class=ad-slot><span>Advertisement</span></div><h2>Your")}</div></article>
<section class=most-read><h2>Most read</h2><ol>{_links("Flood takes bridge", "Cat back after year", "Mayor resigns over map")}</ol></section><section class=newsletter-signup><h3>Sign up to our morning letter</h3><p>All that happened overnight, in your inbox at six, written by our editors for you.</p><form><input type=email></form></section><footer><ul>{_LEGAL}</ul><p>© 2024 The Lindenhof Post. All rights reserved.</p></footer>"""
    ),
    "accordion of details": _page(
        f"<header><ul>{_SHOP}</ul></header><main>{_TITLE_TAG}{_INTRO}{_sections('<details><summary><h2>{title}</h2></summary><div>{text}</div></details>')}</main><footer><ul>{_LEGAL}</ul></footer>"
    ),
    "accordion of buttons with hidden panels": _page(
        f"<main>{_TITLE_TAG}{_INTRO}<div class=accordion>"
        + _sections(
            "<div class=accordion-item><h2 class=accordion-header><button class='accordion-button collapsed' type=button data-bs-toggle=collapse aria-expanded=false aria-controls=c{n}>{title}</button></h2><div id=c{n} class='accordion-collapse collapse' style='display:none' aria-hidden=true><div class=accordion-body>{text}</div></div></div>"
        )
        + "</div></main>"
    ),
    "tabs, one panel shown": _page(
        f"<main>{_TITLE_TAG}{_INTRO}<div class=tabs><div role=tablist><button role=tab aria-selected=true>Data</button><button role=tab>Time</button><button role=tab>Rights</button></div>"
        + _sections("<div role=tabpanel hidden id=t{n}><h2>{title}</h2>{text}</div>")
        + "</div></main>"
    ),
    "sticky table of contents beside the text": _page(
        f"<div class=wrap><div class=left><div class=sticky><p>On this page</p><ol>{_TOC}</ol></div></div><div class=right>{BODY}</div></div><footer><p>© 2024 Lindenhof Books</p><ul>{_LEGAL}</ul></footer>"
    ),
    "switcher of languages and regions above the text": _page(
        f"""<header><a href=/>Lindenhof</a></header><div class=wrapper><div class=lang><span>Language:</span><select><option>English<option>Deutsch</select><ul>{_links("Deutsch", "Français", "Español", "Italiano", "日本語")}</ul></div><div class=body>{BODY}</div></div><footer><ul>{_LEGAL}</ul></footer>"""
    ),
    "consent dialog with a list of purposes behind the text": _page(
        f"""<div class=site><div class=body>{BODY}</div></div><div id=onetrust-consent-sdk><div id=onetrust-banner-sdk role=region aria-label="Cookie banner"><div><h2>We value your privacy</h2><p>We and our partners store and access information on a device, such as cookies, and process personal data.</p></div><button>Reject all</button><button>Accept all cookies</button></div>
<div id=onetrust-pc-sdk role=dialog aria-label="Preference center"><h2>Privacy preference center</h2><p>When you visit any website, it may store or retrieve information on your browser, mostly in the form of cookies. This information might be about you, your preferences or your device.</p><h3>Manage consent preferences</h3><h4>Strictly necessary cookies</h4><p>These cookies are necessary for the website to function and cannot be switched off in our systems.</p><h4>Targeting cookies</h4><p>These cookies may be set through our site by our advertising partners to build a profile of your interests.</p><button>Confirm my choices</button></div></div>"""
    ),
    "old shop of nested tables": (
        f"""<HTML><HEAD><TITLE>{TITLE}</TITLE></HEAD><BODY BGCOLOR="#FFFFFF" LINK=blue><TABLE WIDTH="100%" BORDER=0><TR><TD><IMG SRC=logo.gif ALT=Lindenhof></TD><TD ALIGN=right><A HREF=/cart.asp>Basket</A> | <A HREF=/login.asp>My account</A></TD></TR></TABLE>
<TABLE WIDTH=780 BORDER=0 CELLPADDING=4><TR><TD WIDTH=140 VALIGN=top BGCOLOR="#CCCCCC"><TABLE>{"".join(f"<TR><TD><A HREF=/{n}.asp>{n}</A></TD></TR>" for n in ("Novels", "Poetry", "Travel", "Maps"))}</TABLE></TD><TD VALIGN=top><TABLE WIDTH="100%"><TR><TD>{BODY}</TD></TR></TABLE></TD></TR></TABLE>
<CENTER><FONT SIZE=1><A HREF=/>Home</A> | <A HREF=/help.asp>Help</A> | <A HREF=/privacy.asp>Privacy</A><BR>Copyright © 2001-2024 Lindenhof Books. All rights reserved.</FONT></CENTER></BODY></HTML>"""
    ),
    "builder of sites, every paragraph a section": _page(
        f"""<div class=sqs-announcement-bar><a href=/sale>Spring sale</a></div><header id=header><nav><ul>{_SHOP}</ul></nav></header><main id=page><article class=sections>{"".join(f'<section class=page-section><div class=content-wrapper><div class="sqs-block html-block"><div class=sqs-block-content>{part}</div></div></div></section>' for part in (_TITLE_TAG + _INTRO, *_SECTIONS))}</article></main><footer class=sections id=footer-sections><section class=page-section><p>4 Mill Lane, Oxford</p><a href=/contact>Contact</a></section></footer>"""
    ),
    "portal with a column of related documents": _page(
        f"""<div class=top><a href=/>Lindenhof</a></div><div class=layout><div class=col-9>{BODY}</div><div class=col-3><div class=box><h4>Related documents</h4><ul>{_LEGAL}</ul></div><div class=box><h4>Need help?</h4><p>Our team answers within a day.</p><a href=/contact class=btn>Contact us</a></div><div class=box><h4>Download</h4><a href=/privacy.pdf>Download as PDF</a></div></div></div><div class=bottom><ul>{_LEGAL}</ul></div>"""
    ),
}
