"""One connection to the mail server, and its answers put into our words."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.db import Error as DatabaseError

from muster.core.delivery import Fault, fault_of, one_line
from muster.notices.frame import framed
from muster.notices.models import Email
from muster.notices.opting_out import url_of
from muster.vault import CannotOpenSeal, unseal

logger = logging.getLogger(__name__)


ONE_CLICK = "List-Unsubscribe=One-Click"
"""What a mail program posts to the link by which one opts out (RFC 8058)."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a mail was not taken: whose fault it is, and the server's words, or ours where it said nothing.

    `in_doubt`: the text was on its way, and no answer came: the server may have taken the mail all the same.
    """

    fault: Fault
    words: str
    in_doubt: bool = False


class Given:
    """The mail was given to another worker meanwhile, so it was not sent."""


class NotOurs(Exception):
    """The mail was given to another worker before its text began."""


class Connection(smtplib.SMTP):
    """A connection that asks before the text of a mail goes to the server, and knows whether it did."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.before_text: Callable[[], bool] = lambda: True
        self.text_began = False
        super().__init__(*args, **options)

    def data(self, msg: Any) -> tuple[int, bytes]:
        if not self.before_text():
            raise NotOurs
        self.text_began = True
        return super().data(msg)


class TlsConnection(Connection, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


class Backend(EmailBackend):
    """Django's own, over connections of ours."""

    connection: Connection | None

    @property
    def connection_class(self) -> type[Connection]:
        return TlsConnection if self.use_ssl else Connection


def sender_of(email: Email) -> str:
    """Whom a mail says that it is from: who sends it, at the address of the settings."""
    return _sender(email.from_name, settings.DEFAULT_FROM_EMAIL)


@lru_cache(maxsize=256)
def _sender(name: str, default: str) -> str:
    name = one_line(name)
    return str(Address(name, addr_spec=parseaddr(default)[1])) if name else default


def message_of(email: Email) -> EmailMultiAlternatives:
    """The mail as it goes over the wire: the same each time, so that a receiver can tell a twin.

    Raises CannotOpenSeal.
    """
    text, html = email.text, email.html
    if email.secret:
        text, html = unseal(text), html and unseal(html)
    headers = {
        # The envelope keeps the address of the settings alone.
        "From": sender_of(email),
        "Message-ID": email.message_id,
        "Date": format_datetime(email.created_at),
        # Keeps "out of office" answers away (RFC 3834).
        "Auto-Submitted": "auto-generated",
    }
    if email.is_mailing and email.organization_id:
        url = url_of(email.organization_id, email.to)
        headers |= {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": ONE_CLICK}
        text, html = framed(text, organization=email.from_name, url=url)
    message = EmailMultiAlternatives(
        subject=email.subject,
        body=text,
        to=[email.to],
        reply_to=[email.reply_to] if email.reply_to else None,
        headers=headers,
    )
    if html:
        message.attach_alternative(html, "text/html")
    return message


class Line:
    """A connection to the mail server that carries one mail after another; opened with the first."""

    def __init__(self) -> None:
        self._backend = Backend()
        self.carried = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.hang_up()

    def hang_up(self) -> None:
        """Close the connection; the next mail opens another."""
        self.carried = 0
        # Nothing is lost by a farewell that fails: each mail had its answer before.
        with suppress(OSError):
            self._backend.close()

    def send(self, email: Email, *, begin: Callable[[], bool] = lambda: True) -> Refusal | Given | None:
        """Offer the mail to the server. Returns None once the server has taken it.

        `begin` is asked right before the text goes to the server; where it says no, the mail is left.
        """
        try:
            message = message_of(email)
        except CannotOpenSeal as error:
            return Refusal(Fault.FOR_GOOD, str(error))
        try:
            self._backend.open()
        except OSError as error:
            return _refusal(error, offered=False)
        connection = self._backend.connection
        assert connection is not None  # noqa: S101  it has just been opened
        connection.before_text, connection.text_began = begin, False
        try:
            self._backend.send_messages([message])
        except NotOurs:
            self.hang_up()
            return Given()
        except OSError as error:
            return _refusal(error, offered=True, began=connection.text_began)
        except DatabaseError:
            raise
        except Exception as error:
            # One mail that cannot be put together must not hold up the others.
            logger.exception("mail %s cannot be put together", email.pk)
            return Refusal(Fault.FOR_NOW, f"The mail cannot be put together ({type(error).__name__}).")
        self.carried += 1
        return None


def _refusal(error: Exception, *, offered: bool, began: bool = False) -> Refusal:
    code, words = _answer(error)
    if code is None:
        return Refusal(
            fault_of(None, offered=offered), f"The mail server {_server()} {words}", in_doubt=began
        )
    return Refusal(fault_of(code, offered=offered), f"The mail server answered {code}: {words}")


def _server() -> str:
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"


def _answer(error: Exception) -> tuple[int | None, str]:
    """The reply code and the words; where no reply came, None and what happened instead."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        [(code, words)] = error.recipients.values()
        return code, _text(words)
    if isinstance(error, smtplib.SMTPResponseException) and error.smtp_code > 0:
        return error.smtp_code, _text(error.smtp_error)
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        return None, f"did not answer within {settings.EMAIL_TIMEOUT} seconds."
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return None, "closed the connection."
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return None, f"cannot do what the settings ask for: {error}"
    if isinstance(error, ssl.SSLError):
        return None, f"could not be reached over TLS: {error.reason or error}"
    if isinstance(error, OSError) and error.strerror:
        return None, f"could not be reached: {error.strerror}."
    return None, f"gave an answer that is not SMTP ({type(error).__name__})."


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
