"""Alerts to chat and all else that Apprise reaches by HTTP.

Apprise opens its own connections, so it runs within `guarded_sockets`: whatever address it connects to, the network
guard permits. Services that it reaches in other ways (a mail server, a message broker, the desktop, a program) are
refused: they would have no guard, and e-mail has a channel of its own. It blocks, so it runs in a thread.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import re
import sys
import threading
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import apprise
import requests

from crawler.guard import WAY_OUT, AddressGuard
from crawler.sockets import guarded_sockets, is_guarded
from monitor.alerts.chat import chat_text, chat_title
from monitor.alerts.delivery import DeliveryError
from monitor.config.errors import ConfigError
from monitor.config.secrets import read_secret

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from monitor.alerts.delivery import Message
    from monitor.config.models import AppriseChannel

# For the whole exchange, in which a service may be asked several times.
_TIMEOUT_S = 30.0
_LONGEST_ANSWER = 2**20
# How Apprise words what a service answered; nothing else of its words is repeated, since they name addresses.
_STATUS = re.compile(r"\berror=([1-5]\d\d)\b")

# Its words hold hosts and parts of addresses, which are secrets.
logging.getLogger("apprise").propagate = False
logging.getLogger("apprise").addHandler(logging.NullHandler())


# A service that never ends its answer keeps a thread for each attempt: no more than so many for each channel.
_AT_ONCE: defaultdict[str, threading.BoundedSemaphore] = defaultdict(lambda: threading.BoundedSemaphore(4))


class _TooManyError(Exception):
    """So many attempts have not ended that no further one is made."""


class AppriseSender:
    """Sends to the address of one channel, which is a secret: no error repeats a word of it."""

    def __init__(
        self, channel: str, config: AppriseChannel, guard: AddressGuard, timeout_s: float = _TIMEOUT_S
    ) -> None:
        self._channel = channel
        self._config = config
        self._guard = guard
        self._timeout_s = timeout_s

    async def send(self, alert: Message, now: datetime) -> str | None:
        """Bring one alert; that the service took it is all that is known of its arrival."""
        return await self.send_together([alert], now)

    async def send_together(self, alerts: Sequence[Message], now: datetime) -> str | None:
        """Bring several alerts of one kind in one message, else like `send`."""
        title, text = chat_title(alerts), chat_text(alerts)
        try:
            purpose = f"the address of [channel.{self._channel}]"
            url = read_secret(purpose, self._config.url_env, self._config.url_file)
            failure = await _in_thread(
                lambda: _notify(url or "", title, text, self._guard), self._timeout_s, _AT_ONCE[self._channel]
            )
        except ConfigError as error:
            raise DeliveryError(self._channel, str(error)) from error
        except TimeoutError as error:
            raise DeliveryError(self._channel, "the service did not answer in time") from error
        except _TooManyError as error:
            raise DeliveryError(self._channel, "too many earlier attempts have not ended yet") from error
        if failure:
            raise DeliveryError(self._channel, failure)
        return None


def _notify(url: str, title: str, text: str, guard: AddressGuard) -> str | None:
    """Have Apprise bring a message; return in our own words what went wrong, None where the service took it."""
    refusals: list[str] = []
    with guarded_sockets(guard, refusals.append):
        service = _service(url)
        if isinstance(service, str):
            return service
        everything = apprise.Apprise(asset=service.asset)
        everything.add(service)
        try:
            result = everything.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT)
        except Exception as error:
            return f"Apprise failed ({type(error).__name__})"
    if result:
        return None
    if refusals:
        return f"no connection to the service: its address is not public; {WAY_OUT}"
    answered = _STATUS.findall(" ".join(str(entry.message) for entry in result.logs()))
    return (
        f"the service answered {answered[-1]}"
        if answered
        else "the service cannot be reached, or answers no HTTP"
    )


def why_unusable(url: str) -> str | None:
    """Say why no message can be sent to an address, in words without it; None where one can. Nothing is sent."""
    with guarded_sockets(AddressGuard(), lambda _: None):
        service = _service(url)
    return service if isinstance(service, str) else None


def _service(url: str) -> apprise.NotifyBase | str:
    """Return the service at an address, or why there is none that is sent to."""
    asset = apprise.AppriseAsset(
        app_id="policywatch",
        app_desc="policywatch",
        # In this thread, which is the guarded one, and with nothing written to the disk.
        async_mode=False,
        service_timeout=0,
        storage_mode=apprise.PersistentStoreMode.MEMORY,
        # A redirect would take the message, and the tokens in its address, elsewhere.
        http_redirects=False,
        # No picture that a chat would load from elsewhere.
        image_url_mask="",
        image_url_logo="",
        allow_templates=False,
    )
    try:
        service = apprise.Apprise.instantiate(url, asset=asset)
    except Exception:
        service = None
    if service is None:
        return "the address is none that Apprise knows"
    if not _is_reached_by_http(service):
        return "the service is not reached by HTTP; e-mail has its own type of channel"
    if "overflow=" not in url.lower():
        # Else what is longer than the service takes would never arrive.
        service.overflow_mode = apprise.OverflowMode.SPLIT
    return service


def _is_reached_by_http(service: apprise.NotifyBase) -> bool:
    module = sys.modules[type(service).__module__]
    return getattr(module, "requests", None) is requests


async def _in_thread(
    work: Callable[[], str | None], timeout_s: float, at_once: threading.BoundedSemaphore
) -> str | None:
    """Return what a function returns that may block, called in a thread that nothing waits for after the time.

    Raises:
        _TooManyError: so many others have not ended that this one was not begun.
        TimeoutError: it took longer. What it does by then goes on, but nobody waits for it when the program ends.
    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[str | None] = loop.create_future()

    def tell(result: str | None, error: BaseException | None) -> None:
        if ended.done():
            return
        if error is not None:
            ended.set_exception(error)
        else:
            ended.set_result(result)

    def call() -> None:
        result, error = None, None
        try:
            result = contextvars.copy_context().run(work)
        except BaseException as raised:
            error = raised
        finally:
            at_once.release()
        # Where the program ends meanwhile, nobody waits to hear it.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, result, error)

    if not at_once.acquire(blocking=False):
        raise _TooManyError
    try:
        threading.Thread(target=call, name="apprise", daemon=True).start()
    except RuntimeError as error:
        at_once.release()
        raise _TooManyError from error
    async with asyncio.timeout(timeout_s):
        return await ended


def _without_proxies() -> None:
    """Have guarded requests use no proxy of the environment, behind which the guard would see the proxy alone."""
    of_environment = requests.sessions.get_environ_proxies  # type: ignore[attr-defined]

    def proxies(url: str, no_proxy: str | None = None) -> dict[str, str]:
        found: dict[str, str] = {} if is_guarded() else of_environment(url, no_proxy)
        return found

    requests.sessions.get_environ_proxies = proxies  # type: ignore[attr-defined]


def _with_short_answers() -> None:
    """Have guarded requests read no more of an answer than any service has to say; requests would read it all."""
    pieces: Callable[..., Iterator[Any]] = requests.Response.iter_content

    def bounded(
        response: requests.Response, chunk_size: int | None = 1, decode_unicode: bool = False
    ) -> Iterator[Any]:
        read = 0
        for piece in pieces(response, chunk_size, decode_unicode):
            read += len(piece)
            if read > _LONGEST_ANSWER and is_guarded():
                response.close()
                raise requests.exceptions.ChunkedEncodingError("the answer is too long")
            yield piece

    requests.Response.iter_content = bounded  # type: ignore[method-assign, assignment]


_without_proxies()
_with_short_answers()
