"""A whole check of a web that misbehaves in every way: it ends, and each document has its state in the store."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.config.loading import parse_config
from monitor.config.models import Config
from monitor.pipeline import Pipeline
from storage import open_store
from tests.crawler.crawling import NOW, quick
from tests.misbehaviour import MISBEHAVIOURS, PAGE
from tests.naming import resolving
from tests.reactor import run_on_reactor
from tests.site import Site
from tests.test_pipeline import page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from monitor.outcomes import Outcome
    from storage import DocumentStatus

STATES = {
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
    # Its compressed bytes alone are more than these checks allow.
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
    # They are read, and are too short for a policy.
    "bad-charset": "suspect:too-short",
    "http-1-0": "suspect:too-short",
    "half-closed": "suspect:too-short",
}
OTHER_STATES = {
    "robots-500": "robots-unreachable",
    "robots-forbids": "robots",
    "bad-certificate": "tls",
    "rebinding": "address",
    "closed": "refused",
    "left-alone": "retry-after",
    "moved-to-another-site": None,
    "good": None,
}


@dataclass
class Web:
    """Sites at addresses of their own, and a page of each by its name."""

    stack: ExitStack
    urls: dict[str, str]
    sites: dict[str, Site]

    def site(self, name: str, certificate_folder: Path | None = None) -> Site:
        host = f"127.0.4.{len(self.sites) + 1}"
        site = self.stack.enter_context(Site(host=host, certificate_folder=certificate_folder))
        self.sites[name] = site
        return site


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with ExitStack() as stack:
        web = Web(stack, {}, {})
        for name in MISBEHAVIOURS:
            web.urls[name] = web.site(name).url(f"/misbehaving/{name}")
        for name in OTHER_STATES:
            folder = tmp_path if name == "bad-certificate" else None
            web.urls[name] = web.site(name, folder).set("/privacy", page())
        web.sites["robots-500"].robots("", status=500)
        web.sites["robots-forbids"].robots("User-agent: *\nDisallow: /")
        web.sites["closed"].close()
        web.urls["left-alone"] = web.sites["unavailable"].set("/privacy", page())
        web.sites["moved-to-another-site"].redirect("/privacy", web.urls["good"], status=301)
        web.sites["rebinding"].set("/robots.txt", "", status=404, headers={"Connection": "close"})
        names = stack.enter_context(resolving())
        names["rebinding"] = [[web.sites["rebinding"].host], ["10.0.0.1"]]
        web.urls["rebinding"] = f"http://rebinding.example:{web.sites['rebinding'].port}/privacy"
        yield web


def config_of(urls: dict[str, str]) -> Config:
    documents = "".join(
        f'[[site.document]]\ntype = "privacy-policy"\nid = "{name}"\nurl = "{url}"\n'
        for name, url in urls.items()
    )
    text = (
        '[policywatch]\ncontact = "watch@shop.test"\n[crawl]\ndelay = "0"\n'
        f'allow_addresses = ["127.0.0.0/8"]\n[[site]]\nname = "Web"\n{documents}'
    )
    return parse_config(text.encode(), Path("config.toml"))


async def checked(config: Config, database: Path) -> tuple[list[Outcome], dict[str, DocumentStatus]]:
    """Check everything once; return the outcomes and the states in the store."""
    from monitor.checking import check_documents

    outcomes: list[Outcome] = []
    with closing(open_store(f"sqlite:///{database}")) as store:
        store.sync_documents([(key, site.name) for key, _, site in config.documents()], NOW)
        await check_documents(Pipeline(store, config), config.documents(), outcomes.append, lambda: NOW)
        return outcomes, {key.document: store.status(key) for key in store.documents()}


def test_every_misbehaviour_is_in_the_table() -> None:
    assert STATES.keys() == MISBEHAVIOURS.keys()


def test_check_of_a_misbehaving_web_ends_with_a_state_for_each_document(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Config, "crawl_limits", lambda _: quick(timeout_s=2.0, first_byte_s=1.5))
    config = config_of(web.urls)
    started = time.monotonic()
    outcomes, states = run_on_reactor(checked(config, tmp_path / "watch.db"), timeout_s=60)
    assert time.monotonic() - started < 60
    assert len(outcomes) == len(states) == len(web.urls)
    assert {name: status.reason for name, status in states.items()} == {**STATES, **OTHER_STATES}
    failing = [status for status in states.values() if status.reason]
    assert all(status.failing_since == NOW and status.detail and status.next_check_at for status in failing)
    assert all(web.urls[status.key.document] in (status.detail or "") for status in failing)
    assert web.sites["robots-500"].count("/privacy") == web.sites["robots-forbids"].count("/privacy") == 0
    # Its host had answered 503 with Retry-After to another document.
    assert web.sites["unavailable"].count("/privacy") == 0


def test_state_of_a_page_that_was_well_and_misbehaves_now_is_that_of_the_misbehaviour(tmp_path: Path) -> None:
    with Site() as site:
        config = config_of({"page": site.set("/privacy", page(), headers={"ETag": '"1"'})})
        first, _ = run_on_reactor(checked(config, tmp_path / "watch.db"))
        site.set("/privacy", "", status=304)
        second, states = run_on_reactor(checked(config, tmp_path / "watch.db"))
        assert states["page"].reason is None
        assert site.requests[-1][1]["If-None-Match"] == '"1"'
        site.set("/privacy", PAGE, status=404)
        _, states = run_on_reactor(checked(config, tmp_path / "watch.db"))
    assert [type(outcome).__name__ for outcome in first + second] == ["NewVersion", "Unchanged"]
    assert (states["page"].reason, states["page"].last_ok_at) == ("http-404", NOW)
    assert site.count("/robots.txt") == 1
