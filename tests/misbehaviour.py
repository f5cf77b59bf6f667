"""What servers do to crawlers. Each function answers one request, and gives up when the site closes."""

from __future__ import annotations

import gzip
import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.server import BaseHTTPRequestHandler
    from threading import Event

PAGE = b"<h1>Privacy</h1><p>We never sell your data.</p>"


def reset(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Reset the connection instead of an answer."""
    linger_not = struct.pack("ii", 1, 0)
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)
    _hang_up(request)


def hang_up(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Close the connection without an answer."""
    _hang_up(request)


def wrong_length(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Promise more bytes than there are, then close."""
    _head(request, {"Content-Length": str(len(PAGE) + 1000)})
    request.wfile.write(PAGE)
    _hang_up(request)


def truncated_chunks(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Close before the last chunk."""
    _head(request, {"Transfer-Encoding": "chunked"})
    request.wfile.write(_chunk(PAGE))
    _hang_up(request)


def truncated_gzip(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Send half of a compressed body, with the length of that half."""
    half = gzip.compress(PAGE * 100)[:-20]
    _whole(request, half, {"Content-Encoding": "gzip"})


def damaged_gzip(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Call a body compressed that is not."""
    _whole(request, PAGE, {"Content-Encoding": "gzip"})


def no_answer(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Take the request and say nothing."""
    closing.wait()


def slow_drip(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Send one byte every tenth of a second, for ever."""
    _head(request, {"Content-Length": "10000"})
    while not closing.wait(0.1):
        request.wfile.write(b".")


def slow_headers(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Send one header every tenth of a second, for ever."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not closing.wait(0.1):
        request.wfile.write(b"X-More: to come\r\n")


def endless_headers(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Send one header after the other, as fast as they are taken."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not closing.is_set():
        request.wfile.write(b"X-More: to come\r\n" * 1000)


def long_header(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Send a header of 100 kB before a good page."""
    _whole(request, PAGE, {"X-Long": "x" * 100_000})


def endless(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Send chunk after chunk, as fast as they are taken."""
    _head(request, {"Transfer-Encoding": "chunked"})
    while not closing.is_set():
        request.wfile.write(_chunk(b"x" * 65536))


def big(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Announce 200 MB."""
    _head(request, {"Content-Length": str(200_000_000)})
    while not closing.is_set():
        request.wfile.write(b"x" * 65536)


def huge_html(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Send 30 MB of paragraphs, without saying how many there are."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n")
    for _ in range(30):
        request.wfile.write(b"<p>We never sell your data.</p>" * 32_000)
    _hang_up(request)


def gzip_bomb(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Send 20 MB in less than 100 kB."""
    _whole(request, _BOMB, {"Content-Encoding": "gzip"})


def great_gzip_bomb(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Send 200 MB in less than 1 MB."""
    _whole(request, _GREAT_BOMB, {"Content-Encoding": "gzip"})


def double_gzip_bomb(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Send the bomb compressed once more."""
    _whole(request, gzip.compress(_BOMB), {"Content-Encoding": "gzip, gzip"})


def redirect_loop(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Send visitors back to where they are."""
    _elsewhere(request, request.path)


def redirect_on_and_on(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Send visitors to a new address each time."""
    path, _, step = request.path.partition("?")
    _elsewhere(request, f"{path}?{int(step or 0) + 1}")


def redirect_to_private(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Send visitors into somebody's network."""
    _elsewhere(request, "http://10.0.0.1/privacy")


def not_modified(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Say that a page has not changed, to somebody who never asked."""
    _whole(request, b"", {}, status=304)


def too_many_requests(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Ask to come again in two minutes."""
    _whole(request, b"slow down", {"Retry-After": "120"}, status=429)


def unavailable(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Ask to come again at a date, long after the tests."""
    _whole(request, b"closed", {"Retry-After": "Fri, 01 Jan 2088 00:00:00 GMT"}, status=503)


def server_error(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Fail."""
    _whole(request, b"sorry", {}, status=500)


def bad_charset(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Say UTF-8 and send Latin-1."""
    _whole(request, "<p>Datenschutzerklärung</p>".encode("latin-1"), {})


def http_1_0(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Answer as in 1996: no length, the end of the connection is the end of the page."""
    request.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE)
    _hang_up(request)


def half_closed(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Send a page without its length, close one half of the connection, and keep the other open."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE)
    request.wfile.flush()
    request.connection.shutdown(socket.SHUT_WR)
    closing.wait()


def not_http(request: BaseHTTPRequestHandler, closing: Event) -> None:
    """Speak another protocol."""
    request.wfile.write(b"220 mail.example.org ESMTP\r\n")
    _hang_up(request)


MISBEHAVIOURS: dict[str, Callable[[BaseHTTPRequestHandler, Event], None]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        reset, hang_up, wrong_length, truncated_chunks, truncated_gzip, damaged_gzip, no_answer, slow_drip,
        slow_headers, endless_headers, long_header, endless, big, huge_html, gzip_bomb, great_gzip_bomb,
        double_gzip_bomb,
        redirect_loop, redirect_on_and_on, redirect_to_private, not_modified, too_many_requests, unavailable,
        server_error, bad_charset, http_1_0, half_closed, not_http,
    )
}  # fmt: skip


def _head(request: BaseHTTPRequestHandler, headers: dict[str, str], status: int = 200) -> None:
    request.send_response(status)
    for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
        request.send_header(name, value)
    request.end_headers()


def _whole(request: BaseHTTPRequestHandler, body: bytes, headers: dict[str, str], status: int = 200) -> None:
    _head(request, {**headers, "Content-Length": str(len(body))}, status)
    request.wfile.write(body)


def _elsewhere(request: BaseHTTPRequestHandler, location: str) -> None:
    _whole(request, b"", {"Location": location}, status=302)


# Made beforehand: to make it takes longer than the clients' patience on a busy machine.
_BOMB = gzip.compress(b"x" * 20_000_000, compresslevel=1)
_GREAT_BOMB = gzip.compress(b"x" * 200_000_000, compresslevel=1)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _hang_up(request: BaseHTTPRequestHandler) -> None:
    request.wfile.flush()
    request.close_connection = True
    request.connection.close()
