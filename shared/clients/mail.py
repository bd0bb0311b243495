"""E-mail through an operator's own server, never without TLS: from the first byte on port 465, else after STARTTLS.

A mail carries the announcement's name as its `Message-ID`, so that a repeat is known for one: most servers and readers
show it once.
"""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate

from shared.channels import MAIL_PORT, mail_address
from shared.clients.transport import harmless
from shared.domain.announcement import Announcement
from shared.domain.errors import Retry, Unknown
from shared.settings import Settings


def tell(settings: Settings, announcement: Announcement) -> None:
    """`Retry` when the mail was certainly not taken, `Unknown` when the answer to it is missing."""
    is_sent = False
    try:
        with _connected(settings) as server:
            if settings.mail_user:
                server.login(settings.mail_user, settings.mail_password)
            is_sent = True
            server.send_message(message(settings, announcement))
    except smtplib.SMTPServerDisconnected as error:
        raise _unanswered(settings, error) if is_sent else _refused(settings, error) from error
    except smtplib.SMTPException as error:
        raise _refused(settings, error) from error
    except (OSError, ssl.SSLError) as error:
        raise _unanswered(settings, error) if is_sent else _refused(settings, error) from error


def message(settings: Settings, announcement: Announcement) -> EmailMessage:
    domain = settings.mail_from.rpartition("@")[2].strip("<> ") or "echobot"
    said, mail = announcement.said, EmailMessage()
    mail["Subject"] = announcement.title
    mail["From"] = settings.mail_from
    mail["To"] = settings.mail_to
    mail["Date"] = formatdate(announcement.at)
    mail["Message-ID"] = f"<{announcement.name}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n\n".join(part for part in (said.zh, said.en, announcement.url) if part) + "\n")
    return mail


def _connected(settings: Settings) -> smtplib.SMTP:
    host, port = mail_address(settings.mail_server)
    trusted = ssl.create_default_context()
    if port == MAIL_PORT:
        return smtplib.SMTP_SSL(host, port, timeout=settings.call_timeout_s, context=trusted)
    server = smtplib.SMTP(host, port, timeout=settings.call_timeout_s)
    try:
        server.starttls(context=trusted)
    except BaseException:
        server.close()
        raise
    return server


def _refused(settings: Settings, error: Exception) -> Retry:
    return Retry("announce.unreachable", f"{settings.mail_server}: {harmless(str(error))}")


def _unanswered(settings: Settings, error: Exception) -> Unknown:
    return Unknown("announce.unanswered", f"{settings.mail_server}: {harmless(str(error))}")
