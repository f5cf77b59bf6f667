"""An archive on loopback that speaks CDX and replay as the Wayback Machine does, until it is told to misbehave."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from bisect import bisect_left, insort
from collections import Counter, deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal, Self
from urllib.parse import parse_qs, quote_plus, unquote_plus, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HTML = "text/html; charset=utf-8"
Kind = Literal["search", "replay", "save", "other"]


@dataclass(frozen=True)
class Kept:
    """A capture in the archive."""

    timestamp: str
    original: str
    body: bytes
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", HTML),)
    # In the place of the digest of the body.
    digest: str | None = None

    @property
    def line(self) -> str:
        digest = self.digest or base64.b32encode(hashlib.sha1(self.body).digest()).decode()  # noqa: S324
        key = f"test,{urlkey(self.original)}"
        return f"{key} {self.timestamp} {self.original} text/html {self.status} {digest} {len(self.body)}"


def urlkey(url: str) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return f"{host}){parts.path}".lower()


class ScriptedArchive:
    """Serves from a thread of its own, on a free port, until the end of the `with` block."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self.captures: dict[str, list[Kept]] = {}
        # Every request: its kind, its path with the query, and when it came.
        self.requests: list[tuple[Kind, str, datetime]] = []
        self._script: dict[Kind, deque[Callable[[BaseHTTPRequestHandler], None]]] = {}
        self._always: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.on_request: Callable[[Kind], None] = lambda _: None
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def keep(self, timestamp: str, original: str, body: str | bytes, **fields: Any) -> Kept:
        """Put a capture into the archive."""
        kept = Kept(timestamp, original, body.encode() if isinstance(body, str) else body, **fields)
        captures = self.captures.setdefault(urlkey(original), [])
        insort(captures, kept, key=lambda one: (one.timestamp, one.original))
        return kept

    def misbehave(self, kind: Kind, *answers: Callable[[BaseHTTPRequestHandler], None]) -> None:
        """Answer the next requests of a kind in these ways, one each."""
        self._script.setdefault(kind, deque()).extend(answers)

    def always(self, path: str, answer: Callable[[BaseHTTPRequestHandler], None]) -> None:
        """Answer every request for a path in this way."""
        self._always[path] = answer

    def asked(self, kind: Kind) -> list[str]:
        """Return the paths of the requests of a kind, in their order."""
        return [path for asked, path, _ in self.requests if asked == kind]

    def repeated(self) -> dict[str, int]:
        """Return the captures that were asked for more than once, with how often."""
        return {path: count for path, count in Counter(self.asked("replay")).items() if count > 1}

    def fullest_minute(self, kind: Kind) -> int:
        """Return how many requests of a kind came within the fullest 60 seconds."""
        times = sorted(at for asked, _, at in self.requests if asked == kind)
        return max(
            (bisect_left(times, at + timedelta(seconds=60)) - number for number, at in enumerate(times)),
            default=0,
        )

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path
        kind: Kind = "other"
        if path.startswith("/cdx/search/cdx?"):
            kind = "search"
        elif path.startswith("/web/"):
            kind = "replay"
        elif path.startswith("/save/"):
            kind = "save"
        self.requests.append((kind, path, self.clock()))
        self.on_request(kind)
        if path in self._always:
            self._always[path](request)
        elif self._script.get(kind):
            self._script[kind].popleft()(request)
        elif kind == "search":
            send(request, self._list(path), content_type="text/plain")
        elif kind == "replay":
            self._replay(request)
        else:
            send(request, b"<h1>Not found</h1>", status=404)

    def _list(self, path: str) -> bytes:
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        lines = [
            kept.line
            for kept in self.captures.get(urlkey(query["url"]), [])
            if kept.timestamp >= query.get("from", "") and not 400 <= kept.status < 600
        ]
        # The real server decodes its own keys, which waybackpy encodes once more.
        start = int(unquote_plus(query["resumeKey"]).rpartition(" ")[2]) if "resumeKey" in query else 0
        limit = int(query["limit"])
        shown = lines[start : start + limit]
        text = "".join(f"{line}\n" for line in shown)
        if len(lines) > start + limit:
            text += f"\n{quote_plus(f'test,key) {start + limit}')}\n"
        return text.encode()

    def _replay(self, request: BaseHTTPRequestHandler) -> None:
        match = re.match(r"/web/(\d{14})id_/(.+)", request.path)
        captures = self.captures.get(urlkey(match[2]), []) if match else []
        if match is None or not captures:
            send(request, b"<h1>The archive has not archived that page.</h1>", status=404)
            return
        same = [one for one in captures if (one.timestamp, one.original) == (match[1], match[2])]
        if not same:
            nearest = min(captures, key=lambda one: abs(_time(one.timestamp) - _time(match[1])))
            send(request, b"", {"Location": f"/web/{nearest.timestamp}id_/{nearest.original}"}, 302)
            return
        kept = same[0]
        send(request, kept.body, {**dict(kept.headers), **memento(kept.timestamp)}, kept.status)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def memento(timestamp: str) -> dict[str, str]:
    return {"Memento-Datetime": format_datetime(_time(timestamp), usegmt=True)}


def send(
    request: BaseHTTPRequestHandler,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    status: int = 200,
    content_type: str = HTML,
) -> None:
    request.send_response(status)
    for name, value in {"Content-Type": content_type, **(headers or {})}.items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


def answering(
    body: str | bytes = b"", status: int = 200, content_type: str = HTML, **headers: str
) -> Callable[[BaseHTTPRequestHandler], None]:
    """Return a misbehaviour: one answer, whatever was asked for; names of headers have "_" for "-"."""
    encoded = body.encode() if isinstance(body, str) else body
    spelt = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: send(request, encoded, spelt, status, content_type)


def _time(timestamp: str) -> datetime:
    return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that go away are what the tests are about."""


def _handler_of(archive: ScriptedArchive) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            archive.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
