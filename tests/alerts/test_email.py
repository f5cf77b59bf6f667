from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import re
import ssl
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from monitor.alerts.delivery import DeliveryError
from monitor.alerts.email import EmailSender, build_email
from monitor.config.models import Smtp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from email.message import EmailMessage
    from pathlib import Path

    from monitor.alerts.alert import Alert
    from monitor.comparison.changes import Change

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
SENDER, TO = "watch@mail.example", ["legal@example.org", "press@example.org"]


def read(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=default)  # type: ignore[return-value]


class Mailbox:
    """Keeps what a mail server took; refuses recipients that say so. The library finds methods by name."""

    def __init__(self) -> None:
        self.envelopes: list[Any] = []
        self.users: list[bytes] = []

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address.startswith("refused"):
            return "550 no such\x1b[31m user"
        if address.startswith("later"):
            return "450 greylisted"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        return "250 OK"

    def authenticate(
        self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> AuthResult:
        self.users.append(data.login)
        right = (data.login, data.password) == (b"me", b"hunter2")
        return AuthResult(success=right, handled=False)

    @asynccontextmanager
    async def served(self, implicit_tls: ssl.SSLContext | None = None, **options: Any) -> AsyncIterator[int]:
        def connection() -> SMTP:
            return SMTP(self, hostname="mail.example", **options)

        server = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0, ssl=implicit_tls)
        async with server:
            yield server.sockets[0].getsockname()[1]


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with the key and self-made certificate of 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def client_tls(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


def smtp(port: int, security: str = "none", **keys: Any) -> Smtp:
    return Smtp.model_validate(
        {"host": "127.0.0.1", "port": port, "security": security, "from": SENDER, **keys}
    )


async def test_a_mail_arrives_with_text_and_html(mailbox: Mailbox, make_alert: Callable[..., Alert]) -> None:
    async with mailbox.served() as port:
        remark = await EmailSender("legal", TO, smtp(port)).send(make_alert(), NOW)
    assert remark is None
    (envelope,) = mailbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, TO)
    message = read(envelope.content)
    assert (
        message["Subject"]
        == "Example Shop privacy policy: Server logs are now kept for 60 days instead of 30."
    )
    assert message["From"] == f"policywatch <{SENDER}>"
    assert message["To"] == "legal@example.org, press@example.org"
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    text, html = message.iter_parts()
    assert "Now: We keep server logs for 60 days." in text.get_content()
    assert ">60</ins>" in html.get_content()


async def test_starttls_and_login(
    mailbox: Mailbox,
    make_alert: Callable[..., Alert],
    server_tls: ssl.SSLContext,
    client_tls: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "hunter2")
    options = {"tls_context": server_tls, "require_starttls": True}
    async with mailbox.served(**options, authenticator=mailbox.authenticate, auth_required=True) as port:
        settings = smtp(port, "starttls", username="me", password_env="MAIL_PASSWORD")
        await EmailSender("legal", TO, settings, client_tls).send(make_alert(), NOW)
    assert len(mailbox.envelopes) == 1
    assert mailbox.users == [b"me"]


async def test_tls_from_the_first_byte(
    mailbox: Mailbox,
    make_alert: Callable[..., Alert],
    server_tls: ssl.SSLContext,
    client_tls: ssl.SSLContext,
) -> None:
    async with mailbox.served(implicit_tls=server_tls) as port:
        await EmailSender("legal", TO, smtp(port, "tls"), client_tls).send(make_alert(), NOW)
    assert len(mailbox.envelopes) == 1


async def test_a_server_without_starttls_gets_nothing(
    mailbox: Mailbox, make_alert: Callable[..., Alert], client_tls: ssl.SSLContext
) -> None:
    async with mailbox.served() as port:
        sender = EmailSender("legal", TO, smtp(port, "starttls"), client_tls)
        with pytest.raises(DeliveryError, match=r"channel legal: 127\.0\.0\.1:\d+: .*STARTTLS"):
            await sender.send(make_alert(), NOW)
    assert mailbox.envelopes == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_that_nobody_vouches_for_is_refused(
    mailbox: Mailbox, make_alert: Callable[..., Alert], server_tls: ssl.SSLContext, security: str
) -> None:
    options = {"implicit_tls": server_tls} if security == "tls" else {"tls_context": server_tls}
    async with mailbox.served(**options) as port:
        with pytest.raises(DeliveryError, match=r"certificate verify failed|CERTIFICATE_VERIFY_FAILED"):
            await EmailSender("legal", TO, smtp(port, security)).send(make_alert(), NOW)
    assert mailbox.envelopes == []


async def test_a_wrong_password_is_told_without_the_password(
    mailbox: Mailbox, make_alert: Callable[..., Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "hunter3")
    async with mailbox.served(authenticator=mailbox.authenticate, auth_require_tls=False) as port:
        settings = smtp(port, username="me", password_env="MAIL_PASSWORD")
        with pytest.raises(DeliveryError) as raised:
            await EmailSender("legal", TO, settings).send(make_alert(), NOW)
    assert raised.value.reason == f"127.0.0.1:{port} refused the user name or the password (535)"


async def test_a_password_that_is_not_set_fails_this_channel_alone(
    make_alert: Callable[..., Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAIL_PASSWORD", raising=False)
    settings = smtp(1, username="me", password_env="MAIL_PASSWORD")
    with pytest.raises(DeliveryError, match="environment variable MAIL_PASSWORD is not set"):
        await EmailSender("legal", TO, settings).send(make_alert(), NOW)


async def test_one_refused_recipient_does_not_keep_the_others_from_it(
    mailbox: Mailbox, make_alert: Callable[..., Alert]
) -> None:
    async with mailbox.served() as port:
        remark = await EmailSender("legal", ["refused@x.example", *TO], smtp(port)).send(make_alert(), NOW)
    assert remark == "the mail server refused refused@x.example"
    assert mailbox.envelopes[0].rcpt_tos == TO


async def test_a_recipient_that_is_put_off_gets_it_with_the_next_attempt(
    mailbox: Mailbox, make_alert: Callable[..., Alert]
) -> None:
    async with mailbox.served() as port:
        sender = EmailSender("legal", ["later@x.example", *TO], smtp(port))
        with pytest.raises(DeliveryError, match=r"put off later@x\.example"):
            await sender.send(make_alert(), NOW)
        with pytest.raises(DeliveryError, match=r"put off later@x\.example"):
            await sender.send(make_alert(), NOW)
    first, again = (read(envelope.content) for envelope in mailbox.envelopes)
    assert first["Message-ID"] == again["Message-ID"]


async def test_what_a_server_says_after_log_in_is_told_by_its_code_alone(
    mailbox: Mailbox, make_alert: Callable[..., Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def handle_MAIL(*_: Any) -> str:  # noqa: N802
        return "550 me with password hunter2 may not send"

    monkeypatch.setattr(mailbox, "handle_MAIL", handle_MAIL, raising=False)
    monkeypatch.setenv("MAIL_PASSWORD", "hunter2")
    options = {"authenticator": mailbox.authenticate, "auth_require_tls": False}
    async with mailbox.served(**options) as port:
        sender = EmailSender("legal", TO, smtp(port, username="me", password_env="MAIL_PASSWORD"))
        with pytest.raises(DeliveryError) as raised:
            await sender.send(make_alert(), NOW)
    assert raised.value.reason == f"127.0.0.1:{port} answered 550"


async def test_when_every_recipient_is_refused_the_attempt_failed(
    mailbox: Mailbox, make_alert: Callable[..., Alert]
) -> None:
    async with mailbox.served() as port:
        with pytest.raises(DeliveryError, match=r"refused every recipient \(550\)"):
            await EmailSender("legal", ["refused@x.example"], smtp(port)).send(make_alert(), NOW)


async def test_a_server_that_is_not_there_is_named(
    unused_tcp_port: int, make_alert: Callable[..., Alert]
) -> None:
    with pytest.raises(DeliveryError) as raised:
        await EmailSender("legal", TO, smtp(unused_tcp_port)).send(make_alert(), NOW)
    assert raised.value.reason == f"127.0.0.1:{unused_tcp_port}: Connection refused"


async def test_a_name_that_nobody_knows_is_named(make_alert: Callable[..., Alert]) -> None:
    settings = smtp(25).model_copy(update={"host": "mail.policywatch.invalid"})
    with pytest.raises(DeliveryError, match=r"^channel legal: mail\.policywatch\.invalid:25: "):
        await EmailSender("legal", TO, settings).send(make_alert(), NOW)


async def test_what_the_mail_library_refuses_to_send_fails_this_channel_alone(
    make_alert: Callable[..., Alert],
) -> None:
    settings = smtp(25).model_copy(update={"host": "a..b"})
    with pytest.raises(DeliveryError, match=r"a\.\.b:25: "):
        await EmailSender("legal", TO, settings).send(make_alert(), NOW)


async def test_a_server_that_never_speaks_is_given_up(
    make_alert: Callable[..., Alert], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.alerts.email._STEP_TIMEOUT_S", 0.2)
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(DeliveryError, match="did not answer in time"):
            await EmailSender("legal", TO, smtp(port)).send(make_alert(), NOW)


def test_every_attempt_has_the_same_message_id_and_every_alert_its_own(
    make_alert: Callable[..., Alert],
) -> None:
    first, again = (build_email(make_alert(), SENDER, TO, NOW) for _ in range(2))
    other = build_email(make_alert(idempotency_key="other"), SENDER, TO, NOW)
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert re.fullmatch(r"<alert-[0-9a-f]{32}@mail\.example>", first["Message-ID"])


def test_alerts_of_one_document_are_one_thread(make_alert: Callable[..., Alert]) -> None:
    first = build_email(make_alert(), SENDER, TO, NOW)
    second = build_email(make_alert(idempotency_key="second", version_id=9), SENDER, TO, NOW)
    elsewhere = build_email(make_alert(key=type(make_alert().key)("bank", "terms")), SENDER, TO, NOW)
    assert first["References"] == second["References"] == second["In-Reply-To"]
    assert elsewhere["References"] != first["References"]


INJECTIONS = [
    "x\r\nBcc: victim@example.org",
    "x\nBcc: victim@example.org",
    "x\rBcc: victim@example.org",
    "x\r\n\r\n<h1>owned</h1>",
    "x\u2028Bcc: victim@example.org",
    "x\x85Bcc: victim@example.org",
    "x\x0bBcc: victim@example.org",
    "x\x00Bcc: victim@example.org",
    "=?utf-8?q?x=0d=0aBcc:_victim@example.org?=",
    "=?utf-8?b?eA0KQmNjOiB2aWN0aW1AZXhhbXBsZS5vcmc=?=",
    "=\u200b?utf-8?q?x=0d=0aBcc:_v?=",
    "long " * 400 + "\r\nBcc: victim@example.org",
    "ü" * 300 + "\r\nBcc: victim@example.org",
    "\ud800 half a pair\r\nBcc: victim@example.org",
    "\r\n.\r\nMAIL FROM:<evil@example.org>",
    "x\r\n--===============0000==\r\nContent-Type: text/html",
]


@pytest.mark.parametrize("hostile", INJECTIONS)
@pytest.mark.parametrize("field", ["site_name", "summary", "section", "after", "document_type", "key"])
async def test_nothing_that_others_wrote_reaches_the_headers(
    mailbox: Mailbox,
    make_alert: Callable[..., Alert],
    make_change: Callable[..., Change],
    hostile: str,
    field: str,
) -> None:
    changes = (make_change(), make_change())
    if field in ("site_name", "document_type"):
        alert = make_alert(**{field: hostile}, changes=changes)
    elif field == "key":
        alert = make_alert(idempotency_key=hostile.replace("\ud800", ""))
    else:
        alert = make_alert(changes=(make_change(**{field: hostile}),))
    async with mailbox.served() as port:
        await EmailSender("legal", TO, smtp(port)).send(alert, NOW)
    (envelope,) = mailbox.envelopes
    ordinary = build_email(make_alert(), SENDER, TO, NOW)
    message = read(envelope.content)
    assert message.keys() == ordinary.keys()
    assert envelope.rcpt_tos == TO
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert not re.search(r"[\r\n\x00-\x1f]", message["Subject"])
    assert max(map(len, envelope.content.split(b"\r\n"))) <= 998
