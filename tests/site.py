"""A web site on loopback that tests can change, count and let misbehave."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
import threading
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from tests.misbehaviour import MISBEHAVIOURS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Page:
    """What is answered at a path."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Site:
    """Serves from a thread of its own, on a free port, until `close` or the end of the `with` block.

    Every path of `tests.misbehaviour` is there from the start, as `/misbehaving/<name>`; robots.txt is not.
    With a folder for its certificate it speaks TLS, self-signed.
    """

    def __init__(self, *, host: str = "127.0.0.1", certificate_folder: Path | None = None) -> None:
        self.closing = threading.Event()
        self.host = host
        self._pages: dict[str, Page] = {}
        self._routes: dict[str, Callable[[BaseHTTPRequestHandler, threading.Event], None]] = {
            f"/misbehaving/{name}": misbehave for name, misbehave in MISBEHAVIOURS.items()
        }
        # Paths in the order in which they were asked for, with the headers of the request.
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.connections = 0
        self._server = _Server((host, 0), _handler_of(self))
        self.scheme = "http"
        if certificate_folder is not None:
            self._speak_tls(certificate_folder)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def url(self, path: str = "/") -> str:
        """Return the address of a path."""
        return f"{self.scheme}://{self.host}:{self.port}{path}"

    def set(
        self,
        path: str,
        body: str | bytes,
        *,
        status: int = 200,
        content_type: str = HTML,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """Put a page at a path, in the place of what was there; return its address."""
        encoded = body.encode() if isinstance(body, str) else body
        self._pages[path] = Page(encoded, status, {"Content-Type": content_type, **(headers or {})})
        return self.url(path)

    def body(self, path: str) -> bytes:
        """Return what is served at a path."""
        return self._pages[path].body

    def redirect(self, path: str, location: str, status: int = 302) -> str:
        """Send visitors of a path elsewhere; return the path's address."""
        return self.set(path, "", status=status, headers={"Location": location})

    def route(self, path: str, answer: Callable[[BaseHTTPRequestHandler, threading.Event], None]) -> str:
        """Let a function answer at a path; it also gets the event of the site's end. Return its address."""
        self._routes[path] = answer
        return self.url(path)

    def robots(self, text: str, status: int = 200) -> None:
        """Put up a robots.txt."""
        self.set("/robots.txt", text, status=status, content_type="text/plain")

    def remove(self, path: str) -> None:
        """Take a page away: from now on its answer is 404."""
        self._pages.pop(path, None)

    def count(self, path: str) -> int:
        """Return how often a path was asked for."""
        return Counter(path for path, _ in self.requests)[path]

    def close(self) -> None:
        """End every answer that is still on its way, and stop."""
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path.partition("?")[0]
        self.requests.append((path, dict(request.headers.items())))
        if path in self._pages:
            _send(request, self._pages[path])
        elif path in self._routes:
            self._routes[path](request, self.closing)
        else:
            _send(request, Page(b"<h1>Not found</h1>", 404, {"Content-Type": HTML}))

    def _speak_tls(self, folder: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(write_certificate(folder, self.host))
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.scheme = "https"


def write_certificate(folder: Path, host: str) -> Path:
    """Write a self-signed certificate for an IP address, valid for a day around now, with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "policywatch test")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder(
            name, name, key.public_key(), x509.random_serial_number(), now - day, now + day
        )
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    unencrypted = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, unencrypted) + certificate.public_bytes(pem)
    )
    return path


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that go away are what the tests are about."""


def _handler_of(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body go out as two writes, which would wait 40 ms for each other.
        disable_nagle_algorithm = True

        def setup(self) -> None:
            site.connections += 1
            super().setup()

        def do_GET(self) -> None:
            site.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _send(request: BaseHTTPRequestHandler, page: Page) -> None:
    request.send_response(page.status)
    for name, value in page.headers.items():
        # As UTF-8, which some servers send and `http.server` does not by itself.
        request.send_header(name, value.encode().decode("latin-1"))
    request.send_header("Content-Length", str(len(page.body)))
    request.end_headers()
    request.wfile.write(page.body)
