"""Alerts by webhook: JSON sent by POST, with the headers of the Standard Webhooks specification."""

from __future__ import annotations

import base64
import os
from datetime import UTC
from math import floor
from typing import TYPE_CHECKING

import aiohttp
from standardwebhooks.webhooks import Webhook

from crawler.guard import WAY_OUT, AddressRefusedError
from monitor.alerts.delivery import DeliveryError
from monitor.alerts.payload import body_of
from monitor.config.errors import ConfigError
from monitor.config.secrets import read_secret

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.alerts.delivery import Message
    from monitor.config.models import WebhookChannel

# The specification proposes 15 to 30 seconds for a receiver.
_TIMEOUT_S = 20.0


def webhook_session(connector: aiohttp.BaseConnector, timeout_s: float = _TIMEOUT_S) -> aiohttp.ClientSession:
    """Return a session for webhooks: no cookies, no proxy, one time limit for the whole exchange."""
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=timeout_s),
        trust_env=False,
    )


def signature(secret: str, message_id: str, at: datetime, body: bytes) -> str:
    """Return the `webhook-signature` header: HMAC-SHA256 over id, time in Unix seconds and body.

    Raises:
        ValueError: the secret is not base64, with or without "whsec_" before it.
    """
    try:
        # The library would pass over what is no base64, and sign with what is left.
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError as error:
        raise ValueError('the secret is not base64 as in "whsec_..."') from error
    if not key:
        raise ValueError("the secret holds nothing but its marker")
    # The library takes the digits of a time for those of UTC.
    return Webhook(key).sign(message_id, at.astimezone(UTC), body.decode("ascii"))


class WebhookSender:
    """Sends to the address of one channel. That address may hold a secret: no error repeats it."""

    def __init__(self, channel: str, config: WebhookChannel, session: aiohttp.ClientSession) -> None:
        self._channel = channel
        self._config = config
        # Brings the guard against private addresses and the time limit with it.
        self._session = session

    async def send(self, alert: Message, now: datetime) -> str | None:
        """Bring one alert; any answer but 2xx is a failure, a redirect too, and no answer's body is read."""
        body = body_of(alert)
        try:
            headers = self._headers(alert.idempotency_key, now, body)
            status = await self._post(body, headers)
        except (ConfigError, ValueError) as error:
            raise DeliveryError(self._channel, _configured(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            raise DeliveryError(self._channel, _reason(error)) from error
        if not 200 <= status < 300:
            raise DeliveryError(self._channel, f"the receiver answered {status}")
        return None

    async def _post(self, body: bytes, headers: dict[str, str]) -> int:
        response = await self._session.post(
            self._config.url, data=body, headers=headers, allow_redirects=False
        )
        # Closes the connection where a body is still on its way.
        response.release()
        return response.status

    def _headers(self, key: str, now: datetime, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "policywatch",
            "Idempotency-Key": key,
            "webhook-id": key,
            "webhook-timestamp": str(floor(now.timestamp())),
        }
        purpose = f"the secret of [channel.{self._channel}]"
        secret = read_secret(purpose, self._config.secret_env, self._config.secret_file)
        if secret is not None:
            headers["webhook-signature"] = signature(secret, key, now, body)
        return headers


def _cause(error: OSError) -> str:
    if isinstance(error, AddressRefusedError):
        return f"its address is not public; {WAY_OUT}"
    return os.strerror(error.errno) if error.errno else "refused"


def _configured(error: Exception) -> str:
    return "the address cannot be used" if isinstance(error, aiohttp.InvalidURL) else str(error)


def _reason(error: Exception) -> str:
    """Tell what kind of failure it was; the error's own words would repeat the address."""
    if isinstance(error, TimeoutError):
        return "the receiver did not answer in time"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "the receiver's certificate is not valid"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the receiver's name is not known"
    if isinstance(error, aiohttp.ClientSSLError):
        return "no encrypted connection to the receiver could be made"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection to the receiver: {_cause(error.os_error)}"
    return f"the connection to the receiver failed ({type(error).__name__})"
