"""What a page is taken for by its text, where its address tells nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crawler.discovery.judging import Judgement, Page, Site, judge
from crawler.discovery.lexicon import lexicon
from crawler.discovery.pages import PageFacts, read_facts
from crawler.discovery.rating import Candidate
from crawler.extraction import extract
from tests.discovery.layouts import Frame, modern
from tests.discovery.sites import TEXTS

WORDS = lexicon()
SHOP = Site("shop.example", "Shop", frozenset({"shop"}))
URL = "https://shop.example/p/17"
TYPES = set(WORDS.languages["en"].phrases)
POLICIES = [f"{code}.{kind}" for code, texts in TEXTS.items() for kind in texts if kind in TYPES]
OTHERS = [f"{code}.{kind}" for code, texts in TEXTS.items() for kind in texts if kind not in TYPES]


def page(text: str, language: str = "en", **changes: object) -> Page:
    html = modern(Frame("Shop", language, text.replace("@", "Shop"))).encode()
    facts = read_facts(html, content_type=None, url=URL)
    found = Page(Candidate(URL, 1.0, "guess"), URL, extract(html, url=URL), facts)
    return replace(found, **changes)  # type: ignore[arg-type]


def judged(key: str, **changes: object) -> Judgement:
    code, kind = key.split(".")
    return judge(page(TEXTS[code][kind], code, **changes), SHOP, WORDS)


def linked(label: str) -> Candidate:
    return Candidate(URL, 1.0, "link", WORDS.naming(label), label, "footer")


@pytest.mark.parametrize("key", POLICIES)
def test_policy_is_told_by_its_title_and_text_alone(key: str) -> None:
    judgement = judged(key)
    assert (judgement.language, judgement.type) == tuple(key.split("."))
    assert judgement.confidence > 0.6


@pytest.mark.parametrize("key", POLICIES)
def test_policy_without_a_title_is_told_by_its_label_and_text(key: str) -> None:
    code, kind = key.split(".")
    title, _, text = TEXTS[code][kind].partition("\n")
    judgement = judge(page(f"Shop\n{text}", code, candidate=linked(title)), SHOP, WORDS)
    assert judgement.type == kind
    assert judgement.confidence > 0.5


@pytest.mark.parametrize("key", OTHERS)
def test_what_is_no_policy_is_not_proposed_even_from_the_footer(key: str) -> None:
    code, kind = key.split(".")
    assert judged(key, candidate=linked(TEXTS[code][kind].partition("\n")[0])).confidence <= 0.5


@pytest.mark.parametrize("key", [key for key in OTHERS if key.endswith((".about", ".job", ".press"))])
def test_tempting_label_makes_no_policy_of_another_page(key: str) -> None:
    assert judged(key, candidate=linked("Privacy policy")).confidence <= 0.5


def test_policys_name_without_a_policys_words_is_not_proposed() -> None:
    cake = page(
        "Terms\nThe bakery opens at seven. Bread is sold by weight, and cake by the slice, warm or cold."
    )
    judgement = judge(cake, SHOP, WORDS)
    assert judgement.confidence <= 0.5
    assert judgement.reasons[-1] == "has hardly the words of one"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"url": "https://shop.example/blog/17"}, "stands among posts, jobs or accounts"),
        ({"facts": PageFacts(kinds=frozenset({"blogposting"}))}, "calls itself an article"),
        ({"url": "https://www.paypal.com/p/17"}, "belongs to paypal.com"),
        (
            {
                "url": "https://maps.example/p",
                "candidate": Candidate(URL, 1.0, foreign=True),
                "text": "Mapwise",
            },
            "stands at maps.example and does not name the site",
        ),
    ],
)
def test_policy_at_a_wrong_place_is_not_proposed(changes: dict[str, object], reason: str) -> None:
    text = TEXTS["en"]["privacy-policy"].replace("@", str(changes.pop("text", "Shop")))
    judgement = judge(replace(page(text), **changes), SHOP, WORDS)  # type: ignore[arg-type]
    assert judgement.confidence <= 0.5
    assert reason in judgement.reasons


def test_own_page_that_sends_on_to_another_host_is_proposed_and_says_so() -> None:
    judgement = judged("en.privacy-policy", url="https://legal.example/shop")
    assert judgement.confidence > 0.5
    assert "the site sends on to legal.example" in judgement.reasons


def test_error_page_under_a_policys_name_is_suspect() -> None:
    judgement = judge(
        page(
            "Privacy Policy\nError 404. The page that you are looking for could not be found on this server, sorry.",
            candidate=linked("Privacy Policy"),
        ),
        SHOP,
        WORDS,
    )
    assert judgement.confidence <= 0.2
    assert "suspect (error-page)" in judgement.reasons
