"""What a request gets: the behavior of an NPN, or a fault by probability. No clock, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from hashlib import blake2b
from typing import Self


class Outcome(StrEnum):
    """What one request got; the ledger keeps these words."""

    ANSWERED = "answered"
    NOT_FOUND = "not_found"
    TIMEOUT = "timeout"
    ERROR = "error"
    THROTTLED = "throttled"
    HTTP_500 = "http_500"
    BROKEN_XML = "broken_xml"
    TRUNCATED_XML = "truncated_xml"
    BAD_REQUEST = "bad_request"


class Behavior(StrEnum):
    """How an NPN behaves, request after request."""

    NORMAL = "normal"
    NOT_FOUND = "not_found"
    TIMEOUT = "timeout"
    TIMEOUT_ONCE = "timeout_once"
    ERROR = "error"
    ERROR_ONCE = "error_once"
    HTTP_500 = "http_500"
    HTTP_500_ONCE = "http_500_once"
    BROKEN_XML = "broken_xml"
    TRUNCATED_XML = "truncated_xml"
    THROTTLED = "throttled"
    THROTTLED_TWICE = "throttled_twice"


# behavior: what it gets instead of an answer, and for how many requests (None: all of them)
_INSTEAD: dict[Behavior, tuple[Outcome, int | None]] = {
    Behavior.NOT_FOUND: (Outcome.NOT_FOUND, None),
    Behavior.TIMEOUT: (Outcome.TIMEOUT, None),
    Behavior.TIMEOUT_ONCE: (Outcome.TIMEOUT, 1),
    Behavior.ERROR: (Outcome.ERROR, None),
    Behavior.ERROR_ONCE: (Outcome.ERROR, 1),
    Behavior.HTTP_500: (Outcome.HTTP_500, None),
    Behavior.HTTP_500_ONCE: (Outcome.HTTP_500, 1),
    Behavior.BROKEN_XML: (Outcome.BROKEN_XML, None),
    Behavior.TRUNCATED_XML: (Outcome.TRUNCATED_XML, None),
    Behavior.THROTTLED: (Outcome.THROTTLED, None),
    Behavior.THROTTLED_TWICE: (Outcome.THROTTLED, 2),
}


def outcome_of(behavior: Behavior, attempt: int) -> Outcome:
    """Return what the n-th request (from 1) for an NPN of this behavior gets."""
    instead, times = _INSTEAD.get(behavior, (Outcome.ANSWERED, None))
    return instead if times is None or attempt <= times else Outcome.ANSWERED


@dataclass(frozen=True, slots=True)
class Probabilities:
    """Faults, a field each: the probability, 0 to 1 and together at most 1, that a request gets it."""

    def __post_init__(self) -> None:
        for name, value in self.as_dict().items():
            if not 0 <= value <= 1:
                raise ValueError(f"the probability of {name} must be between 0 and 1; it is {value:g}")
        if sum(self.as_dict().values()) > 1:
            raise ValueError("the probabilities of all faults together must be at most 1")

    def as_dict(self) -> dict[str, float]:
        """Return the probabilities by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_dict(cls, given: dict[str, object]) -> Self:
        """Read probabilities by name; ValueError says which name or number is wrong."""
        names = [field.name for field in fields(cls)]
        values: dict[str, float] = {}
        for name, value in given.items():
            if name not in names:
                raise ValueError(f"{name!r} is not a fault; the faults are {', '.join(names)}")
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"the probability of {name} must be a number; it is {value!r}")
            values[name] = float(value)
        return cls(**values)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `timeout=0.01,error=0.02`; empty text is no faults."""
        given: dict[str, object] = {}
        for part in filter(None, (part.strip() for part in text.split(","))):
            name, _, number = part.partition("=")
            try:
                given[name.strip()] = float(number)
            except ValueError:
                raise ValueError(f"{part!r} is not of the form name=probability") from None
        return cls.from_dict(given)

    def name_drawn(self, *, seed: int, about: str, attempt: int) -> str:
        """Draw a fault by name, or empty text; the same seed, subject and attempt always draw the same."""
        digest = blake2b(f"{seed}:{about}:{attempt}".encode(), digest_size=8).digest()
        place = int.from_bytes(digest, "big") / 2**64
        for name, probability in self.as_dict().items():
            if place < probability:
                return name
            place -= probability
        return ""


@dataclass(frozen=True, slots=True)
class Faults(Probabilities):
    """The faults of the report services."""

    timeout: float = 0.0
    error: float = 0.0
    throttle: float = 0.0
    broken: float = 0.0
    http_500: float = 0.0

    def drawn(self, *, seed: int, npn: str, attempt: int) -> Outcome:
        """Draw what a request for an NPN gets."""
        return _OUTCOME[self.name_drawn(seed=seed, about=npn, attempt=attempt)]


_OUTCOME = {
    "": Outcome.ANSWERED,
    "timeout": Outcome.TIMEOUT,
    "error": Outcome.ERROR,
    "throttle": Outcome.THROTTLED,
    "broken": Outcome.BROKEN_XML,
    "http_500": Outcome.HTTP_500,
}
