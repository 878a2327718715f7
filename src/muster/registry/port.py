"""What a registry can do for us, and how it can fail. Operations know this and no particular registry."""

from __future__ import annotations

from types import TracebackType
from typing import ClassVar, Protocol, Self

from muster.core.report import Hit, Kind, ProducerReport
from muster.core.sync import Failure


class Registry(Protocol):
    """The authority that knows licenses. Safe to be called from several threads at once."""

    def fetch_report(self, npn: str, kind: Kind) -> ProducerReport:
        """Fetch all that the registry says about one producer. Raises RegistryError."""
        ...

    def find(self, *, ssn: str, last_name: str, first_name: str = "") -> list[Hit]:
        """Find persons by SSN and name; nobody found is an empty list. Raises RegistryError."""
        ...

    def close(self) -> None:
        """Give back its connections."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class RegistryError(Exception):
    """The registry gave no report. Its words, where it had any, are the message.

    RegistryError
     |- Throttled       it asks us to slow down; retry_after is in seconds, None where it does not say
     |- Unavailable     it could not be reached, or is out of order
     |- TimedOut        it did not answer in time
     |- Rejected        it answered that it will not tell
     |- BrokenAnswer    what it answered cannot be read, or is about someone else
     |- Unauthorized    it does not take our user name and password
     +- NotFound        it knows nobody by this NPN
    """

    failure: ClassVar[Failure]

    def __init__(self, words: str = "") -> None:
        super().__init__(words)
        self.words = words


class Throttled(RegistryError):
    """It asks us to slow down."""

    failure = Failure.THROTTLED

    def __init__(self, words: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(words)
        self.retry_after = retry_after


class Unavailable(RegistryError):
    """It could not be reached, or is out of order."""

    failure = Failure.UNAVAILABLE


class TimedOut(RegistryError):
    """It did not answer in time."""

    failure = Failure.TIMED_OUT


class Rejected(RegistryError):
    """It answered that it will not tell."""

    failure = Failure.REJECTED


class BrokenAnswer(RegistryError):
    """What it answered cannot be read, or is about someone else."""

    failure = Failure.BROKEN_ANSWER


class Unauthorized(RegistryError):
    """It does not take our user name and password."""

    failure = Failure.UNAUTHORIZED


class NotFound(RegistryError):
    """It knows nobody by this NPN."""

    failure = Failure.NOT_FOUND
