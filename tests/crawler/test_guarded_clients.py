"""The guard in the clients that are no crawl: a listener at an address that is not allowed sees no connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from crawler.archive.failures import AskingError
from crawler.archive.transport import Transport
from crawler.guard import AddressGuard, guarded_connector
from tests.crawler.crawling import captured, quick
from tests.crawler.test_guarded_crawl import ONE_ALLOWED, SPELLINGS
from tests.misbehaviour import PAGE
from tests.naming import resolving
from tests.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def listener() -> Iterator[Site]:
    with Site(host="127.0.0.2") as listener:
        listener.set("/secret", PAGE)
        yield listener


async def post(url: str) -> int:
    connector = guarded_connector(AddressGuard(ONE_ALLOWED.allow_addresses))
    async with aiohttp.ClientSession(connector=connector) as session, session.post(url) as answer:
        return answer.status


@pytest.mark.parametrize("host", SPELLINGS)
def test_an_archive_is_not_asked_at_a_private_address_however_it_is_written(
    listener: Site, host: str
) -> None:
    with Transport(ONE_ALLOWED) as transport, pytest.raises(AskingError):
        transport.get(f"http://{host}:{listener.port}/secret")
    assert listener.connections == 0


@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_webhook_goes_to_a_private_address_however_it_is_written(listener: Site, host: str) -> None:
    with pytest.raises((aiohttp.ClientError, OSError)):
        await post(f"http://{host}:{listener.port}/secret")
    assert listener.connections == 0


def test_an_archive_that_resolves_privately_or_sends_on_there_is_not_followed(
    site: Site, listener: Site
) -> None:
    with resolving() as names, Transport(ONE_ALLOWED) as transport:
        names["intranet"] = [["127.0.0.2"]]
        with pytest.raises(AskingError):
            transport.get(f"http://intranet.example:{listener.port}/secret")
        assert transport.get(site.redirect("/web", listener.url("/secret"))).status == 302
    assert listener.connections == 0


def test_nothing_of_one_site_goes_along_to_another(site: Site) -> None:
    with Site(host="127.0.0.3") as other:
        site.set("/privacy", PAGE, headers={"Set-Cookie": "session=secret", "ETag": '"v1"'})
        captured(site.url("/privacy"))
        there = other.set("/policies", PAGE, headers={"Set-Cookie": "session=other"})
        answer = '<meta http-equiv="refresh" content="0; url={}">'
        site.set("/moved", answer.format(there), headers={"Set-Cookie": "session=secret"})
        captured(site.redirect("/gone", there, 301), quick())
        captured(site.url("/moved"), quick())
        sent = [headers for path, headers in other.requests if path == "/policies"]
    assert len(sent) == 2
    for headers in sent:
        assert (
            not {"Cookie", "Authorization", "Referer", "If-None-Match", "If-Modified-Since"} & headers.keys()
        )
