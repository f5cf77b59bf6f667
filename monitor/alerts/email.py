"""Alerts by e-mail: one message with text and HTML, through one SMTP server."""

from __future__ import annotations

import asyncio
import hashlib
import os
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import aiosmtplib

from monitor.alerts.alert import Alert, subject_of_all
from monitor.alerts.delivery import DeliveryError
from monitor.alerts.digest import stories
from monitor.alerts.message import as_html, texts_of
from monitor.alerts.operators import OperatorsAlert, subject_of_operations
from monitor.alerts.operators_message import operations_as_html, operations_as_text
from monitor.config.errors import ConfigError
from monitor.config.secrets import read_secret
from monitor.plain_text import plain, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from monitor.alerts.delivery import Message
    from monitor.config.models import Smtp
    from storage.records import DocumentKey

# For one answer of the server, and for the whole conversation.
_STEP_TIMEOUT_S = 30.0
_TOTAL_TIMEOUT_S = 120.0
# What stands for itself in the address of a "mailto:" (RFC 6068, section 2).
_IN_ADDRESS = "@!$'*+"
# From this code on a refusal is for good (RFC 5321, section 4.2.1); a smaller one may be another tomorrow.
_FOR_GOOD = 500


def build_email(
    alerts: Message | Sequence[Message], sender: str, recipients: Sequence[str], now: datetime
) -> EmailMessage:
    """Return the message about one alert or several of one kind.

    Sender and recipients are bare ASCII addresses, as the configuration has checked. The same alerts give the
    same Message-ID at every attempt, so that mail servers can drop repeats. All messages about one document, about
    several of one site, or about several sites answer one message that was never sent: mail programs show them
    as one thread (RFC 5322, 3.6.4). What operators are told has threads of its own.
    """
    domain = sender.rpartition("@")[2]
    together = [alerts] if isinstance(alerts, Alert | OperatorsAlert) else list(alerts)
    words = _words(together, domain)
    message = EmailMessage(policy=SMTP)
    # "=?" would begin an encoded word, in which policy text could hide anything (RFC 2047).
    message["Subject"] = words.subject.replace("=?", "= ?")
    message["From"] = f"policywatch <{sender}>"
    message["To"] = ", ".join(recipients)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = _named(
        "alert", "\n".join(sorted(alert.idempotency_key for alert in together)), domain
    )
    message["In-Reply-To"] = words.thread
    message["References"] = words.thread
    message["Auto-Submitted"] = "auto-generated"
    # Whoever answers for the channel takes an address out: there is no list that would do it by itself (RFC 2369).
    message["List-Unsubscribe"] = f"<mailto:{quote(sender, safe=_IN_ADDRESS)}?subject=unsubscribe>"
    message.set_content(words.text, cte="quoted-printable")
    message.add_alternative(words.html, subtype="html", cte="quoted-printable")
    return message


@dataclass(frozen=True)
class _Words:
    """What a message says, and the Message-ID that it answers."""

    subject: str
    text: str
    html: str
    thread: str


def _words(together: Sequence[Message], domain: str) -> _Words:
    changes = [alert for alert in together if isinstance(alert, Alert)]
    operations = [alert for alert in together if isinstance(alert, OperatorsAlert)]
    if changes and operations:
        raise ValueError("changes of policies and the operators' matters never share a message")
    if operations:
        subject, text = subject_of_operations(operations), operations_as_text(operations)
        return _Words(subject, text, operations_as_html(operations), _operators_thread(operations, domain))
    told = stories(changes)
    return _Words(subject_of_all(told), texts_of(told), as_html(*told), _thread(changes, domain))


def thread_id(key: DocumentKey, domain: str) -> str:
    """Return the Message-ID that all alerts about a document answer, where they are sent from this domain."""
    return _named("thread", str(key), domain)


def _thread(alerts: Sequence[Alert], domain: str) -> str:
    keys, sites = {alert.key for alert in alerts}, {alert.key.site for alert in alerts}
    if len(keys) == 1:
        return thread_id(alerts[0].key, domain)
    return _named("thread", alerts[0].key.site if len(sites) == 1 else "", domain)


def _operators_thread(alerts: Sequence[OperatorsAlert], domain: str) -> str:
    names = {alert.notice.about or str(alert.notice.key) for alert in alerts}
    return _named("operations", names.pop() if len(names) == 1 else "", domain)


def _named(kind: str, name: str, domain: str) -> str:
    # Whatever a name holds: half a surrogate pair must not keep a whole channel from its messages.
    digest = hashlib.sha256(name.encode(errors="backslashreplace")).hexdigest()
    return f"<{kind}-{digest[:32]}@{domain}>"


class EmailSender:
    """Sends to the addresses of one channel."""

    def __init__(
        self, channel: str, recipients: Sequence[str], smtp: Smtp, tls: ssl.SSLContext | None = None
    ) -> None:
        self._channel = channel
        self._recipients = list(recipients)
        self._smtp = smtp
        # None: the authorities that the system trusts.
        self._tls = tls

    async def send(self, alert: Message, now: datetime) -> str | None:
        """Bring one alert to all recipients; the remark names those whom the server refused."""
        return await self.send_together([alert], now)

    async def send_together(self, alerts: Sequence[Message], now: datetime) -> str | None:
        """Bring several alerts of one kind in one message to all recipients, else like `send`."""
        try:
            message = build_email(alerts, self._smtp.sender, self._recipients, now)
            async with asyncio.timeout(_TOTAL_TIMEOUT_S):
                refused = await self._submit(message)
        except ConfigError as error:
            raise DeliveryError(self._channel, str(error)) from error
        # A ValueError is what the library says of names that it cannot write.
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise DeliveryError(self._channel, self._reason(error)) from error
        later = sorted(address for address, code in refused.items() if code < _FOR_GOOD)
        if later:
            # They are asked again, with the same Message-ID for those who have it.
            raise DeliveryError(self._channel, f"the mail server put off {', '.join(later)}")
        return f"the mail server refused {', '.join(sorted(refused))}" if refused else None

    async def _submit(self, message: EmailMessage) -> dict[str, int]:
        """Hand a message over, and return the recipients that were refused, with the server's code."""
        smtp = self._smtp
        refused, _ = await aiosmtplib.send(
            message,
            sender=smtp.sender,
            recipients=self._recipients,
            hostname=smtp.host,
            port=smtp.port_number,
            username=smtp.username,
            password=read_secret("the password of [smtp]", smtp.password_env, smtp.password_file),
            # The name of this machine is nobody's business, and looking it up can take seconds.
            local_hostname=smtp.sender.rpartition("@")[2],
            use_tls=smtp.security == "tls",
            start_tls=smtp.security == "starttls",
            tls_context=self._tls,
            timeout=_STEP_TIMEOUT_S,
        )
        return {address: response.code for address, response in refused.items()}

    def _reason(self, error: Exception) -> str:
        """Tell what went wrong. What a server says after log-in is left out: it could repeat the password."""
        server = f"{self._smtp.host}:{self._smtp.port_number}"
        if isinstance(error, TimeoutError):
            return f"{server} did not answer in time"
        if isinstance(error, aiosmtplib.SMTPAuthenticationError):
            return f"{server} refused the user name or the password ({error.code})"
        if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
            codes = sorted({str(refused.code) for refused in error.recipients})
            return f"{server} refused every recipient ({', '.join(codes)})"
        if isinstance(error, aiosmtplib.SMTPResponseException):
            said = "" if self._smtp.username else f": {shortened(plain(error.message), 200)}"
            return f"{server} answered {error.code}{said}"
        return f"{server}: {_cause(error)}"


def _cause(error: Exception) -> str:
    """Tell why no connection came about, without the names that the libraries repeat around it."""
    source = error.__cause__ if isinstance(error.__cause__, OSError) else error
    if not isinstance(source, OSError) or isinstance(source, ssl.SSLError):
        return shortened(plain(str(source)), 200)
    if source.errno is not None and source.errno > 0:
        return os.strerror(source.errno)
    return shortened(plain(source.strerror or str(source)), 200)
