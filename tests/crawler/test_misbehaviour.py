from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.crawler.crawling import captured, crawl, failed, quick
from tests.misbehaviour import MISBEHAVIOURS, PAGE
from tests.site import Site

if TYPE_CHECKING:
    from pathlib import Path

REASONS = {
    "reset": "connection",
    "hang-up": "connection",
    "wrong-length": "connection",
    "truncated-chunks": "connection",
    "truncated-gzip": "connection",
    "damaged-gzip": "other",
    "no-answer": "no-answer",
    "slow-drip": "timeout",
    "slow-headers": "no-answer",
    "endless-headers": "header-size",
    "long-header": "header-size",
    "endless": "too-large",
    "big": "too-large",
    "huge-html": "too-large",
    "gzip-bomb": "compression-ratio",
    # Its compressed bytes alone are more than these tests allow.
    "great-gzip-bomb": "too-large",
    "double-gzip-bomb": "compression-ratio",
    "redirect-loop": "redirects",
    "redirect-on-and-on": "redirects",
    "redirect-to-private": "address",
    "not-modified": "http-304",
    "too-many-requests": "http-429",
    "unavailable": "http-503",
    "server-error": "http-500",
    "not-http": "connection",
}
ACCEPTED = {"bad-charset", "http-1-0", "half-closed"}


def test_each_misbehaviour_has_its_expectation() -> None:
    assert REASONS.keys() | ACCEPTED == MISBEHAVIOURS.keys()


@pytest.mark.parametrize(("name", "reason"), REASONS.items())
def test_misbehaviour_leads_to_its_reason(site: Site, name: str, reason: str) -> None:
    url = site.url(f"/misbehaving/{name}")
    failure = failed(url)
    assert failure.reason == reason
    assert url in failure.detail


def test_crawl_of_all_misbehaviours_ends_with_an_answer_for_each(site: Site) -> None:
    good = site.set("/privacy", PAGE)
    with Site(host="127.0.0.5") as busy, Site(host="127.0.0.6") as closed:
        homes = {"too-many-requests": busy, "unavailable": closed}
        urls = [homes.get(name, site).url(f"/misbehaving/{name}") for name in REASONS]
        answers = crawl([*urls, good], quick(timeout_s=1.5))
    assert [getattr(answer, "reason", "captured") for answer in answers] == [*REASONS.values(), "captured"]


def test_wrong_charset_is_kept_as_it_came(site: Site) -> None:
    assert b"Datenschutzerkl\xe4rung" in captured(site.url("/misbehaving/bad-charset")).body


@pytest.mark.parametrize("name", ["http-1-0", "half-closed"])
def test_answer_without_length_is_captured(site: Site, name: str) -> None:
    assert captured(site.url(f"/misbehaving/{name}")).body == PAGE


def test_page_that_moved_to_another_site_is_captured_with_where_it_came_from(site: Site) -> None:
    with Site(host="127.0.0.3") as other:
        url = site.redirect("/privacy", other.set("/policies", PAGE), status=301)
        capture = captured(url)
    assert (capture.url, capture.redirects, capture.final_url) == (url, (url,), other.url("/policies"))


def test_headers_up_to_their_limit_are_read(site: Site) -> None:
    headers = {f"X-{number}": "x" * 1000 for number in range(60)}
    assert captured(site.set("/privacy", PAGE, headers=headers)).header("X-59") == "x" * 1000


def test_slow_body_has_the_time_of_the_page_once_the_answer_began(site: Site) -> None:
    limits = quick(first_byte_s=0.8, timeout_s=1.6)
    assert failed(site.url("/misbehaving/slow-drip"), limits).reason == "timeout"
    assert failed(site.url("/misbehaving/no-answer"), limits).reason == "no-answer"


def test_busy_server_is_not_asked_again_and_its_wish_is_told(site: Site) -> None:
    failure = failed(site.url("/misbehaving/too-many-requests"))
    assert "120" in failure.detail
    assert site.count("/misbehaving/too-many-requests") == 1


def test_failing_server_is_asked_three_times(site: Site) -> None:
    failed(site.url("/misbehaving/server-error"))
    assert site.count("/misbehaving/server-error") == 3


def test_page_that_works_at_the_second_try_is_captured(site: Site) -> None:
    def fail_once(request, closing):  # type: ignore[no-untyped-def]
        if site.count("/shaky") == 1:
            MISBEHAVIOURS["server-error"](request, closing)
        else:
            MISBEHAVIOURS["bad-charset"](request, closing)

    assert captured(site.route("/shaky", fail_once)).status == 200


def test_slow_redirects_share_the_time_of_one_page(site: Site) -> None:
    def late(request, closing):  # type: ignore[no-untyped-def]
        closing.wait(0.2)
        MISBEHAVIOURS["redirect-on-and-on"](request, closing)

    assert failed(site.route("/late", late), quick(timeout_s=0.5, max_redirects=20)).reason == "timeout"
    assert site.count("/late") <= 4


@pytest.mark.parametrize("status", [204, 304, 403, 404, 410, 451, 503])
def test_status_that_is_no_success_is_the_reason(site: Site, status: int) -> None:
    assert failed(site.set("/gone", "", status=status)).reason == f"http-{status}"


def test_self_signed_certificate_is_refused(tmp_path: Path) -> None:
    with Site(certificate_folder=tmp_path) as site:
        site.set("/privacy", PAGE)
        assert failed(site.url("/privacy")).reason == "tls"
        assert site.requests == []


def test_certificate_is_evidence_where_it_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    with Site(certificate_folder=tmp_path) as site:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        capture = captured(site.set("/privacy", PAGE))
    certificate = x509.load_pem_x509_certificate((tmp_path / "certificate.pem").read_bytes())
    assert capture.certificate_sha256 == certificate.fingerprint(hashes.SHA256()).hex()


def test_closed_port_is_refused(site: Site) -> None:
    url = site.url("/privacy")
    site.close()
    assert failed(url).reason == "refused"


def test_unknown_name_is_dns() -> None:
    assert failed("http://no-such-shop.invalid/privacy").reason == "dns"


@pytest.mark.parametrize(
    "url", ["ftp://shop.example/privacy", "shop.example/privacy", "file:///etc/hosts", ""]
)
def test_other_scheme_is_refused(url: str) -> None:
    assert failed(url).reason == "scheme"
