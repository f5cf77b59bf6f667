"""Random policies, built from sections and sentences of our own."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

SECTIONS: dict[str, tuple[str, ...]] = {
    "What we collect": (
        "We collect your name, your postal address and your email address when you place an order.",
        "Our servers record the type of your browser and your IP address.",
        "We do not collect your precise location.",
        "You can look around our shop without telling us who you are.",
    ),
    "How we use it": (
        "We use your address to send your parcel.",
        "Your order history helps us recommend plants that suit your soil.",
        "We will not use your telephone number for advertising.",
        "With your consent we use photographs of your garden in our catalogue.",
    ),
    "Who else sees it": (
        "We share your address with the carrier who delivers your parcel.",
        "We never sell your personal information.",
        "Except as required by law, we do not disclose your messages to the police.",
        "Our bank learns the amount of your payment.",
    ),
    "How long we keep it": (
        "Invoices are stored for ten years because the law on accounts requires it.",
        "We delete server logs after 30 days.",
        "Photographs are kept as long as your account is open.",
    ),
    "Your rights": (
        "You may ask us for a copy of your data at any time.",
        "You can have wrong entries corrected free of charge.",
        "You have the right to complain to the data protection authority.",
    ),
    "Cookies": (
        "We set one cookie that remembers the contents of your basket.",
        "Advertising cookies are only used if you opt in.",
        "You can delete cookies in the settings of your browser.",
    ),
    "Letters from us": (
        "You will receive at most two emails a month.",
        "Every email has a link with which you can unsubscribe.",
    ),
    "Children": ("We do not knowingly collect personal information from children under 13.",),
    "Changes": (
        "We will notify you by email 30 days before this policy changes.",
        "Earlier versions stay available in our archive.",
    ),
}


@dataclass(frozen=True)
class Section:
    """A heading with the sentences below it."""

    heading: str
    sentences: tuple[str, ...]

    def text(self, separator: str = " ") -> str:
        """The section in Markdown."""
        return f"## {self.heading}\n\n{separator.join(self.sentences)}"


def whole(sections: list[Section] | tuple[Section, ...], separator: str = " ") -> str:
    """The policy in Markdown."""
    return "\n\n".join(["# Privacy Policy", *(section.text(separator) for section in sections)]) + "\n"


@st.composite
def _section(draw: st.DrawFn, heading: str) -> Section:
    pool = SECTIONS[heading]
    sentences = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=len(pool), unique=True))
    return Section(heading, tuple(sentences))


@st.composite
def sections(draw: st.DrawFn, least: int = 3) -> list[Section]:
    """Some of the sections in any order, with some of their sentences."""
    headings = draw(st.lists(st.sampled_from(sorted(SECTIONS)), min_size=least, unique=True))
    return [draw(_section(heading)) for heading in headings]


LAYOUTS = st.sampled_from([" ", "\n", "\n\n", "  \n"])
