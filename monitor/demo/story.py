"""The story: three sites, four policies, and what happens to each of them between one check and the next."""

from __future__ import annotations

from monitor.demo.script import DemoDocument, Edit, Moved, Plant, Scene

HARBOUR_PRIVACY = DemoDocument(
    "harbour-books", "Harbour Books", "privacy-policy", "harbour-privacy.md", "headings",
    scenes=[
        Scene("the whole website got a new layout and a cookie banner", dress={"layout": 2, "cookie_banner": True}),
        Scene(
            "a promise was weakened",
            [Edit(
                "We never share your personal information with third parties for their own marketing purposes.",
                "We may share your personal information with third parties for their own marketing purposes.",
            )],
            [Plant("“never share” became “may share”", "sharing", "weaker", "may share your personal information")],
        ),
        Scene("a heading was renamed", [Edit("## With whom we share it", "## Who else sees your information")]),
        Scene(
            "the log of the server is kept for longer",
            [Edit("We delete the log of our server after 14 days.", "We delete the log of our server after 60 days.")],
            [Plant("server logs: 14 days became 60", "retention", "weaker", "60 days")],
        ),
        None,
        Scene("another date at the top", [Edit("3 March 2025", "9 September 2025")]),
    ],
)  # fmt: skip

HARBOUR_TERMS = DemoDocument(
    "harbour-books", "Harbour Books", "terms-of-service", "harbour-terms.md", "headings",
    scenes=[
        Scene("the whole website got a new layout and a cookie banner", dress={"layout": 2, "cookie_banner": True}),
        None,
        Scene(
            "the notice before changes got shorter",
            [Edit("at least 30 days notice by e-mail", "at least 7 days notice by e-mail")],
            [Plant("notice of new terms: 30 days became 7", "notice", "weaker", "7 days notice")],
        ),
        Scene("two sections changed places", [Moved("Reviews that you write", before="Orders and prices")]),
        Scene(
            "a right of customers got shorter",
            [Edit("the right to return any book within 30 days", "the right to return any book within 14 days")],
            [Plant("returning books: 30 days became 14", "rights", "weaker", "within 14 days without giving")],
        ),
        Scene("another date at the top", [Edit("1 February 2024", "1 September 2025")]),
    ],
)  # fmt: skip

KESTREL_PRIVACY = DemoDocument(
    "kestrel-run", "Kestrel Run", "privacy-policy", "kestrel-privacy.md", "bold",
    scenes=[
        Scene("another date at the top", [Edit("Effective as of June 1, 2024", "Effective as of July 15, 2024")]),
        Scene(
            "a retention period was doubled",
            [Edit("Raw position data is stored for 30 days", "Raw position data is stored for 60 days")],
            [Plant("raw position data: 30 days became 60", "retention", "weaker", "60 days")],
        ),
        Scene("the server answered with a maintenance page", dress={"instead": "maintenance"}),
        Scene(
            "a right was added",
            [Edit(
                "You may ask us to delete your account.",
                "You may ask us to delete your account. You have the right to receive a copy of your data in a "
                "machine-readable format and to have it transferred to another service.",
            )],
            [Plant("a right to take the data along was added", "rights", "stronger", "machine-readable format")],
        ),
        Scene(
            "a new use of data was added",
            [Edit(
                "We do not use your health data for advertising.",
                "We may use your runs and your heart rate to train our artificial intelligence models. "
                "We do not use your health data for advertising.",
            )],
            [Plant("data may now train AI models", "ai", "weaker", "artificial intelligence models")],
        ),
        Scene("another postal address", [Edit("12 Weir Lane, Galway", "3 Long Walk, Galway")]),
    ],
)  # fmt: skip

FERNLEAF_PRIVACY = DemoDocument(
    "fernleaf-mail", "Fernleaf Mail", "privacy-policy", "fernleaf-privacy.md", "tables",
    scenes=[
        Scene("links in the menu and below the text lead elsewhere", dress={"layout": 2}),
        Scene(
            "a list was re-flowed into sentences",
            [Edit(
                "You have these rights, whatever country you live in:\n\n"
                "- to receive a copy of your data in a common format\n"
                "- to have wrong data corrected\n"
                "- to have your data deleted\n"
                "- to object to the processing of your data\n",
                "You have these rights, whatever country you live in: to receive a copy of your data in a common "
                "format, to have wrong data corrected, to have your data deleted, to object to the processing of "
                "your data.\n",
            )],
        ),
        Scene(
            "an exception slipped into a promise",
            [Edit(
                "- We will not hand over the content of your mailbox to anyone.",
                "- We will not hand over the content of your mailbox to anyone, except where we believe that this "
                "is necessary to protect our business.",
            )],
            [Plant("an exception to “not to anyone”", "sharing", "weaker", "necessary to protect our business")],
        ),
        Scene(
            "a company was added that receives data",
            [Edit(
                "- Letterbox Services, which prints and posts our invoices\n",
                "- Letterbox Services, which prints and posts our invoices\n"
                "- Clearmetric, which analyses how our customers use their mailboxes\n",
            )],
            [Plant("a new recipient: an analytics company", "sharing", "weaker", "Clearmetric")],
        ),
        Scene(
            "a period in the table got shorter",
            [Edit("| To detect abuse | 12 months |", "| To detect abuse | 6 months |")],
            [Plant("log-in times: 12 months became 6", "retention", "stronger", "6 months")],
        ),
        Scene("a slip of the pen was repaired", [Edit("what you have paid in advance", "what you paid in advance")]),
    ],
)  # fmt: skip

DOCUMENTS = (HARBOUR_PRIVACY, HARBOUR_TERMS, KESTREL_PRIVACY, FERNLEAF_PRIVACY)
CHECKS = 1 + max(len(document.scenes) for document in DOCUMENTS)
