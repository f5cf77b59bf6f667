from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.guard import AddressGuard, AddressRefusedError, SchemeRefusedError, guarded_connector
from tests.site import Site

PRIVATE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1",
    "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "168.63.129.16",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1",
    "64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:53aa:64c::1",
    "2001:db8::1", "2001:10::1",
    "2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "4000::1", "2600::5efe:10.0.0.1",
    "2600::200:5efe:7f00:1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "100.128.0.1", "172.32.0.1", "2606:4700:4700::1111", "64:ff9b::808:808"]

# Other ways to write 127.0.0.1 and ::1 as the host of a URL.
DISGUISES = [
    "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0X7F.1", "017700000001", "0177.0.0.1",
    "127.0.0.1.", "127.0.0.01", "0127.0.0.1", "127.0.0.1..", "127%2e0%2e0%2e1", "%31%32%37.0.0.1",
    "127.0.0.0x1", "127\u30020\u30020\u30021", "\uff11\uff12\uff17.0.0.1", "\u2460\u2461\u2466.0.0.1",
    "127.0.0.1%00.example.org", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::127.0.0.1]", "[fe80::1%25lo]",
    "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "0", "0.0.0.0", "[::]", "user@127.0.0.1", "example.org@127.0.0.1",
    "example.org:80@127.0.0.1", "example.org\\@127.0.0.1", "[::1", "256.256.256.256", "1.2.3.4.5",
    "4294967297",
    "0x", "127.0.0.1:99999", "127.0.0.1:port", "example.org:0", "", "[127.0.0.1]", "[v1.127.0.0.1]",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_address_that_is_not_public_is_refused(address: str) -> None:
    assert not AddressGuard().permits(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_is_permitted(address: str) -> None:
    assert AddressGuard().permits(address)


@pytest.mark.parametrize("host", DISGUISES)
def test_url_of_a_hidden_address_is_refused(host: str) -> None:
    with pytest.raises(AddressRefusedError):
        AddressGuard().check_url(f"http://{host}/privacy")


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "[::ffff:127.0.0.1]"])
def test_disguise_is_refused_even_where_the_address_is_allowed(host: str) -> None:
    with pytest.raises(AddressRefusedError):
        AddressGuard(["127.0.0.0/8"]).check_url(f"http://{host}/")


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".org", "shop example.org", "shop%20.org", "<script>"])
def test_host_that_no_name_can_have_is_refused(host: str) -> None:
    with pytest.raises(AddressRefusedError):
        AddressGuard().check_url(f"http://{host}/")


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/privacy", "https://shop.example:8443/", "http://8.8.8.8/", "http://shop.example./",
        "http://b\u00fccher.example/", "http://xn--bcher-kva.example/", "http://[2606:4700:4700::1111]/",
        "http://a_b.example/", "http://1and1.example/", "http://4.example/", "http://shop.example/@127.0.0.1",
    ],
)  # fmt: skip
def test_ordinary_url_passes(url: str) -> None:
    AddressGuard().check_url(url)


@pytest.mark.parametrize(
    "url", ["ftp://shop.example/", "file:///etc/hosts", "javascript:alert(1)", "shop", ""]
)
def test_url_of_another_scheme_is_refused(url: str) -> None:
    with pytest.raises(SchemeRefusedError):
        AddressGuard().check_url(url)


def test_allowed_network_is_permitted_and_no_other() -> None:
    guard = AddressGuard(["127.0.0.0/8", "fd00::/8"])
    assert guard.permits("127.0.0.1")
    assert guard.permits("fd00::1")
    assert not guard.permits("10.0.0.1")
    assert not guard.permits("::1")


def test_what_is_no_network_is_an_error() -> None:
    with pytest.raises(ValueError, match="shop"):
        AddressGuard(["shop"])


@given(st.integers(0, 2**32 - 1))
def test_ipv4_is_judged_alike_however_it_is_wrapped(number: int) -> None:
    plain = IPv4Address(number)
    wrapped = IPv6Address(int(IPv6Address("64:ff9b::")) | number)
    guard = AddressGuard()
    assert guard.permits(str(wrapped)) == guard.permits(str(plain))
    assert not guard.permits(str(IPv6Address(int(IPv6Address("2002::")) | number << 80)))


@given(st.text(max_size=40))
def test_any_host_is_passed_or_refused_and_never_breaks_the_guard(host: str) -> None:
    try:
        AddressGuard().check_url(f"http://{host}/")
    except (AddressRefusedError, SchemeRefusedError) as error:
        assert str(error)


async def post(url: str, guard: AddressGuard) -> int:
    async with (
        aiohttp.ClientSession(connector=guarded_connector(guard)) as session,
        session.get(url) as answer,
    ):
        return answer.status


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]"]
)
async def test_webhook_connector_opens_no_connection_to_a_private_address(site: Site, host: str) -> None:
    with pytest.raises((aiohttp.ClientError, OSError)):
        await post(f"http://{host}:{site.port}/", AddressGuard())
    assert site.connections == 0


async def test_webhook_connector_reaches_an_allowed_address(site: Site) -> None:
    assert await post(site.set("/hook", "thanks"), AddressGuard(["127.0.0.0/8"])) == 200


async def test_webhook_connector_follows_no_redirect_to_a_private_address(site: Site) -> None:
    with Site(host="127.0.0.2") as listener:
        site.redirect("/hook", listener.url("/"))
        with pytest.raises(aiohttp.ClientError):
            await post(site.url("/hook"), AddressGuard(["127.0.0.1/32"]))
        assert (site.count("/hook"), listener.connections) == (1, 0)


def test_a_site_that_passed_lets_no_other_spelling_of_its_address_pass() -> None:
    guard = AddressGuard()
    for _ in range(2):
        guard.check_url("https://1.1.1.1/privacy")
        guard.check_url("https://shop.example/privacy")
        for url in (
            "https://user@1.1.1.1/privacy",
            "https://shop.example:0/",
            "ftp://shop.example/",
            "https://1.1/",
        ):
            with pytest.raises((AddressRefusedError, SchemeRefusedError)):
                guard.check_url(url)
        assert guard.permits("1.1.1.1")
        assert not guard.permits("10.0.0.1")
