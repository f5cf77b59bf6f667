from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config import values


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("0", timedelta(0)),
        ("2s", timedelta(seconds=2)),
        ("15m", timedelta(minutes=15)),
        ("6h", timedelta(hours=6)),
        ("2d", timedelta(days=2)),
    ],
)
def test_durations(written: str, length: timedelta) -> None:
    assert values.duration(written) == length


@pytest.mark.parametrize(
    "written", ["", "2", "2 s", "-2s", "1.5h", "2w", "2S", "٢s", "999999d", 2, None, True]
)
def test_what_is_no_duration(written: object) -> None:
    with pytest.raises(ValueError, match="a duration such as"):
        values.duration(written)


@pytest.mark.parametrize(
    ("written", "size"), [("1B", 1), ("500kB", 500_000), ("5MiB", 5_242_880), ("1GB", 10**9)]
)
def test_sizes(written: str, size: int) -> None:
    assert values.size_bytes(written) == size


@pytest.mark.parametrize("written", ["", "5", "5 MiB", "5mib", "0MiB", "-1kB", 5, None])
def test_what_is_no_size(written: object) -> None:
    with pytest.raises(ValueError, match="a size such as"):
        values.size_bytes(written)


@pytest.mark.parametrize(
    "address",
    ["https://a.example", "http://127.0.0.1:8080/x?y=1#z", "https://[2001:db8::1]/", "https://exämple.de/ü"],
)
def test_web_addresses(address: str) -> None:
    assert values.web_address(address) == address


@pytest.mark.parametrize(
    "address",
    ["", "a.example", "https://a/" + "x" * 2_000,
     "ftp://a", "https://", "https:///x", "https://a b", "https://a\n", "https://a:99999/",
     "https://a:0/", "https://[::1/", "javascript:alert(1)", "https://u@a.example", "https://a..b/", "https://.b/",
     "https://" + "a" * 64 + ".example/"],
)  # fmt: skip
def test_what_is_no_web_address(address: str) -> None:
    with pytest.raises(ValueError, match=r"an http or https address|an address without"):
        values.web_address(address)


@pytest.mark.parametrize(
    "address",
    ["", "a", "a@", "@b", "a b@c", "a@b c", "a@b\n", "a@b\r\nBcc: c@d", "A <a@b>", "a@b,c@d", "a@b..c",
     "ä@b.example", "a" * 65 + "@b", 'a"b@c'],
)  # fmt: skip
def test_what_is_no_email_address(address: str) -> None:
    with pytest.raises(ValueError, match="an e-mail address"):
        values.email_address(address)


@pytest.mark.parametrize(
    "name", ["localhost", "mail.example.org", "mail.example.org.", "127.0.0.1", "2001:db8::1"]
)
def test_hosts(name: str) -> None:
    assert values.host(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "a..b",
        ".b",
        "-a.b",
        "a-.b",
        "a" * 64 + ".org",
        "mail.example.org:25",
        "[::1]",
        "::g",
        "a b",
        "a\n",
        ".",
    ],
)
def test_what_is_no_host(name: str) -> None:
    with pytest.raises(ValueError, match="a host name such as"):
        values.host(name)


@pytest.mark.parametrize("address", ["a@b", "first.last+tag@mail.example.org", "o'neill@x.example"])
def test_email_addresses(address: str) -> None:
    assert values.email_address(address) == address


@given(st.text(max_size=300))
def test_an_id_made_from_a_name_is_a_slug_or_nothing(name: str) -> None:
    made = values.slug_of(name)
    assert made == "" or values.slug(made) == made


@pytest.mark.parametrize("tag", ["en", "de-AT", "zh-Hant", "zh-Hant-TW", "es-419"])
def test_language_tags(tag: str) -> None:
    assert values.language(tag) == tag


@pytest.mark.parametrize("tag", ["", "english", "EN", "en_US", "de-at"])
def test_what_is_no_language_tag(tag: str) -> None:
    with pytest.raises(ValueError, match="a language such as"):
        values.language(tag)


@pytest.mark.parametrize(
    "written", ["0 6 * * *", "*/20 8-18 1,15 jan-mar *", "0 6 * * mon-fri", "0 0 last * sun"]
)
def test_cron_times(written: str) -> None:
    assert values.cron(written) == written


@pytest.mark.parametrize(
    "written",
    [
        "",
        "@daily",
        "0 6 * *",
        "0 6 * * * *",
        "61 * * * *",
        "0 6 * * 1",
        "0 6 * * */2",
        "0 6 * * " + "mon," * 200,
    ],
)
def test_what_is_no_cron_time(written: str) -> None:
    with pytest.raises(ValueError, match="five fields such as"):
        values.cron(written)


def test_a_cron_time_that_never_comes() -> None:
    with pytest.raises(ValueError, match="a time that comes"):
        values.cron("0 6 30 feb *")


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/Argentina/Ushuaia"])
def test_time_zones(name: str) -> None:
    assert values.timezone(name) == name


@pytest.mark.parametrize("name", ["", "Berlin", "Europe/Bärlin", "../UTC", "/etc/passwd", "Europe", "a\0b"])
def test_what_is_no_time_zone(name: str) -> None:
    with pytest.raises(ValueError, match="a time zone such as"):
        values.timezone(name)


@pytest.mark.parametrize(
    "address", ["127.0.0.1:8000", "[::1]:1", "localhost:65535", "0.0.0.0:8000", "[::]:80", "a.example:80"]
)
def test_addresses_to_listen_at(address: str) -> None:
    assert values.listening_address(address) == address


@pytest.mark.parametrize(
    "address",
    ["", "8000", ":8000", "::1:80", "[127.0.0.1]:80", "a b:80", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536",
     "127.0.0.1:٣"],
)  # fmt: skip
def test_what_is_no_address_to_listen_at(address: str) -> None:
    with pytest.raises(ValueError, match="an address such as"):
        values.listening_address(address)


def test_which_addresses_are_of_this_machine_alone() -> None:
    assert [values.is_loopback(address) for address in ("127.0.0.1:1", "[::1]:1", "localhost:1")] == [
        True
    ] * 3
    assert [values.is_loopback(address) for address in ("0.0.0.0:1", "[::]:1", "localhost.example:1")] == [
        False
    ] * 3


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("https://a.example", "https://a.example/"),
        ("http://a.example:8080/watch", "http://a.example:8080/watch/"),
        ("https://a.example/watch//", "https://a.example/watch/"),
    ],
)
def test_addresses_of_pages_end_in_a_slash(written: str, url: str) -> None:
    assert values.pages_url(written) == url


@pytest.mark.parametrize(
    "written", ["", "a.example", "https://a.example/?x=1", "https://a.example/#top", "ftp://a"]
)
def test_below_what_no_pages_stand(written: str) -> None:
    with pytest.raises(ValueError, match="an http or https address"):
        values.pages_url(written)
