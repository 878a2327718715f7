"""One connection to the mail server, and its answers put into our words."""

from __future__ import annotations

import logging
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.utils import format_datetime
from types import TracebackType
from typing import Self

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from muster.core.delivery import Fault, fault_of
from muster.notices.models import Email
from muster.vault import CannotOpenSeal, unseal

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a mail was not taken: whose fault it is, and the server's words, or ours where it said nothing."""

    fault: Fault
    words: str


def message_of(email: Email) -> EmailMultiAlternatives:
    """The mail as it goes over the wire: the same each time, so that a receiver can tell a twin.

    Raises CannotOpenSeal.
    """
    text, html = email.text, email.html
    if email.secret:
        text, html = unseal(text), html and unseal(html)
    message = EmailMultiAlternatives(
        subject=email.subject,
        body=text,
        to=[email.to],
        headers={
            "Message-ID": email.message_id,
            "Date": format_datetime(email.created_at),
            # Keeps "out of office" answers away (RFC 3834).
            "Auto-Submitted": "auto-generated",
        },
    )
    if html:
        message.attach_alternative(html, "text/html")
    return message


class Line:
    """A connection to the mail server that carries one mail after another; opened with the first."""

    def __init__(self) -> None:
        self._backend = EmailBackend()
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

    def send(self, email: Email) -> Refusal | None:
        """Offer the mail to the server. Returns None once the server has taken it."""
        try:
            message = message_of(email)
        except CannotOpenSeal as error:
            return Refusal(Fault.FOR_GOOD, str(error))
        try:
            self._backend.open()
        except OSError as error:
            return _refusal(error, offered=False)
        try:
            self._backend.send_messages([message])
        except OSError as error:
            return _refusal(error, offered=True)
        except Exception as error:
            # One mail that cannot be put together must not hold up the others.
            logger.exception("mail %s cannot be put together", email.pk)
            return Refusal(Fault.FOR_NOW, f"The mail cannot be put together ({type(error).__name__}).")
        self.carried += 1
        return None


def _refusal(error: Exception, *, offered: bool) -> Refusal:
    code, words = _answer(error)
    if code is None:
        return Refusal(fault_of(None, offered=offered), f"The mail server {_server()} {words}")
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
