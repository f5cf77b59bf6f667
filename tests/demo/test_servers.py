from __future__ import annotations

import smtplib
import socket
import struct
from email.message import EmailMessage
from typing import TYPE_CHECKING

from monitor.demo.servers import Loopback

if TYPE_CHECKING:
    import pytest


def test_mail_server_of_the_demo_takes_what_is_sent() -> None:
    message = EmailMessage()
    message["Subject"] = "Shop: 60 days instead of 30"
    message.set_content(".\n.. dots at the beginning of a line\nthe end\n")
    with Loopback() as loopback, smtplib.SMTP("127.0.0.1", loopback.mail_port) as smtp:
        smtp.send_message(message, "watch@demo.invalid", ["team@demo.invalid"])
        smtp.send_message(message, "watch@demo.invalid", ["team@demo.invalid"])
    first, second = loopback.mails
    assert first["Subject"] == "Shop: 60 days instead of 30"
    assert first.get_content() == second.get_content() == message.get_content()


def test_who_hangs_up_in_the_middle_is_not_told_of(capfd: pytest.CaptureFixture[str]) -> None:
    with Loopback() as loopback:
        for port in (loopback.mail_port, int(loopback.base.rpartition(":")[2])):
            with socket.create_connection(("127.0.0.1", port)) as client:
                # Closing now resets the connection, which is an error to the server.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.sendall(b"GET /")
        with smtplib.SMTP("127.0.0.1", loopback.mail_port) as smtp:
            assert smtp.noop()[0] == 250
    assert capfd.readouterr().err == ""
