"""The web application: from a request to a page in one of its forms, made once for each state of the database."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import time
from collections import OrderedDict
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.plain_text import plain
from monitor.web import api
from monitor.web.addresses import form_of, place, place_of
from monitor.web.feeds import feed
from monitor.web.forms import FEEDS, feed_of
from monitor.web.guard import Access, Guard
from monitor.web.page import Asked, BadQuestionError, NotFoundError, Page, SlowError
from monitor.web.readers import Readers
from monitor.web.writing import FILES, TEMPLATES, TYPES, write
from storage.store import StoreBusyError, StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from starlette.requests import Request

    from monitor.web.writing import Form
    from storage.store import Store

_LOG = logging.getLogger("policywatch.web")
# Answers that are kept, in bytes.
_ROOM = 64 * 2**20
# While others write all the time, a page is this old at most, in seconds.
FRESH_S = 2.0
# While nobody writes, time alone makes checks overdue: a page is this old at most, in seconds.
OLDEST_S = 300.0
_LONGEST_PATH = 400
# Pages that take long and are waited for; who asks for another one is told to come again.
_MOST_WAITING = 8
# A search of 200 characters may take twelve times as many.
_LONGEST_QUERY = 4_000


@dataclass(frozen=True)
class Answer:
    """What is sent for an address."""

    body: bytes
    media_type: str
    status: int = 200

    @property
    def etag(self) -> str:
        """Names the bytes."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:24]}"'


class Answers:
    """Makes answers, and keeps those that were made of what the database still says."""

    def __init__(
        self, opened: Callable[[], Store], *, fresh_s: float = FRESH_S, channels: bool = False
    ) -> None:
        """Begin.

        Args:
            opened: opens the store.
            channels: whether channels are named to readers.
            fresh_s: how old an answer may be that others have written behind, in seconds.
        """
        self._readers = Readers(opened)
        # A ledger that is not kept yet, or two very long texts side by side, may take half a minute: one thread makes
        # such pages one after another, and the others always serve what is quick.
        self._slow = Readers(opened, count=1)
        self._watch = opened()
        self._edition = self._watch.browse.edition()
        self._fresh_s = fresh_s
        self._channels = channels
        self._kept_since = self._emptied_at = time.monotonic()
        self._kept: OrderedDict[tuple[str, str, str], tuple[Answer, str]] = OrderedDict()
        self._bytes = 0
        self._making: dict[tuple[str, str, str], asyncio.Task[tuple[Answer, str]]] = {}

    def close(self) -> None:
        """End the threads and release the database."""
        self._readers.close()
        self._slow.close()
        self._watch.close()

    async def answer(self, path: str, query: Mapping[str, str], base: str) -> tuple[Answer, str]:
        """Return the answer to an address, and the name of its bytes.

        Args:
            path: without the slash before it.
            query: what stands behind the question mark.
            base: the address of the overview, for feeds.
        """
        self._forget_old()
        asked = (
            path,
            json.dumps(sorted(query.items())),
            base if feed_of(path) else "",
        )
        kept = self._kept.get(asked)
        if kept is not None:
            self._kept.move_to_end(asked)
            return kept
        # Who asks for the same meanwhile waits for the same answer.
        making = self._making.get(asked)
        if making is None:
            made = partial(_made, path=path, query=dict(query), base=base, channels=self._channels)
            making = self._making[asked] = asyncio.create_task(self._make_and_keep(asked, made))
            making.add_done_callback(lambda _: self._making.pop(asked, None))
        return await asyncio.shield(making)

    async def _make_and_keep(
        self, asked: tuple[str, str, str], made: Callable[..., Answer]
    ) -> tuple[Answer, str]:
        """Have an answer made, and keep it where it is still of what the database says."""
        edition = self._edition
        answer = await self._make(made)
        if edition != self._edition:
            # Somebody wrote meanwhile: what was made before is not kept behind those who find that out.
            return answer, answer.etag
        return self._keep(asked, answer)

    async def _make(self, made: Callable[..., Answer]) -> Answer:
        """Have an answer made, among the slow ones where it turns out to be one.

        Raises:
            StoreBusyError: too many wait for a slow one already.
        """
        try:
            return await self._readers.read(partial(made, patient=False))
        except SlowError:
            if self._slow.waiting >= _MOST_WAITING:
                raise StoreBusyError("too many pages that take long are asked for at once") from None
        return await self._slow.read(partial(made, patient=True))

    def _keep(self, asked: tuple[str, str, str], answer: Answer) -> tuple[Answer, str]:
        kept = answer, answer.etag
        # What is not there is kept no longer than it takes, so that nobody can fill the room with it.
        if answer.status == 200 and asked not in self._kept:
            self._kept[asked] = kept
            self._bytes += len(answer.body)
            while self._bytes > _ROOM:
                _, (oldest, _) = self._kept.popitem(last=False)
                self._bytes -= len(oldest.body)
        return kept

    def _forget_old(self) -> None:
        """Forget what was made before somebody wrote, unless that is no age yet."""
        now = time.monotonic()
        if now - self._kept_since < self._fresh_s:
            return
        edition = self._watch.browse.edition()
        if edition != self._edition or now - self._emptied_at >= OLDEST_S:
            self._edition = edition
            self._emptied_at = now
            self._kept.clear()
            self._bytes = 0
        self._kept_since = now


def build_app(
    opened: Callable[[], Store], access: Access, *, fresh_s: float = FRESH_S, own: Sequence[Route] = ()
) -> Starlette:
    """Return the application.

    Args:
        opened: opens the store, in whichever thread.
        access: who may read.
        fresh_s: how old a page may be that others have written behind, in seconds.
        own: what is answered beside the pages, without a password.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.answers = Answers(opened, fresh_s=fresh_s, channels=access.channels)
        app.state.url = access.url
        try:
            yield
        finally:
            app.state.answers.close()

    return Starlette(
        routes=[*own, Route("/{path:path}", _respond, methods=["GET"])],
        middleware=[Middleware(Guard, access=access, open_paths=[route.path for route in own])],
        lifespan=lifespan,
        exception_handlers={404: _nowhere},
    )


async def _nowhere(request: Request, _: Exception) -> Response:
    """Answer an address that fits no route, such as one with a line break in it."""
    path = request.url.path.removeprefix("/")
    return _response(request, _problem("", _form_asked(path), 404, "There is no such page."))


async def _respond(request: Request) -> Response:
    path = str(request.path_params["path"])
    if len(path) > _LONGEST_PATH or len(request.url.query) > _LONGEST_QUERY:
        return _response(request, _problem("", _form_asked(path), 400, "The address is too long."))
    query = {name: value for name, value in request.query_params.items() if name in _QUESTIONS}
    if path == "compare/" and query.keys() >= {"old", "new"}:
        return _to_comparison(query["old"], query["new"])
    if path and place(path) is not None:
        # A page's own address ends in a slash; from here, that is one word further.
        behind = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{path.rpartition('/')[2]}/{behind}", status_code=308)
    if path in FILES:
        return _response(request, _file(path))
    answers: Answers = request.app.state.answers
    try:
        base = request.app.state.url or str(request.base_url)
        answer, etag = await answers.answer(path, query, base)
    except StoreError as error:
        _LOG.error("a page cannot be made: %s", plain(str(error)))
        return _response(
            request, _problem("", _form_asked(path), 503, "The database cannot be read at the moment.")
        )
    return _response(request, answer, etag)


# What pages are asked by; everything else behind a question mark is nobody's.
_QUESTIONS = frozenset(
    {"q", "site", "document", "topic", "direction", "since", "limit", "offset", "old", "new"}
)


def _made(
    store: Store, *, path: str, query: Mapping[str, str], base: str, patient: bool, channels: bool = False
) -> Answer:
    """Make an answer, in a thread of the readers; raises SlowError where that takes long and nobody is patient."""
    named = form_of(path)
    page, form = named or (path.rstrip("/"), "html")
    try:
        if path.startswith("api/"):
            asked = Asked(store, {}, query, patient, channels=channels)
            return _api(asked, path.removeprefix("api/"))
        if wanted := feed_of(path):
            name, end = wanted
            return Answer(feed(store, name, end, base), FEEDS[end])
        found = place(page) if named else None
        if found is None:
            raise NotFoundError("There is no such page.")
        told = found.view(Asked(store, found.names, query, patient, channels=channels))
        return Answer(write(told, page, form), TYPES[form])
    except NotFoundError as error:
        return _problem(page, form, 404, str(error))
    except BadQuestionError as error:
        return _problem(page, form, 400, str(error))


def _api(asked: Asked, path: str) -> Answer:
    if path == "openapi.json":
        return Answer(json.dumps(api.description(), indent=1).encode(), TYPES["json"])
    try:
        found = place_of(path, api.VIEWS)
        if found is None:
            raise NotFoundError("There is no such address; api/openapi.json lists them.")
        told = found.view(replace(asked, names=found.names))
    except NotFoundError as error:
        return _problem(path, "json", 404, str(error))
    except BadQuestionError as error:
        return _problem(path, "json", 400, str(error))
    return Answer(write(told, path, "json"), TYPES["json"])


def _form_asked(path: str) -> Form:
    """Return the form in which somebody expects words of a problem."""
    if path.startswith("api/") or path.endswith(".json"):
        return "json"
    return "md" if path.endswith(".md") else "html"


def _problem(path: str, form: Form, status: int, words: str) -> Answer:
    titles = {400: "That cannot be answered", 404: "Not found", 503: "Not now"}
    page = Page(titles[status], "problem", {"error": plain(words)})
    return Answer(write(page, path, form), TYPES[form], status)


def _to_comparison(old: str, new: str) -> Response:
    if not (old.isascii() and old.isdigit() and new.isascii() and new.isdigit()) or len(old + new) > 30:
        return Response("Versions are named by their numbers.\n", 400, media_type="text/plain")
    return RedirectResponse(f"{int(old)}/{int(new)}/", status_code=303)


@cache
def _file(name: str) -> Answer:
    return Answer((TEMPLATES / name).read_bytes(), FILES[name])


def _response(request: Request, answer: Answer, etag: str | None = None) -> Response:
    etag = etag or answer.etag
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if answer.status == 200 and etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    # No charset is added to types that have none.
    return Response(answer.body, answer.status, {**headers, "Content-Type": answer.media_type})
