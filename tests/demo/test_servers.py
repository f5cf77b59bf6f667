from __future__ import annotations

import smtplib
from email.message import EmailMessage

from monitor.demo.servers import Loopback


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
