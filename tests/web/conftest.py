from __future__ import annotations

import http.client
import json
import threading
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from lxml import html

from monitor.web.guard import Access
from monitor.web.serving import listening, server
from storage import open_store
from tests.web.history import fill, fill_hostile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from storage.store import Store


@dataclass(frozen=True)
class Reply:
    """An answer of the server."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def data(self) -> Any:
        return json.loads(self.body)

    @property
    def tree(self) -> Any:
        return html.document_fromstring(self.body)

    def words(self, path: str) -> list[str]:
        """The words of the elements that an XPath finds."""
        return [" ".join(element.text_content().split()) for element in self.tree.xpath(path)]


@dataclass(frozen=True)
class Reader:
    """Asks a server on loopback, as a browser does, but for following redirects."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def get(self, path: str, method: str = "GET", **headers: str) -> Reply:
        sent = {name.replace("_", "-"): value for name, value in {**self.headers, **headers}.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request(method, f"/{path}", headers=sent)
            answer = connection.getresponse()
            names = {name.casefold(): value for name, value in answer.getheaders()}
            return Reply(answer.status, names, answer.read())


@contextmanager
def serving(database: Path, access: Access = Access(), *, fresh_s: float = 2.0) -> Iterator[Reader]:  # noqa: B008  frozen
    """Run the real server for the length of a `with` block."""
    ready = threading.Event()
    with listening("127.0.0.1", 0) as listener:
        own = server(f"sqlite:///{database}", access, ready.set, fresh_s=fresh_s)
        thread = threading.Thread(target=own.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            assert ready.wait(20)
            yield Reader(listener.getsockname()[1])
        finally:
            own.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


def kept(database: Path, write: Callable[[Store], None]) -> Path:
    with closing(open_store(f"sqlite:///{database}")) as store:
        write(store)
    return database


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kept(tmp_path_factory.mktemp("web") / "kept.db", fill)


@pytest.fixture(scope="module")
def hostile_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kept(tmp_path_factory.mktemp("web") / "hostile.db", fill_hostile)


@pytest.fixture(scope="module")
def reader(database: Path) -> Iterator[Reader]:
    with serving(database) as reader:
        yield reader


@pytest.fixture(scope="module")
def hostile(hostile_database: Path) -> Iterator[Reader]:
    with serving(hostile_database) as reader:
        yield reader
