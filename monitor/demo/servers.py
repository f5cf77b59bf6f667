"""What the demo talks to, all on loopback: a web server, a mail server and a webhook receiver."""

from __future__ import annotations

import json
import sys
import threading
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, BaseServer, StreamRequestHandler, ThreadingTCPServer
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from email.message import EmailMessage

_HOST = "127.0.0.1"
# Longest line of a mail that is read (RFC 5321 allows 1,000).
_LONGEST_LINE = 8_192


class Loopback:
    """Serves pages, takes webhooks and mails, from threads of its own until the end of the `with` block."""

    def __init__(self) -> None:
        # HTML by path; anything else is 404.
        self.pages: dict[str, str] = {}
        # In the order in which they came.
        self.mails: list[EmailMessage] = []
        self.webhooks: list[dict[str, Any]] = []
        self._web = _WebServer((_HOST, 0), _web_handler(self))
        self._mail = _MailServer((_HOST, 0), _mail_handler(self))
        self._threads = [
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            for server in (self._web, self._mail)
        ]

    @property
    def base(self) -> str:
        """The address of the web server, without a slash at its end."""
        return f"http://{_HOST}:{self._web.server_address[1]}"

    @property
    def mail_port(self) -> int:
        """The port of the mail server."""
        return self._mail.server_address[1]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in (self._web, self._mail):
            server.shutdown()
            server.server_close()


class _Forgiving(BaseServer):
    """Says nothing of those who hang up in the middle, as a command does that is interrupted."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _WebServer(_Forgiving, ThreadingHTTPServer):
    pass


class _MailServer(_Forgiving, ThreadingTCPServer):
    daemon_threads = True
    server_address: tuple[str, int]


def _web_handler(loopback: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = loopback.pages.get(self.path)
            self._answer(404 if page is None else 200, (page or "Not found").encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            loopback.webhooks.append(json.loads(body))
            self._answer(200, b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Leave the terminal to the demo."""

    return Handler


def _mail_handler(loopback: Loopback) -> type[BaseRequestHandler]:
    class Handler(StreamRequestHandler):
        """As much of SMTP as a sender without log-in and encryption needs (RFC 5321, appendix D.1)."""

        def handle(self) -> None:
            self._say("220 demo ready")
            while line := self.rfile.readline(_LONGEST_LINE):
                command = line.strip()[:4].upper().decode("ascii", "replace")
                if command == "DATA":
                    self._say("354 go on")
                    loopback.mails.append(self._message())
                self._say("221 bye" if command == "QUIT" else "250 ok")
                if command == "QUIT":
                    return

        def _message(self) -> EmailMessage:
            lines: list[bytes] = []
            while (line := self.rfile.readline(_LONGEST_LINE)) not in (b".\r\n", b""):
                # A leading dot was doubled (RFC 5321, 4.5.2).
                lines.append(line.removeprefix(b".").replace(b"\r\n", b"\n"))
            return message_from_bytes(b"".join(lines), policy=policy.default)

        def _say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode("ascii"))

    return Handler
