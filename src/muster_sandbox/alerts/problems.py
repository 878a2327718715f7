"""Why the alerts service refuses: a message and an error code. Only 5 is the registry's own code."""

from __future__ import annotations

from enum import IntEnum


class Code(IntEnum):
    """The error codes; those from 901 on are the sandbox's own, since the registry's are not public."""

    NO_ALERTS = 5
    BAD_REQUEST = 901
    UNKNOWN_SUBSCRIPTION = 902
    SUBSCRIPTION_EXISTS = 903
    FUTURE_DAY = 904
    NO_LONGER_KEPT = 905
    INTERNAL = 999


class Refused(Exception):
    """What was asked for cannot be given; it becomes a SOAP fault."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
