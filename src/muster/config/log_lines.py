"""What the log says of a request, and how much."""

from __future__ import annotations

import logging

FAULT = 500


class OneLineForRefusals(logging.Filter):
    """Passes every record on, without its traceback where a request was refused and nothing is broken."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", FAULT) < FAULT:
            record.exc_info = record.exc_text = None
        return True
