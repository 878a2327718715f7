"""A real SMTP server on a free port of this machine, which refuses or stalls when it is told to."""

from __future__ import annotations

import inspect
import logging
import threading
from collections.abc import Awaitable, Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

# It tells every command; what a test needs to know stands in the server.
logging.getLogger("mail.log").setLevel(logging.WARNING)

Answer = str | None | Awaitable[str | None]


def takes_all(_: Any) -> Answer:
    """Refuse nothing."""
    return None


class MailServer(Controller):
    """Keeps what it takes. `on_recipient(address)` and `on_mail(mail)` may return another answer than 250."""

    def __init__(self, **options: Any) -> None:
        super().__init__(self, hostname="127.0.0.1", port=0, **options)
        self.on_recipient: Callable[[str], Answer] = takes_all
        self.on_mail: Callable[[EmailMessage], Answer] = takes_all
        self.taken: list[EmailMessage] = []
        self.sources: list[bytes] = []
        self.recipients: list[list[str]] = []
        self.connections = 0
        self.something_taken = threading.Event()

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := await _answer(self.on_recipient(address)):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        if answer := await _answer(self.on_mail(mail)):
            return answer
        self.taken.append(mail)
        self.sources.append(envelope.content)
        self.recipients.append(list(envelope.rcpt_tos))
        self.something_taken.set()
        return "250 OK"

    @property
    def addressees(self) -> list[str]:
        """To whom the mails went that were taken, in order."""
        return [address for addresses in self.recipients for address in addresses]


async def _answer(answer: Answer) -> str | None:
    return await answer if inspect.isawaitable(answer) else answer
