"""Twelve sites of many makes: every policy is found, and nothing else is proposed."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from crawler.discovery.crawl import MOST_REQUESTS
from monitor.config.loading import parse_config
from monitor.config.proposed import proposed_lines
from tests.discovery.finding import documents, found_on
from tests.discovery.sites import EXAMPLES, Example

if TYPE_CHECKING:
    from pathlib import Path

    from tests.site import Site


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_every_policy_is_found_and_nothing_else(
    example: Example, site: Site, other: Site, tmp_path: Path
) -> None:
    found = found_on(example.serve(site, other))
    assert documents(found) == example.expected, "\n".join(map(str, [*found.proposals, *found.rejected]))
    assert len(found.proposals) == len(example.expected)
    assert (found.name, found.language) == (example.name, example.language)
    assert all(0.5 < one.confidence < 1 for one in found.proposals)
    assert all(one.confidence <= 0.5 for one in found.rejected)
    assert found.requests <= MOST_REQUESTS

    lines = "\n".join(["[policywatch]", 'contact = "watch@shop.test"', *proposed_lines(found)])
    (configured,) = parse_config(lines.encode(), tmp_path / "config.toml").sites
    assert configured.name == example.name
    assert {(each.type, each.addresses) for each in configured.documents} == {
        (one.type, one.urls) for one in found.proposals
    }


def example(name: str) -> Example:
    return next(example for example in EXAMPLES if example.id == name)


def test_translations_are_told_beside_the_document_of_the_sites_language(site: Site, other: Site) -> None:
    found = found_on(example("five languages").serve(site, other))
    for one in found.proposals:
        assert one.language == "en"
        assert {each.language for each in one.translations} == {"de", "fr", "es", "zh"}
        # Nobody asked for these languages: of most nothing is known but what the page declares.
        fetched = [site.count(urlsplit(each.url).path) > 0 for each in one.translations]
        assert [each.looked_at for each in one.translations] == fetched
        assert not all(fetched)


def test_translation_that_was_looked_at_is_told_for_what_it_is(site: Site) -> None:
    policy = example("five languages").text("en.privacy-policy")
    declared = "".join(
        f'<link rel=alternate hreflang={tag} href="{site.url(path)}">'
        for tag, path in (("de", "/about"), ("fr", "/fr/privacy"), ("es", "/privacy-notice"))
    )
    links = "<a href=/privacy>Privacy policy</a> <a href=/about>Privacy</a> <a href=/privacy-notice>Privacy notice</a>"
    site.set(
        "/",
        f"<html lang=en><title>Harbour</title><main>Tea by the sea.</main><footer>{links}</footer></html>",
    )
    site.set(
        "/privacy", f"<html lang=en><head>{declared}<title>Privacy policy</title></head><main>{policy}</main>"
    )
    site.set(
        "/about", "<html lang=de><title>Wir</title><main><p>Tee und Brot am Hafen, jeden Tag.</p></main>"
    )
    site.set(
        "/privacy-notice",
        f"<html lang=en><title>Privacy notice</title><main>{policy.replace('days', 'weeks')}</main>",
    )
    (privacy, *_) = found_on(site.url()).proposals
    assert [(one.language, one.looked_at) for one in privacy.translations] == [("fr", False)]


def test_documents_of_the_languages_that_were_asked_for(site: Site, other: Site) -> None:
    found = found_on(example("five languages").serve(site, other), ["de", "zh"])
    assert documents(found) == {
        (kind, (f"/{code}/{path}",))
        for code in ("de", "zh")
        for kind, path in (("privacy-policy", "privacy"), ("terms-of-service", "terms"))
    }
    assert {one.id for one in found.proposals} == {
        "privacy-policy", "terms-of-service",
        *(f"{one.type}-{one.language}" for one in found.proposals if one.id != one.type),
    }  # fmt: skip
    assert len({one.id for one in found.proposals}) == 4


def test_language_that_the_site_does_not_speak_gives_nothing(site: Site, other: Site) -> None:
    found = found_on(example("a German shop").serve(site, other), ["es"])
    assert found.proposals == ()
    assert {one.reasons for one in found.rejected if one.type == "imprint"} == {("in another language",)}


def test_start_may_be_any_page_of_the_site(site: Site, other: Site) -> None:
    shop = example("a French shop")
    shop.serve(site, other)
    assert documents(found_on(site.url("/cgu"))) == shop.expected


def test_terms_at_another_host_say_so(site: Site, other: Site) -> None:
    found = found_on(example("a legal hub, and terms at another host").serve(site, other))
    (terms,) = [one for one in found.proposals if one.type == "terms-of-service"]
    assert terms.urls == (other.url("/northwind/terms"),)
    assert f"the site sends on to 127.0.0.2:{other.port}" in terms.reasons


def test_copy_is_told_at_its_canonical_address(site: Site, other: Site) -> None:
    found = found_on(example("a shop with everything in its foot").serve(site, other))
    (privacy,) = [one for one in found.proposals if one.type == "privacy-policy"]
    assert privacy.urls == (site.url("/legal/privacy"),)
    assert f"the same text is at {site.url('/privacy')}" in privacy.reasons
