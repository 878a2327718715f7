"""What the log says of a request, and how much."""

from __future__ import annotations

import logging
import re

FAULT = 500

SECRET_PATHS = re.compile(
    r"(/portal/register/|/mail/opt-out/|/accounts/password/reset/key/)(?!done/)[^/\s\"'?#]+"
)
"""Addresses that open something for whoever knows them: a link of a mail."""


def without_secrets(text: str) -> str:
    """The text with *** in place of what such an address must not tell."""
    return SECRET_PATHS.sub(r"\1***", text)


class NoSecretPaths(logging.Filter):
    """Takes the secrets of mailed links out of every line."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if (told := without_secrets(message)) != message:
            record.msg, record.args = told, ()
        return True


class OneLineForRefusals(logging.Filter):
    """Passes every record on, without its traceback where a request was refused and nothing is broken."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", FAULT) < FAULT:
            record.exc_info = record.exc_text = None
        return True
